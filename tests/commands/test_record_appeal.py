"""An appeal against a rejection, in time or late."""

from datetime import date

import msgspec
import pytest

from commands.record_appeal import RecordAppeal
from ledger.events import AppealLodged
from tests.commands.desk import noted, opened, rejected

APPEAL = RecordAppeal(case="c", reference="TPT-1", lodged_on=date(2027, 2, 28))
AT = "2027-03-10 09:00"


@pytest.mark.parametrize(("day", "in_time"), [(date(2027, 2, 28), True), (date(2027, 3, 1), False)])
def test_the_twenty_eighth_day_is_in_time_and_the_next_is_late(day: date, in_time: bool):
    """Beginning with service of the rejection on 1 February (SI 2022/576 reg 7)."""
    appeal = msgspec.structs.replace(APPEAL, lodged_on=day)
    noted(opened(), rejected()).when(appeal, at=AT, by="staff").then(
        AppealLodged(case_id="c", reference="TPT-1", lodged_on=day, in_time=in_time)
    )


def test_there_is_no_appeal_before_a_rejection():
    noted(opened()).when(APPEAL, at=AT, by="staff").then_refused("case.no_appeal")
    noted().when(APPEAL, at=AT, by="staff").then_not_found("case")


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2027, 3, 11), "case.dated_in_future"), (date(2027, 1, 31), "case.out_of_order")],
)
def test_an_appeal_lies_between_the_decision_and_today(day: date, code: str):
    appeal = msgspec.structs.replace(APPEAL, lodged_on=day)
    noted(opened(), rejected()).when(appeal, at=AT, by="staff").then_refused(code)
