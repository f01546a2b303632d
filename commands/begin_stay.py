"""Begin a stay on a clock permit: the vehicle is covered from now to where its clock allows.

Source: NOR-060, NOR-068, NOR-070 to 075, NOR-143, NOR-144, NOR-160 to 165; A-145 to A-157; X-064
to X-067.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from commands import vehicles_named
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.calendar import local_date
from ledger.events import AnyEvent, Cover, ListedVehicle, StayBegan
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import allowance, clock, stays
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme


class BeginStay(Command, frozen=True, kw_only=True, tag="begin_stay"):
    """`holding` may be left out where one clock permit is in force; `zone` is the permit's."""

    vehicle: str
    holding: str = ""
    zone: str = ""


def decide(command: BeginStay, household: Household, context: Context) -> list[AnyEvent]:
    """Cover the vehicle. Raises Refused with `vehicle.mark_invalid`, `eligibility.not_resident`,
    `allowance.exceeded`, `booking.product_unclear`, `booking.zone` and every `permit.*` reason.
    """
    bad_mark = [*vehicles_named.refusals([command.vehicle]), context.stranger(household)]
    permits = _permits(command, household, context)
    if len(permits) != 1:
        refuse_if(*bad_mark, _none_or_several(permits))
    (permit,) = permits
    product = _product(permit, context)
    zone = command.zone or permit.zone
    vehicles = vehicles_named.listed([command.vehicle])
    refuse_if(
        *bad_mark,
        None
        if zone == permit.zone
        else Refusal("booking.zone", f"the permit is for zone {permit.zone}"),
        *(
            refusal
            for vehicle in vehicles
            for refusal in (
                stays.in_use_refusal(
                    household, permit.holding_id, product, vehicle.glyphs, context.at
                ),
                stays.no_return_refusal(household, product, vehicle.glyphs, zone, context.at),
            )
        ),
        *_allowance_refusals(permit, product, household, context),
    )
    return [_began(permit, product, vehicles[0], context)]


def _permits(command: BeginStay, household: Household, context: Context) -> list[Holding]:
    """The clock permits in force now, or the one among them that is named."""
    named = holding_of(household, command.holding).holding_id if command.holding else ""
    return [
        holding
        for holding in household.holdings.values()
        if holding.in_force(context.at)
        and (not named or holding.holding_id == named)
        and _product(holding, context).use.start == "clock"
    ]


def _none_or_several(permits: list[Holding]) -> Refusal:
    if permits:
        return Refusal("booking.product_unclear", f"{len(permits)} permits are in force; say which")
    return Refusal("permit.not_in_force", "no clock permit is in force now")


def _product(holding: Holding, context: Context) -> Product:
    product = context.edition(holding.edition).product(holding.product)
    assert product is not None
    return product


def _began(
    permit: Holding, product: Product, vehicle: ListedVehicle, context: Context
) -> StayBegan:
    scheme = context.edition(permit.edition)
    shown, until = clock.clock_for(product, scheme, scheme.zone(permit.zone), context.at)
    stay_id = context.new_id()
    cover = Cover(
        cover_id=stay_id,
        kind="stay",
        holding_id=permit.holding_id,
        product=product.id,
        typed=vehicle.typed,
        shown=vehicle.shown,
        glyphs=vehicle.glyphs,
        zone=permit.zone,
        covers_from=context.at,
        covers_until=min(until, permit.in_force_until),
    )
    return StayBegan(
        stay_id=stay_id,
        holding_id=permit.holding_id,
        product=product.id,
        edition=scheme.edition,
        began_at=context.at,
        clock=shown,
        covers=(cover,),
        resident_id=permit.resident_id,
        counted=allowance.counted_use(
            product,
            scheme,
            permit.zone,
            units=1,
            used_on=local_date(context.at, scheme.tz),
            last_day=_last_day(cover.covers_until, scheme),
        ),
    )


def _last_day(until: datetime, scheme: Scheme) -> date:
    return local_date(until - timedelta(microseconds=1), scheme.tz)


def _allowance_refusals(
    permit: Holding, product: Product, household: Household, context: Context
) -> Iterator[Refusal]:
    """`allowance.exceeded` where the scheme caps the stays, and this is one too many."""
    scheme = context.edition(permit.edition)
    _, until = clock.clock_for(product, scheme, scheme.zone(permit.zone), context.at)
    yield from allowance.use_refusals(
        household,
        product,
        scheme,
        permit.zone,
        permit.resident_id,
        units=1,
        used_on=local_date(context.at, scheme.tz),
        last_day=_last_day(min(until, permit.in_force_until), scheme),
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    began = events[0]
    assert isinstance(began, StayBegan)
    return {
        "stay": began.stay_id,
        "holding": began.holding_id,
        "clock": began.clock,
        "until": began.covers[0].covers_until.isoformat(),
    }
