"""Save a visitor's vehicle under a name, or change one that is saved. Bookings are never altered.

There is no limit to how many are saved; one can be preferred and then comes first.

Source: STV-081, STV-088, STV-103, STV-122 to 126; X-001, X-022, A-048.
"""

from collections.abc import Sequence

from commands import listing, saving
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VisitorSaved
from ledger.household.state import Household, Visitor
from ledger.refusals import Refusal, refuse_if
from ledger.values import mark_refusal


class SaveVisitor(Command, frozen=True, kw_only=True, tag="save_visitor"):
    vehicle: str
    name: str
    preferred: bool = False


def decide(command: SaveVisitor, household: Household, context: Context) -> list[AnyEvent]:
    """Save it. Raises Refused with `vehicle.mark_invalid` or `visitor.name_missing`."""
    context.resident(household)
    refuse_if(
        mark_refusal(command.vehicle),
        Refusal("visitor.name_missing", "a saved visitor has a name")
        if not command.name.strip()
        else None,
    )
    vehicle = listing.vehicle_named(command.vehicle)
    assert vehicle is not None
    saved = next((v for v in household.visitors.values() if v.glyphs == vehicle.glyphs), None)
    return [
        VisitorSaved(
            visitor_id=saved.visitor_id if saved else context.new_id(),
            typed=vehicle.typed,
            shown=vehicle.shown,
            glyphs=vehicle.glyphs,
            name=command.name.strip(),
            preferred=command.preferred or (saved.preferred if saved else False),
        )
    ]


def in_order(household: Household) -> list[Visitor]:
    """The preferred visitor first, the others as they were saved."""
    return sorted(household.visitors.values(), key=lambda visitor: not visitor.preferred)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    saved = events[-1]
    assert isinstance(saved, VisitorSaved)
    return {
        "visitor": saved.visitor_id,
        "visitors": [visitor.shown for visitor in in_order(household)],
        "warnings": saving.warnings(household, saved.typed, events),
    }
