"""Cancel a booking that has not begun; its units go back to their own holding.

Source: STV-090, STV-108, A-028, A-097; X-005, X-018, X-043, X-100.
"""

from collections.abc import Sequence

from commands.base import Command, Context, Values
from commands.finding import booking_of
from ledger.events import AnyEvent, BookingCancelled
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import booking as rule


class CancelBooking(Command, frozen=True, kw_only=True, tag="cancel_booking"):
    booking: str


def decide(command: CancelBooking, household: Household, context: Context) -> list[AnyEvent]:
    """Take the cover back. Raises Refused with `booking.started` or `booking.already_cancelled`."""
    context.only_residents(household)
    booking = booking_of(household, command.booking)
    product = context.edition(booking.edition).product(booking.product)
    assert product is not None
    refuse_if(
        *rule.change_refusals(booking, context.at),
        None
        if product.change.cancel
        else Refusal("booking.started", "a visit on this product cannot be cancelled"),
    )
    return [
        BookingCancelled(
            booking_id=booking.booking_id,
            holding_id=booking.holding_id,
            product=booking.product,
            units_returned=booking.units if product.change.returns_unit else 0,
            tell=booking.tell,
            uncovers=(booking.cover.cover_id,),
            caps=tuple(each.cap for each in booking.counted),
            others_returned=booking.others if product.change.returns_unit else (),
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    cancelled = events[0]
    assert isinstance(cancelled, BookingCancelled)
    return {
        "booking": cancelled.booking_id,
        "state": "cancelled",
        "remaining": household.units_left(cancelled.product, context.at),
    }
