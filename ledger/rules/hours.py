"""A zone's controlled hours: whether a permit is needed at an instant, and when it next will be.

Source: scheme TOML `zones[].hours`; GRV-012, NOR-040, NOR-041, NOR-102, RBW-023; X-066, X-067.
"""

from collections.abc import Iterator
from datetime import date, datetime, time

from ledger.calendar import at_local_time, local_date, next_day, start_of_day
from ledger.scheme.schema import Scheme, Zone
from ledger.values import Period

DAYS_LOOKED_AHEAD = 7 * 60
"""Far more than any limit needs: a zone with hours has some in every week."""


def controlled(zone: Zone | None, scheme: Scheme, at: datetime) -> bool:
    """True where a permit is needed in the zone at that instant; a zone without hours always is."""
    if zone is None or not zone.hours:
        return True
    local = at.astimezone(scheme.tz)
    for hours in zone.hours:
        after_start = local.time() >= hours.begins
        before_end = local.time() < hours.ends or hours.ends.isoformat() == "00:00:00"
        if local.weekday() in hours.days and after_start and before_end:
            return True
    return False


def control_from(zone: Zone | None, scheme: Scheme, at: datetime) -> datetime:
    """This instant where the zone is controlled then; otherwise the next beginning of control."""
    if controlled(zone, scheme, at):
        return at
    return next((span.begins for span in spans(zone, scheme, at) if span.begins > at), at)


def spans(zone: Zone | None, scheme: Scheme, at: datetime) -> Iterator[Period]:
    """The zone's controlled hours from the day of an instant on, in order. None spans midnight."""
    assert zone is not None
    day = local_date(at, scheme.tz)
    for _ in range(DAYS_LOOKED_AHEAD):
        yield from sorted(_hours_of(zone, scheme, day), key=lambda span: span.begins)
        day = next_day(day)


def _hours_of(zone: Zone, scheme: Scheme, day: date) -> Iterator[Period]:
    for hours in zone.hours:
        if day.weekday() in hours.days:
            ends_with_day = hours.ends == time()
            yield Period(
                at_local_time(day, hours.begins, scheme.tz),
                start_of_day(next_day(day), scheme.tz)
                if ends_with_day
                else at_local_time(day, hours.ends, scheme.tz),
            )
