"""What the adjudicator found."""

from datetime import date

import msgspec
import pytest

from commands.decide_appeal import DecideAppeal
from commands.record_appeal import RecordAppeal
from ledger.events import AppealDecided, NoticeCancelled
from tests.commands.desk import noted, opened, rejected
from tests.given import Given, done

ALLOWED = DecideAppeal(case="c", outcome="allowed", decided_on=date(2027, 4, 1))
AT = "2027-04-02 09:00"


def appealed() -> Given:
    lodged = RecordAppeal(case="c", reference="TPT-1", lodged_on=date(2027, 2, 28))
    return noted(opened(), rejected(), done(lodged, at="2027-03-01 09:00", by="staff", key="a"))


def test_an_allowed_appeal_withdraws_the_notice():
    appealed().when(ALLOWED, at=AT, by="staff").then(
        AppealDecided(case_id="c", outcome="allowed", decided_on=date(2027, 4, 1)),
        NoticeCancelled(reason_code="appeal_allowed", reason="the adjudicator allowed the appeal"),
    )


@pytest.mark.parametrize("outcome", ["refused", "refused_with_recommendation", "withdrawn"])
def test_any_other_finding_leaves_the_notice(outcome: str):
    found = msgspec.structs.replace(ALLOWED, outcome=outcome)
    past = appealed()
    past.when(found, at=AT, by="staff").then_answers(notice_cancelled=False)
    past.when(found, at=AT, by="staff").then_refused("case.no_appeal")


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2027, 4, 3), "case.dated_in_future"), (date(2027, 1, 31), "case.out_of_order")],
)
def test_a_finding_lies_between_the_decision_and_today(day: date, code: str):
    found = msgspec.structs.replace(ALLOWED, decided_on=day)
    appealed().when(found, at=AT, by="staff").then_refused(code)


def test_there_is_nothing_to_find_without_an_appeal():
    noted(opened()).when(ALLOWED, at=AT, by="staff").then_refused("case.no_appeal")
