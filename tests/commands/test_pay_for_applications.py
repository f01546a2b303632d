"""What the provider said of a payment: one payment, one effect."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.decide_application import DecideApplication
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from ledger.events import (
    Counted,
    HoldingIssued,
    PaymentAuthorised,
    PaymentFailed,
)
from tests.given import (
    applied_for,
    bought,
    cover,
    done,
    given,
    instant,
    living,
    new_edition,
    vehicle,
)

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
EPERMIT = "visitors-permit"
OFFER = DecideApplication(application="a1", outcome="offer")


def paid(*applications: str, **facts: object) -> PayForApplications:
    return PayForApplications(
        applications=applications or ("a1",),
        result="authorised",
        **facts,  # type: ignore[arg-type]
    )


def test_a_set_is_issued_the_moment_its_payment_is_authorised():
    """Issued when payment is authorised, not when it is requested (STV-066, A-001)."""
    (
        given(applied_for(SETS, at="2026-11-18 09:30", proved=True))
        .when(paid(provider_reference="ref-1"), ids=("p1", "h1"))
        .then(
            PaymentAuthorised(
                payment_id="p1",
                provider_reference="ref-1",
                applications=("a1",),
                shares=(1000,),
                pence=1000,
                state="issued",
            ),
            HoldingIssued(
                holding_id="h1",
                application_id="a1",
                resident_id="res",
                product=SETS,
                zone="OT",
                units=20,
                packs=1,
                pence=1000,
                bought_on=date(2026, 11, 19),
                starts_on=date(2026, 11, 18),
                last_day=date(2027, 11, 30),
                in_force_from=instant("2026-11-19 10:00"),
                in_force_until=instant("2027-12-01 00:00"),
                counted=(),
                edition="stevenage@2020-11-19",
                tell=True,
            ),
        )
        .then_answers(state="issued", pence=1000, payments=1, holdings=["h1"])
    )


def test_a_bundle_counts_from_the_day_it_is_paid_to_the_day_before_its_anniversary():
    """By date, whatever the time of day (X-034, X-036)."""
    outcome = given(applied_for(PERMITS, at="2026-11-19 10:00"), scheme="hampshire").when(
        paid(), at="2026-11-20 15:00", ids=("p1", "h1")
    )

    issued = outcome.then_accepted().events[1]
    assert isinstance(issued, HoldingIssued)
    assert (issued.bought_on, issued.starts_on, issued.last_day) == (
        date(2026, 11, 20),
        date(2026, 11, 20),
        date(2027, 11, 19),
    )
    assert issued.counted == (
        Counted(
            cap="visitor-permits/household/rolling_12m/unit",
            scope="household",
            unit="unit",
            amount=10,
            counts_from=date(2026, 11, 20),
            counts_until=date(2027, 11, 20),
        ),
    )


def test_cover_begins_with_the_payment_and_not_with_the_offer():
    """The first vehicle entered is active at issue (GRV-018, GRV-022, A-061, A-069)."""
    marks = ("AA11AAA", "BB22BBB")
    outcome = given(
        applied_for(EPERMIT, at="2026-11-19 08:00", proved=True, vehicles=marks),
        done(OFFER, at="2026-11-19 09:00", by="staff"),
        scheme="gravesham",
    ).when(paid(), at="2026-11-19 12:00", ids=("p1", "h1", "c1", "c2", "c3"))

    def covering(cover_id: str, kind, mark: str):
        return cover(
            cover_id,
            mark,
            kind=kind,
            holding="h1",
            product=EPERMIT,
            zone="H01",
            begins="2026-11-19 12:00",
            ends="2027-11-19 00:00",
        )

    issued = outcome.then_accepted().events[1]
    assert isinstance(issued, HoldingIssued)
    assert issued.vehicles == (vehicle("AA11AAA"), vehicle("BB22BBB"))
    assert issued.active == "AA11AAA"
    assert issued.covers == (
        covering("c1", "listed", "AA11AAA"),
        covering("c2", "listed", "BB22BBB"),
        covering("c3", "active", "AA11AAA"),
    )


@pytest.mark.parametrize("result", ["declined", "cancelled"])
def test_what_is_not_authorised_changes_nothing_but_the_history(result):
    """Still awaiting payment, nothing issued, and it can be paid again (A-002)."""
    waiting = given(applied_for(SETS, proved=True))

    waiting.when(
        PayForApplications(applications=("a1",), result=result, provider_reference="ref-1"),
        ids=("p1",),
    ).then(
        PaymentFailed(
            payment_id="p1",
            provider_reference="ref-1",
            applications=("a1",),
            pence=1000,
            result=result,
        )
    ).then_answers(state="awaiting_payment", payments=0, holdings=[])
    waiting.when(paid(), ids=("p2", "h1")).then_answers(state="issued", payments=1)


def test_three_sets_in_the_basket_are_paid_for_at_once():
    """Several applications in one payment (STV-069, A-007); each share is recorded."""
    outcome = given(
        *(applied_for(SETS, name=name, proved=True) for name in ("a1", "a2", "a3"))
    ).when(paid("a1", "a2", "a3", "a2", amount=3000))

    outcome.then_answers(pence=3000, payments=1)
    assert isinstance(outcome.events[0], PaymentAuthorised)
    assert outcome.events[0].shares == (1000, 1000, 1000)
    assert [type(event) for event in outcome.events[1:]] == [HoldingIssued] * 3


def test_a_basket_is_paid_whole_or_not_at_all():
    """One that cannot be paid refuses them all."""
    given(applied_for(SETS, proved=True), applied_for(SETS, name="a2")).when(
        paid("a1", "a2")
    ).then_refused("application.proof_missing")


def test_a_basket_is_within_the_allowance_together():
    """Ten and fifty are within fifty each, and not together (HAN-015)."""
    ten = done(ApplyForPermit(product=PERMITS, quantity=10), ids=("a1",))
    fifty = done(ApplyForPermit(product=PERMITS, quantity=50), ids=("a2",))

    basket = {"flow.basket": True}
    given(ten, fifty, scheme="hampshire", values=basket).when(paid("a1", "a2")).then_refused(
        "allowance.exceeded"
    )
    given(ten, fifty, scheme="hampshire", values=basket).when(paid("a1")).then_accepted()


def test_where_there_is_no_basket_each_application_is_paid_for_on_its_own():
    """flow.basket = false (STV-069 is Stevenage's)."""
    ten = (done(ApplyForPermit(product=PERMITS), ids=(name,)) for name in ("a1", "a2"))
    waiting = given(*ten, scheme="hampshire")

    waiting.when(paid("a1", "a2")).then_refused("payment.one_at_a_time")
    waiting.when(paid("a1", "a1")).then_answers(payments=1)


def test_a_residents_own_maximum_is_not_used_up_by_another_resident():
    """One permit a resident, three a household: two of them pay at once (RBW-042, RBW-043)."""
    own = {
        "flow.basket": True,
        f"products.{PERMITS}.allowance": [
            {"max": 10, "scope": "resident", "window": "rolling_12m"}
        ],
    }

    given(
        living("r2"),
        applied_for(PERMITS),
        applied_for(PERMITS, name="a2", by="r2"),
        scheme="hampshire",
        values=own,
    ).when(paid("a1", "a2")).then_accepted()
    given(
        applied_for(PERMITS), applied_for(PERMITS, name="a2"), scheme="hampshire", values=own
    ).when(paid("a1", "a2")).then_refused("allowance.exceeded")


def test_a_maximum_of_one_application_is_not_that_of_a_basket():
    own = {
        "flow.basket": True,
        f"products.{PERMITS}.allowance": [{"max": 10, "window": "per_application"}],
    }

    given(
        applied_for(PERMITS), applied_for(PERMITS, name="a2"), scheme="hampshire", values=own
    ).when(paid("a1", "a2")).then_accepted()
    given(scheme="hampshire", values=own).when(
        ApplyForPermit(product=PERMITS, quantity=20)
    ).then_refused("allowance.exceeded")


def test_what_was_within_the_allowance_when_asked_for_may_not_be_when_paid():
    """Two are offered, one of them is in force (X-032)."""
    given(
        applied_for(EPERMIT, proved=True),
        done(OFFER, by="staff"),
        bought(EPERMIT),
        scheme="gravesham",
    ).when(paid()).then_refused("allowance.in_force")


def test_an_application_is_paid_once():
    """One payment, one effect."""
    given(bought(SETS)).when(paid("lot.application")).then_refused("payment.repeated")


def test_proof_and_offer_come_before_payment():
    """Not offered before proof (STV-039, A-006), nor taken before the offer (GRV-021, A-067)."""
    given(applied_for(SETS)).when(paid()).then_refused("application.proof_missing")
    given(applied_for(EPERMIT, proved=True), scheme="gravesham").when(paid()).then_refused(
        "application.not_offered"
    )
    given(applied_for(EPERMIT), scheme="gravesham").when(paid()).then_refused(
        "application.proof_missing", "application.not_offered"
    )


def test_a_closed_application_cannot_be_paid():
    """Declined or refused for good (A-004, A-068)."""
    refuse = DecideApplication(application="a1", outcome="refuse", reason="not resident")

    given(applied_for(SETS, proved=True), done(CancelApplication(application="a1"))).when(
        paid()
    ).then_refused("application.closed")
    given(applied_for(EPERMIT, proved=True), done(refuse, by="staff"), scheme="gravesham").when(
        paid()
    ).then_refused("application.closed")


@pytest.mark.parametrize(
    ("at", "refused"), [("2026-12-03 23:59:59.999999", False), ("2026-12-04 00:00", True)]
)
def test_an_offer_that_has_lapsed_cannot_be_paid_though_nobody_has_recorded_it(at, refused):
    """Validity is computed from instants, never from a job having run (X-028; design 5)."""
    outcome = given(
        applied_for(EPERMIT, proved=True),
        done(OFFER, by="staff"),
        scheme="gravesham",
        values={"flow.offer_days": 14},
    ).when(paid(), at=at)

    if refused:
        outcome.then_refused("application.closed")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize("amount", [0, 999, 1001, -1000])
def test_the_amount_is_what_is_due(amount):
    given(applied_for(SETS, proved=True)).when(paid(amount=amount)).then_refused(
        "payment.amount_differs"
    )


def test_every_reason_is_given_in_the_order_of_topics():
    given(applied_for(SETS)).when(paid(amount=1)).then_refused(
        "application.proof_missing", "payment.amount_differs"
    )


def test_what_is_free_is_not_due_and_nothing_is_no_payment():
    free = bought("caring-visitors")

    given(free).when(paid("lot.application")).then_refused("payment.not_due")
    given().when(PayForApplications(applications=(), result="authorised")).then_refused(
        "payment.not_due"
    )


def test_nothing_is_issued_to_who_has_moved_out():
    """Cover ends with the residence (X-055): the money goes back, no permit comes."""
    given(
        living("r2"),
        applied_for(SETS, proved=True),
        done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"),
    ).when(paid(), at="2026-11-20 12:00", by="system").then_refused("eligibility.not_resident")


def test_an_application_keeps_the_price_and_the_terms_it_was_made_under():
    """The figures are unchanged (STV-065), though the scheme has a new edition."""
    outcome = given(
        applied_for(SETS, proved=True),
        new_edition({f"products.{SETS}.price.pence": 1, f"products.{SETS}.pack.size": 5,
                     "products.paper-visitor-vouchers.price.pence": 9000}, at="2026-11-19 11:00"),
    ).when(paid(), at="2026-11-19 12:00")  # fmt: skip

    issued = outcome.then_answers(pence=1000).events[1]
    assert isinstance(issued, HoldingIssued)
    assert (issued.units, issued.edition) == (20, "stevenage@2020-11-19")


def test_an_unknown_application_is_not_found():
    given(applied_for(SETS, proved=True)).when(paid("a1", "a9")).then_not_found("application")
