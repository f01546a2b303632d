"""An officer reads a paper permit in a vehicle: what was seen is kept, with the verdict given.

A card that is found spoilt covers nobody from then on, and stays one card used. A plain sighting
(`note_only`) is kept as evidence, without a verdict. Observations alone never end a permit.

Source: NOR-050, NOR-145 to 154, NOR-159 to 165, RBW-019, RBW-046; A-125, A-128, A-142, A-146,
A-158, A-169, A-200, G-050; X-059, X-075, X-096.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from commands import vehicles_named
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.events import AnyEvent, ListedVehicle, PermitObserved
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import clock, observing, vehicles
from ledger.rules.covering import VehicleFacts
from ledger.rules.observing import Paper, Reading, Seen


class ObservePermit(Command, frozen=True, kw_only=True, tag="observe_permit"):
    """`dates` as exposed on a card, `clock` (HH:MM) as shown; `zone` is the household's own where
    none is given. `facts`: what is known of the vehicle, which its own stream holds.
    """

    vehicle: str
    holding: str = ""
    product: str = ""
    zone: str = ""
    dates: tuple[date, ...] = ()
    clock: str = ""
    altered: bool = False
    note_only: bool = False
    serial: str = ""
    facts: VehicleFacts = VehicleFacts()


def decide(command: ObservePermit, household: Household, context: Context) -> list[AnyEvent]:
    """Record the reading. Raises Refused with `vehicle.mark_invalid`, `booking.no_such_time` for a
    clock that shows no time, or `booking.product_unclear`.
    """
    face = clock.read(command.clock) if command.clock else None
    refuse_if(
        *vehicles_named.refusals([command.vehicle]),
        Refusal("booking.product_unclear", "say which permit is displayed")
        if not (command.holding or command.product)
        else None,
        Refusal("booking.no_such_time", "a clock shows HH:MM")
        if command.clock and face is None
        else None,
    )
    (vehicle,) = vehicles_named.listed([command.vehicle])
    home = household.property
    seen = Seen(
        glyphs=vehicle.glyphs,
        zone=command.zone or (home.zone if home else ""),
        at=context.at,
        dates=command.dates,
        face=face,
        altered=command.altered,
        serial=command.serial,
        facts=command.facts,
    )
    papers = _papers(command, household, context)
    if not papers:
        return [_observed(command, context, vehicle, seen, None, Reading(False, "no_right"))]
    readings = [(paper, observing.reading(household, paper, seen)) for paper in papers]
    paper, reading = observing.best(readings, context.at)
    observed = _observed(command, context, vehicle, seen, paper, reading)
    return [_spoilt(observed, papers, household, seen)]


def _papers(command: ObservePermit, household: Household, context: Context) -> list[Paper]:
    """The holdings whose paper this may be: the one named, or all of the product."""
    if command.holding:
        holdings = [holding_of(household, command.holding)]
    else:
        holdings = household.holdings_of(command.product)
    found = []
    for holding in holdings:
        scheme = context.edition(holding.edition)
        product = scheme.product(holding.product)
        assert product is not None
        found.append(Paper(holding, product, scheme))
    return found


def _observed(
    command: ObservePermit,
    context: Context,
    vehicle: ListedVehicle,
    seen: Seen,
    paper: Paper | None,
    reading: Reading,
) -> PermitObserved:
    noted = Reading(False) if command.note_only else reading
    return PermitObserved(
        observation_id=context.new_id(),
        holding_id="" if paper is None else paper.holding.holding_id,
        product=command.product if paper is None else paper.product.id,
        observed_at=context.at,
        observed_on=context.today,
        typed=vehicle.typed,
        shown=vehicle.shown,
        glyphs=vehicle.glyphs,
        zone=seen.zone,
        dates=command.dates,
        clock=command.clock,
        altered=command.altered,
        note_only=command.note_only,
        valid=noted.valid,
        verdict=noted.reason,
        valid_until=noted.until,
        serial=command.serial,
    )


def _spoilt(
    observed: PermitObserved, papers: list[Paper], household: Household, seen: Seen
) -> PermitObserved:
    """The observation, and the recorded use of the card that it finds spoilt."""
    if observed.verdict not in ("two_dates", "card_void"):
        return observed
    for paper in papers:
        card = observing.spoilt_card(household, paper, seen)
        if paper.product.draws_units and card is not None:
            covers, uncovers = vehicles.cut_short(card.cover, seen.at)
            return msgspec.structs.replace(
                observed,
                holding_id=paper.holding.holding_id,
                void_cards=(card.card_id,),
                covers=covers,
                uncovers=uncovers,
            )
    return observed


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    observed = events[0]
    assert isinstance(observed, PermitObserved)
    noted = observed.note_only
    until = observed.valid_until
    return {
        "observation": observed.observation_id,
        "holding": observed.holding_id or None,
        "valid": None if noted else observed.valid,
        "reason": None if noted else observed.verdict,
        "until": None if until is None else until.isoformat(),
    }
