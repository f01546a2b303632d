"""What was asked for when something was applied for, proved, decided, paid, or given back.

Each function yields the command as it may have been sent, the likeliest first: what a fact does not
hold (a quantity left out because it was the smallest) has more than one way to have been asked.
"""

from collections.abc import Iterator
from typing import Literal

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.cancel_application import CancelApplication
from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from commands.grant_allowance import GrantAllowance
from commands.lapse import Lapse
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.refund_holding import RefundHolding
from commands.replace_permit import ReplacePermit
from commands.reuse_proof import ReuseProof
from commands.surrender_holding import SurrenderHolding
from commands.take_misuse_step import TakeMisuseStep
from commands.upload_proof import UploadProof
from ledger.events import (
    AllowanceGranted,
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationRefused,
    ApplicationSubmitted,
    HoldingEnded,
    HoldingExpired,
    HoldingRefunded,
    HoldingReplaced,
    Line,
    MisuseStep,
    OccupancyChecked,
    OfferLapsed,
    OfferMade,
    PaymentAuthorised,
    PaymentFailed,
    ProofReused,
    ProofUploaded,
    ResidentMovedOut,
)
from ledger.rules.ordering import Wanted
from ledger.scheme.schema import Scheme
from replay.what_if.asked import Asked, Missing


def apply(asked: Asked) -> Iterator[Command]:
    """Who did not choose a term or a rung does not choose one; what is to be confirmed is."""
    event = asked.act.events[0]
    assert isinstance(event, ApplicationSubmitted)
    for bare in (False, True):
        wanted = tuple(_wanted(line, asked.scheme, bare) for line in event.lines)
        known = asked.scheme.concession(event.concession) if event.concession else None
        several = len(wanted) > 1
        yield ApplyForPermit(
            product="" if several else wanted[0].product,
            quantity=None if several else wanted[0].quantity,
            months=None if several else wanted[0].months,
            slot=None if several else wanted[0].slot,
            lines=wanted if several else (),
            start=event.starts_on if event.start_chosen else None,
            vehicles=tuple(vehicle.typed for vehicle in event.vehicles),
            concession=event.concession if known else "",
            evidence=event.evidence,
            support=event.support,
            confirm=_confirmed(event, asked.scheme),
        )


def _confirmed(event: ApplicationSubmitted, scheme: Scheme) -> tuple[str, ...] | None:
    """What was confirmed, where that is all these terms want; else everything (None)."""
    enough = set(scheme.flow.confirmations) <= set(event.confirmed)
    return event.confirmed or None if enough else None


def _wanted(line: Line, scheme: Scheme, bare: bool) -> Wanted:
    product = scheme.product(line.product)
    chosen = product is not None and product.holding.months is None
    declared = product is not None and product.price.declared_by_applicant
    return Wanted(
        product=line.product,
        quantity=None if bare else line.units,
        months=line.months or None if chosen else None,
        slot=line.slot or None if declared else None,
    )


def upload(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, ProofUploaded)
    application = asked.names.application(event.application_id)
    yield UploadProof(application=application, document=event.document_type, dated=event.dated_on)


def reuse(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, ProofReused)
    yield ReuseProof(
        application=asked.names.application(event.application_id),
        document=asked.names.document(event.document_id),
    )


def occupancy(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, OccupancyChecked)
    yield CheckOccupancy(
        application=asked.names.application(event.application_id), found=event.found
    )


def decide(asked: Asked) -> Iterator[Command]:
    """A decision in favour is an offer where these terms have it so."""
    event = asked.act.events[0]
    assert isinstance(event, OfferMade | ApplicationApproved | ApplicationRefused)
    refused = isinstance(event, ApplicationRefused)
    yield DecideApplication(
        application=asked.names.application(event.application_id),
        outcome="refuse" if refused else in_favour(asked.scheme),
        reason=event.reason if isinstance(event, ApplicationRefused) else "",
    )


def in_favour(scheme: Scheme) -> Literal["offer", "approve"]:
    return "offer" if scheme.flow.kind == "offer_pay_issue" else "approve"


def pay(asked: Asked) -> Iterator[Command]:
    """What is due is paid, whatever it is: the amount is not repeated. Of a basket, what is
    there.
    """
    event = asked.act.events[0]
    assert isinstance(event, PaymentAuthorised | PaymentFailed)
    found = []
    for each in event.applications:
        try:
            found.append(asked.names.application(each))
        except Missing:
            continue
    if not found:
        raise Missing("application")
    failed = event.result if isinstance(event, PaymentFailed) else None
    for amount in (None, event.pence):
        yield PayForApplications(
            applications=tuple(found),
            result=failed or "authorised",
            amount=amount,
            provider_reference=event.provider_reference,
        )


def cancel(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, ApplicationDeclined)
    yield CancelApplication(application=asked.names.application(event.application_id))


def surrender(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, HoldingEnded)
    yield SurrenderHolding(holding=asked.names.holding(event.holding_id))


def refund(asked: Asked) -> Iterator[Command]:
    """Of one holding, or of all that one order issued."""
    events = asked.act.events
    paid_back = [event for event in events if isinstance(event, HoldingRefunded)]
    exchanged = [event for event in events if isinstance(event, HoldingReplaced)]
    first = (paid_back or exchanged)[0].holding_id
    replace = not paid_back
    one = RefundHolding(holding=asked.names.holding(first), replace=replace)
    if paid_back:
        application = paid_back[0].application_id
        whole = RefundHolding(application=asked.names.application(application), replace=replace)
        yield from (whole, one) if len(paid_back) > 1 else (one, whole)
    else:
        yield one


def replace(asked: Asked) -> Iterator[Command]:
    """The lost paper's number is the holding's, and its place in it."""
    event = asked.act.events[0]
    assert isinstance(event, HoldingReplaced)
    holding = asked.names.holding(event.holding_id)
    lost = ""
    for serial in event.void_serials:
        lost = f"{holding[:10].upper()}-{serial.rpartition('-')[2]}"
    yield ReplacePermit(holding=holding, serial=lost)
    yield ReplacePermit(holding=holding)


def grant(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, AllowanceGranted)
    yield GrantAllowance(
        product=event.product,
        units=event.units,
        vehicle=event.vehicle.typed if event.vehicle else "",
        reason=event.reason,
    )


def misuse(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, MisuseStep)
    yield TakeMisuseStep(
        holding=asked.names.holding(event.holding_id),
        step=event.step,
        text=event.text,
        rescind=event.rescinded,
    )


def move_out(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, ResidentMovedOut)
    at_once = event.moved_out_at == asked.act.at
    yield MoveOut(resident=event.resident_id, on=None if at_once else event.moved_out_at)


def lapse(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, HoldingExpired | OfferLapsed)
    if isinstance(event, OfferLapsed):
        yield Lapse(kind="offer", subject=asked.names.application(event.application_id))
    else:
        yield Lapse(kind="holding", subject=asked.names.holding(event.holding_id))
