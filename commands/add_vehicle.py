"""List a vehicle on a permit. The first on an empty list is active at once.

Source: GRV-009, GRV-030, GRV-031; X-023, X-025, A-059, A-060, A-063, A-078.
"""

from collections.abc import Sequence

from commands import listing
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VehicleAdded
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.rules import vehicles


class AddVehicle(Command, frozen=True, kw_only=True, tag="add_vehicle"):
    vehicle: str
    holding: str = ""


def decide(command: AddVehicle, household: Household, context: Context) -> list[AnyEvent]:
    """List it. Raises Refused with `vehicle.*` or `permit.not_in_force`."""
    context.only_residents(household)
    holding, product, vehicle = listing.permit_and_vehicle(
        household, command.holding, command.vehicle, context
    )
    refuse_if(*vehicles.add_refusals(holding, product, vehicle.glyphs))
    active = not holding.vehicles and product.vehicles.first_auto
    kinds = ["listed", "active"] if active else ["listed"]
    return [
        VehicleAdded(
            holding_id=holding.holding_id,
            typed=vehicle.typed,
            shown=vehicle.shown,
            glyphs=vehicle.glyphs,
            active=active,
            covers=tuple(
                vehicles.new_cover(holding, vehicle, kind, context.new_id(), context.at)
                for kind in kinds
            ),
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    added = events[0]
    assert isinstance(added, VehicleAdded)
    return listing.told(household, added.holding_id)
