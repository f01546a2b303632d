"""How long: the term of what is bought, and the period of one use of it.

Terms are whole local days: a holding that starts on S for n months is in force from S to the day
before
the same day n months later; `month_end` moves that last day to the end of its month. Every period
is half-open, so "until 23:59" ends at 00:00 of the next day.

Source: STV-022 to 025, STV-087, HAN-018, HAN-022, NOR-086, RBW-029; X-003, X-004, X-035, X-036,
X-054, X-071.
"""

from datetime import date, datetime, timedelta

from ledger.calendar import (
    add_months,
    at_local_time,
    end_of_month,
    local_date,
    nearest_instant,
    next_day,
    start_of_day,
)
from ledger.household.state import Holding
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.values import Period


def last_day(starts_on: date, months: int, product: Product, scheme: Scheme) -> date:
    """The last day on which a holding that starts on this day can be used, included."""
    after = add_months(starts_on, months, scheme.calendar.missing_day)
    last = after - timedelta(days=1)
    return end_of_month(last) if product.holding.round == "month_end" else last


def in_force(starts_on: date, last: date, issued_at: datetime, scheme: Scheme) -> Period:
    """From the start of the first day, or from the issue where that is later, to the end of the
    last.
    """
    begins = max(start_of_day(starts_on, scheme.tz), issued_at)
    return Period(begins, max(begins, start_of_day(next_day(last), scheme.tz)))


def use_period(
    begins: datetime, product: Product, scheme: Scheme, in_force_until: datetime
) -> Period:
    """The period that one use covers which begins at this instant.

    It never outlasts its holding, but for a tail that belongs to a use of the last day (X-071).
    """
    ends = _use_ends(begins, product, scheme, in_force_until)
    if not product.use.tail_past_expiry:
        ends = min(ends, in_force_until)
    return Period(begins, max(begins, ends))


def _use_ends(
    begins: datetime, product: Product, scheme: Scheme, in_force_until: datetime
) -> datetime:
    day = local_date(begins, scheme.tz)
    end = product.use.end
    match end.kind:
        case "end_of_day":
            return start_of_day(next_day(day), scheme.tz)
        case "hours" if product.use.measure == "elapsed":
            return begins + timedelta(hours=end.hours)
        case "hours":
            wall = begins.astimezone(scheme.tz).replace(tzinfo=None)
            return nearest_instant(wall + timedelta(hours=end.hours), scheme.tz)
        case "days":
            return start_of_day(day + timedelta(days=end.days), scheme.tz)
        case "next_day":
            assert end.until_time is not None
            return at_local_time(next_day(day), end.until_time, scheme.tz)
        case _:
            return in_force_until


def day_lies_in(holding: Holding, day: date, scheme: Scheme) -> bool:
    """True where a use on this day falls inside the holding's term, even when it was cut short."""
    begins = start_of_day(day, scheme.tz)
    return holding.starts_on <= day <= holding.last_day and begins < holding.in_force_until


def begins_in(holding: Holding, begins: datetime, scheme: Scheme) -> bool:
    """True where a use that begins at this instant does so inside the holding's term."""
    day = local_date(begins, scheme.tz)
    return day_lies_in(holding, day, scheme) and holding.in_force(begins)
