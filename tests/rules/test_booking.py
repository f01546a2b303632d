"""When a visit may be booked, and which vehicles are taken."""

from datetime import datetime, timedelta

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from ledger.rules import booking
from ledger.scheme.products import ChannelTerms
from ledger.values import Period
from tests.given import bought, done, editions_of, given, instant
from tests.rules.schemes import scheme_of

SCHEME = editions_of("stevenage").latest
NOW = instant("2026-11-19 10:00:30")
TICK = timedelta(microseconds=1)
HOURLY = 'id = "v"\nprice = { model = "flat", pence = 1 }\nuse = { end = { hours = 4 } }'


@pytest.mark.parametrize(
    ("text", "begins", "code"),
    [
        ("now", NOW, None),
        ("2026-11-19 10:00:30", NOW, None),
        ("2026-11-19 10:00:29.999999", NOW, None),
        ("2026-11-19 10:00", NOW, None),
        ("2026-11-19 09:59:59.999999", NOW, "booking.start_in_past"),
        ("2026-11-19 10:01", instant("2026-11-19 10:01"), None),
        ("2026-11-19 10:00Z", NOW, None),
        ("2027-03-28 01:30", NOW, "booking.no_such_time"),
        ("NOW", NOW, "booking.no_such_time"),
        ("2126-11-19 10:00", instant("2126-11-19 10:00"), None),
        ("2127-01-01 10:00", NOW, "booking.no_such_time"),
    ],
)
def test_a_start_is_now_or_a_time_that_exists_and_is_not_past(text, begins, code):
    """Beyond the current minute an earlier time is refused (X-015); a skipped one too (X-103)."""
    found, refusal = booking.start(text, NOW, SCHEME)

    assert found == begins
    assert (refusal.code if refusal else None) == code


def test_in_the_repeated_hour_a_local_time_is_the_first_and_may_be_past():
    """At the second 01:30 the time 01:30 is an hour ago, unless UTC is given (X-103)."""
    second = instant("2026-10-25 01:30:20Z")

    assert booking.start("2026-10-25 01:30", second, SCHEME)[1] is not None
    assert booking.start("2026-10-25 01:30Z", second, SCHEME) == (second, None)
    assert booking.start("now", second, SCHEME) == (second, None)


@pytest.mark.parametrize(
    ("terms", "begins", "refused"),
    [
        (ChannelTerms(future=False), NOW, False),
        (ChannelTerms(future=False), NOW + TICK, True),
        (ChannelTerms(future=True), NOW + timedelta(days=999), False),
        (ChannelTerms(future=True, max_days=14), instant("2026-12-03 10:00:30"), False),
        (ChannelTerms(future=True, max_days=14), instant("2026-12-03 10:00:30") + TICK, True),
    ],
)
def test_a_channel_takes_starts_to_the_same_wall_time_so_many_dates_ahead(terms, begins, refused):
    """To the same wall-clock time fourteen dates later (X-040)."""
    found = list(booking.channel_refusals(begins, NOW, terms, SCHEME))

    assert [reason.code for reason in found] == ["booking.too_far_ahead"] * refused


def test_a_dated_vehicle_is_taken_for_its_local_day():
    """One voucher a vehicle and day (X-021), whenever on that day."""
    story = given(
        bought("virtual-visitor-vouchers"),
        done(BookVoucher(vehicles=("AB01CDE",), start="2027-06-30 12:00"), ids=("b1",)),
        done(BookVoucher(vehicles=("CD34EFG",), start="2027-06-30 12:00"), ids=("b2",)),
        done(CancelBooking(booking="b2")),
    ).story
    product = SCHEME.products[0]

    def taken(begins: str) -> set[str]:
        at = instant(begins)
        return booking.taken(story.household, Period(at, at), product, SCHEME)

    assert taken("2027-06-29 23:00Z") == {"AB01CDE"}
    assert taken("2027-06-30 23:59:59") == {"AB01CDE"}
    assert taken("2027-06-30 23:00Z") == set()
    assert taken("2027-06-29 22:59:59Z") == set()


def test_an_hourly_vehicle_is_taken_while_its_hours_overlap():
    """Hourly ones may follow each other and not overlap."""
    scheme = scheme_of(HOURLY)
    story = given(
        bought("virtual-visitor-vouchers"),
        done(BookVoucher(vehicles=("AB01CDE",), start="2026-11-20 20:00")),
    ).story

    def taken(begins: datetime) -> bool:
        period = Period(begins, begins + timedelta(hours=4))
        return bool(booking.taken(story.household, period, scheme.products[0], scheme))

    assert taken(instant("2026-11-20 16:00") + TICK)
    assert not taken(instant("2026-11-20 16:00"))
    assert taken(instant("2026-11-21 00:00") - TICK)
    assert not taken(instant("2026-11-21 00:00"))


def test_a_product_may_let_a_vehicle_have_two():
    """Refused or only warned of, as the scheme has it (X-021)."""
    lenient = scheme_of(
        'id = "v"\nprice = { model = "flat", pence = 1 }\nuse = { duplicate = "warn" }'
    )
    period = Period(NOW, NOW + TICK)
    household = given().household

    def codes(marks: list[str], scheme) -> list[str]:
        found = booking.duplicate_refusals(household, marks, period, scheme.products[0], scheme)
        return [reason.code for reason in found]

    assert codes(["AB01CDE", "AB01CDE"], lenient) == []
    assert codes(["AB01CDE", "AB01CDE"], SCHEME) == ["booking.duplicate"]
    assert codes(["AB01CDE", "CD34EFG"], SCHEME) == []


def test_a_booking_can_be_changed_until_the_instant_it_starts():
    """Allowed if and only if now < start (X-005)."""
    one = given(
        bought("virtual-visitor-vouchers"),
        done(BookVoucher(vehicles=("AB01CDE",), start="2026-11-20 11:10"), ids=("b1",)),
    ).household.bookings["b1"]
    starts = instant("2026-11-20 11:10")

    assert list(booking.change_refusals(one, starts - TICK)) == []
    assert [r.code for r in booking.change_refusals(one, starts)] == ["booking.started"]
    one.cancelled_at = NOW
    assert [r.code for r in booking.change_refusals(one, starts)] == ["booking.already_cancelled"]


@pytest.mark.parametrize(("days", "refused"), [(36_525, False), (36_526, True)])
def test_a_start_lies_within_a_hundred_years(days, refused):
    """A slipped key: that far exactly is taken, to the second no further."""
    now = instant("2026-11-19 10:00")
    that = f"{now + timedelta(days=days):%Y-%m-%d %H:%M}Z"

    _, refusal = booking.start(that, now, SCHEME)
    assert (refusal is not None) is refused
    _, refusal = booking.asked(f"{now - timedelta(days=days):%Y-%m-%d %H:%M}Z", now, SCHEME)
    assert (refusal is not None) is refused


@pytest.mark.parametrize(
    ("text", "begins", "code"),
    [
        ("2026-11-19 10:05:30", "2026-11-19 10:05:30", ""),
        ("2026-11-19 10:05:31", "2026-11-19 10:05:31", ""),
        ("2026-11-19 10:05", "2026-11-19 10:05:30", ""),
        ("2026-11-19 10:04:59", "2026-11-19 10:05:30", "booking.start_in_past"),
        ("soon", "2026-11-19 10:05:30", "booking.no_such_time"),
    ],
)
def test_a_time_within_the_current_minute_means_now(text, begins, code):
    """Nothing is ever dated back (X-015)."""
    found, refusal = booking.start(text, instant("2026-11-19 10:05:30"), SCHEME)

    assert found == instant(begins)
    assert (refusal.code if refusal else "") == code
