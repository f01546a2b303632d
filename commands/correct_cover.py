"""Record that a visit was otherwise than it was known: an earlier start, or another vehicle.

A later record, never an edit: an instant before it is still answered as it was then known. It needs
a reason and the approval of a second person.

Source: G-031, A-031; X-102.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from commands import vehicles_named
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, Cover, CoverCorrected
from ledger.household.state import Holding, Household
from ledger.refusals import NotFound, Refusal, Refused, refuse_if
from ledger.rules import cards, clock, correcting, validity
from ledger.rules.booking import FARTHEST
from ledger.rules.correcting import ReasonCode
from ledger.values import utc


class CorrectCover(Command, frozen=True, kw_only=True, tag="correct_cover"):
    """`act` is a booking, a used card or a stay; `covers_from` an instant with its zone."""

    act: str
    covers_from: Annotated[datetime, Meta(tz=True)] | None = None
    vehicle: str = ""
    reason: str = ""
    reason_code: ReasonCode = "other"
    approver: str = ""


def decide(command: CorrectCover, household: Household, context: Context) -> list[AnyEvent]:
    """Correct it. Raises Refused with `vehicle.mark_invalid`, `booking.already_cancelled`,
    `booking.outside_holding`, `booking.no_such_time` and every `correction.*` reason.
    """
    was = _cover(household, command.act)
    typed = [command.vehicle] if command.vehicle else []
    holding = household.holdings[was.holding_id]
    begins = was.covers_from if command.covers_from is None else utc(command.covers_from)
    # Beyond any holding no calendar can say when the visit would end.
    if abs(begins - context.at) > FARTHEST:
        raise Refused(
            [Refusal("booking.no_such_time", "a corrected start lies within a hundred years")]
        )
    ends = _ends(household, holding, was, begins, context)
    refuse_if(
        *vehicles_named.refusals(typed),
        *_refusals(household, command, begins, ends),
        *correcting.refusals(
            reason=command.reason, approver=command.approver, by=context.by.name or context.by.role
        ),
    )
    vehicle = next(iter(vehicles_named.listed(typed)), None)
    cover = msgspec.structs.replace(was, covers_from=begins, covers_until=ends)
    if vehicle is not None:
        cover = msgspec.structs.replace(
            cover, typed=vehicle.typed, shown=vehicle.shown, glyphs=vehicle.glyphs
        )
    return [
        CoverCorrected(
            correction_id=context.new_id(),
            booking_id=command.act if command.act in household.bookings else "",
            was=was,
            reason=command.reason.strip(),
            reason_code=command.reason_code,
            approver=command.approver.strip(),
            covers=(cover,),
        )
    ]


def _cover(household: Household, act: str) -> Cover:
    """The cover of a booking, a card or a stay. Raises NotFound."""
    booking, card, stay = (
        household.bookings.get(act),
        household.cards.get(act),
        household.stays.get(act),
    )
    found = booking.cover if booking else card.cover if card else stay.cover if stay else None
    if found is None:
        raise NotFound("booking")
    return found


def _refusals(
    household: Household, command: CorrectCover, begins: datetime, ends: datetime
) -> Iterator[Refusal]:
    booking = household.bookings.get(command.act)
    card = household.cards.get(command.act)
    if booking is not None and booking.cancelled_at is not None:
        yield Refusal("booking.already_cancelled", "the booking is cancelled")
    if card is not None and card.void:
        yield Refusal("card.void", "the card is void")
    if begins >= ends:
        yield Refusal("booking.outside_holding", "the visit would end before it began")
    if command.covers_from is None and not command.vehicle:
        yield Refusal("correction.nothing_changed", "name another start or another vehicle")


def _ends(
    household: Household, holding: Holding, was: Cover, begins: datetime, context: Context
) -> datetime:
    """The end that follows from the corrected start: as it was where the start is unchanged, or
    where something had cut the visit short.
    """
    scheme = context.edition(holding.edition)
    product = scheme.product(was.product)
    if begins == was.covers_from or product is None:
        return was.covers_until
    stay = household.stays.get(was.cover_id)
    if stay is not None:
        if stay.left_at is not None:
            return was.covers_until
        _, until = clock.clock_for(product, scheme, scheme.zone(was.zone), begins)
        return min(until, holding.in_force_until)
    if holding.ended_why:
        return was.covers_until
    if was.cover_id in household.cards:
        return cards.period(begins, holding, product, scheme).ends
    return validity.use_period(begins, product, scheme, holding.in_force_until).ends


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    corrected = events[0]
    assert isinstance(corrected, CoverCorrected)
    (cover,) = corrected.covers
    return {
        "correction": corrected.correction_id,
        "vehicle": cover.shown,
        "from": cover.covers_from.isoformat(),
        "until": cover.covers_until.isoformat(),
    }
