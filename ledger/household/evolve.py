"""The only fold: what a household is after one more fact.

`evolve` is total and refuses nothing: that day's rule said yes, and next year's rule must not say
no to the past. It changes the household it is given; `fold` owns the one it builds.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, assert_never

import msgspec

from ledger.events import (
    AllowanceGranted,
    AnyEvent,
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationRefused,
    ApplicationSubmitted,
    BookingAmended,
    BookingCancelled,
    CardUsed,
    CoverCorrected,
    DeskFact,
    EligibilityOverridden,
    EmailChanged,
    HoldingEnded,
    HoldingExpired,
    HoldingIssued,
    HoldingRefunded,
    HoldingReplaced,
    MisuseStep,
    MobileLinked,
    OccupancyChecked,
    OfferLapsed,
    OfferMade,
    PaymentAuthorised,
    PaymentFailed,
    PermitObserved,
    PinSent,
    ProofReused,
    ProofUploaded,
    PropertyListed,
    Recorded,
    ResidentMovedOut,
    ResidentRegistered,
    StayBegan,
    StayEnded,
    TextReceived,
    VehicleAdded,
    VehicleFactsRecorded,
    VehicleRemoved,
    VehicleSwitched,
    VisitorForgotten,
    VisitorSaved,
    VoucherBooked,
)
from ledger.household import desk, issuing, using
from ledger.household.state import (
    Booking,
    Document,
    Grant,
    Household,
    Payment,
    Property,
    Resident,
    Sighting,
    Visitor,
)

Taken = TypeVar("Taken", bound=msgspec.Struct)


def fold(household: Household, facts: Iterable[Recorded]) -> Household:
    """The household after these facts, in version order. The one given is changed and returned."""
    for recorded in facts:
        evolve(household, recorded.event, recorded.recorded_at)
        household.version = recorded.originator_version
        household.last_recorded_at = recorded.recorded_at
    return household


def evolve(household: Household, event: AnyEvent, at: datetime) -> None:
    """Change the household by one fact recorded at that instant. Every event has a case."""
    match event:
        # Cases are tried in turn, and most facts are of use: these come first.
        case (
            VoucherBooked()
            | BookingAmended()
            | BookingCancelled()
            | CoverCorrected()
            | CardUsed()
            | StayBegan()
            | StayEnded()
            | PermitObserved()
        ):
            _using(household, event, at)
        case VehicleAdded() | VehicleRemoved() | VehicleSwitched():
            issuing.vehicles_changed(household.holdings[event.holding_id], event)
        case PropertyListed():
            _listed(household, event)
        case EligibilityOverridden():
            if household.property is not None:
                given = dict.fromkeys((*household.property.overrides, event.override))
                household.property.overrides = tuple(given)
        case ResidentRegistered():
            household.residents[event.resident_id] = _taken(Resident, event)
        case MobileLinked():
            household.residents[event.resident_id].mobile = event.mobile
        case EmailChanged():
            household.residents[event.resident_id].email = event.email
        case ResidentMovedOut():
            _moved_out(household, event)
        case VisitorSaved():
            _visitor_saved(household, event)
        case VisitorForgotten():
            household.visitors.pop(event.visitor_id, None)
        case AllowanceGranted():
            household.grants[event.grant_id] = _taken(Grant, event)
        case PinSent() | VehicleFactsRecorded() | TextReceived():
            pass
        case MisuseStep():
            using.misuse_step(household, event, at)
        case DeskFact():
            household.desk = household.desk or desk.Desk()
            desk.changed(household.desk, event)
        case (
            ApplicationSubmitted()
            | ProofUploaded()
            | ProofReused()
            | OccupancyChecked()
            | OfferMade()
            | ApplicationApproved()
            | ApplicationRefused()
            | ApplicationDeclined()
            | OfferLapsed()
            | PaymentAuthorised()
            | PaymentFailed()
            | HoldingIssued()
            | HoldingExpired()
            | HoldingEnded()
            | HoldingRefunded()
            | HoldingReplaced()
        ):
            _applying(household, event, at)
        case _ as unreachable:
            assert_never(unreachable)


def _applying(
    household: Household,
    event: ApplicationSubmitted
    | ProofUploaded
    | ProofReused
    | OccupancyChecked
    | OfferMade
    | ApplicationApproved
    | ApplicationRefused
    | ApplicationDeclined
    | OfferLapsed
    | PaymentAuthorised
    | PaymentFailed
    | HoldingIssued
    | HoldingExpired
    | HoldingEnded
    | HoldingRefunded
    | HoldingReplaced,
    at: datetime,
) -> None:
    match event:
        case ApplicationSubmitted():
            household.applications[event.application_id] = issuing.submitted(event, at)
        case ProofUploaded():
            household.documents[event.document_id] = _taken(Document, event)
            issuing.proved(household, event)
        case ProofReused():
            issuing.proved(household, event)
        case PaymentAuthorised():
            _paid(household, event, at)
        case PaymentFailed():
            pass
        case HoldingIssued():
            household.holdings[event.holding_id] = issuing.issued(event, at)
            _application_issued(household, event)
        case HoldingExpired():
            household.holdings[event.holding_id].expired = True
        case HoldingEnded():
            issuing.ended(household, event)
            using.covers_changed(household, event.covers)
            using.covers_taken(household, event.uncovers)
        case HoldingRefunded():
            using.refunded(household, event)
        case HoldingReplaced():
            holding = household.holdings[event.holding_id]
            holding.serials = (*holding.serials, *event.serials)
            holding.void_serials = (*holding.void_serials, *event.void_serials)
        case OccupancyChecked():
            application = household.applications[event.application_id]
            issuing.decided(application, event)
            household.residents[application.resident_id].proved |= event.found
        case ApplicationRefused():
            _refunded(household, event)
            issuing.decided(household.applications[event.application_id], event)
        case _:
            issuing.decided(household.applications[event.application_id], event)


def _using(
    household: Household,
    event: VoucherBooked
    | BookingAmended
    | BookingCancelled
    | CoverCorrected
    | CardUsed
    | StayBegan
    | StayEnded
    | PermitObserved,
    at: datetime,
) -> None:
    match event:
        case VoucherBooked():
            _booked(household, event, at)
        case BookingAmended() | CoverCorrected():
            using.covers_changed(household, event.covers)
        case BookingCancelled():
            household.bookings[event.booking_id].cancelled_at = at
            household.holdings[event.holding_id].units_used -= event.units_returned
            for each in event.others_returned:
                household.holdings[each.holding_id].units_used -= each.units
        case CardUsed():
            using.card_used(household, event)
        case StayBegan():
            using.stay_began(household, event)
        case StayEnded():
            using.stay_ended(household, event)
        case PermitObserved():
            household.sightings.append(_taken(Sighting, event))
            using.cards_voided(household, event)
        case _ as unreachable:
            assert_never(unreachable)


def _taken(kind: type[Taken], event: AnyEvent) -> Taken:
    """An entity made of the fields that it shares with an event."""
    shared = (name for name in kind.__struct_fields__ if hasattr(event, name))
    return kind(**{name: getattr(event, name) for name in shared})


def _application_issued(household: Household, event: HoldingIssued) -> None:
    # A permit that was granted has no application.
    application = household.applications.get(event.application_id)
    if application is None:
        return
    application.state = "issued"
    if application.documents:
        household.residents[application.resident_id].proved = True


def _listed(household: Household, event: PropertyListed) -> None:
    """What the council decided about the property outlasts what it records of it later."""
    listed = _taken(Property, event)
    if household.property is not None:
        listed.overrides = household.property.overrides
    household.property = listed


def _moved_out(household: Household, event: ResidentMovedOut) -> None:
    household.residents[event.resident_id].moved_out_at = event.moved_out_at
    for holding_id in event.ended_holdings:
        holding = household.holdings[holding_id]
        holding.in_force_until = min(holding.in_force_until, event.moved_out_at)
        holding.ended_why = "moved_out"
    for booking_id in event.void_bookings:
        issuing.voided(household, booking_id, event.moved_out_at, event.ended_holdings)
    household.uncounted.update(dict.fromkeys(event.uncounted, event.moved_out_on))
    for grant_id in event.ended_grants:
        household.grants[grant_id].counts_until = event.moved_out_on
    using.covers_changed(household, event.covers)
    using.covers_taken(household, event.uncovers)
    if event.emptied:
        # Whoever lives here next has visitors of their own.
        household.visitors.clear()


def _visitor_saved(household: Household, event: VisitorSaved) -> None:
    if event.preferred:
        for other in household.visitors.values():
            other.preferred = False
    household.visitors[event.visitor_id] = _taken(Visitor, event)


def _paid(household: Household, event: PaymentAuthorised, at: datetime) -> None:
    household.payments[event.payment_id] = Payment(
        payment_id=event.payment_id, applications=event.applications, pence=event.pence, paid_at=at
    )
    for application_id, pence in zip(event.applications, event.shares, strict=True):
        application = household.applications[application_id]
        application.payment_id = event.payment_id
        application.paid_pence = pence
        application.state = event.state


def _refunded(household: Household, event: ApplicationRefused) -> None:
    if event.payment_id in household.payments:
        household.payments[event.payment_id].refunded_pence += event.refunded_pence


def _booked(household: Household, event: VoucherBooked, at: datetime) -> None:
    household.holdings[event.holding_id].units_used += event.units
    for each in event.others:
        household.holdings[each.holding_id].units_used += each.units
    household.bookings[event.booking_id] = Booking(
        booking_id=event.booking_id,
        holding_id=event.holding_id,
        product=event.product,
        edition=event.edition,
        units=event.units,
        cover=event.covers[0],
        booked_at=at,
        name=event.name,
        tell=event.tell,
        resident_id=event.resident_id,
        counted=event.counted,
        others=event.others,
    )
