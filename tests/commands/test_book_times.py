"""When a visit may begin, and when it ends: clocks, calendars, channels and holdings."""

from datetime import date

import pytest

from commands.book_voucher import BookVoucher
from commands.move_out import MoveOut
from ledger.events import Cover, VoucherBooked
from tests.given import (
    bought,
    cover,
    done,
    given,
    instant,
)

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
SIZE = f"products.{SETS}.pack.size"


def covered(
    mark: str,
    begins: str,
    ends: str,
    *,
    booking: str = "new#1",
    holding: str = "lot",
    product: str = SETS,
    zone: str = "OT",
) -> Cover:
    return cover(
        booking,
        mark,
        kind="booking",
        holding=holding,
        product=product,
        zone=zone,
        begins=begins,
        ends=ends,
    )


@pytest.mark.parametrize(
    ("start", "begins", "ends"),
    [
        ("2027-03-28 00:00", "2027-03-28 00:00Z", "2027-03-28 23:00Z"),
        ("2027-03-28 02:00", "2027-03-28 01:00Z", "2027-03-28 23:00Z"),
        ("2027-10-31 00:00", "2027-10-30 23:00Z", "2027-11-01 00:00Z"),
        ("2027-10-31 01:30", "2027-10-31 00:30Z", "2027-11-01 00:00Z"),
        ("2027-10-31 01:30Z", "2027-10-31 01:30Z", "2027-11-01 00:00Z"),
        ("2027-02-28 23:59", "2027-02-28 23:59Z", "2027-03-01 00:00Z"),
    ],
)
def test_a_booked_day_ends_at_the_next_local_midnight_whatever_the_clocks_do(start, begins, ends):
    """23 hours in March, 25 in October; a time that occurs twice is the first (X-103, A-053)."""
    outcome = given(bought(SETS)).when(BookVoucher(vehicles=("AA11AAA",), start=start))

    (booked,) = outcome.then_accepted().events
    assert isinstance(booked, VoucherBooked)
    assert booked.covers == (covered("AA11AAA", begins, ends),)


@pytest.mark.parametrize(
    "start",
    [
        "2027-03-28 01:00",
        "2027-03-28 01:59:59",
        "tomorrow",
        "",
        "2026-13-01 10:00",
        "9999-12-31 23:59",
        "0001-01-01T00:00+05:00",
        "9999-12-31T23:00-05:00",
    ],
)
def test_a_time_that_does_not_exist_is_no_start(start):
    """The hour the clocks skip, and what is no time at all, are refused (X-103)."""
    (
        given(bought(SETS))
        .when(BookVoucher(vehicles=("AA11AAA",), start=start))
        .then_refused("booking.no_such_time")
    )


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("2026-11-19 11:30:45", "2026-11-19 11:30:45"),
        ("2026-11-19 11:30:44.999999", "2026-11-19 11:30:45"),
        ("2026-11-19 11:30", "2026-11-19 11:30:45"),
        ("2026-11-19 11:30:45.000001", "2026-11-19 11:30:45.000001"),
    ],
)
def test_a_start_within_this_minute_means_now(start, begins):
    """A chosen time not before the current minute is never dated back (X-015)."""
    outcome = given(bought(SETS)).when(
        BookVoucher(vehicles=("AA11AAA",), start=start), at="2026-11-19 11:30:45"
    )

    (booked,) = outcome.then_accepted().events
    assert isinstance(booked, VoucherBooked)
    assert booked.covers == (covered("AA11AAA", begins, "2026-11-20 00:00"),)


def test_a_start_in_an_earlier_minute_is_refused():
    """Back-dating would undo a penalty charge notice (X-015)."""
    (
        given(bought(SETS))
        .when(
            BookVoucher(vehicles=("AA11AAA",), start="2026-11-19 11:29:59.999999"),
            at="2026-11-19 11:30:00",
        )
        .then_refused("booking.start_in_past")
    )


@pytest.mark.parametrize(
    ("start", "refused"),
    [("2026-11-30 10:00", True), ("2026-12-01 00:00", False), ("2027-11-30 23:59", False),
     ("2027-12-01 00:00", True)],
)  # fmt: skip
def test_a_visit_lies_between_the_first_and_the_last_day_of_the_set(start, refused):
    """A postponed set can be booked from its first day to its last (STV-023, A-023)."""
    outcome = given(bought(SETS, start=date(2026, 12, 1))).when(
        BookVoucher(vehicles=("AA11AAA",), start=start)
    )

    if refused:
        outcome.then_refused("booking.outside_holding")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize(
    ("start", "refused"),
    [
        ("2026-12-04 10:00", False),
        ("2026-12-04 10:00:00.000001", True),
        ("2026-12-04 10:01", True),
    ],
)
def test_a_stay_is_activated_at_most_fourteen_days_ahead_to_the_minute(start, refused):
    """The same wall-clock time fourteen dates later is the last start (HAN-020, X-040, A-087)."""
    outcome = given(bought(PERMITS), scheme="hampshire").when(
        BookVoucher(vehicles=("AA11AAA",), start=start), at="2026-11-20 10:00"
    )

    if refused:
        outcome.then_refused("booking.too_far_ahead")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize("channel", ["website", "app", "phone", "post"])
def test_fourteen_days_are_counted_by_the_wall_clock_across_a_clock_change(channel):
    """From 10:00 in summer time to 10:00 in winter time is fourteen days (X-040)."""
    held = given(bought(PERMITS, at="2026-10-20 10:00"), scheme="hampshire")
    ahead = BookVoucher(vehicles=("AA11AAA",), start="2026-11-03 10:00")
    beyond = BookVoucher(vehicles=("AA11AAA",), start="2026-11-03 10:01")

    held.when(beyond, at="2026-10-20 10:00", channel=channel).then_refused("booking.too_far_ahead")
    held.when(ahead, at="2026-10-20 10:00", channel=channel).then_accepted()


def test_the_day_ahead_limit_that_falls_into_the_skipped_hour_is_the_jump():
    """01:30 on the day the clocks go forward does not exist: 02:00 is already beyond (X-040)."""
    held = given(bought(PERMITS, at="2027-03-14 01:30"), scheme="hampshire")

    held.when(
        BookVoucher(vehicles=("AA11AAA",), start="2027-03-28 02:15"), at="2027-03-14 01:30"
    ).then_refused("booking.too_far_ahead")
    held.when(
        BookVoucher(vehicles=("AA11AAA",), start="2027-03-28 00:59"), at="2027-03-14 01:30"
    ).then_accepted()


def test_no_future_start_is_texted():
    """Activation by text is instant (HAN-021)."""
    (
        given(bought(PERMITS), scheme="hampshire")
        .when(BookVoucher(vehicles=("AA11AAA",), start="2026-11-19 10:01"), channel="text")
        .then_refused("booking.too_far_ahead")
    )


def test_a_permit_is_used_to_the_last_minute_of_its_year_and_not_after():
    """Usable to the end of the day before the anniversary (X-036, A-086)."""
    held = given(bought(PERMITS, at="2026-11-20 15:00"), scheme="hampshire")
    book = BookVoucher(vehicles=("AA11AAA",))

    held.when(book, at="2027-11-19 23:59:59.999999").then_answers(until="2027-11-20T00:00:00+00:00")
    held.when(book, at="2027-11-20 00:00").then_refused("booking.no_units")


@pytest.mark.parametrize(
    ("start", "refused"), [("2026-11-25 11:59", False), ("2026-11-25 12:00", True)]
)
def test_a_visit_begins_before_the_move_that_is_known_of(start, refused):
    """Cover ends at the recorded instant of moving out, so no visit can begin at it (X-055)."""
    outcome = given(
        bought(SETS),
        done(
            MoveOut(resident="res", on=instant("2026-11-25 12:00")),
            at="2026-11-20 12:00",
            by="staff",
        ),
    ).when(BookVoucher(vehicles=("AA11AAA",), start=start), at="2026-11-21 09:00")

    if refused:
        outcome.then_refused("booking.outside_holding")
    else:
        outcome.then_answers(until="2026-11-25T12:00:00+00:00")
