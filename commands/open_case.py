"""Somebody disputes a penalty charge notice: the case begins, and with it the law's clock.

Source: SI 2022/576 regulations 5 and 6; reference/enforcement-and-evidence.md C.5.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta

from commands.base import Command, Context, Values
from commands.finding import notice_of
from ledger.events import AnyEvent, CaseKind, CaseOpened
from ledger.household.desk import Notice
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import dispute_clocks
from ledger.rules.dispute_clocks import DECISION, REPRESENTATIONS

Reference = Annotated[str, Meta(pattern="^[A-Za-z0-9/-]{1,40}$")]
"""A reference into the council's correspondence: letters, digits, `/` and `-`. No person's name."""


class OpenCase(Command, frozen=True, kw_only=True, tag="open_case"):
    """`served_on`: when the notice to owner was served; or `posted_on`, and the law says when."""

    kind: CaseKind
    reference: Reference
    received_on: date
    served_on: date | None = None
    posted_on: date | None = None


def decide(command: OpenCase, household: Household, context: Context) -> list[AnyEvent]:
    """Open it, in time or late. Raises Refused with `notice.cancelled`, every `case.*` reason."""
    notice = notice_of(household)
    refuse_if(*_refusals(command, notice, context))
    formal = command.kind == "formal"
    served_on = command.served_on
    if command.posted_on is not None:
        served_on = dispute_clocks.served_by_post(command.posted_on, context.working_days)
    counted_from = served_on if formal else None
    until = None if counted_from is None else REPRESENTATIONS.last_day(counted_from)
    return [
        CaseOpened(
            case_id=context.new_id(),
            kind=command.kind,
            reference=command.reference,
            received_on=command.received_on,
            in_time=until is None or command.received_on <= until,
            served_on=counted_from,
            received_until=until,
            decide_until=DECISION.last_day(command.received_on) if formal else None,
        )
    ]


def _refusals(command: OpenCase, notice: Notice, context: Context) -> Iterator[Refusal]:
    if notice.cancelled:
        yield Refusal("notice.cancelled", "the notice was withdrawn")
    if command.kind == "formal" and (
        elsewhere := dispute_clocks.law_refusal(context.scheme.country)
    ):
        yield elsewhere
    given = [each for each in (command.served_on, command.posted_on) if each is not None]
    if command.kind == "formal" and len(given) != 1:
        yield Refusal(
            "case.service_missing", "say when the notice to owner was served, or else posted"
        )
    if command.kind == "informal" and given:
        yield Refusal("case.service_missing", "a challenge comes before any notice to owner")
    if any(day > context.today for day in (command.received_on, *given)):
        yield Refusal("case.dated_in_future", f"today is {context.today}")
    if any(day < notice.noted.issued_on for day in (command.received_on, *given)):
        yield Refusal("case.before_notice", f"the notice was issued on {notice.noted.issued_on}")
    if any(day > command.received_on for day in given):
        yield Refusal("case.before_notice", "received before the notice to owner was sent")
    if any(case.kind == command.kind and not case.closed for case in notice.cases.values()):
        yield Refusal("case.open_already", "a case of this kind is open about the notice")


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    opened = events[0]
    assert isinstance(opened, CaseOpened)
    return {
        "case": opened.case_id,
        "in_time": opened.in_time,
        "received_until": opened.received_until.isoformat() if opened.received_until else None,
        "decide_until": opened.decide_until.isoformat() if opened.decide_until else None,
    }
