"""Agree to an exception: more units than the allowance for twelve months, or a permit for a
vehicle.

Source: scheme TOML `grants`; NOR-052 to 055, NOR-113, NOR-119; X-079.
"""

from collections.abc import Sequence

from commands import vehicles_named
from commands.base import Command, Context, Values
from ledger.calendar import add_months
from ledger.events import AllowanceGranted, AnyEvent, Cover, HoldingIssued, ListedVehicle
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import grants, validity
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme

MONTHS = 12
"""An exception to what may be bought in twelve months lasts twelve months."""


class GrantAllowance(Command, frozen=True, kw_only=True, tag="grant_allowance"):
    """`units` more of the product may be bought, or the product is given to one `vehicle`."""

    product: str
    units: int = 0
    vehicle: str = ""
    reason: str = ""


def decide(command: GrantAllowance, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with `vehicle.mark_invalid`, `eligibility.*`,
    `purchase.below_minimum` and every `grant.*` reason.
    """
    scheme = context.scheme
    product = scheme.product(command.product)
    bound = bool(command.vehicle)
    typed = [command.vehicle] if bound else []
    refuse_if(
        *vehicles_named.refusals(typed),
        None
        if product
        else Refusal("eligibility.product_not_offered", "the scheme has no such product"),
        None
        if bound or command.units > 0
        else Refusal("purchase.below_minimum", f"at least 1 unit, {command.units} named"),
        *grants.refusals(
            scheme, command.product, vehicle=bound, by=context.by, reason=command.reason
        ),
    )
    assert product is not None
    resident = context.resident(household)
    vehicle = next(iter(vehicles_named.listed(typed)), None)
    holding_id = context.new_id() if vehicle else ""
    granted = AllowanceGranted(
        grant_id=context.new_id(),
        product=product.id,
        units=0 if vehicle else command.units,
        resident_id=resident.resident_id,
        approver=context.by.name,
        reason=command.reason.strip(),
        granted_on=context.today,
        counts_until=add_months(context.today, MONTHS, scheme.calendar.missing_day),
        vehicle=vehicle,
        holding_id=holding_id,
    )
    if vehicle is None:
        return [granted]
    zone = household.property.zone if household.property else ""
    issued = _issued(holding_id, product, scheme, zone, resident.resident_id, vehicle, context)
    return [granted, issued]


def _issued(
    holding_id: str,
    product: Product,
    scheme: Scheme,
    zone: str,
    resident_id: str,
    vehicle: ListedVehicle,
    context: Context,
) -> HoldingIssued:
    """The permit for one vehicle: free, and counted nowhere."""
    last = validity.last_day(context.today, product.holding.months or MONTHS, product, scheme)
    term = validity.in_force(context.today, last, context.at, scheme)
    cover = Cover(
        cover_id=context.new_id(),
        kind="holding",
        holding_id=holding_id,
        product=product.id,
        typed=vehicle.typed,
        shown=vehicle.shown,
        glyphs=vehicle.glyphs,
        zone=zone,
        covers_from=term.begins,
        covers_until=term.ends,
    )
    return HoldingIssued(
        holding_id=holding_id,
        application_id="",
        resident_id=resident_id,
        product=product.id,
        zone=zone,
        units=0 if product.draws_units else 1,
        packs=0 if product.draws_units else 1,
        pence=0,
        bought_on=context.today,
        starts_on=context.today,
        last_day=last,
        in_force_from=term.begins,
        in_force_until=term.ends,
        counted=(),
        edition=scheme.edition,
        tell=product.notify.issued != "none",
        vehicles=(vehicle,),
        covers=(cover,),
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    granted = events[0]
    assert isinstance(granted, AllowanceGranted)
    return {
        "grant": granted.grant_id,
        "holding": granted.holding_id or None,
        "units": granted.units,
    }
