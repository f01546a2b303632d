"""Days, months and local times, as the catalogue counts them.

Source: X-004 (half-open), X-034, X-035 (months), X-054 (elapsed hours), X-103 (clock changes).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
DAY: Final = timedelta(days=1)


def day_of(at: datetime) -> date:
    """The London date of an instant."""
    return at.astimezone(LONDON).date()


def midnight(day: date) -> datetime:
    """00:00 of a London date, as an instant."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def months_on(day: date, months: int) -> date:
    """The same day number so many months later, or the first of the next month (X-035)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def last_of_month(day: date) -> date:
    while (day + DAY).month == day.month:
        day += DAY
    return day


def wall(text: str) -> datetime | None:
    """The instant of a local time; None where the clocks go over it, the first where twice."""
    naive = datetime.fromisoformat(text)
    at = naive.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    back = at.astimezone(LONDON).replace(tzinfo=None)
    return at if back == naive else None


def clock_of(at: datetime) -> datetime:
    """The local wall time, without its zone."""
    return at.astimezone(LONDON).replace(tzinfo=None)


def to_instant(naive: datetime) -> datetime:
    return naive.replace(tzinfo=LONDON).astimezone(UTC)


def controlled(zone: Any, at: datetime) -> bool:
    """True where the zone's hours apply; a zone without hours is controlled at all times."""
    if zone is None or not zone.hours:
        return True
    local = clock_of(at)
    for hours in zone.hours:
        ends = 24 * 60 if hours.ends.hour == hours.ends.minute == 0 else _minutes(hours.ends)
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        if local.weekday() in hours.days and _minutes(hours.begins) * 60 <= seconds < ends * 60:
            return True
    return False


def _minutes(clock: Any) -> int:
    return int(clock.hour) * 60 + int(clock.minute)


def next_control(zone: Any, at: datetime) -> datetime:
    """The instant itself where it is controlled, else the next beginning of control (X-066)."""
    if controlled(zone, at):
        return at
    day = day_of(at)
    for _ in range(9):
        for hours in sorted(zone.hours, key=lambda each: each.begins):
            begins = to_instant(datetime.combine(day, hours.begins))
            if day.weekday() in hours.days and begins >= at:
                return begins
        day += DAY
    raise AssertionError("a zone with hours is controlled within a week")


def clock_set(arrived: datetime, zone: Any, step: int) -> datetime:
    """What a parking clock is set to: the arrival rounded up to the step, seconds dropped first,
    outside control its next beginning (NOR-160, X-065, X-066)."""
    if not controlled(zone, arrived):
        return next_control(zone, arrived)
    local = clock_of(arrived).replace(second=0, microsecond=0)
    over = (local.hour * 60 + local.minute) % step
    return arrived.replace(second=0, microsecond=0) + timedelta(minutes=(step - over) % step)


def stay_ends(clock: datetime, zone: Any, hours: int) -> datetime:
    """The limit is counted in real time from the clock; a limit outside control is none until
    control begins again (NOR-074, NOR-075, X-067)."""
    return next_control(zone, clock + timedelta(hours=hours))
