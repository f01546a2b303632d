"""A step of a history as the product's command, and what came of it as the oracle is told."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.decide_application import DecideApplication
from commands.end_stay import EndStay
from commands.enrol_resident import EnrolResident
from commands.grant_allowance import GrantAllowance
from commands.lapse import Lapse
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from commands.observe_permit import ObservePermit
from commands.pay_for_applications import PayForApplications
from commands.receive_text import ReceiveText
from commands.refund_holding import RefundHolding
from commands.register_resident import RegisterResident
from commands.remove_vehicle import RemoveVehicle
from commands.replace_permit import ReplacePermit
from commands.reuse_proof import ReuseProof
from commands.save_visitor import SaveVisitor
from commands.surrender_holding import SurrenderHolding
from commands.switch_vehicle import SwitchVehicle
from commands.take_misuse_step import TakeMisuseStep
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.events import (
    Actor,
    AnyEvent,
    ApplicationRefused,
    ApplicationSubmitted,
    CardUsed,
    CoverCorrected,
    HoldingIssued,
    MisuseStep,
    PaymentAuthorised,
    PaymentFailed,
    PermitObserved,
    ProofUploaded,
    ResidentRegistered,
    StayBegan,
    VehicleAdded,
    VehicleRemoved,
    VehicleSwitched,
    VoucherBooked,
)
from ledger.household.state import Household
from ledger.rules.ordering import Wanted

Step = dict[str, Any]

STAFF: Final = ("enrol", "decide", "move_out", "replace", "leave", "correct", "misuse")


def sender(step: Step) -> tuple[Actor, str]:
    """Who acts, and for whom."""
    do, who = step["do"], step.get("who", "")
    if do == "grant":
        return Actor(step["role"], step["name"]), who
    if do == "observe":
        return Actor("officer", "lee"), ""
    if do in ("lapse", "lapse_offer"):
        return Actor("system", "worker"), ""
    if do == "register":
        return Actor("resident", ""), ""
    if do in STAFF or do == "property":
        return Actor("staff", "ann"), who if do == "replace" else ""
    return Actor("resident", who), ""


def _apply(step: Step) -> Command:
    return ApplyForPermit(
        product=step["product"],
        quantity=step["units"],
        months=step.get("months"),
        slot=step.get("slot"),
        start=step.get("start"),
        vehicles=tuple(step.get("vehicles", ())),
        concession=step.get("concession", ""),
        evidence=step.get("evidence", False),
        support=step.get("support", ""),
        confirm=tuple(step.get("confirm", ())),
        zone=step.get("zone", ""),
    )


def _order(step: Step) -> Command:
    lines = tuple(Wanted(product=product, quantity=units) for product, units in step["lines"])
    return ApplyForPermit(lines=lines, confirm=tuple(step["confirm"]))


def _scratch(step: Step) -> Command:
    return UseCard(
        vehicle=step["vehicle"],
        product=step.get("product", ""),
        holding=step.get("holding", ""),
        on=None if step.get("time") else step["day"],
        time=step.get("time", ""),
    )


def _book(step: Step) -> Command:
    return BookVoucher(
        vehicles=tuple(step["vehicles"]),
        product=step.get("product", ""),
        holding=step.get("holding", ""),
        start=step["start"],
        zone=step.get("zone", ""),
    )


def _enrol(step: Step) -> Command:
    return EnrolResident(
        born_on=step["born_on"], receives=tuple(step["receives"]), verified=step["verified"]
    )


COMMANDS: Final[dict[str, Callable[[Step], Command]]] = {
    "property": lambda s: ListProperty(property_ref=s["ref"], **s["facts"]),
    "enrol": _enrol,
    "register": lambda s: RegisterResident(
        council_tax_account=s["account"], born_on=s["born_on"], name="A", email="a@example.org"
    ),
    "apply": _apply,
    "order": _order,
    "upload": lambda s: UploadProof(
        application=s["application"], document=s["document"], dated=s["dated"]
    ),
    "reuse": lambda s: ReuseProof(application=s["application"], document=s["document"]),
    "decide": lambda s: DecideApplication(
        application=s["application"], outcome=s["outcome"], reason="as written"
    ),
    "pay": lambda s: PayForApplications(
        applications=tuple(s["applications"]), result=s["result"], amount=s.get("amount")
    ),
    "take_back": lambda s: CancelApplication(application=s["application"]),
    "book": _book,
    "amend": lambda s: AmendBooking(
        booking=s["booking"], vehicle=s.get("vehicle", ""), start=s.get("start", "")
    ),
    "cancel": lambda s: CancelBooking(booking=s["booking"]),
    "text": lambda s: ReceiveText(body=s["body"], confirmed_at=s.get("confirmed")),
    "scratch": _scratch,
    "add": lambda s: AddVehicle(vehicle=s["vehicle"], holding=s.get("holding", "")),
    "remove": lambda s: RemoveVehicle(vehicle=s["vehicle"], holding=s.get("holding", "")),
    "switch": lambda s: SwitchVehicle(vehicle=s["vehicle"], holding=s.get("holding", "")),
    "stay": lambda s: BeginStay(vehicle=s["vehicle"], holding=s.get("holding", "")),
    "leave": lambda s: EndStay(vehicle=s["vehicle"]),
    "surrender": lambda s: SurrenderHolding(holding=s["holding"]),
    "move_out": lambda s: MoveOut(resident=s["resident"], on=s.get("on")),
    "refund": lambda s: RefundHolding(holding=s["holding"], replace=s.get("replace", False)),
    "replace": lambda s: ReplacePermit(holding=s["holding"]),
    "grant": lambda s: GrantAllowance(
        product=s["product"], units=s["units"], vehicle=s.get("vehicle", ""), reason=s["reason"]
    ),
    "lapse": lambda s: Lapse(kind=s["kind"], subject=s["subject"]),
    "lapse_offer": lambda s: Lapse(kind="offer", subject=s["subject"]),
    "correct": lambda s: CorrectCover(
        act=s["act"],
        covers_from=s["from"],
        vehicle=s["vehicle"],
        reason=s["reason"],
        approver=s["approver"],
    ),
    "misuse": lambda s: TakeMisuseStep(
        holding=s["holding"], step=s["step"], text=s["text"], rescind=s["rescind"]
    ),
    "observe": lambda s: ObservePermit(
        vehicle=s["vehicle"],
        holding=s["holding"],
        dates=tuple(s["dates"]),
        clock=s["clock"],
        altered=s["altered"],
        note_only=s["note_only"],
    ),
    "save_visitor": lambda s: SaveVisitor(vehicle=s["vehicle"], name=s["name"]),
}


def told(step: Step, household: Household, events: Sequence[AnyEvent], at: datetime) -> Step:
    """What the product says came of it, in the oracle's words."""
    says: Step = {"holdings": [], "uses": [], "drawn": []}
    for event in events:
        _tell(says, event)
    _tell_of_state(says, step, household, at)
    return says


def _tell(says: Step, event: AnyEvent) -> None:
    match event:
        case ResidentRegistered():
            says |= {"resident": event.resident_id, "verified": event.verified}
        case ApplicationSubmitted():
            says |= {
                "application": event.application_id,
                "pence": event.pence,
                "starts": event.starts_on,
            }
        case ProofUploaded():
            says["document"] = event.document_id
        case PaymentAuthorised() | PaymentFailed():
            says["pence"] = event.pence
        case ApplicationRefused():
            says["refunded"] = event.refunded_pence
        case HoldingIssued():
            says["holdings"].append(_holding(event))
        case VoucherBooked():
            says["uses"].append(event.booking_id)
            says["drawn"].append(event.holding_id)
            says |= {"from": event.covers[0].covers_from, "until": event.covers[0].covers_until}
        case CardUsed():
            says["uses"].append(event.card_id)
            says["drawn"].append(event.holding_id)
            says |= {"from": event.covers[0].covers_from, "until": event.covers[0].covers_until}
        case StayBegan():
            says |= {"stay": event.stay_id, "clock": event.clock}
            says["until"] = event.covers[0].covers_until
        case CoverCorrected():
            (cover,) = event.covers
            says["zone"] = cover.zone
            says["covered"] = {
                "from": cover.covers_from,
                "until": cover.covers_until,
                "shown": cover.shown,
            }
        case PermitObserved():
            says |= {"valid": event.valid, "void": event.void_cards}
        case MisuseStep():
            says["rescinded"] = event.rescinded
        case VehicleAdded() | VehicleRemoved() | VehicleSwitched():
            says["permit"] = event.holding_id
        case _:
            pass


def _holding(event: HoldingIssued) -> Step:
    return {
        "id": event.holding_id,
        "application": event.application_id,
        "who": event.resident_id,
        "product": event.product,
        "units": event.units,
        "starts": event.starts_on,
        "last_day": event.last_day,
        "bought_on": event.bought_on,
        "vehicles": [each.shown for each in event.vehicles],
    }


def _tell_of_state(says: Step, step: Step, household: Household, at: datetime) -> None:
    named = step.get("application") or says.get("application")
    name = named or (step.get("applications") or [""])[0]
    if name in household.applications:
        says["state"] = household.applications[name].state
    product = ""
    if says["drawn"]:
        product = household.holdings[says["drawn"][0]].product
    elif step["do"] == "cancel":
        product = household.bookings[step["booking"]].product
    if product:
        says["remaining"] = household.units_left(product, at)
    if "permit" in says:
        permit = household.holdings[says["permit"]]
        says |= {"listed": len(permit.vehicles), "active": permit.active}
