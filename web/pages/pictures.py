"""Pictures of time, as places to draw at: a template makes the SVG of them.

Places are in units of the picture's own width, so that the same picture fits a phone and a desk.
What a picture shows is also in a table beside it.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from ledger.calendar import add_months

WIDTH = 360
MARGIN = 8
ROW = 40
TOP = 44
FOOT = 12


class Tick(Struct, frozen=True, kw_only=True):
    """The first of a month. `label` is empty where there is no room for one."""

    at: int
    label: str


class Bar(Struct, frozen=True, kw_only=True):
    """What counts from one day to the day before another, over `[begins, until)` in places.

    `says` is written above it.
    """

    begins: int
    until: int
    says: str
    top: int


class Year(Struct, frozen=True, kw_only=True):
    """The rolling year either side of today. `words` says the picture for those who hear it."""

    width: int
    height: int
    today: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    words: str


class Spell(Struct, frozen=True, kw_only=True):
    """So many counted from a date on, until another: half-open."""

    amount: int
    begins: date
    until: date
    says: str


def rolling_year(spells: Sequence[Spell], today: date, words: str) -> Year:
    """Twelve months back and as far ahead as something counts, at least to the end of this month.

    Spells that lie outside are cut off at the edge.
    """
    first = add_months(today.replace(day=1), -12, "next")
    last = max([add_months(today.replace(day=1), 2, "next"), *(each.until for each in spells)])
    end = add_months(last.replace(day=1), 1, "next")
    days = (end - first) / timedelta(days=1)

    def place(on: date) -> int:
        part = (min(max(on, first), end) - first) / timedelta(days=1)
        return MARGIN + round(part * (WIDTH - 2 * MARGIN) / days)

    months = []
    month = first
    while month <= end:
        months.append(month)
        month = add_months(month, 1, "next")
    return Year(
        width=WIDTH,
        height=TOP + ROW * max(1, len(spells)) + FOOT,
        today=place(today),
        ticks=tuple(
            Tick(
                at=place(each), label=f"{each:%b %Y}" if n % 6 == 0 and n < len(months) - 2 else ""
            )
            for n, each in enumerate(months)
        ),
        bars=tuple(
            Bar(
                begins=place(each.begins),
                until=max(place(each.until), place(each.begins) + 2),
                says=each.says,
                top=TOP + ROW * n,
            )
            for n, each in enumerate(spells)
        ),
        words=words,
    )


def _label(month: date) -> str:
    return f"{month:%b %Y}"
