"""How applications and holdings change: the larger cases of `evolve`."""

from collections.abc import Callable, Container
from datetime import datetime

from ledger.events import (
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationRefused,
    ApplicationSubmitted,
    Cover,
    HoldingEnded,
    HoldingIssued,
    ListedVehicle,
    OccupancyChecked,
    OfferLapsed,
    OfferMade,
    ProofReused,
    ProofUploaded,
    VehicleAdded,
    VehicleRemoved,
    VehicleSwitched,
)
from ledger.household.state import Application, Holding, Household


def submitted(event: ApplicationSubmitted, at: datetime) -> Application:
    return Application(
        application_id=event.application_id,
        number=event.number,
        resident_id=event.resident_id,
        lines=event.lines,
        pence=event.pence,
        starts_on=event.starts_on,
        start_chosen=event.start_chosen,
        last_day=event.last_day,
        zone=event.zone,
        edition=event.edition,
        state=event.state,
        vehicles=event.vehicles,
        concession=event.concession,
        evidence=event.evidence,
        support=event.support,
        submitted_at=at,
        target_on=event.target_on,
        replaces_holding=event.replaces_holding,
    )


def proved(household: Household, event: ProofUploaded | ProofReused) -> None:
    application = household.applications[event.application_id]
    application.documents = (*application.documents, event.document_id)
    application.state = event.state
    application.target_on = event.target_on or application.target_on


def decided(
    application: Application,
    event: OccupancyChecked
    | OfferMade
    | ApplicationApproved
    | ApplicationRefused
    | ApplicationDeclined
    | OfferLapsed,
) -> None:
    match event:
        case OccupancyChecked():
            application.state = event.state
            application.fee_pence += event.fee_pence
            application.pence = event.pence
            application.target_on = event.target_on or application.target_on
        case OfferMade():
            application.state = "offered"
            application.lapses_at = event.lapses_at
        case ApplicationApproved():
            application.state = event.state
        case ApplicationRefused():
            application.state = "refused"
            application.refusal = event.reason
            application.refunded_pence += event.refunded_pence
        case ApplicationDeclined() | OfferLapsed():
            application.state = "declined"


def issued(event: HoldingIssued, at: datetime) -> Holding:
    return Holding(
        holding_id=event.holding_id,
        application_id=event.application_id,
        resident_id=event.resident_id,
        product=event.product,
        zone=event.zone,
        units=event.units,
        units_used=0,
        packs=event.packs,
        pence=event.pence,
        slot=event.slot,
        pools=event.pools,
        bought_on=event.bought_on,
        starts_on=event.starts_on,
        last_day=event.last_day,
        in_force_from=event.in_force_from,
        in_force_until=event.in_force_until,
        counted=event.counted,
        edition=event.edition,
        issued_at=at,
        serials=event.serials,
        address=event.address,
        flagged=event.flagged,
        vehicles={vehicle.glyphs: vehicle for vehicle in event.vehicles},
        active=event.active,
        covers={cover.cover_id: cover for cover in event.covers},
    )


def ended(household: Household, event: HoldingEnded) -> None:
    holding = household.holdings[event.holding_id]
    holding.in_force_until = min(holding.in_force_until, event.ended_at)
    holding.ended_why = event.why
    household.uncounted.update({(holding.holding_id, cap): event.ended_on for cap in event.caps})
    household.uncounted.update(dict.fromkeys(event.uncounted, event.ended_on))
    for booking_id in event.void_bookings:
        voided(household, booking_id, event.ended_at, {event.holding_id})


def voided(household: Household, booking_id: str, at: datetime, ended: Container[str]) -> None:
    """A booking is void; units that it took of a holding that goes on are there again."""
    booking = household.bookings[booking_id]
    booking.cancelled_at = at
    for drawn in booking.drawn if booking.others else ():
        if drawn.holding_id not in ended:
            household.holdings[drawn.holding_id].units_used -= drawn.units


def vehicles_changed(
    holding: Holding, event: VehicleAdded | VehicleRemoved | VehicleSwitched
) -> None:
    for cover in event.covers:
        holding.covers[cover.cover_id] = cover
    match event:
        case VehicleAdded():
            vehicle = ListedVehicle(typed=event.typed, shown=event.shown, glyphs=event.glyphs)
            holding.vehicles[event.glyphs] = vehicle
            holding.active = event.glyphs if event.active else holding.active
        case VehicleRemoved():
            holding.vehicles.pop(event.glyphs, None)
            holding.active = "" if holding.active == event.glyphs else holding.active
            _drop(holding, lambda cover: cover.glyphs == event.glyphs)
        case VehicleSwitched():
            holding.active = event.glyphs
            _drop(holding, lambda cover: cover.kind == "active" and cover.glyphs != event.glyphs)


def _drop(holding: Holding, over: Callable[[Cover], bool]) -> None:
    """Forget the covers that can no longer change."""
    holding.covers = {
        cover_id: cover for cover_id, cover in holding.covers.items() if not over(cover)
    }
