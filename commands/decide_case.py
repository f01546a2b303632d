"""The council decides a dispute: it accepts it, and the notice is withdrawn, or rejects it.

Formal representations that were not answered by their last day are taken as accepted: a rejection
served later is no decision.

Source: SI 2022/576 regulation 6; reference/enforcement-and-evidence.md C.5.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from commands.base import Command, Context, Values
from commands.cancelling import cancelled
from commands.finding import case_of, notice_of
from ledger.events import AnyEvent, CaseDecided
from ledger.household.desk import Case
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import dispute_clocks
from ledger.rules.dispute_clocks import APPEAL


class DecideCase(Command, frozen=True, kw_only=True, tag="decide_case"):
    """Decided and served today, where no other day is named; what is posted is served later."""

    case: str
    outcome: Literal["accepted", "rejected"]
    reason: Annotated[str, Meta(max_length=500)]
    decided_on: date | None = None
    posted_on: date | None = None


def decide(command: DecideCase, household: Household, context: Context) -> list[AnyEvent]:
    """Decide it. Raises Refused with every `case.*` reason; NotFound for no such case."""
    case = case_of(household, command.case)
    decided_on = command.decided_on or context.today
    refuse_if(*_refusals(command, case, decided_on, context))
    served_on = _served(command, decided_on, context)
    late = dispute_clocks.taken_as_accepted(case.decide_until, served_on, context.today)
    rejected = command.outcome == "rejected"
    refuse_if(
        Refusal(
            "case.accepted_by_lateness",
            f"the last day was {case.decide_until}; the representations are taken as accepted",
        )
        if late and rejected
        else None
    )
    decided = CaseDecided(
        case_id=case.case_id,
        outcome=command.outcome,
        reason=command.reason.strip(),
        decided_on=decided_on,
        served_on=served_on,
        deemed=late,
        appeal_until=(APPEAL.last_day(served_on) if rejected and case.kind == "formal" else None),
    )
    if rejected:
        return [decided]
    notice = notice_of(household)
    code = "representations_accepted" if case.kind == "formal" else "challenge_accepted"
    ended = cancelled(notice, code, decided.reason, decided=case.case_id)
    return [decided, ended]


def _served(command: DecideCase, decided_on: date, context: Context) -> date:
    if command.posted_on is None:
        return decided_on
    return dispute_clocks.served_by_post(command.posted_on, context.working_days)


def _refusals(
    command: DecideCase, case: Case, decided_on: date, context: Context
) -> Iterator[Refusal]:
    if case.state != "open":
        yield Refusal("case.decided_already", "the case is decided, or over")
    if not command.reason.strip():
        yield Refusal("case.reason_missing", "say why it is decided so")
    days = [decided_on, *([command.posted_on] if command.posted_on else [])]
    if any(day > context.today for day in days):
        yield Refusal("case.dated_in_future", f"today is {context.today}")
    if days != sorted([case.received_on, *days])[1:]:
        yield Refusal("case.out_of_order", "received, decided and posted is the order of days")


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    decided = events[0]
    assert isinstance(decided, CaseDecided)
    return {
        "case": decided.case_id,
        "served_on": decided.served_on.isoformat(),
        "accepted_by_lateness": decided.deemed,
        "appeal_until": decided.appeal_until.isoformat() if decided.appeal_until else None,
        "notice_cancelled": len(events) > 1,
    }
