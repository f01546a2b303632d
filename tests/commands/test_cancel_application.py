"""Cancelling an application that is not issued."""

from commands.cancel_application import CancelApplication
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from ledger.events import ApplicationDeclined
from tests.given import applied_for, bought, done, given

SETS = "virtual-visitor-vouchers"
EPERMIT = "visitors-permit"
CANCEL = CancelApplication(application="a1")


def test_an_application_cancelled_before_its_proof_is_declined_for_good():
    """A fresh application is then required (STV-040, A-003)."""
    given(applied_for(SETS)).when(CANCEL).then(
        ApplicationDeclined(application_id="a1")
    ).then_answers(state="declined")


def test_one_cancelled_instead_of_paid_is_declined():
    """The form must be completed again (STV-067, A-004)."""
    given(applied_for(SETS, proved=True)).when(CANCEL).then_answers(state="declined")


def test_an_offer_can_be_declined():
    given(
        applied_for(EPERMIT, proved=True),
        done(DecideApplication(application="a1", outcome="offer"), by="staff"),
        scheme="gravesham",
    ).when(CANCEL).then_answers(state="declined")


def test_what_is_closed_or_issued_is_not_cancelled():
    given(applied_for(SETS), done(CANCEL)).when(CANCEL).then_refused("application.closed")
    given(bought(SETS)).when(CancelApplication(application="lot.application")).then_refused(
        "application.closed", "refund.non_refundable"
    )


def test_what_is_paid_and_awaits_the_decision_is_not_cancelled():
    """Money comes back with a refusal, not with a change of mind (X-058)."""
    given(
        applied_for(EPERMIT, proved=True),
        done(PayForApplications(applications=("a1",), result="authorised")),
        scheme="gravesham",
        values={"flow.kind": "pay_decide_post"},
    ).when(CANCEL).then_refused("refund.non_refundable")


def test_an_unknown_application_is_not_found():
    given().when(CANCEL).then_not_found("application")
