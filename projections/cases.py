"""Disputes of penalty charge notices, each with the clock that runs and its last day.

While a case is open the council's clock runs, once it is rejected the appeal's. What is due is
told by the day that is asked about: nothing has to run for a case to be overdue.

Source: SI 2022/576; reference/enforcement-and-evidence.md C.5.
"""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import (
    AppealDecided,
    AppealLodged,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    NoticeCancelled,
    Recorded,
)
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

CASES = Table(
    name="dispute_cases",
    columns=(
        "case_id",
        "notice_id",
        "kind",
        "reference",
        "received_on",
        "in_time",
        "received_until",
        "decide_until",
        "state",
        "outcome",
        "decided_on",
        "appeal_until",
        "opened_at",
    ),
    key=("case_id",),
    match=("case_id",),
    patched=("state", "outcome", "decided_on", "appeal_until"),
)


class Cases:
    """The fold: a case is opened, decided, appealed, and over."""

    name = "cases"
    tables = (CASES,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case CaseOpened() as event:
                changes.put(CASES, _row(recorded, event))
            case CaseDecided() as event:
                changes.patch(
                    CASES,
                    {"case_id": event.case_id},
                    state="decided" if event.appeal_until else "closed",
                    outcome=event.outcome,
                    decided_on=event.decided_on,
                    appeal_until=event.appeal_until,
                )
            case AppealLodged() as event:
                changes.patch(CASES, {"case_id": event.case_id}, state="appealed")
            case AppealDecided() as event:
                outcome = f"appeal_{event.outcome}"
                changes.patch(CASES, {"case_id": event.case_id}, state="closed", outcome=outcome)
            case CaseClosed() as event:
                changes.patch(
                    CASES, {"case_id": event.case_id}, state="closed", outcome=event.reason
                )
            case NoticeCancelled() as event:
                for case_id in event.closed_cases:
                    changes.patch(CASES, {"case_id": case_id}, state="closed")
            case _:
                pass


def _row(recorded: Recorded, event: CaseOpened) -> dict[str, object]:
    return {
        "case_id": event.case_id,
        "notice_id": recorded.household_id,
        "kind": event.kind,
        "reference": event.reference,
        "received_on": event.received_on,
        "in_time": event.in_time,
        "received_until": event.received_until,
        "decide_until": event.decide_until,
        "state": "open",
        "outcome": "",
        "decided_on": None,
        "appeal_until": None,
        "opened_at": recorded.recorded_at,
    }


class CaseSeen(Struct, frozen=True, kw_only=True):
    """A case. `clock` is the one that runs, `due_on` its last day that is in time, `days_left` how
    many days after today that is: 0 is today, below 0 it is over. None where no clock runs.

    `taken_as_accepted`: the council was late with its decision.
    """

    case_id: str
    number: str
    kind: str
    reference: str
    received_on: date
    in_time: bool
    state: str
    outcome: str
    clock: Literal["", "decision", "appeal"]
    due_on: date | None
    days_left: int | None
    taken_as_accepted: bool


Which = Literal["open", "due", "overdue", "every"]
_RUNNING = """
with running as (
    select c.*, n.number,
        case when c.state = 'open' and c.decide_until is not null then 'decision'
             when c.state = 'decided' then 'appeal' else '' end as clock,
        case when c.state = 'open' then c.decide_until
             when c.state = 'decided' then c.appeal_until end as due_on
    from SCHEMA.dispute_cases c join SCHEMA.notices n using (notice_id)
)
select case_id, number, kind, reference, received_on, in_time, state, outcome, clock, due_on,
    due_on - %(today)s::date as days_left,
    clock = 'decision' and due_on < %(today)s as taken_as_accepted
from running
"""
_IN_TURN = "order by due_on nulls last, received_on, case_id"
_CASES = f"""{_RUNNING}
where (%(number)s = '' or number = %(number)s)
    and (%(clock)s = '' or clock = %(clock)s)
    and case %(which)s when 'every' then true
        when 'open' then state <> 'closed'
        when 'overdue' then due_on < %(today)s
        else due_on between %(today)s and %(until)s end
{_IN_TURN}
limit %(limit)s
"""
_OF_NOTICES = f"{_RUNNING} where number = any(%(numbers)s) {_IN_TURN}"


def listed(
    connection: Connection,
    schema: str,
    *,
    today: date,
    which: Which = "open",
    clock: str = "",
    within_days: int = 14,
    number: str = "",
    limit: int = 1000,
) -> list[CaseSeen]:
    """Cases on a day, the soonest due first. `due`: its last day is today or within so many days;
    `overdue`: its last day is over. A number or a clock leaves the others out.
    """
    with connection.cursor(row_factory=class_row(CaseSeen)) as cursor:
        return cursor.execute(
            _CASES.replace("SCHEMA", schema).encode(),
            {
                "today": today,
                "until": today + timedelta(days=within_days),
                "which": which,
                "clock": clock,
                "number": number,
                "limit": limit,
            },
        ).fetchall()


def of_notices(
    connection: Connection, schema: str, *, today: date, numbers: list[str]
) -> dict[str, list[CaseSeen]]:
    """The cases about each of those notices, as `listed` tells `every`; none: an empty list."""
    with connection.cursor(row_factory=class_row(CaseSeen)) as cursor:
        found = cursor.execute(
            _OF_NOTICES.replace("SCHEMA", schema).encode(), {"today": today, "numbers": numbers}
        ).fetchall()
    about: dict[str, list[CaseSeen]] = {number: [] for number in numbers}
    for each in found:
        about[each.number].append(each)
    return about
