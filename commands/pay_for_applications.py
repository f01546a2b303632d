"""What the payment provider said of a payment for one application or a basket of them.

One payment, one effect: an application that is paid cannot be paid again, and what was not
authorised changes nothing but the history.

Source: STV-063 to 070, GRV-021, GRV-022, RBW-055, HAN-013, A-002, A-007.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from commands import issuing
from commands.base import Command, Context, Values
from commands.finding import application_of
from ledger.events import AnyEvent, PaymentAuthorised, PaymentFailed
from ledger.household.state import Application, Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import flow


class PayForApplications(Command, frozen=True, kw_only=True, tag="pay_for_applications"):
    """`amount` in pence, where the provider names one; it must be what is due."""

    applications: tuple[str, ...]
    result: Literal["authorised", "declined", "cancelled"]
    amount: int | None = None
    provider_reference: str = ""


def decide(command: PayForApplications, household: Household, context: Context) -> list[AnyEvent]:
    """Credit the payment and issue. Raises Refused with `application.*`, `allowance.*`,
    `payment.*`.
    """
    context.only_residents(household)
    applications = [application_of(household, each) for each in dict.fromkeys(command.applications)]
    refuse_if(*_refusals(command, applications, household, context))
    payment_id = context.new_id()
    due = sum(application.pence for application in applications)
    ids = tuple(application.application_id for application in applications)
    if command.result != "authorised":
        failed = PaymentFailed(
            payment_id=payment_id,
            provider_reference=command.provider_reference,
            applications=ids,
            pence=due,
            result=command.result,
        )
        return [failed]
    scheme = context.edition(applications[0].edition)
    decided = scheme.flow.kind != "pay_decide_post"
    state = flow.state_after(scheme, proved=True, decided=decided, paid=True)
    paid = PaymentAuthorised(
        payment_id=payment_id,
        provider_reference=command.provider_reference,
        applications=ids,
        shares=tuple(application.pence for application in applications),
        pence=due,
        state=state,
    )
    if state != "issued":
        return [paid]
    return [paid, *_issued(applications, household, context)]


def _refusals(
    command: PayForApplications,
    applications: list[Application],
    household: Household,
    context: Context,
) -> Iterator[Refusal]:
    if not applications:
        yield Refusal("payment.not_due", "no application is named")
    several = flow.basket_refusal([context.edition(each.edition) for each in applications])
    if several is not None:
        yield several
    for application in applications:
        yield from flow.pay_refusals(application, context.edition(application.edition), context.at)
    if command.result == "authorised":
        yield from issuing.holder_refusals(household, applications, context.at)
        for edition in dict.fromkeys(application.edition for application in applications):
            yield from issuing.refusals(
                household,
                [a for a in applications if a.edition == edition and _is_open(a)],
                context.edition(edition),
                context,
            )
    due = sum(application.pence for application in applications)
    if command.amount is not None and command.amount != due:
        yield Refusal("payment.amount_differs", f"{due} pence are due, {command.amount} were paid")


def _is_open(application: Application) -> bool:
    """True where paying would issue: what is closed, paid or issued takes nothing more."""
    return not (application.closed or application.payment_id or application.state == "issued")


def _issued(
    applications: list[Application], household: Household, context: Context
) -> Iterator[AnyEvent]:
    for application in applications:
        scheme = context.edition(application.edition)
        beside = [line for each in applications if each is not application for line in each.lines]
        yield from issuing.issue(application, household, scheme, context, context.today, beside)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    outcome = events[0]
    assert isinstance(outcome, PaymentAuthorised | PaymentFailed)
    first = household.applications[outcome.applications[0]]
    return {
        "payment": outcome.payment_id,
        "pence": outcome.pence,
        "state": first.state,
        "payments": len(household.payments),
        "refunded": first.refunded_pence,
        "holdings": [
            holding.holding_id
            for holding in household.holdings.values()
            if holding.application_id in outcome.applications
        ],
        "printed": issuing.printed(household, outcome.applications, context),
    }
