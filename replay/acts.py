"""What each kind of fact is called in a history, and the sentence that tells it to a resident.

One table, ACTS: an event that has no line in it cannot be told, and a test says so. The names are
those of the scenario language; names for what it does not list are our own. A sentence repeats
what was decided then and works nothing out again.

Source: the scenario language ("Acts in a history"); promise: a household's whole history, readable.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger import events as facts
from ledger.events import Cover, Event
from replay.wording import clock, counted, day, end, listing, moment, money, named

Kind = TypeVar("Kind", bound=Event)
Sentence = Callable[[Any, ZoneInfo], str]


class Telling(Struct, frozen=True):
    """How one kind of fact is told."""

    kind: type[Event]
    act: str
    sentence: Sentence


def _told(kind: type[Kind], act: str, sentence: Callable[[Kind, ZoneInfo], str]) -> Telling:
    return Telling(kind, act, cast(Sentence, sentence))


def _covered(covers: tuple[Cover, ...], tz: ZoneInfo) -> str:
    """`AB12CDE in zone OT from 14:20 on 19 November 2026 until the end of ...` of each cover."""
    return listing(
        [
            f"{cover.shown} in zone {cover.zone} from {moment(cover.covers_from, tz)}"
            f" until {end(cover.covers_until, tz)}"
            for cover in covers
            if cover.kind != "listed"
        ]
    )


def _registered(event: facts.ResidentRegistered, tz: ZoneInfo) -> str:
    proved = "and their residence was proved" if event.verified else "not verified yet"
    return f"A resident was registered, living here from {day(event.lives_from)}, {proved}"


def _moved_out(event: facts.ResidentMovedOut, tz: ZoneInfo) -> str:
    ended = counted(len(event.ended_holdings), "holding")
    return f"The resident moved out at {moment(event.moved_out_at, tz)}: {ended} ended"


def _applied(event: facts.ApplicationSubmitted, tz: ZoneInfo) -> str:
    lines = [f"{line.units} x {named(line.product)}" for line in event.lines]
    return (
        f"Application {event.number} for {listing(lines)} from {day(event.starts_on)}"
        f" to {day(event.last_day)}, {money(event.pence)}"
    )


def _proved(event: facts.ProofUploaded, tz: ZoneInfo) -> str:
    dated = f" dated {day(event.dated_on)}" if event.dated_on else ""
    return f"A document was uploaded as proof: {event.document_type.replace('_', ' ')}{dated}"


def _occupancy(event: facts.OccupancyChecked, tz: ZoneInfo) -> str:
    found = "was found" if event.found else "was not found"
    return f"The council looked the occupier up for {money(event.fee_pence)}: the occupier {found}"


def _offered(event: facts.OfferMade, tz: ZoneInfo) -> str:
    lapses = f", to be taken up before {moment(event.lapses_at, tz)}" if event.lapses_at else ""
    return f"The council offered what was applied for{lapses}"


def _refused(event: facts.ApplicationRefused, tz: ZoneInfo) -> str:
    back = f"; {money(event.refunded_pence)} is paid back" if event.refunded_pence else ""
    return f"The council refused the application: {event.reason or 'no reason given'}{back}"


def _issued(event: facts.HoldingIssued, tz: ZoneInfo) -> str:
    covered = _covered(event.covers, tz)
    return (
        f"Issued: {event.units} x {named(event.product)} for zone {event.zone}, in force from"
        f" {moment(event.in_force_from, tz)} until {end(event.in_force_until, tz)}"
        f"{'; it covers ' + covered if covered else ''}"
    )


def _granted(event: facts.AllowanceGranted, tz: ZoneInfo) -> str:
    vehicle = f" for {event.vehicle.shown}" if event.vehicle else ""
    return (
        f"An exception was granted by {event.approver}: {event.units} more of"
        f" {named(event.product)}{vehicle}, because {event.reason}"
    )


def _booked(event: facts.VoucherBooked, tz: ZoneInfo) -> str:
    used = counted(event.units + sum(each.units for each in event.others), "unit")
    return f"Booked {_covered(event.covers, tz)}: {used} of {named(event.product)}"


def _cancelled(event: facts.BookingCancelled, tz: ZoneInfo) -> str:
    others = sum(each.units for each in event.others_returned)
    back = counted(event.units_returned + others, "unit")
    return f"The booking was cancelled; {back} of {named(event.product)} went back"


def _added(event: facts.VehicleAdded, tz: ZoneInfo) -> str:
    active = " and is the active one" if event.active else ""
    return f"{event.shown} was put on the permit's list{active}"


def _switched(event: facts.VehicleSwitched, tz: ZoneInfo) -> str:
    before = f" from {event.was_shown}" if event.was_shown else ""
    return f"The permit was switched{before} to {event.shown}"


def _card(event: facts.CardUsed, tz: ZoneInfo) -> str:
    if event.void:
        return f"A card dated {day(event.used_on)} was used and is void"
    return f"A card was dated {day(event.used_on)} for {_covered(event.covers, tz)}"


def _stay_began(event: facts.StayBegan, tz: ZoneInfo) -> str:
    return f"A stay began, with the clock set to {event.clock}: {_covered(event.covers, tz)}"


def _observed(event: facts.PermitObserved, tz: ZoneInfo) -> str:
    where = f"{event.shown} in zone {event.zone} at {moment(event.observed_at, tz)}"
    if event.note_only:
        return f"An officer saw {where}"
    verdict = "valid" if event.valid else f"not valid ({event.verdict.replace('_', ' ')})"
    return f"An officer read the permit shown by {where}: {verdict}"


def _corrected(event: facts.CoverCorrected, tz: ZoneInfo) -> str:
    return (
        f"Corrected, approved by {event.approver}: {_covered(event.covers, tz)},"
        f" because {event.reason}"
    )


def _case_opened(event: facts.CaseOpened, tz: ZoneInfo) -> str:
    kind = "Representations were" if event.kind == "formal" else "An informal challenge was"
    until = f", to be decided by {day(event.decide_until)}" if event.decide_until else ""
    return f"{kind} received on {day(event.received_on)}{'' if event.in_time else ', late'}{until}"


def _outage(event: facts.OutageDeclared | facts.OutageCorrected, tz: ZoneInfo) -> str:
    until = f" until {moment(event.failed_until, tz)}" if event.failed_until else ", and still do"
    return f"Failing from {moment(event.failed_from, tz)}{until}: {listing(list(event.services))}"


_TABLE = (
    _told(facts.PropertyListed, "property_listed", lambda e, z: f"Listed in zone {e.zone}"),
    _told(
        facts.EligibilityOverridden,
        "eligibility_overridden",
        lambda e, z: f"The council made the property eligible ({e.override}), because {e.reason}",
    ),
    _told(facts.ResidentRegistered, "registered", _registered),
    _told(facts.MobileLinked, "mobile_linked", lambda e, z: "A mobile number was linked"),
    _told(facts.EmailChanged, "email_changed", lambda e, z: "The e-mail address was changed"),
    _told(facts.PinSent, "pin_sent", lambda e, z: f"A one-time PIN was sent by {e.by_way_of}"),
    _told(facts.ResidentMovedOut, "moved_out", _moved_out),
    _told(facts.VisitorSaved, "visitor_saved", lambda e, z: f"Visitor's vehicle {e.shown} saved"),
    _told(facts.VisitorForgotten, "visitor_forgotten", lambda e, z: "A saved visitor was removed"),
    _told(
        facts.VehicleFactsRecorded,
        "vehicle_facts_recorded",
        lambda e, z: f"What is known of {e.shown} was recorded",
    ),
    _told(facts.ApplicationSubmitted, "applied", _applied),
    _told(facts.ProofUploaded, "proof_uploaded", _proved),
    _told(facts.ProofReused, "proof_reused", lambda e, z: "An earlier proof was used again"),
    _told(facts.OccupancyChecked, "occupancy_checked", _occupancy),
    _told(facts.OfferMade, "offered", _offered),
    _told(
        facts.ApplicationApproved, "decided", lambda e, z: "The council approved the application"
    ),
    _told(facts.ApplicationRefused, "refused", _refused),
    _told(facts.ApplicationDeclined, "declined", lambda e, z: "The application was cancelled"),
    _told(
        facts.OfferLapsed,
        "offer_lapsed",
        lambda e, z: f"The offer was not taken up by {moment(e.lapsed_at, z)}",
    ),
    _told(facts.PaymentAuthorised, "paid", lambda e, z: f"{money(e.pence)} was paid"),
    _told(
        facts.PaymentFailed,
        "payment_failed",
        lambda e, z: f"A payment of {money(e.pence)} was {e.result}; nothing was taken",
    ),
    _told(facts.HoldingIssued, "issued", _issued),
    _told(
        facts.HoldingExpired,
        "expired",
        lambda e, z: f"It expired at the end of its time; {e.units_lapsed} unused",
    ),
    _told(
        facts.HoldingEnded,
        "cancelled",
        lambda e, z: f"It ended at {moment(e.ended_at, z)}: {e.why.replace('_', ' ')}",
    ),
    _told(
        facts.HoldingRefunded,
        "refunded",
        lambda e, z: f"{money(e.pence)} was paid back",
    ),
    _told(
        facts.HoldingReplaced,
        "replaced",
        lambda e, z: f"New paper was made for {money(e.fee_pence)}; the paper it replaces is void",
    ),
    _told(facts.AllowanceGranted, "granted", _granted),
    _told(facts.VoucherBooked, "booked", _booked),
    _told(
        facts.BookingAmended,
        "amended",
        lambda e, z: f"The booking was changed from {e.was_shown}: now {_covered(e.covers, z)}",
    ),
    _told(facts.BookingCancelled, "cancelled", _cancelled),
    _told(
        facts.TextReceived,
        "texted",
        lambda e, z: f"A text was received; confirmed at {moment(e.confirmation_sent_at, z)}",
    ),
    _told(facts.VehicleAdded, "vehicle_added", _added),
    _told(
        facts.VehicleRemoved,
        "vehicle_removed",
        lambda e, z: f"{e.shown} was taken off the permit's list",
    ),
    _told(facts.VehicleSwitched, "switched", _switched),
    _told(facts.CardUsed, "card_used", _card),
    _told(facts.StayBegan, "stay_began", _stay_began),
    _told(
        facts.StayEnded,
        "stay_ended",
        lambda e, z: f"The stay ended when the vehicle left at {clock(e.left_at, z)}",
    ),
    _told(facts.PermitObserved, "observed", _observed),
    _told(facts.CoverCorrected, "corrected", _corrected),
    _told(
        facts.MisuseStep,
        "misuse_step",
        lambda e, z: f"Misuse procedure, {e.step}{': the permit is rescinded' * e.rescinded}",
    ),
    _told(
        facts.NoticeNoted,
        "notice_noted",
        lambda e, z: f"Penalty charge notice {e.number} was issued at {moment(e.issued_at, z)}",
    ),
    _told(
        facts.NoticeCancelled,
        "notice_cancelled",
        lambda e, z: f"The council withdrew the notice ({named(e.reason_code)}): {e.reason}",
    ),
    _told(facts.CaseOpened, "case_opened", _case_opened),
    _told(facts.EvidenceMade, "evidence_made", lambda e, z: "An evidence pack was made"),
    _told(
        facts.CaseDecided,
        "case_decided",
        lambda e, z: f"The council {e.outcome} it on {day(e.decided_on)}: {e.reason}",
    ),
    _told(
        facts.AppealLodged,
        "appeal_lodged",
        lambda e, z: f"An appeal was made on {day(e.lodged_on)}{'' if e.in_time else ', late'}",
    ),
    _told(
        facts.AppealDecided,
        "appeal_decided",
        lambda e, z: f"The appeal was {e.outcome.replace('_', ' ')} on {day(e.decided_on)}",
    ),
    _told(facts.CaseClosed, "case_closed", lambda e, z: f"The case is over: {named(e.reason)}"),
    _told(facts.OutageDeclared, "outage_declared", _outage),
    _told(facts.OutageCorrected, "outage_corrected", _outage),
    _told(
        facts.OutageWithdrawn,
        "outage_withdrawn",
        lambda e, z: f"There was no such outage: {e.why}",
    ),
)

ACTS: dict[type[Event], Telling] = {telling.kind: telling for telling in _TABLE}

_BEGINS = (
    "in_force_from",
    "expired_at",
    "ended_at",
    "moved_out_at",
    "lapsed_at",
    "began_at",
    "left_at",
    "observed_at",
    "confirmation_sent_at",
)
_PENCE = ("fee_pence", "refunded_pence", "pence")


def effective(event: Event) -> tuple[datetime | None, datetime | None]:
    """When a fact takes effect, over `[from, until)`; None where the fact names no such instant.

    A permit's own period comes before that of the vehicles it covers.
    """
    covers: tuple[Cover, ...] = getattr(event, "covers", ())
    begins: datetime | None = next((getattr(event, n) for n in _BEGINS if hasattr(event, n)), None)
    until: datetime | None = getattr(event, "in_force_until", None)
    if begins is None and covers:
        begins = min(cover.covers_from for cover in covers)
    if until is None and covers:
        until = max(cover.covers_until for cover in covers)
    return begins, until


def pence_of(event: Event) -> int | None:
    """The money of a fact in pence: paid, due, charged or paid back, as its act says."""
    return next((getattr(event, name) for name in _PENCE if hasattr(event, name)), None)
