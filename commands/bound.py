"""A permit that is bound to its vehicle is used for no other.

Source: CAM-002, NOR-053; X-088.
"""

from collections.abc import Iterator

from commands import vehicles_named
from commands.add_vehicle import AddVehicle
from commands.base import Command, Context
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.finding import holding_of
from commands.switch_vehicle import SwitchVehicle
from commands.use_card import UseCard
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal

USES = (AddVehicle, BeginStay, BookVoucher, SwitchVehicle, UseCard)


def refusals(command: Command, household: Household, context: Context) -> Iterator[Refusal]:
    """`vehicle.not_the_bound_vehicle` for a use of the holding, or of the product, that is named,
    where all that is held of it is bound to other vehicles. Raises NotFound for no such holding.
    """
    if not isinstance(command, USES):
        return
    named = _named(command, household, context)
    bound = {glyphs for holding in named for glyphs in _bound_to(holding)}
    if not named or not all(_bound_to(holding) for holding in named):
        return
    typed = command.vehicles if isinstance(command, BookVoucher) else (command.vehicle,)
    if any(vehicle.glyphs not in bound for vehicle in vehicles_named.listed(typed)):
        yield Refusal("vehicle.not_the_bound_vehicle", "the permit is for the vehicle it names")


def _named(
    command: AddVehicle | BeginStay | BookVoucher | SwitchVehicle | UseCard,
    household: Household,
    context: Context,
) -> list[Holding]:
    if command.holding:
        return [holding_of(household, command.holding)]
    product = getattr(command, "product", "")
    return [each for each in household.holdings_of(product) if each.in_hand(context.at)]


def _bound_to(holding: Holding) -> set[str]:
    """The vehicles, as glyph keys, that a holding was issued for; none where it is for any."""
    return {cover.glyphs for cover in holding.covers.values() if cover.kind == "holding"}
