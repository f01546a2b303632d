"""Deciding an application: an offer, an approval, or a refusal."""

from datetime import date

import pytest

from commands.cancel_application import CancelApplication
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from ledger.events import ApplicationApproved, ApplicationRefused, HoldingIssued, OfferMade
from tests.given import Given, applied_for, bought, done, given, instant

EPERMIT = "visitors-permit"
POSTED = {"flow.kind": "pay_decide_post"}
OFFER = DecideApplication(application="a1", outcome="offer")
APPROVE = DecideApplication(application="a1", outcome="approve")
REFUSE = DecideApplication(application="a1", outcome="refuse", reason="not resident")
PAY = done(PayForApplications(applications=("a1",), result="authorised"), ids=("p1",))


def proved(*past, **values: object) -> Given:
    return given(
        applied_for(EPERMIT, proved=True),
        *past,
        scheme="gravesham",
        values={name.replace("__", "."): value for name, value in values.items()},
    )


def test_a_successful_application_is_offered_and_the_offer_does_not_lapse():
    """Offered, which prompts payment (GRV-021); no automatic lapse by default (X-028)."""
    proved().when(OFFER, by="staff").then(OfferMade(application_id="a1")).then_answers(
        state="offered", pence=1500
    )


@pytest.mark.parametrize(
    ("at", "lapses_at"),
    [("2026-11-19 10:00", "2026-12-04 00:00"), ("2027-03-20 10:00", "2027-04-04 00:00")],
)
def test_an_offer_of_fourteen_days_lapses_at_the_end_of_the_fourteenth(at, lapses_at):
    """Whole local days, over a clock change too (X-028)."""
    proved(flow__offer_days=14).when(OFFER, by="staff", at=at).then(
        OfferMade(application_id="a1", lapses_at=instant(lapses_at))
    )


def test_an_unsuccessful_one_is_refused_with_its_reason():
    """It is never offered, paid or issued (GRV-023, A-068)."""
    proved().when(REFUSE, by="staff").then(
        ApplicationRefused(application_id="a1", reason="not resident")
    ).then_answers(state="refused", refunded=0)


def test_it_can_be_refused_before_its_proof_but_not_offered():
    """Proof comes before the decision."""
    waiting = given(applied_for(EPERMIT), scheme="gravesham")

    waiting.when(OFFER, by="staff").then_refused("application.proof_missing")
    waiting.when(REFUSE, by="staff").then_accepted()


def test_it_is_decided_once():
    """What is offered, refused, declined or issued awaits no decision."""
    proved(done(OFFER, by="staff")).when(OFFER, by="staff").then_refused(
        "application.decision_missing"
    )
    proved(done(REFUSE, by="staff")).when(OFFER, by="staff").then_refused("application.closed")
    proved(done(REFUSE, by="staff")).when(REFUSE, by="staff").then_refused("application.closed")
    proved(done(CancelApplication(application="a1"))).when(OFFER, by="staff").then_refused(
        "application.closed"
    )
    proved(done(OFFER, by="staff"), PAY).when(REFUSE, by="staff").then_refused("application.closed")


def test_an_offer_can_be_taken_back_before_it_is_paid():
    proved(done(OFFER, by="staff")).when(REFUSE, by="staff").then_answers(state="refused")


def test_where_payment_comes_first_an_approval_issues():
    """Paid, decided, posted (RBW-066): the approval is the last step."""
    outcome = given(applied_for(EPERMIT, proved=True), PAY, scheme="gravesham", values=POSTED).when(
        APPROVE, by="staff", at="2026-11-23 10:00", ids=("h1",)
    )

    approved, issued = outcome.then_answers(state="issued", holdings=["h1"]).events
    assert approved == ApplicationApproved(application_id="a1", state="issued")
    assert isinstance(issued, HoldingIssued)
    assert (issued.starts_on, issued.last_day) == (date(2026, 11, 23), date(2027, 11, 22))


def test_an_unpaid_one_is_not_approved_where_payment_comes_first():
    given(applied_for(EPERMIT, proved=True), scheme="gravesham", values=POSTED).when(
        APPROVE, by="staff"
    ).then_refused("application.decision_missing")


@pytest.mark.parametrize(("pays_back", "returned"), [(True, 1500), (False, 0)])
def test_what_was_paid_and_is_refused_is_paid_back_where_the_scheme_says_so(pays_back, returned):
    """Non-refundable is about what was issued (X-058)."""
    outcome = given(
        applied_for(EPERMIT, proved=True),
        PAY,
        scheme="gravesham",
        values={**POSTED, "flow.refund_on_refusal": pays_back},
    ).when(REFUSE, by="staff")

    outcome.then(
        ApplicationRefused(
            application_id="a1",
            reason="not resident",
            refunded_pence=returned,
            payment_id="p1" if returned else "",
            payment_refunded_pence=returned,
        )
    ).then_answers(state="refused", refunded=returned)
    assert outcome.household.payments["p1"].refunded_pence == returned


def test_two_of_a_basket_that_are_refused_are_paid_back_one_after_the_other():
    """Each its own share; the payment's total is told with it (X-058)."""
    outcome = given(
        applied_for(EPERMIT, proved=True),
        applied_for(EPERMIT, name="a2", proved=True),
        done(PayForApplications(applications=("a1", "a2"), result="authorised"), ids=("p1",)),
        done(REFUSE, by="staff"),
        scheme="gravesham",
        values={**POSTED, "flow.basket": True, f"products.{EPERMIT}.allowance": []},
    ).when(DecideApplication(application="a2", outcome="refuse", reason="not resident"), by="staff")

    (refused,) = outcome.then_accepted().events
    assert isinstance(refused, ApplicationRefused)
    assert (refused.refunded_pence, refused.payment_refunded_pence) == (1500, 3000)
    assert outcome.household.payments["p1"].refunded_pence == 3000


def test_what_costs_nothing_is_issued_with_the_offer():
    outcome = proved(**{f"products__{EPERMIT}__price__pence": 0}).when(
        OFFER, by="staff", ids=("h1",)
    )

    outcome.then_answers(state="issued", holdings=["h1"])
    assert [type(event) for event in outcome.events] == [OfferMade, HoldingIssued]


def test_where_no_decision_is_asked_for_none_is_due():
    given(applied_for("virtual-visitor-vouchers", proved=True)).when(
        APPROVE, by="staff"
    ).then_refused("application.decision_missing")


def test_an_unknown_application_is_not_found():
    given(bought(EPERMIT), scheme="gravesham").when(OFFER, by="staff").then_not_found("application")
