"""Record what the adjudicator found. A notice whose appeal is allowed is withdrawn.

Source: SI 2022/576 schedule 1.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from commands.base import Command, Context, Values
from commands.cancelling import cancelled
from commands.finding import case_of, notice_of
from ledger.events import AnyEvent, AppealDecided
from ledger.household.desk import Case
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if


class DecideAppeal(Command, frozen=True, kw_only=True, tag="decide_appeal"):
    case: str
    outcome: Literal["allowed", "refused", "refused_with_recommendation", "withdrawn"]
    decided_on: date


def decide(command: DecideAppeal, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with every `case.*` reason; NotFound for no such case."""
    case = case_of(household, command.case)
    refuse_if(*_refusals(command, case, context))
    found = AppealDecided(
        case_id=case.case_id, outcome=command.outcome, decided_on=command.decided_on
    )
    notice = notice_of(household)
    if command.outcome != "allowed" or notice.cancelled:
        return [found]
    reason = "the adjudicator allowed the appeal"
    return [found, cancelled(notice, "appeal_allowed", reason, decided=case.case_id)]


def _refusals(command: DecideAppeal, case: Case, context: Context) -> Iterator[Refusal]:
    if case.state != "appealed":
        yield Refusal("case.no_appeal", "no appeal of this case is open")
    if command.decided_on > context.today:
        yield Refusal("case.dated_in_future", f"today is {context.today}")
    if case.decided_on is not None and command.decided_on < case.decided_on:
        yield Refusal("case.out_of_order", f"the council decided on {case.decided_on}")


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    found = events[0]
    assert isinstance(found, AppealDecided)
    return {"case": found.case_id, "notice_cancelled": len(events) > 1}
