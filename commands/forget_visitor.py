"""Take a saved visitor off the list. Visits that are booked, and those that were, stay as they are.

Source: STV-103, STV-126 (saved visitors are reviewed and changed); X-001; UK GDPR article 17.
"""

from collections.abc import Sequence

from commands import listing, save_visitor
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VisitorForgotten
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.values import mark_refusal


class ForgetVisitor(Command, frozen=True, kw_only=True, tag="forget_visitor"):
    """`vehicle` is the saved mark."""

    vehicle: str


def decide(command: ForgetVisitor, household: Household, context: Context) -> list[AnyEvent]:
    """Forget it. Raises Refused with `vehicle.mark_invalid` or `vehicle.not_listed`."""
    context.resident(household)
    refuse_if(mark_refusal(command.vehicle))
    vehicle = listing.vehicle_named(command.vehicle)
    assert vehicle is not None
    saved = next((v for v in household.visitors.values() if v.glyphs == vehicle.glyphs), None)
    refuse_if(
        None if saved else Refusal("vehicle.not_listed", "no visitor is saved with this mark")
    )
    assert saved is not None
    return [VisitorForgotten(visitor_id=saved.visitor_id)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"visitors": [visitor.shown for visitor in save_visitor.in_order(household)]}
