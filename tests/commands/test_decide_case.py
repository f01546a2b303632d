"""The council decides a dispute, or has decided it by being late."""

from datetime import date

import msgspec
import pytest

from commands.decide_case import DecideCase
from commands.open_case import OpenCase
from ledger.events import CaseDecided, NoticeCancelled
from tests.commands.desk import REJECTED, noted, opened, rejected

ACCEPTED = DecideCase(case="c", outcome="accepted", reason="a permit was in force")
INFORMAL = OpenCase(kind="informal", reference="CH/26-1", received_on=date(2026, 11, 20))


def test_a_rejection_starts_the_clock_of_the_appeal():
    """28 days beginning with the day it is served (SI 2022/576 reg 7)."""
    noted(opened()).when(REJECTED, at="2027-02-01 09:00", by="staff").then(
        CaseDecided(
            case_id="c",
            outcome="rejected",
            reason="no permit was in force",
            decided_on=date(2027, 2, 1),
            served_on=date(2027, 2, 1),
            appeal_until=date(2027, 2, 28),
        )
    )


def test_an_accepted_dispute_withdraws_the_notice():
    past = noted(opened())
    past.when(ACCEPTED, at="2027-02-01 09:00", by="staff").then(
        CaseDecided(
            case_id="c",
            outcome="accepted",
            reason="a permit was in force",
            decided_on=date(2027, 2, 1),
            served_on=date(2027, 2, 1),
        ),
        NoticeCancelled(reason_code="representations_accepted", reason="a permit was in force"),
    )
    past.when(ACCEPTED, at="2027-02-02 09:00", by="staff").then_refused("case.decided_already")


@pytest.mark.parametrize(
    ("at", "refused"), [("2027-03-06 23:59", False), ("2027-03-07 00:00", True)]
)
def test_a_rejection_after_the_fifty_sixth_day_is_no_decision(at: str, refused: bool):
    """Lateness has accepted the representations (SI 2022/576 reg 6)."""
    outcome = noted(opened()).when(REJECTED, at=at, by="staff")
    outcome.then_refused("case.accepted_by_lateness") if refused else outcome.then_accepted()


def test_a_decision_counts_from_the_day_on_which_its_letter_is_served():
    """Posted on a Friday, the 5th of March: served on Tuesday the 9th, three days too late."""
    posted = msgspec.structs.replace(REJECTED, posted_on=date(2027, 3, 5))
    noted(opened()).when(posted, at="2027-03-05 09:00", by="staff").then_refused(
        "case.accepted_by_lateness"
    )
    early = msgspec.structs.replace(REJECTED, posted_on=date(2027, 3, 3))
    on_day = msgspec.structs.replace(early, decided_on=date(2027, 3, 3))
    noted(opened()).when(on_day, at="2027-03-10 09:00", by="staff").then_answers(
        served_on="2027-03-05", appeal_until="2027-04-01"
    )


def test_a_late_acceptance_says_that_lateness_had_accepted_it():
    noted(opened()).when(ACCEPTED, at="2027-03-07 09:00", by="staff").then_answers(
        accepted_by_lateness=True, notice_cancelled=True
    )


def test_an_informal_challenge_may_be_rejected_at_any_time_and_has_no_appeal():
    past = noted(opened(INFORMAL, at="2026-11-21 09:00"))
    past.when(REJECTED, at="2027-06-01 09:00", by="staff").then_answers(appeal_until=None)
    assert past.household.desk is not None
    assert past.household.desk.notice is not None
    assert past.household.desk.notice.cases["c"].closed


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"reason": " "}, "case.reason_missing"),
        ({"decided_on": date(2027, 2, 2)}, "case.dated_in_future"),
        ({"posted_on": date(2027, 2, 2)}, "case.dated_in_future"),
        ({"decided_on": date(2027, 1, 9)}, "case.out_of_order"),
        ({"posted_on": date(2027, 1, 31)}, "case.out_of_order"),
    ],
)
def test_a_decision_has_its_reason_and_its_days_in_order(values: dict[str, object], code: str):
    command = msgspec.structs.replace(REJECTED, **values)
    noted(opened()).when(command, at="2027-02-01 09:00", by="staff").then_refused(code)


def test_a_case_is_decided_once_and_has_to_be_there():
    again = noted(opened(), rejected())
    again.when(REJECTED, at="2027-02-02 09:00", by="staff").then_refused("case.decided_already")
    noted().when(REJECTED, by="staff").then_not_found("case")
