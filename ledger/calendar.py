"""Local time and whole months: how a scheme's words become instants.

Rules are spoken in the scheme's zone ("until 23:59", "twelve months"); periods are stored in UTC.
A local time that does not exist is refused; one that occurs twice means the first, unless the
caller gives UTC. A month's missing day is the first of the next month (or the last of this one).

Source: X-035, X-054, X-103; scheme TOML `calendar`.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

MissingDay = Literal["next", "last"]


class NoSuchLocalTime(ValueError):
    """The clocks went forward over this local time."""


def local_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall time in the zone; the first one where it occurs twice.

    Raises NoSuchLocalTime where the clocks skip it.
    """
    assert wall.tzinfo is None, "a wall time has no zone of its own"
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise NoSuchLocalTime(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}")
    return instant


# A command asks a dozen times for the first instant of the same few days.
@lru_cache(maxsize=1024)
def nearest_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """As local_instant, but a skipped wall time becomes the instant at which the clocks jump."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # A skipped time read with the offset before the jump lies after it, and the other way round.
    return _jump(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second after `before` at which the zone's offset is that of `after`."""
    offset = after.astimezone(zone).utcoffset()
    earliest, latest = int(before.timestamp()), int(after.timestamp())
    while latest - earliest > 1:
        middle = (earliest + latest) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            latest = middle
        else:
            earliest = middle
    return datetime.fromtimestamp(latest, UTC)


def parse_local(text: str, zone: ZoneInfo) -> datetime:
    """An instant from `YYYY-MM-DD HH:MM[:SS[.ffffff]]`, local, or UTC with a final Z.

    Raises NoSuchLocalTime for a skipped local time, ValueError for anything else.
    """
    if text.endswith("Z"):
        wall = datetime.fromisoformat(text[:-1].strip())
        if wall.tzinfo is not None:
            raise ValueError("a zone and a Z")
        return wall.replace(tzinfo=UTC)
    wall = datetime.fromisoformat(text)
    return wall.astimezone(UTC) if wall.tzinfo is not None else local_instant(wall, zone)


def occurs_twice(text: str, zone: ZoneInfo) -> bool:
    """True where this is a local time that the clocks show twice, and nothing says which is meant.

    Raises ValueError for what is no time.
    """
    if text.endswith("Z"):
        return False
    wall = datetime.fromisoformat(text)
    if wall.tzinfo is not None:
        return False
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None
    assert second is not None
    # A skipped time has two offsets as well, the later one first.
    return first > second


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The calendar date of an instant in the zone."""
    return at.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, UTC. Where midnight is skipped, the instant of the jump."""
    return nearest_instant(datetime.combine(day, time()), zone)


def at_local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time on a local day, UTC; a skipped one becomes the jump."""
    return nearest_instant(datetime.combine(day, clock), zone)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def add_months(day: date, months: int, missing_day: MissingDay) -> date:
    """The same day number `months` later; where it is missing, the next first or the last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    if day.day <= last:
        return date(year, month + 1, day.day)
    if missing_day == "last":
        return date(year, month + 1, last)
    return date(year, month + 1, last) + timedelta(days=1)


def end_of_month(day: date) -> date:
    """The last day of the month that holds this day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def age_on(born: date, day: date) -> int:
    """Whole years; a birthday counts from its first instant, 29 February from 1 March."""
    birthday_passed = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if birthday_passed else 1)
