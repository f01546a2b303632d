"""Cancel an application that is not issued: it is declined for good.

Source: STV-040, STV-067, A-003, A-004; scheme TOML `flow.cancel_unpaid`.
"""

from collections.abc import Sequence

from commands.apply_for_permit import figures
from commands.base import Command, Context, Values
from commands.finding import application_of
from ledger.events import AnyEvent, ApplicationDeclined
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import documents


class CancelApplication(Command, frozen=True, kw_only=True, tag="cancel_application"):
    application: str


def decide(command: CancelApplication, household: Household, context: Context) -> list[AnyEvent]:
    """Decline it. Raises Refused with `application.closed`, or `refund.non_refundable` once
    paid.
    """
    context.only_residents(household)
    application = application_of(household, command.application)
    refuse_if(
        documents.closed_refusal(application),
        Refusal("refund.non_refundable", "the application is paid and awaits the decision")
        if application.payment_id
        else None,
    )
    return [ApplicationDeclined(application_id=application.application_id)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    declined = events[0]
    assert isinstance(declined, ApplicationDeclined)
    return figures(household.applications[declined.application_id], household, context)
