"""Change a saved visitor: the mark, the name, or whether it is the preferred one.

Source: STV-103, STV-122, STV-124, STV-126; X-001.
"""

from collections.abc import Sequence

from commands import listing, save_visitor
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VisitorSaved
from ledger.household.state import Household, Visitor
from ledger.refusals import Refusal, refuse_if
from ledger.values import mark_refusal


class ChangeVisitor(Command, frozen=True, kw_only=True, tag="change_visitor"):
    """`vehicle` is the saved mark; `to`, `name` and `preferred` replace what is given."""

    vehicle: str
    to: str = ""
    name: str = ""
    preferred: bool | None = None


def decide(command: ChangeVisitor, household: Household, context: Context) -> list[AnyEvent]:
    """Change it. Raises Refused with `vehicle.mark_invalid`, `not_listed` or `already_listed`."""
    context.resident(household)
    refuse_if(mark_refusal(command.vehicle), mark_refusal(command.to) if command.to else None)
    old = listing.vehicle_named(command.vehicle)
    assert old is not None
    saved = next((v for v in household.visitors.values() if v.glyphs == old.glyphs), None)
    vehicle = listing.vehicle_named(command.to) if command.to else None
    refuse_if(
        None if saved else Refusal("vehicle.not_listed", "no visitor is saved with this mark"),
        Refusal("vehicle.already_listed", "another visitor is saved with this mark")
        if vehicle and _is_another(vehicle.glyphs, saved, household)
        else None,
    )
    assert saved is not None
    return [
        VisitorSaved(
            visitor_id=saved.visitor_id,
            typed=vehicle.typed if vehicle else saved.typed,
            shown=vehicle.shown if vehicle else saved.shown,
            glyphs=vehicle.glyphs if vehicle else saved.glyphs,
            name=command.name.strip() or saved.name,
            preferred=saved.preferred if command.preferred is None else command.preferred,
        )
    ]


def _is_another(glyphs: str, saved: Visitor | None, household: Household) -> bool:
    """True where a visitor other than the one that is changed has this mark."""
    return any(v.glyphs == glyphs and v is not saved for v in household.visitors.values())


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return save_visitor.answer(household, events, context)
