"""A case ends without a decision."""

import pytest

from commands.close_case import CloseCase
from ledger.events import CaseClosed
from tests.commands.desk import noted, opened, rejected

AT = "2027-03-10 09:00"


@pytest.mark.parametrize("past", [(opened(),), (opened(), rejected())])
def test_a_case_that_is_not_over_may_be_closed_once(past):
    home = noted(*past)
    paid = CloseCase(case="c", reason="paid")
    home.when(paid, at=AT, by="staff").then(CaseClosed(case_id="c", reason="paid"))
    home.when(paid, at=AT, by="staff").then_refused("case.decided_already")


def test_a_case_has_to_be_there():
    noted().when(CloseCase(case="c", reason="paid"), at=AT, by="staff").then_not_found("case")
