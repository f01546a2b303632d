"""When the next thing happens: often exactly where a rule changes its mind.

Source: promises section 3: 40 % of instants on a known boundary +-{0, 1 us, 1 s, 1 min}; the clock
starts 2024 to 2032, 30 % near a clock change or 29 February.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.oracle.days import DAY, day_of, midnight, months_on

EDGES: Final = tuple(
    timedelta(microseconds=micro)
    for micro in (0, 0, 0, -1, 1, -1_000_000, 1_000_000, -60_000_000, 60_000_000)
)
EARLIEST: Final = datetime(2024, 2, 3, tzinfo=UTC)
"""Every shipped scheme is in force by then."""


def clock_changes(year: int) -> tuple[datetime, datetime]:
    """The two instants of a year at which London's clocks change."""
    found = []
    for month in (3, 10):
        last = date(year, month, 31)
        while last.weekday() != 6:
            last -= DAY
        found.append(datetime(last.year, last.month, last.day, 1, tzinfo=UTC))
    return found[0], found[1]


def first_instant(random: Random) -> datetime:
    """A minute of 2024 to 2032, often within a week of a date that is not like the others."""
    year = random.randint(2024, 2032)
    if random.random() < 0.3:
        near = [*clock_changes(year)]
        if year % 4 == 0:
            near.append(datetime(year, 2, 29, tzinfo=UTC))
        at = random.choice(near) + timedelta(minutes=random.randint(-7 * 1440, 1440))
    else:
        at = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randint(0, 525_000))
    return max(at, EARLIEST)


def boundaries(home: dict[str, Any], now: datetime) -> list[datetime]:
    """Instants at which an answer about this household changes."""
    found = [midnight(day_of(now) + DAY), *clock_changes(now.year)]
    for holding in home["holdings"].values():
        found += [holding["from"], holding["until"], midnight(months_on(holding["bought_on"], 12))]
    for use in [*home["bookings"].values(), *home["cards"].values()]:
        found += [use["from"], use["until"]]
    for stay in home["stays"].values():
        found.append(stay["until"])
    for left in home["departures"]:
        found.append(left["at"] + timedelta(hours=4))
    for document in home["documents"].values():
        found.append(midnight(months_on(document["uploaded"], 6) + DAY))
    return found


def next_instant(random: Random, now: datetime, home: dict[str, Any]) -> datetime:
    """Now, a little later, much later, or on a boundary of this household."""
    chance = random.random()
    if chance < 0.4:
        edge = random.choice(EDGES)
        soon = now + (timedelta(days=400) if random.random() < 0.04 else timedelta(days=3))
        later = sorted(each + edge for each in boundaries(home, now) if now <= each + edge < soon)
        if later:
            return later[min(int(random.expovariate(0.6)), len(later) - 1)]
    if chance < 0.75:
        return now
    if chance < 0.76:
        return now - timedelta(seconds=random.randint(1, 7200))
    if chance < 0.995:
        return now + timedelta(microseconds=int(10 ** random.uniform(0, 11)))
    return now + timedelta(days=random.randint(1, 400))
