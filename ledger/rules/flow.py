"""The path of an application: which state follows, and what may be done in it.

prove_pay_issue   proof, payment, issue
offer_pay_issue   proof, decision (offer), payment, issue
pay_decide_post   proof, payment, decision (approval), issue by post
register_buy      payment, issue: the residence was proved at registration

What costs nothing is never waited for.

Source: reference/schemes.md 3.2; STV-038 to 040, STV-066, STV-067, GRV-020 to 023, RBW-055,
RBW-066, HAN-009; X-029, X-030, X-058.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from ledger.events import ApplicationState
from ledger.household.state import Application
from ledger.refusals import Refusal
from ledger.rules.working_days import WorkingDays
from ledger.scheme.schema import Scheme


def state_after(scheme: Scheme, *, proved: bool, decided: bool, paid: bool) -> ApplicationState:
    """The state of an application of which so much is done; `issued` where nothing is left to
    do.
    """
    if not proved:
        return "awaiting_proof"
    match scheme.flow.kind:
        case "prove_pay_issue" | "register_buy":
            return "issued" if paid else "awaiting_payment"
        case "offer_pay_issue":
            if not decided:
                return "awaiting_decision"
            return "issued" if paid else "offered"
        case "pay_decide_post":
            if not paid:
                return "awaiting_payment"
            return "issued" if decided else "awaiting_decision"


def lapsed(application: Application, at: datetime) -> bool:
    """True where the offer's time is over, whether or not the worker has recorded it."""
    lapses_at = application.lapses_at
    return application.state == "offered" and lapses_at is not None and lapses_at <= at


def pay_refusals(application: Application, scheme: Scheme, at: datetime) -> Iterator[Refusal]:
    """Reasons why an application cannot be paid now."""
    if lapsed(application, at):
        yield Refusal("application.closed", f"the offer lapsed at {application.lapses_at}")
        return
    if application.closed:
        yield Refusal("application.closed", f"the application is {application.state}")
        return
    if application.payment_id:
        yield Refusal("payment.repeated", "the application is paid")
        return
    if application.state == "issued":
        yield Refusal("payment.not_due", "the application costs nothing and is issued")
        return
    if application.state in ("saved", "awaiting_proof"):
        yield Refusal("application.proof_missing", "proof comes before payment")
    if scheme.flow.kind == "offer_pay_issue" and application.state != "offered":
        yield Refusal("application.not_offered", "payment comes after the offer")


def basket_refusal(schemes: Sequence[Scheme]) -> Refusal | None:
    """`payment.one_at_a_time` where several are paid together and one of their schemes knows no
    basket (STV-069). `schemes` has one entry for each application.
    """
    if len(schemes) < 2 or all(scheme.flow.basket for scheme in schemes):
        return None
    return Refusal(
        "payment.one_at_a_time", f"each application is paid for on its own, {len(schemes)} named"
    )


def decide_refusals(application: Application, outcome: str) -> Iterator[Refusal]:
    """Reasons why staff cannot decide an application so."""
    if application.closed or application.state == "issued":
        yield Refusal("application.closed", f"the application is {application.state}")
        return
    if outcome == "refuse":
        return
    if application.state in ("saved", "awaiting_proof"):
        yield Refusal("application.proof_missing", "proof comes before the decision")
    elif application.state != "awaiting_decision":
        yield Refusal(
            "application.decision_missing", f"no decision is due: it is {application.state}"
        )


def confirmation_refusals(scheme: Scheme, confirmed: tuple[str, ...] | None) -> Iterator[Refusal]:
    """`application.confirmation_missing` for each statement that was not ticked; None ticks all."""
    if confirmed is None:
        return
    for statement in scheme.flow.confirmations:
        if statement not in confirmed:
            yield Refusal("application.confirmation_missing", f"not confirmed: {statement}")


def target_on(scheme: Scheme, today: date, working_days: WorkingDays) -> date | None:
    """The day by which the council aims to decide; day 1 is the next working day (X-029).

    It counts from the application, and anew from the proof that the decision waited for.
    """
    count = scheme.flow.target_working_days
    return working_days.after(today, count) if count else None
