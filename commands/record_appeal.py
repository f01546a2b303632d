"""An appeal to the adjudicator against a rejection of formal representations, in time or late.

Source: SI 2022/576 regulation 7 and schedule 1.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from commands.base import Command, Context, Values
from commands.finding import case_of
from commands.open_case import Reference
from ledger.events import AnyEvent, AppealLodged
from ledger.household.desk import Case
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if


class RecordAppeal(Command, frozen=True, kw_only=True, tag="record_appeal"):
    """`reference` is the tribunal's own."""

    case: str
    reference: Reference
    lodged_on: date


def decide(command: RecordAppeal, household: Household, context: Context) -> list[AnyEvent]:
    """Record it; whether a late one is heard is the adjudicator's. Raises Refused with every
    `case.*` reason; NotFound for no such case.
    """
    case = case_of(household, command.case)
    refuse_if(*_refusals(command, case, context))
    assert case.appeal_until is not None
    return [
        AppealLodged(
            case_id=case.case_id,
            reference=command.reference,
            lodged_on=command.lodged_on,
            in_time=command.lodged_on <= case.appeal_until,
        )
    ]


def _refusals(command: RecordAppeal, case: Case, context: Context) -> Iterator[Refusal]:
    if case.state != "decided":
        yield Refusal("case.no_appeal", "an appeal is against a rejection of representations")
    if command.lodged_on > context.today:
        yield Refusal("case.dated_in_future", f"today is {context.today}")
    if case.decided_on is not None and command.lodged_on < case.decided_on:
        yield Refusal("case.out_of_order", f"it was decided on {case.decided_on}")


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    lodged = events[0]
    assert isinstance(lodged, AppealLodged)
    return {"case": lodged.case_id, "in_time": lodged.in_time}
