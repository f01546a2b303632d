"""The vehicles of a permit: which may be named, how many are listed, and which one is active.

Source: scheme TOML `products[].vehicles`; CAM-002, GRV-006 to 018, GRV-030 to 036, RBW-045;
X-023 to X-026, A-059 to A-078.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from ledger.events import Cover, ListedVehicle
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal
from ledger.scheme.products import Product


def application_refusals(
    product: Product, household: Household, named: Sequence[ListedVehicle], at: datetime
) -> Iterator[Refusal]:
    """Reasons that lie in the vehicles an application names."""
    glyphs = [vehicle.glyphs for vehicle in named]
    if len(set(glyphs)) < len(glyphs):
        yield Refusal("vehicle.already_listed", "a vehicle is named twice")
    if product.vehicles.binding == "at_purchase" and not glyphs:
        yield Refusal("vehicle.mark_invalid", "the vehicle must be stated")
    most = product.vehicles.listed_max
    if product.vehicles.binding != "at_use" and most and len(glyphs) > most:
        yield Refusal("vehicle.list_full", f"at most {most} vehicles, {len(glyphs)} named")
    yield from own_refusals(household, product, glyphs, at)


def own_refusals(
    household: Household, product: Product, glyphs: Sequence[str], at: datetime
) -> Iterator[Refusal]:
    """`vehicle.own_vehicle` where visitors' cover is asked for a vehicle of the household itself
    and the scheme does not allow it (RBW-045).
    """
    if product.vehicles.excludes_own and own_marks(household, at) & set(glyphs):
        yield Refusal(
            "vehicle.own_vehicle", "a visitor's permit is not for the resident's own vehicle"
        )


def own_marks(household: Household, at: datetime) -> set[str]:
    """The glyph keys of vehicles that a permit of this household is bound to: its own.

    One that an exception was granted for is somebody else's (NOR-053).
    """
    return {
        cover.glyphs
        for holding in household.holdings.values()
        if holding.in_force(at) and holding.application_id
        for cover in holding.covers.values()
        if cover.kind == "holding"
    }


def add_refusals(holding: Holding, product: Product, glyphs: str) -> Iterator[Refusal]:
    if glyphs in holding.vehicles:
        yield Refusal("vehicle.already_listed", "this vehicle is on the list")
        return
    most = product.vehicles.listed_max
    if most and len(holding.vehicles) >= most:
        yield Refusal("vehicle.list_full", f"{len(holding.vehicles)} of {most} vehicles are listed")


def not_listed_refusal(holding: Holding, glyphs: str) -> Refusal | None:
    if glyphs in holding.vehicles:
        return None
    return Refusal("vehicle.not_listed", f"not among the {len(holding.vehicles)} vehicles listed")


def remove_refusal(holding: Holding, product: Product, glyphs: str) -> Refusal | None:
    """`vehicle.is_active` for the active one, while others are listed (X-024)."""
    only = len(holding.vehicles) <= 1
    if holding.active != glyphs or only or product.vehicles.on_remove_active != "reject":
        return None
    return Refusal("vehicle.is_active", "make another vehicle active first")


def cover_of(holding: Holding, glyphs: str, kind: str) -> Cover | None:
    """The cover of this kind that the vehicle has on the holding now."""
    return next((c for c in holding.covers.values() if c.glyphs == glyphs and c.kind == kind), None)


def cut_short(cover: Cover | None, at: datetime) -> tuple[tuple[Cover, ...], tuple[str, ...]]:
    """What an event says of a cover that ends now: its shortened period, or nothing at all.

    The time it covered stays covered: an ended courtesy car was allowed while it was active.
    """
    if cover is None or cover.covers_until <= at:
        return (), ()
    if cover.covers_from >= at:
        return (), (cover.cover_id,)
    return (msgspec.structs.replace(cover, covers_until=at),), ()


def new_cover(
    holding: Holding, vehicle: ListedVehicle, kind: str, cover_id: str, at: datetime
) -> Cover:
    """The vehicle's cover on this holding from now to the holding's end."""
    return Cover(
        cover_id=cover_id,
        kind=kind,  # type: ignore[arg-type]
        holding_id=holding.holding_id,
        product=holding.product,
        typed=vehicle.typed,
        shown=vehicle.shown,
        glyphs=vehicle.glyphs,
        zone=holding.zone,
        covers_from=max(at, holding.in_force_from),
        covers_until=holding.in_force_until,
    )
