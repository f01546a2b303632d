"""Changing the vehicle of a booking that has not begun."""

import pytest

from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.move_out import MoveOut
from ledger.events import BookingAmended
from tests.given import Given, bought, cover, done, given, instant, living

SETS = "virtual-visitor-vouchers"


def booked(start: str = "2026-11-20 11:10") -> Given:
    return given(bought(SETS), done(BookVoucher(vehicles=("G885WFE",), start=start), ids=("b1",)))


def test_the_vehicle_of_a_future_booking_can_be_changed():
    """A future booking is amended to another vehicle for the same period (STV-107)."""
    (
        booked()
        .when(AmendBooking(booking="b1", vehicle="ab12 cde"), at="2026-11-20 11:09:59.999999")
        .then(
            BookingAmended(
                booking_id="b1",
                was_shown="G885WFE",
                covers=(
                    cover(
                        "b1",
                        "ab12 cde",
                        kind="booking",
                        holding="lot",
                        product=SETS,
                        zone="OT",
                        begins="2026-11-20 11:10",
                        ends="2026-11-21 00:00",
                    ),
                ),
            )
        )
        .then_answers(booking="b1", vehicle="AB12CDE")
    )


@pytest.mark.parametrize(
    "at", ["2026-11-20 11:10", "2026-11-20 11:10:00.000001", "2027-01-01 00:00"]
)
def test_from_its_start_on_nothing_can_be_changed(at):
    """Started means now >= start (STV-110, X-005)."""
    booked().when(AmendBooking(booking="b1", vehicle="AB12CDE"), at=at).then_refused(
        "booking.started"
    )


def test_a_booking_for_now_has_begun():
    booked("now").when(AmendBooking(booking="b1", vehicle="AB12CDE")).then_refused(
        "booking.started"
    )


def test_the_start_is_fixed():
    """The start takes a cancellation and a new booking (STV-109, A-031)."""
    future = booked()

    future.when(AmendBooking(booking="b1", start="2026-11-20 12:10")).then_refused(
        "booking.start_fixed"
    )
    future.when(
        AmendBooking(booking="b1", vehicle="AB12CDE", start="2026-11-20 12:10")
    ).then_refused("booking.start_fixed")


def test_every_reason_is_given_in_the_order_of_topics():
    booked().when(
        AmendBooking(booking="b1", vehicle="?", start="2026-11-20 12:10"), at="2026-11-20 11:10"
    ).then_refused("vehicle.mark_invalid", "booking.started", "booking.start_fixed")


@pytest.mark.parametrize("mark", ["", " ", "?", "A"])
def test_the_new_vehicle_is_a_mark(mark):
    booked().when(AmendBooking(booking="b1", vehicle=mark)).then_refused("vehicle.mark_invalid")


@pytest.mark.parametrize("mark", ["AB01CDE", "ab o1 cde"])
def test_a_vehicle_that_has_a_voucher_for_the_day_is_not_given_another(mark):
    """Refused as a duplicate, glyph for glyph (X-021, X-101)."""
    two = given(
        bought(SETS),
        done(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 11:10"), ids=("b1",)),
        done(BookVoucher(vehicles=("AB01CDE",), start="2026-11-20 18:00"), ids=("b2",)),
    )

    two.when(AmendBooking(booking="b1", vehicle=mark)).then_refused("booking.duplicate")
    two.when(AmendBooking(booking="b1", vehicle=mark), at="2026-11-20 11:10").then_refused(
        "booking.started", "booking.duplicate"
    )


def test_the_same_plate_typed_otherwise_is_accepted():
    """It is its own booking, so no duplicate."""
    outcome = booked().when(AmendBooking(booking="b1", vehicle="g885-wfe")).then_accepted()

    assert isinstance(outcome.events[0], BookingAmended)
    assert outcome.events[0].covers[0].typed == "g885-wfe"


def test_a_cancelled_booking_is_not_changed():
    given(
        bought(SETS),
        done(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 11:10"), ids=("b1",)),
        done(CancelBooking(booking="b1")),
    ).when(AmendBooking(booking="b1", vehicle="AB12CDE")).then_refused("booking.already_cancelled")


def test_an_unknown_booking_is_not_found():
    booked().when(AmendBooking(booking="b2", vehicle="AB12CDE")).then_not_found("booking")


def test_who_has_moved_out_changes_nothing_and_who_stays_does():
    """An account ends with the residence (X-055); what others hold is theirs to change."""
    shared = given(
        living("r2"),
        bought(SETS, by="r2"),
        done(BookVoucher(vehicles=("G885WFE",), start="2026-11-25 11:10"), by="r2", ids=("b1",)),
        done(
            MoveOut(resident="res", on=instant("2026-11-20 12:00")),
            at="2026-11-20 12:00",
            by="staff",
        ),
    )
    amend = AmendBooking(booking="b1", vehicle="AB12CDE")

    shared.when(amend, at="2026-11-21 10:00").then_refused("eligibility.not_resident")
    shared.when(amend, at="2026-11-21 10:00", by="staff for r2").then_accepted()
    shared.when(
        AmendBooking(booking="b1", vehicle="CC33CCC"), at="2026-11-21 10:00", by="r2"
    ).then_accepted()
