"""Cancelling a booking before it begins."""

import pytest

from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.move_out import MoveOut
from ledger.events import BookingCancelled
from tests.given import bought, done, given, living

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"


def booking(start: str = "2026-11-20 11:10", **terms: bool):
    return done(BookVoucher(vehicles=("G885WFE",), start=start, **terms), ids=("b1",))


def test_a_booking_cancelled_before_it_starts_gives_its_voucher_back():
    """Until its start it is cancelled and its voucher returned (STV-090, STV-108, A-028)."""
    (
        given(bought(SETS), booking())
        .when(CancelBooking(booking="b1"), at="2026-11-20 11:09:59.999999")
        .then(
            BookingCancelled(
                booking_id="b1",
                holding_id="lot",
                product=SETS,
                units_returned=1,
                tell=True,
                uncovers=("b1",),
            )
        )
        .then_answers(state="cancelled", remaining=20)
    )


@pytest.mark.parametrize("at", ["2026-11-20 11:10", "2026-11-20 23:59", "2026-11-21 00:00"])
def test_from_its_start_on_a_booking_cannot_be_cancelled(at):
    """At the very instant it is too late (X-005)."""
    given(bought(SETS), booking()).when(CancelBooking(booking="b1"), at=at).then_refused(
        "booking.started"
    )


def test_a_booking_is_cancelled_once():
    """A second cancellation would return a second voucher."""
    given(bought(SETS), booking(), done(CancelBooking(booking="b1"))).when(
        CancelBooking(booking="b1")
    ).then_refused("booking.already_cancelled")


def test_the_voucher_goes_back_to_its_own_set():
    """A returned voucher has the expiry of the set it came from (X-018)."""
    outcome = given(
        bought(SETS, name="A"),
        bought(SETS, name="B", at="2027-01-10 10:00"),
        done(
            BookVoucher(vehicles=("G885WFE",), start="2027-12-05 10:00"),
            at="2027-01-10 10:00",
            ids=("b1",),
        ),
    ).when(CancelBooking(booking="b1"), at="2027-12-04 10:00")

    outcome.then_answers(remaining=20)
    assert outcome.household.holdings["A"].units_left == 20
    assert outcome.household.holdings["B"].units_left == 20


def test_an_amended_booking_is_cancelled_like_any_other():
    given(bought(SETS), booking(), done(AmendBooking(booking="b1", vehicle="AB12CDE"))).when(
        CancelBooking(booking="b1")
    ).then_answers(remaining=20)


def test_who_was_not_told_of_the_booking_is_not_told_of_its_end():
    """The confirmation was turned off for this booking (STV-093)."""
    outcome = given(bought(SETS), booking(email=False)).when(CancelBooking(booking="b1"))

    assert isinstance(outcome.then_accepted().events[0], BookingCancelled)
    assert outcome.events[0].tell is False


def test_a_unit_that_comes_back_to_a_set_that_is_over_is_not_left():
    """Unused units are removed at expiry (HAN-019): there is nothing to come back to."""
    held = given(bought(PERMITS, at="2026-11-20 15:00"), scheme="hampshire")
    held.when(
        BookVoucher(vehicles=("AA11AAA",), start="2027-11-19 12:00"),
        at="2027-11-19 11:00",
        ids=("b1",),
    ).then_answers(remaining=9)

    held.when(CancelBooking(booking="b1"), at="2027-11-19 11:59").then_answers(remaining=10)


def test_an_unknown_booking_is_not_found():
    given(bought(SETS)).when(CancelBooking(booking="b1")).then_not_found("booking")


def test_a_scheme_can_keep_the_unit_or_the_booking():
    """What a product's terms say of change holds (scheme file, `change`)."""
    kept = given(bought(SETS), booking(), values={f"products.{SETS}.change.returns_unit": False})
    fixed = given(bought(SETS), booking(), values={f"products.{SETS}.change.cancel": False})

    kept.when(CancelBooking(booking="b1")).then_answers(remaining=19)
    fixed.when(CancelBooking(booking="b1")).then_refused("booking.started")


def test_who_has_moved_out_cancels_nothing():
    """An account ends with the residence (X-055)."""
    given(
        living("r2"),
        bought(SETS, by="r2"),
        booking("2026-11-25 11:10"),
        done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"),
    ).when(CancelBooking(booking="b1"), at="2026-11-20 12:00").then_refused(
        "eligibility.not_resident"
    )
