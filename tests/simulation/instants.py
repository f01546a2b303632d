"""When the next thing happens: often exactly where a rule changes its mind.

Source: promises section 3: 40 % of instants on a known boundary +-{0, 1 us, 1 s, 1 min}; the clock
starts 2024 to 2032, 30 % near a clock change or 29 February.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, Literal

from tests.oracle.days import DAY, day_of, midnight, months_on, to_instant

EDGES: Final = tuple(
    timedelta(microseconds=micro)
    for micro in (0, 0, 0, -1, 1, -1_000_000, 1_000_000, -60_000_000, 60_000_000)
)
SIDES: Final = ("-1 us", "exactly", "+1 us")
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


def boundaries(home: dict[str, Any], now: datetime) -> list[tuple[str, datetime]]:
    """Instants about now at which an answer about this household changes, by their kind."""
    found = [*_of_the_calendar(home, now)]
    scheme = home["scheme"]
    for holding in home["holdings"].values():
        found.append(("a permit begins", holding["from"]))
        found.append(("a permit ends", holding["until"]))
        comes_back = midnight(months_on(holding["bought_on"], 12))
        found.append(("a purchase counts no more", comes_back))
    for kind, uses in (("visit", home["bookings"]), ("card", home["cards"])):
        for use in uses.values():
            found.append((f"a {kind} begins", use["from"]))
            found.append((f"a {kind} ends", use["until"]))
    for stay in home["stays"].values():
        found.append(("a stay has lasted its time", stay["until"]))
    for left in home["departures"]:
        terms = scheme.product(left["product"]).no_return
        if terms is not None:
            found.append(("it may return", left["at"] + timedelta(hours=terms.hours)))
    months = scheme.proof.reuse_months
    for document in home["documents"].values():
        if months:
            over = midnight(months_on(document["uploaded"], months) + DAY)
            found.append(("a proof serves no more", over))
    for application in home["applications"].values():
        if application["state"] not in ("issued", "declined", "refused"):
            found.append(("what is applied for is over", midnight(application["last_day"] + DAY)))
    return found


def _of_the_calendar(home: dict[str, Any], now: datetime) -> Iterator[tuple[str, datetime]]:
    """Days, months and years, the clocks' changes, minutes, birthdays and hours of control."""
    today, scheme = day_of(now + timedelta(seconds=1)), home["scheme"]
    yield "a minute begins", (now + timedelta(seconds=1)).replace(second=0, microsecond=0)
    yield "a minute begins", now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for day in (today, today + DAY):
        yield "a day begins", midnight(day)
        zone = scheme.zone(home["zone"])
        for hours in zone.hours if zone is not None else ():
            if day.weekday() in hours.days:
                yield "control begins", to_instant(datetime.combine(day, hours.begins))
                yield "control ends", to_instant(datetime.combine(day, hours.ends))
    for year in (today.year, today.year + 1):
        yield "a year begins", midnight(date(year, 1, 1))
        yield "an edition begins", midnight(date(year, 3, 1))
        yield "a tax year begins", midnight(date(year, 4, 1))
        for change in clock_changes(year):
            yield "the clocks change", change
        if year % 4 == 0:
            yield "a leap day begins", midnight(date(year, 2, 29))
        for concession in scheme.concessions:
            for person in home["people"].values():
                born = person["born_on"]
                birthday = months_on(born, 12 * (year - born.year))
                if year - born.year == concession.min_age:
                    yield "an age is reached", midnight(birthday)
    yield "a month begins", midnight(today.replace(day=1))
    yield "a month begins", midnight(months_on(today.replace(day=1), 1))


def met(home: dict[str, Any], at: datetime) -> Iterator[str]:
    """The boundaries that an instant is on, or a microsecond from."""
    for kind, instant in boundaries(home, at):
        edge = (at - instant) // timedelta(microseconds=1)
        if -1 <= edge <= 1:
            yield f"{kind} {SIDES[edge + 1]}"


def next_instant(
    random: Random, now: datetime, home: dict[str, Any]
) -> tuple[datetime, Literal["aimed", "drawn"]]:
    """Now, a little later, much later, or on a boundary of this household."""
    chance = random.random()
    if chance < 0.4:
        edge = random.choice(EDGES)
        known = [(kind, each + edge) for kind, each in boundaries(home, now)]
        if chance < 0.015:
            # The next of any kind, however far: the soonest are always the same few kinds.
            kinds = sorted({kind for kind, each in known if each >= now})
            kind = random.choice(kinds)
            return min(each for other, each in known if other == kind and each >= now), "aimed"
        later = sorted(each for _, each in known if now <= each < now + timedelta(days=3))
        if later:
            return later[min(int(random.expovariate(0.6)), len(later) - 1)], "aimed"
    if chance < 0.75:
        return now, "drawn"
    if chance < 0.76:
        return now - timedelta(seconds=random.randint(1, 7200)), "drawn"
    if chance < 0.995:
        return now + timedelta(microseconds=int(10 ** random.uniform(0, 11))), "drawn"
    return now + timedelta(days=random.randint(1, 400)), "drawn"
