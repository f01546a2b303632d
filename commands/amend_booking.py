"""Change the vehicle of a booking that has not begun. Its start is fixed: cancel and book again.

Source: STV-107, STV-109, STV-110, A-030, A-031; X-005, X-043.
"""

from collections.abc import Iterator, Sequence

import msgspec

from commands import saving, vehicles_named
from commands.base import Command, Context, Values
from commands.finding import booking_of
from ledger.events import AnyEvent, BookingAmended
from ledger.household.state import Booking, Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import booking as rule
from ledger.values import Period


class AmendBooking(Command, frozen=True, kw_only=True, tag="amend_booking"):
    booking: str
    vehicle: str = ""
    start: str = ""


def decide(command: AmendBooking, household: Household, context: Context) -> list[AnyEvent]:
    """Cover another vehicle instead. Raises Refused with `vehicle.*` and `booking.*` reasons."""
    context.only_residents(household)
    booking = booking_of(household, command.booking)
    refuse_if(
        *(
            vehicles_named.refusals([command.vehicle])
            if command.vehicle or not command.start
            else ()
        ),
        *rule.change_refusals(booking, context.at),
        *_fixed(command, booking, context),
        *_duplicate(command, booking, household, context),
    )
    (vehicle,) = vehicles_named.listed([command.vehicle])
    cover = msgspec.structs.replace(
        booking.cover, typed=vehicle.typed, shown=vehicle.shown, glyphs=vehicle.glyphs
    )
    return [
        BookingAmended(
            booking_id=booking.booking_id, was_shown=booking.cover.shown, covers=(cover,)
        )
    ]


def _fixed(command: AmendBooking, booking: Booking, context: Context) -> Iterator[Refusal]:
    scheme = context.edition(booking.edition)
    product = scheme.product(booking.product)
    if command.start:
        yield Refusal("booking.start_fixed", "the start cannot be changed; cancel and book again")
    elif product is not None and "vehicle" not in product.change.amend:
        yield Refusal("booking.start_fixed", "a booking of this product cannot be changed")


def _duplicate(
    command: AmendBooking, booking: Booking, household: Household, context: Context
) -> Iterator[Refusal]:
    glyphs = [vehicle.glyphs for vehicle in vehicles_named.listed([command.vehicle])]
    if glyphs == [booking.cover.glyphs]:
        return
    scheme = context.edition(booking.edition)
    product = scheme.product(booking.product)
    assert product is not None
    period = Period(booking.cover.covers_from, booking.cover.covers_until)
    yield from rule.duplicate_refusals(household, glyphs, period, product, scheme)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    amended = events[0]
    assert isinstance(amended, BookingAmended)
    return {
        "booking": amended.booking_id,
        "vehicle": amended.covers[0].shown,
        "warnings": saving.warnings(household, amended.covers[0].typed, events),
    }
