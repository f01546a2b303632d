"""A case ends without a decision: the charge was paid, or whoever disputed it gave up."""

from collections.abc import Sequence
from typing import Literal

from commands.base import Command, Context, Values
from commands.finding import case_of
from ledger.events import AnyEvent, CaseClosed
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if


class CloseCase(Command, frozen=True, kw_only=True, tag="close_case"):
    """`not_pursued`: rejected, and no appeal was made."""

    case: str
    reason: Literal["paid", "withdrawn", "not_pursued"]


def decide(command: CloseCase, household: Household, context: Context) -> list[AnyEvent]:
    """Close it. Raises Refused with `case.decided_already`; NotFound for no such case."""
    case = case_of(household, command.case)
    refuse_if(Refusal("case.decided_already", "the case is over") if case.closed else None)
    return [CaseClosed(case_id=case.case_id, reason=command.reason)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    closed = events[0]
    assert isinstance(closed, CaseClosed)
    return {"case": closed.case_id}
