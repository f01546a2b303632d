"""The council withdraws a notice."""

from commands.cancel_notice import CancelNotice
from ledger.events import NoticeCancelled
from tests.commands.desk import noted, opened
from tests.given import done, given

ERROR = CancelNotice(reason_code="issued_in_error", reason="the wrong bay")
AT = "2027-01-12 09:00"


def test_a_withdrawn_notice_ends_the_cases_about_it():
    past = noted(opened())
    past.when(ERROR, at=AT, by="staff").then(
        NoticeCancelled(reason_code="issued_in_error", reason="the wrong bay", closed_cases=("c",))
    )
    assert past.household.desk is not None
    assert past.household.desk.notice is not None
    assert past.household.desk.notice.cancelled
    assert past.household.desk.notice.cases["c"].closed


def test_it_is_withdrawn_once_and_with_its_reason():
    again = noted(done(ERROR, by="staff", at=AT, key="x"))
    again.when(ERROR, at=AT, by="staff").then_refused("notice.cancelled")
    bare = CancelNotice(reason_code="other", reason=" ")
    noted().when(bare, at=AT, by="staff").then_refused("notice.reason_missing")


def test_there_is_nothing_to_withdraw_where_none_was_noted():
    given().when(ERROR, at=AT, by="staff").then_not_found("notice")
