"""There was no such outage: it was declared in error. That it was declared stays readable."""

from collections.abc import Sequence

from commands.base import Command, Context, Values
from commands.declare_outage import Why
from commands.finding import outage_of
from ledger.events import AnyEvent, OutageWithdrawn
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if


class WithdrawOutage(Command, frozen=True, kw_only=True, tag="withdraw_outage"):
    outage: str
    why: Why


def decide(command: WithdrawOutage, household: Household, context: Context) -> list[AnyEvent]:
    """Withdraw it. Raises Refused with `outage.*` reasons; NotFound for no such outage."""
    outage = outage_of(household, command.outage)
    refuse_if(
        None
        if command.why.strip()
        else Refusal("outage.reason_missing", "say why there was no outage"),
        Refusal("outage.withdrawn", "it was withdrawn already") if outage.withdrawn else None,
    )
    return [OutageWithdrawn(outage_id=outage.outage_id, why=command.why.strip())]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    withdrawn = events[0]
    assert isinstance(withdrawn, OutageWithdrawn)
    return {"outage": withdrawn.outage_id}
