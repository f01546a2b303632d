"""How a parking clock is set on arrival, and how long it then allows.

Seconds are dropped, and the arrival is taken up to the next step of the clock. Who arrives while
the zone is not controlled sets the clock to the time at which control begins again. The limit
counts from the time the clock shows; where it ends outside controlled hours nobody needs a permit,
so it holds until control begins again.

Source: scheme TOML `clock`, `use.end`, `zones[].hours`; NOR-071 to 075, NOR-102, NOR-160; X-054,
X-065, X-066, X-067.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from ledger.calendar import at_local_time, local_date, next_day, start_of_day
from ledger.rules import validity
from ledger.rules.covering import controlled
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme, Zone
from ledger.values import FOREVER, Period

DAYS_LOOKED_AHEAD = 7 * 60
"""Far more than any limit needs: a zone with hours has some in every week."""


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


def control_from(zone: Zone | None, scheme: Scheme, at: datetime) -> datetime:
    """This instant where the zone is controlled then; otherwise the next beginning of control."""
    if controlled(zone, scheme, at):
        return at
    return next((span.begins for span in _spans(zone, scheme, at) if span.begins > at), at)


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
    for span in _spans(zone, scheme, begins):
        at = max(at, span.begins)
        if span.ends <= at:
            continue
        if left <= span.ends - at:
            return at + left
        left -= span.ends - at
        at = span.ends
    return at


def _spans(zone: Zone | None, scheme: Scheme, at: datetime) -> Iterator[Period]:
    """The zone's controlled hours from the day before an instant on, in order."""
    assert zone is not None
    day = local_date(at, scheme.tz) - timedelta(days=1)
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
