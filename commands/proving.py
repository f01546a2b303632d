"""What one more proof does to an application: its next state, and the issue where nothing is left
to do.
"""

from datetime import date

from commands import issuing
from commands.base import Context
from ledger.calendar import local_date
from ledger.events import AnyEvent, ApplicationState
from ledger.household.state import Application, Household
from ledger.refusals import refuse_if
from ledger.rules import documents, flow


def next_state(
    application: Application, household: Household, context: Context
) -> tuple[ApplicationState, date | None]:
    """The state after one more accepted document, and the target day of a decision now due."""
    if application.state != "awaiting_proof":
        return application.state, application.target_on
    scheme = context.edition(application.edition)
    needed = documents.needed(household, scheme, application.resident_id)
    state = flow.state_after(
        scheme,
        proved=len(application.documents) + 1 >= needed,
        decided=False,
        paid=application.pence == 0 or bool(application.payment_id),
    )
    due = state == "awaiting_decision"
    target = flow.target_on(scheme, context.today, context.working_days) if due else None
    return state, target


def issued_if_done(
    application: Application, household: Household, context: Context, state: ApplicationState
) -> list[AnyEvent]:
    """The holdings, where this was the last step. Raises Refused where a cap has been reached
    since, or the price has changed.

    It was bought on the day on which its payment was authorised, which may be days before.
    """
    if state != "issued" or application.state == "issued":
        return []
    scheme = context.edition(application.edition)
    refuse_if(
        *issuing.holder_refusals(household, [application], context.at),
        *issuing.refusals(household, [application], scheme, context),
    )
    payment = household.payments.get(application.payment_id)
    paid_on = local_date(payment.paid_at, scheme.tz) if payment else context.today
    return issuing.issue(application, household, scheme, context, paid_on, ())
