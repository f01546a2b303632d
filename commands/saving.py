"""A visitor saved under a name in passing, while something else is done."""

from commands.base import Context
from ledger.events import AnyEvent, ListedVehicle, VisitorSaved
from ledger.household.state import Household


def named(
    household: Household, name: str, vehicles: tuple[ListedVehicle, ...], context: Context
) -> list[AnyEvent]:
    """The visitors to save where a name was given; one that is saved already is left alone."""
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
