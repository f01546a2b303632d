"""A visitor saved under a name in passing, while something else is done."""

from collections.abc import Sequence

from commands.base import Context
from ledger.events import AnyEvent, ListedVehicle, VisitorSaved
from ledger.household.state import Household
from ledger.rules import marks
from ledger.values import parse_mark


def named(
    household: Household, name: str, vehicles: tuple[ListedVehicle, ...], context: Context
) -> list[AnyEvent]:
    """The visitors to save where a name was given; one that is saved already is left alone."""
    name = name.strip()
    if not name:
        return []
    known = {visitor.glyphs for visitor in household.visitors.values()}
    return [
        VisitorSaved(
            visitor_id=context.new_id(),
            typed=vehicle.typed,
            shown=vehicle.shown,
            glyphs=vehicle.glyphs,
            name=name,
        )
        for vehicle in vehicles
        if vehicle.glyphs not in known
    ]


def warnings(household: Household, typed: str, events: Sequence[AnyEvent]) -> list[str]:
    """What to ask the resident about a mark: a visitor's nearly equal one, or its shape.

    The visitors that this very command saved are not looked at: they are the mark itself.
    """
    mark = parse_mark(typed)
    assert mark is not None
    new = {event.visitor_id for event in events if isinstance(event, VisitorSaved)}
    visitors = (v for v in household.visitors.values() if v.visitor_id not in new)
    return marks.warnings(mark, ((visitor.shown, visitor.glyphs) for visitor in visitors))
