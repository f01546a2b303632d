"""The permit whose list of vehicles a command changes, and what its sender is told of it."""

from commands.base import Context, Values
from commands.finding import holding_of
from ledger.events import ListedVehicle
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal, refuse_if
from ledger.scheme.products import Product
from ledger.values import mark_refusal, parse_mark


def permit_and_vehicle(
    household: Household, holding_id: str, typed: str, context: Context
) -> tuple[Holding, Product, ListedVehicle]:
    """The permit named, or the only one in force that keeps a list, and the vehicle typed.

    Raises Refused with `vehicle.mark_invalid`, and `permit.not_in_force` or
    `booking.product_unclear`.
    """
    holding, reason = permit(household, holding_id, context)
    refuse_if(mark_refusal(typed), reason)
    vehicle = vehicle_named(typed)
    assert vehicle is not None
    assert holding is not None
    return holding, _product(holding, context), vehicle


def permit(
    household: Household, holding_id: str, context: Context
) -> tuple[Holding | None, Refusal | None]:
    """The permit named, or the only one in force that keeps a list; or why there is none."""
    in_force = [
        holding
        for holding in household.holdings.values()
        if holding.in_force(context.at) and _product(holding, context).vehicles.binding == "listed"
    ]
    if holding_id:
        named = holding_of(household, holding_id)
        in_force = [holding for holding in in_force if holding.holding_id == named.holding_id]
    if not in_force:
        return None, Refusal(
            "permit.not_in_force", "no permit with a list of vehicles is in force now"
        )
    if len(in_force) > 1:
        return None, Refusal(
            "booking.product_unclear", f"{len(in_force)} permits are in force; say which"
        )
    return in_force[0], None


def _product(holding: Holding, context: Context) -> Product:
    product = context.edition(holding.edition).product(holding.product)
    assert product is not None
    return product


def vehicle_named(typed: str) -> ListedVehicle | None:
    mark = parse_mark(typed)
    if mark is None:
        return None
    return ListedVehicle(typed=mark.typed, shown=mark.shown, glyphs=mark.glyphs)


def told(household: Household, holding_id: str) -> Values:
    """The active vehicle, how many are listed, and the list with the active one first (GRV-029)."""
    holding = household.holdings[holding_id]
    active = holding.vehicles.get(holding.active)
    others = [v.shown for v in holding.vehicles.values() if v.glyphs != holding.active]
    return {
        "holding": holding_id,
        "active": active.shown if active else None,
        "listed": len(holding.vehicles),
        "vehicles": [*([active.shown] if active else []), *others],
    }
