"""The words of the past: instants, days and money as a resident reads them.

Times are local to the scheme's zone. Periods are half-open: a period that ends at 00:00 is said to
last until the end of the day before.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.values import FOREVER


def clock(at: datetime, tz: ZoneInfo) -> str:
    """`14:20`, with seconds only where there are some."""
    local = at.astimezone(tz)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def day(on: date) -> str:
    """`19 November 2026`."""
    return f"{on.day} {on:%B %Y}"


def moment(at: datetime, tz: ZoneInfo) -> str:
    """`14:20 on 19 November 2026`."""
    return f"{clock(at, tz)} on {day(at.astimezone(tz))}"


def near(at: datetime, other: datetime, tz: ZoneInfo) -> str:
    """`14:20` where both are of one local day, else with its day."""
    same = at.astimezone(tz).date() == other.astimezone(tz).date()
    return clock(at, tz) if same else moment(at, tz)


def end(until: datetime, tz: ZoneInfo) -> str:
    """The first instant no longer covered, as a person says it."""
    if until >= FOREVER:
        return "further notice"
    local = until.astimezone(tz)
    if local.time() == time():
        return f"the end of {day(local.date() - timedelta(days=1))}"
    return moment(until, tz)


def money(pence: int) -> str:
    """`£10.00`."""
    sign = "-" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}£{pounds}.{rest:02d}"


def named(product: str) -> str:
    """A product's id as words: `virtual visitor vouchers`."""
    return product.replace("-", " ")


def counted(number: int, thing: str) -> str:
    """`1 unit`, `3 units`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def listing(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def swapped(one: str, other: str) -> bool:
    """True where two marks differ by a swap of neighbours, given that they are nearly the same."""
    unlike = [n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return len(one) == len(other) and len(unlike) == 2
