"""Take a vehicle off a permit's list. The time for which it was active stays covered.

Source: GRV-032; X-024, G-010.
"""

from collections.abc import Iterator, Sequence

from commands import listing
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VehicleRemoved, VehicleSwitched
from ledger.household.state import Holding, Household
from ledger.refusals import refuse_if
from ledger.rules import vehicles
from ledger.scheme.products import Product


class RemoveVehicle(Command, frozen=True, kw_only=True, tag="remove_vehicle"):
    vehicle: str
    holding: str = ""


def decide(command: RemoveVehicle, household: Household, context: Context) -> list[AnyEvent]:
    """Take it off. Raises Refused with `vehicle.not_listed`, `vehicle.is_active` or `permit.*`."""
    context.only_residents(household)
    holding, product, vehicle = listing.permit_and_vehicle(
        household, command.holding, command.vehicle, context
    )
    refuse_if(
        vehicles.not_listed_refusal(holding, vehicle.glyphs),
        vehicles.remove_refusal(holding, product, vehicle.glyphs),
    )
    listed = vehicles.cut_short(vehicles.cover_of(holding, vehicle.glyphs, "listed"), context.at)
    active = vehicles.cut_short(vehicles.cover_of(holding, vehicle.glyphs, "active"), context.at)
    removed = VehicleRemoved(
        holding_id=holding.holding_id,
        shown=holding.vehicles[vehicle.glyphs].shown,
        glyphs=vehicle.glyphs,
        covers=listed[0] + active[0],
        uncovers=listed[1] + active[1],
    )
    return [removed, *_promoted(holding, product, vehicle.glyphs, context)]


def _promoted(
    holding: Holding, product: Product, removed: str, context: Context
) -> Iterator[VehicleSwitched]:
    """The next vehicle made active, where the scheme has it so."""
    if holding.active != removed or product.vehicles.on_remove_active != "promote_next":
        return
    following = next((v for v in holding.vehicles.values() if v.glyphs != removed), None)
    if following is not None:
        cover = vehicles.new_cover(holding, following, "active", context.new_id(), context.at)
        yield VehicleSwitched(
            holding_id=holding.holding_id,
            shown=following.shown,
            glyphs=following.glyphs,
            was_shown=holding.vehicles[removed].shown,
            covers=(cover,),
        )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    removed = events[0]
    assert isinstance(removed, VehicleRemoved)
    return listing.told(household, removed.holding_id)
