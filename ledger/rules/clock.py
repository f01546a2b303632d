"""How a parking clock is set on arrival, and how long it then allows.

Seconds are dropped, and the arrival is taken up to the next step of the clock. Who arrives while
the zone is not controlled sets the clock to the time at which control begins again. The limit
counts from the time the clock shows; where it ends outside controlled hours nobody needs a permit,
so it holds until control begins again.

Source: scheme TOML `clock`, `use.end`, `zones[].hours`; NOR-071 to 075, NOR-102, NOR-160; X-054,
X-065, X-066, X-067.
"""

from datetime import UTC, datetime, time, timedelta

from msgspec import Struct

from ledger.calendar import at_local_time, local_date
from ledger.rules import validity
from ledger.rules.hours import control_from, controlled, spans
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme, Zone
from ledger.values import FOREVER


class Setting(Struct, frozen=True):
    """What a clock shows: the instant it stands for, and the first instant no longer allowed."""

    at: datetime
    until: datetime


def clock_for(
    product: Product, scheme: Scheme, zone: Zone | None, arrived: datetime
) -> tuple[str, datetime]:
    """What the clock of this arrival should show, as HH:MM, and the end of the stay."""
    setting = setting_for(product, scheme, zone, arrived)
    return shown(setting.at, scheme), setting.until


def setting_for(product: Product, scheme: Scheme, zone: Zone | None, arrived: datetime) -> Setting:
    """How the clock of this arrival is set, and until when it allows the vehicle to stay."""
    minute = arrived.astimezone(UTC).replace(second=0, microsecond=0)
    if controlled(zone, scheme, minute):
        begins = _rounded_up(minute, product, scheme)
    else:
        begins = control_from(zone, scheme, minute)
    return Setting(begins, until(product, scheme, zone, begins))


def until(product: Product, scheme: Scheme, zone: Zone | None, begins: datetime) -> datetime:
    """The end of a stay whose clock is set to this instant."""
    counts = product.clock.counts if product.clock else "wall"
    if counts == "controlled" and product.use.end.kind == "hours":
        ends = _controlled_hours_after(zone, scheme, begins, product.use.end.hours)
    else:
        ends = validity.use_period(begins, product, scheme, FOREVER).ends
    return control_from(zone, scheme, ends)


def shown(at: datetime, scheme: Scheme) -> str:
    """The local time of an instant as a clock shows it, HH:MM."""
    return f"{at.astimezone(scheme.tz):%H:%M}"


def read(text: str) -> time | None:
    """The time that a clock shows, HH:MM; None for a text that is no time of day."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        return None


def latest_setting(
    product: Product, scheme: Scheme, zone: Zone | None, face: time, seen_at: datetime
) -> datetime:
    """The last instant at which a clock that shows this can have been set, seen at `seen_at`.

    A clock may run ahead of the time: by its rounding, and to the beginning of control.
    """
    last = setting_for(product, scheme, zone, seen_at).at
    day = local_date(last, scheme.tz)
    while True:
        found = at_local_time(day, face, scheme.tz)
        if found <= last:
            return found
        day -= timedelta(days=1)


def _rounded_up(minute: datetime, product: Product, scheme: Scheme) -> datetime:
    step = product.clock.step_min if product.clock else 1
    local = minute.astimezone(scheme.tz)
    return minute + timedelta(minutes=-(local.hour * 60 + local.minute) % step)


def _controlled_hours_after(
    zone: Zone | None, scheme: Scheme, begins: datetime, hours: int
) -> datetime:
    """The instant at which so many hours of controlled time have passed."""
    left = timedelta(hours=hours)
    if zone is None or not zone.hours:
        return begins + left
    at = begins
    for span in spans(zone, scheme, begins):
        at = max(at, span.begins)
        if span.ends <= at:
            continue
        if left <= span.ends - at:
            return at + left
        left -= span.ends - at
        at = span.ends
    return at
