"""The council looks the occupier up itself, in place of a document, for the scheme's fee.

The fee is due whether or not the occupier is found, where the scheme says so.

Source: NOR-138, NOR-139; scheme TOML `proof.council_check`.
"""

from collections.abc import Sequence

from commands import proving
from commands.apply_for_permit import figures
from commands.base import Command, Context, Values
from commands.finding import application_of
from ledger.events import AnyEvent, OccupancyChecked
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import documents


class CheckOccupancy(Command, frozen=True, kw_only=True, tag="check_occupancy"):
    application: str
    found: bool


def decide(command: CheckOccupancy, household: Household, context: Context) -> list[AnyEvent]:
    """Record the look-up. Raises Refused with `application.closed` or
    `document.type_not_accepted`.
    """
    application = application_of(household, command.application)
    scheme = context.edition(application.edition)
    check = scheme.proof.council_check
    refuse_if(
        documents.closed_refusal(application),
        None
        if check.allowed
        else Refusal("document.type_not_accepted", "this council does not look occupiers up"),
    )
    fee = check.fee_pence if command.found or check.fee_kept_on_failure else 0
    state, target = application.state, application.target_on
    if command.found:
        state, target = proving.next_state(application, household, context)
        if state == "issued" and fee:
            state = "awaiting_payment"
    checked = OccupancyChecked(
        application_id=application.application_id,
        found=command.found,
        fee_pence=fee,
        pence=application.pence + fee,
        state=state,
        target_on=target,
    )
    return [checked, *proving.issued_if_done(application, household, context, state)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    checked = events[0]
    assert isinstance(checked, OccupancyChecked)
    told = figures(household.applications[checked.application_id], household, context)
    return {**told, "fee": checked.fee_pence}
