"""Decide an application: offer or approve it, or refuse it with a reason.

What was paid for and is then refused is paid back whole, where the scheme says so:
"non-refundable" is about what was issued.

Source: GRV-020 to 023, RBW-051, RBW-066 to 068, A-112-PAID; X-028, X-029, X-058.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from commands import proving
from commands.apply_for_permit import figures
from commands.base import Command, Context, Values
from commands.finding import application_of
from ledger.calendar import start_of_day
from ledger.events import AnyEvent, ApplicationApproved, ApplicationRefused, OfferMade
from ledger.household.state import Application, Household
from ledger.refusals import refuse_if
from ledger.rules import flow
from ledger.scheme.schema import Scheme


class DecideApplication(Command, frozen=True, kw_only=True, tag="decide_application"):
    application: str
    outcome: Literal["offer", "approve", "refuse"]
    reason: str = ""


def decide(command: DecideApplication, household: Household, context: Context) -> list[AnyEvent]:
    """Decide it. Raises Refused with `application.closed`, `proof_missing` or
    `decision_missing`.
    """
    application = application_of(household, command.application)
    scheme = context.edition(application.edition)
    refuse_if(*flow.decide_refusals(application, command.outcome))
    if command.outcome == "refuse":
        return [_refused(command, application, household, scheme)]
    state = flow.state_after(
        scheme,
        proved=True,
        decided=True,
        paid=application.pence == 0 or bool(application.payment_id),
    )
    issued = proving.issued_if_done(application, household, context, state)
    if scheme.flow.kind == "offer_pay_issue":
        return [_offered(application, scheme, context), *issued]
    return [
        ApplicationApproved(application_id=application.application_id, state=state),
        *issued,
    ]


def _refused(
    command: DecideApplication, application: Application, household: Household, scheme: Scheme
) -> ApplicationRefused:
    returned = application.paid_pence if scheme.flow.refund_on_refusal else 0
    payment = household.payments.get(application.payment_id) if returned else None
    return ApplicationRefused(
        application_id=application.application_id,
        reason=command.reason,
        refunded_pence=returned,
        payment_id=application.payment_id if returned else "",
        payment_refunded_pence=payment.refunded_pence + returned if payment else 0,
    )


def _offered(application: Application, scheme: Scheme, context: Context) -> OfferMade:
    days = scheme.flow.offer_days
    return OfferMade(
        application_id=application.application_id,
        # An offer of fourteen days can be taken up to the end of the fourteenth day after it.
        lapses_at=start_of_day(context.today + timedelta(days=days + 1), scheme.tz)
        if days
        else None,
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    decided = events[0]
    assert isinstance(decided, OfferMade | ApplicationApproved | ApplicationRefused)
    return figures(household.applications[decided.application_id], household, context)
