"""Make another listed vehicle the active one, from this instant on.

Switching to the vehicle that is active already is accepted and changes nothing.

Source: GRV-006, GRV-017, GRV-033 to 036; X-026, X-027, A-062, A-066, A-079.
"""

from collections.abc import Sequence

from commands import listing
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, Cover, VehicleSwitched
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.rules import vehicles


class SwitchVehicle(Command, frozen=True, kw_only=True, tag="switch_vehicle"):
    vehicle: str
    holding: str = ""


def decide(command: SwitchVehicle, household: Household, context: Context) -> list[AnyEvent]:
    """Switch. Raises Refused with `vehicle.mark_invalid`, `vehicle.not_listed` or `permit.*`."""
    context.only_residents(household)
    holding, _, named = listing.permit_and_vehicle(
        household, command.holding, command.vehicle, context
    )
    refuse_if(vehicles.not_listed_refusal(holding, named.glyphs))
    vehicle = holding.vehicles[named.glyphs]
    was = holding.vehicles.get(holding.active)
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()
    if holding.active != vehicle.glyphs:
        ended, uncovers = vehicles.cut_short(
            vehicles.cover_of(holding, holding.active, "active"), context.at
        )
        cover = vehicles.new_cover(holding, vehicle, "active", context.new_id(), context.at)
        covers = (*ended, cover)
    return [
        VehicleSwitched(
            holding_id=holding.holding_id,
            shown=vehicle.shown,
            glyphs=vehicle.glyphs,
            was_shown=was.shown if was else "",
            covers=covers,
            uncovers=uncovers,
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    switched = events[0]
    assert isinstance(switched, VehicleSwitched)
    return listing.told(household, switched.holding_id)
