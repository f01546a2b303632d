"""Cases as rows, and which are due or overdue on a day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from commands.decide_case import DecideCase
from commands.open_case import OpenCase
from commands.record_appeal import RecordAppeal
from ledger.events import AppealDecided, AppealLodged, CaseClosed, CaseDecided, CaseOpened
from ledger.events import NoticeCancelled as Gone
from projections import cases
from projections.cases import Cases, CaseSeen
from tests.commands.desk import NOTICE
from tests.projections.facts import LATER, fact, rows
from tests.replay.town import STAFF, Town, town

OPENED = CaseOpened(
    case_id="c",
    kind="formal",
    reference="A-1",
    received_on=date(2027, 1, 10),
    in_time=True,
    served_on=date(2027, 1, 1),
    received_until=date(2027, 1, 28),
    decide_until=date(2027, 3, 6),
)
REJECTED = CaseDecided(
    case_id="c",
    outcome="rejected",
    reason="x",
    decided_on=date(2027, 2, 1),
    served_on=date(2027, 2, 1),
    appeal_until=date(2027, 2, 28),
)


@pytest.mark.parametrize(
    ("then", "state", "outcome"),
    [
        ([], "open", ""),
        ([REJECTED], "decided", "rejected"),
        (
            [
                REJECTED,
                AppealLodged(case_id="c", reference="T", lodged_on=date(2027, 2, 2), in_time=True),
            ],
            "appealed",
            "rejected",
        ),
        (
            [REJECTED, AppealDecided(case_id="c", outcome="allowed", decided_on=date(2027, 4, 1))],
            "closed",
            "appeal_allowed",
        ),
        ([CaseClosed(case_id="c", reason="paid")], "closed", "paid"),
        ([Gone(reason_code="other", reason="x", closed_cases=("c",))], "closed", ""),
    ],
)
def test_how_far_a_case_has_come(then, state, outcome):
    later = [fact(each, n, LATER) for n, each in enumerate(then, start=2)]
    (row,) = rows(Cases(), [fact(OPENED), *later])

    assert (row["state"], row["outcome"]) == (state, outcome)


@pytest.fixture
def made(database: str) -> Iterator[Town]:
    """A notice with formal representations, received on 19 November 2026."""
    with town(database, "stevenage") as one:
        one.now = datetime(2026, 11, 19, 13, tzinfo=UTC)
        stream = one.council.ledger.notice_id(NOTICE.number)
        one.do(NOTICE, by=STAFF, stream=stream)
        opened = OpenCase(
            kind="formal",
            reference="A-1",
            received_on=date(2026, 11, 19),
            served_on=date(2026, 11, 19),
        )
        one.case = one.do(opened, by=STAFF, stream=stream)["case"]  # type: ignore[attr-defined]
        yield one


def listed(one: Town, today: date, **asked: object) -> list[CaseSeen]:
    with one.council.pool.connection() as connection:
        return cases.listed(connection, one.council.schema, today=today, **asked)  # type: ignore[arg-type]


LAST = date(2027, 1, 13)
"""The fifty-sixth day, beginning with 19 November 2026."""


@pytest.mark.parametrize(
    ("today", "due", "overdue"),
    [
        (LAST - timedelta(days=15), 0, 0),
        (LAST - timedelta(days=14), 1, 0),
        (LAST, 1, 0),
        (LAST + timedelta(days=1), 0, 1),
    ],
)
def test_a_case_is_due_up_to_its_last_day_and_overdue_after_it(made, today, due, overdue):
    assert len(listed(made, today, which="due")) == due
    late = listed(made, today, which="overdue")
    assert len(late) == overdue
    assert all(case.taken_as_accepted for case in late)
    (case,) = listed(made, today, which="open")
    assert (case.clock, case.due_on, case.days_left) == ("decision", LAST, (LAST - today).days)


def test_after_a_rejection_the_appeals_clock_runs_and_then_none(made):
    stream = made.council.ledger.notice_id(NOTICE.number)
    made.do(DecideCase(case=made.case, outcome="rejected", reason="x"), by=STAFF, stream=stream)
    today = date(2026, 12, 17)

    (case,) = listed(made, today, clock="appeal", which="overdue")
    assert (case.due_on, case.taken_as_accepted) == (date(2026, 12, 16), False)
    assert listed(made, today, clock="decision") == []

    made.do(
        RecordAppeal(case=made.case, reference="T-1", lodged_on=date(2026, 11, 19)),
        by=STAFF,
        stream=stream,
    )
    (case,) = listed(made, today)
    assert (case.state, case.clock, case.due_on) == ("appealed", "", None)
    assert listed(made, today, which="overdue") == []
    assert listed(made, today, number="OTHER1") == []
    assert len(listed(made, today, which="every", number=NOTICE.number)) == 1
