"""Terms of holdings, and the period of one use."""

from datetime import date, datetime, timedelta

import pytest

from ledger.calendar import start_of_day
from ledger.rules import validity
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.values import FOREVER, Period
from tests.given import bought, editions_of, given, instant
from tests.rules.schemes import scheme_of
from tests.rules.test_refund import holding


def used(use: str, holding: str = "holding = { months = 12 }") -> tuple[Product, Scheme]:
    scheme = scheme_of(
        f'id = "v"\nprice = {{ model = "flat", pence = 1 }}\nuse = {{ {use} }}\n{holding}'
    )
    return scheme.products[0], scheme


@pytest.mark.parametrize(
    ("starts_on", "months", "exact", "rounded"),
    [
        (date(2026, 11, 19), 12, date(2027, 11, 18), date(2027, 11, 30)),
        (date(2026, 12, 1), 12, date(2027, 11, 30), date(2027, 11, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28), date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28), date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 1, 1), 18, date(2027, 6, 30), date(2027, 6, 30)),
    ],
)
def test_the_last_day_is_the_day_before_the_same_day_or_the_end_of_its_month(
    starts_on, months, exact, rounded
):
    """Whole local days (X-003, X-035)."""
    plain, scheme = used('end = "end_of_day"')
    to_month_end, _ = used('end = "end_of_day"', 'holding = { months = 12, round = "month_end" }')

    assert validity.last_day(starts_on, months, plain, scheme) == exact
    assert validity.last_day(starts_on, months, to_month_end, scheme) == rounded


def test_a_holding_is_in_force_from_its_first_day_or_its_issue_to_the_end_of_its_last():
    _, scheme = used('end = "end_of_day"')
    first, last = date(2026, 12, 1), date(2027, 11, 30)
    ends = instant("2027-12-01 00:00")

    early = validity.in_force(first, last, instant("2026-11-19 10:00"), scheme)
    late = validity.in_force(first, last, instant("2026-12-05 10:00"), scheme)
    never = validity.in_force(first, last, instant("2028-01-01 10:00"), scheme)

    assert early == Period(instant("2026-12-01 00:00"), ends)
    assert late == Period(instant("2026-12-05 10:00"), ends)
    assert never == Period(instant("2028-01-01 10:00"), instant("2028-01-01 10:00"))


@pytest.mark.parametrize(
    ("use", "begins", "ends"),
    [
        ('end = "end_of_day"', "2026-11-19 11:30", "2026-11-20 00:00"),
        ('end = "end_of_day"', "2026-11-19 23:59:59.999999", "2026-11-20 00:00"),
        ('end = "end_of_day"', "2026-11-20 00:00", "2026-11-21 00:00"),
        ('end = "end_of_day"', "2026-03-29 00:00", "2026-03-29 23:00Z"),
        ("end = { hours = 24 }", "2026-03-28 18:00", "2026-03-29 19:00"),
        ("end = { hours = 24 }", "2026-10-24 18:00", "2026-10-25 17:00"),
        ("end = { hours = 4 }", "2026-10-25 00:30", "2026-10-25 03:30"),
        ('end = { hours = 24 }, measure = "wall"', "2026-03-28 18:00", "2026-03-29 18:00"),
        ('end = { hours = 2 }, measure = "wall"', "2026-03-28 23:30", "2026-03-29 01:00Z"),
        ("end = { days = 5 }", "2026-11-19 09:00", "2026-11-24 00:00"),
        ("end = { days = 5 }", "2026-10-23 00:00", "2026-10-28 00:00"),
        ('end = { next_day = "10:00" }', "2026-11-19 00:00", "2026-11-20 10:00"),
        ('end = { next_day = "10:00" }', "2026-03-28 00:00", "2026-03-29 09:00Z"),
    ],
)
def test_a_use_ends_as_the_product_says(use, begins, ends):
    """Days are calendar days, hours elapsed hours (X-054); until ten is exclusive (X-068)."""
    product, scheme = used(use)

    period = validity.use_period(instant(begins), product, scheme, FOREVER)

    assert period == Period(instant(begins), instant(ends))


def test_a_use_never_outlasts_its_holding_but_for_the_tail_of_its_last_day():
    """The tail belongs to the use of the last day (X-071)."""
    over = instant("2026-11-20 00:00")
    begins = instant("2026-11-19 00:00")
    cut, scheme = used('end = { next_day = "10:00" }')
    tail, _ = used('end = { next_day = "10:00" }, tail_past_expiry = true')

    assert validity.use_period(begins, cut, scheme, over).ends == over
    assert validity.use_period(begins, tail, scheme, over).ends == instant("2026-11-20 10:00")


def test_a_permit_covers_to_the_end_of_its_holding():
    product, scheme = used('start = "holding_start", end = "holding_end"')
    over = instant("2027-11-19 00:00")

    period = validity.use_period(instant("2026-11-19 10:00"), product, scheme, over)

    assert period == Period(instant("2026-11-19 10:00"), over)


@pytest.mark.parametrize(
    ("begins", "inside"),
    [
        ("2026-11-30 23:59:59", False),
        ("2026-12-01 00:00", True),
        ("2027-11-30 23:59:59", True),
        ("2027-12-01 00:00", False),
    ],
)
def test_a_use_begins_on_a_day_of_its_holding(begins, inside):
    story = given(bought("virtual-visitor-vouchers", start=date(2026, 12, 1))).story
    lot = story.household.holdings["lot"]

    assert validity.begins_in(lot, instant(begins), story.editions.latest) is inside


def test_a_use_begins_before_the_instant_at_which_its_holding_was_cut_short():
    """As a move cuts it (X-055)."""
    story = given(bought("virtual-visitor-vouchers")).story
    lot, scheme = story.household.holdings["lot"], story.editions.latest
    lot.in_force_until = instant("2026-11-25 12:00")
    tick = timedelta(microseconds=1)

    def inside(at: datetime) -> bool:
        return validity.begins_in(lot, at, scheme)

    assert inside(lot.in_force_until - tick)
    assert not inside(lot.in_force_until)
    assert validity.day_lies_in(lot, date(2026, 11, 25), scheme)
    assert not validity.day_lies_in(lot, date(2026, 11, 26), scheme)


def test_a_day_that_begins_as_a_holding_is_cut_short_lies_outside_it() -> None:
    """Ended at midnight: the day before was its last, whatever it was sold for (X-071)."""
    scheme = editions_of("norwich-2015").latest
    lot = holding(1000, 10, 0, 30)
    day = lot.starts_on + timedelta(days=3)
    midnight = start_of_day(day, scheme.tz)

    lot.in_force_until = midnight
    assert not validity.day_lies_in(lot, day, scheme)
    assert validity.day_lies_in(lot, day - timedelta(days=1), scheme)
    lot.in_force_until = midnight + timedelta(microseconds=1)
    assert validity.day_lies_in(lot, day, scheme)
