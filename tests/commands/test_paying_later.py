"""What was asked for is looked at again when it is paid, and when it is issued."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.decide_application import DecideApplication
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.surrender_holding import SurrenderHolding
from commands.upload_proof import UploadProof
from ledger.events import ApplicationApproved, HoldingIssued, PaymentAuthorised
from ledger.rules.ordering import Wanted
from tests.given import Happening, bought, done, given, living

LADDER = "visitor-permit"
DAYS = "day-permit"
CARDS = "scratch-2h"
APPROVE = DecideApplication(application="a1", outcome="approve")


def asked(
    product: str,
    name: str,
    *,
    by: str = "res",
    slot: int | None = None,
    quantity: int | None = None,
    at: str = "2026-11-19 10:00",
    proof: str = "council_tax_bill",
) -> tuple[Happening, Happening]:
    """An application with its proof: what is left is to pay."""
    applied = ApplyForPermit(product=product, slot=slot, quantity=quantity)
    proved = UploadProof(application=name, document=proof, dated=date.fromisoformat(at[:10]))
    return done(applied, ids=(name,), by=by, at=at), done(proved, by=by, at=at, key=f"{name}.proof")


def paid(*applications: str, **facts: object) -> PayForApplications:
    return PayForApplications(applications=applications, result="authorised", **facts)  # type: ignore[arg-type]


def test_the_second_payment_for_the_same_rung_is_refused():
    """Two residents applied for the first permit; one of them pays first (RBW-051, X-049)."""
    waiting = given(
        living("r2"),
        *asked(LADDER, "a1", slot=1),
        *asked(LADDER, "a2", slot=1, by="r2"),
        done(paid("a1"), ids=("p1",)),
        scheme="windsor-maidenhead",
    )

    waiting.when(paid("a2"), by="r2").then_refused("application.slot")
    waiting.when(APPROVE, by="staff", ids=("h1",)).then_accepted()
    waiting.when(paid("a2"), by="r2").then_refused("application.slot")
    waiting.when(ApplyForPermit(product=LADDER, slot=2), by="r2").then_answers(pence=15000)


def test_what_is_paid_and_not_decided_yet_holds_its_rung():
    """The next permit is the second as soon as the first is paid (X-049)."""
    waiting = given(
        living("r2"),
        *asked(LADDER, "a1", slot=1),
        done(paid("a1"), ids=("p1",)),
        scheme="windsor-maidenhead",
    )

    waiting.when(ApplyForPermit(product=LADDER, slot=1), by="r2").then_refused("application.slot")
    waiting.when(ApplyForPermit(product=LADDER, slot=2), by="r2").then_answers(pence=15000)


def test_two_applications_for_one_rung_cannot_be_paid_together():
    own = {f"products.{LADDER}.price.declared_by_applicant": False, "flow.basket": True}
    waiting = given(
        living("r2"),
        *asked(LADDER, "a1"),
        *asked(LADDER, "a2", by="r2"),
        scheme="windsor-maidenhead",
        values=own,
    )

    waiting.when(paid("a1", "a2")).then_refused("application.slot")
    waiting.when(paid("a1", amount=10000)).then_accepted()


def test_a_rung_that_is_no_longer_the_next_is_not_paid_for():
    """The first came free: nobody pays for a second without a first (X-049)."""
    waiting = given(
        living("r2"),
        bought(LADDER, slot=1, name="h1"),
        *asked(LADDER, "a2", slot=2, by="r2"),
        done(SurrenderHolding(holding="h1")),
        scheme="windsor-maidenhead",
    )

    waiting.when(paid("a2"), by="r2").then_refused("application.slot")


def test_a_rung_that_was_paid_for_is_issued_though_a_lower_one_came_free():
    """What is paid keeps its rung and its price."""
    waiting = given(
        living("r2"),
        bought(LADDER, slot=1, name="h1"),
        *asked(LADDER, "a1", slot=2, by="r2"),
        done(paid("a1"), by="r2", ids=("p1",)),
        done(SurrenderHolding(holding="h1")),
        scheme="windsor-maidenhead",
    )

    outcome = waiting.when(APPROVE, by="staff", ids=("h2",)).then_accepted()
    assert [type(event) for event in outcome.events] == [ApplicationApproved, HoldingIssued]
    assert (outcome.household.holdings["h2"].slot, outcome.household.holdings["h2"].pence) == (
        2,
        15000,
    )


def test_a_rung_that_somebody_has_by_now_is_not_issued_twice():
    """Looked at when it is issued too, whatever was decided before."""
    waiting = given(
        living("r2"),
        *asked(LADDER, "a1", slot=1),
        done(paid("a1"), ids=("p1",)),
        scheme="windsor-maidenhead",
    )
    other = given(bought(LADDER, slot=1, name="h1"), scheme="windsor-maidenhead").household
    waiting.household.holdings["h1"] = other.holdings["h1"]

    waiting.when(APPROVE, by="staff").then_refused("application.slot", "allowance.in_force")


def pool(name: str, quantity: int, at: str = "2026-11-19 10:00") -> tuple[Happening, Happening]:
    return asked(DAYS, name, quantity=quantity, at=at)


@pytest.mark.parametrize(
    ("between", "refused"), [(1, True), (None, False)], ids=["one was bought", "none was"]
)
def test_a_payment_is_refused_where_the_pools_have_changed_since(between, refused):
    """Sixty were ten pounds; with one free one gone they are eleven, and nobody is charged what
    was not said (X-087)."""
    past = bought(DAYS, units=between) if between else None
    waiting = given(*pool("a1", 60), *([past] if past else []), scheme="bristol")

    outcome = waiting.when(paid("a1"))

    if not refused:
        outcome.then_answers(pence=1000)
        return
    outcome.then_refused("payment.amount_differs")
    assert "cost 1100 pence now, 1000 when" in str(outcome.error)
    waiting.when(paid("a1", amount=1000)).then_refused("payment.amount_differs")
    waiting.when(ApplyForPermit(product=DAYS, quantity=60)).then_answers(pence=1100)


def test_what_was_free_is_not_issued_free_when_the_free_ones_are_gone():
    """The proof is the last step of what costs nothing; now it would cost something."""
    waiting = given(
        done(ApplyForPermit(product=DAYS, quantity=50), ids=("a1",)),
        bought(DAYS, units=50),
        scheme="bristol",
    )
    proof = UploadProof(application="a1", document="council_tax_bill", dated=date(2026, 11, 19))

    waiting.when(proof).then_refused("payment.amount_differs")


@pytest.mark.parametrize(("at", "refused"), [("2027-11-18", False), ("2027-11-19", True)])
def test_units_that_came_back_make_a_price_that_was_not_said(at, refused):
    """The free ones of last year are free again on their anniversary (X-087)."""
    waiting = given(
        bought(DAYS, units=50), *pool("a1", 10, at="2027-11-18 10:00"), scheme="bristol"
    )

    outcome = waiting.when(paid("a1"), at=f"{at} 10:00")

    if refused:
        outcome.then_refused("payment.amount_differs")
    else:
        outcome.then_answers(pence=1000)


def test_two_applications_in_one_basket_do_not_both_take_the_free_ones():
    waiting = given(
        *pool("a1", 60), *pool("a2", 60), scheme="bristol", values={"flow.basket": True,
        f"products.{DAYS}.allowance.max": 200}
    )  # fmt: skip

    waiting.when(paid("a1", "a2")).then_refused("payment.amount_differs")


DAILY = {"order_groups.vouchers.scope": "day"}


@pytest.mark.parametrize(
    ("at", "refused"), [("2026-11-19 23:59:59", True), ("2026-11-20 00:00", False)]
)
def test_at_most_so_many_a_day_however_many_orders(at, refused):
    """Twenty-five a local day over the durations (order_groups.scope)."""
    order = ApplyForPermit(product=CARDS, quantity=10)
    past = given(bought("scratch-6h", units=20), scheme="windsor-maidenhead", values=DAILY)

    outcome = past.when(order, at=at)

    if refused:
        outcome.then_refused("purchase.above_maximum")
    else:
        outcome.then_accepted()
    past.when(ApplyForPermit(product=CARDS, quantity=5)).then_accepted()


def test_the_day_is_looked_at_again_when_it_is_paid():
    """Paid and waiting for its decision counts as bought that day."""
    past = (
        *asked(CARDS, "a1", quantity=15),
        *asked(CARDS, "a2", quantity=15),
        done(paid("a1"), ids=("p1",)),
    )

    given(*past, scheme="windsor-maidenhead", values=DAILY).when(paid("a2")).then_refused(
        "purchase.above_maximum"
    )
    given(*past, scheme="windsor-maidenhead", values=DAILY).when(
        paid("a2"), at="2026-11-20 00:00"
    ).then_accepted()
    given(*past, scheme="windsor-maidenhead").when(paid("a2")).then_accepted()


@pytest.mark.parametrize(("mark", "flagged"), [(24, True), (25, False)])
def test_an_order_is_flagged_by_its_total(mark, flagged):
    """Each line alone is below the mark (RBW-028, X-045)."""
    lines = (
        Wanted(product="scratch-2h", quantity=15),
        Wanted(product="scratch-6h", quantity=10),
    )
    outcome = given(
        done(ApplyForPermit(lines=lines), ids=("a1",)),
        done(
            UploadProof(application="a1", document="council_tax_bill", dated=date(2026, 11, 1)),
            key="proof",
        ),
        done(paid("a1"), ids=("p1",)),
        scheme="windsor-maidenhead",
        values={"fair_use.vouchers.flag_over": mark},
    ).when(APPROVE, by="staff")

    issued = [event for event in outcome.events if isinstance(event, HoldingIssued)]
    assert [event.flagged for event in issued] == [flagged, flagged]


def test_the_applications_of_a_basket_are_flagged_together():
    past = (*asked(CARDS, "a1", quantity=15), *asked(CARDS, "a2", quantity=15))
    outcome = given(
        *past,
        scheme="windsor-maidenhead",
        values={
            "fair_use.vouchers.flag_over": 25,
            "flow.basket": True,
            "flow.kind": "prove_pay_issue",
        },
    ).when(paid("a1", "a2"))

    assert isinstance(outcome.events[0], PaymentAuthorised)
    issued = [event for event in outcome.events if isinstance(event, HoldingIssued)]
    assert [event.flagged for event in issued] == [True, True]


@pytest.mark.parametrize(
    ("at", "refused"),
    [("2026-12-18 23:59", ()), ("2026-12-19 00:00", ("application.start_in_past",))],
)
def test_a_term_that_is_over_by_now_is_not_paid_for(at, refused):
    """A month from the day of the application; there would be nothing for the money."""
    applied = ApplyForPermit(product="short-stay", months=1)
    proof = UploadProof(
        application="a1", document="bank_statement", dated=date.fromisoformat("2026-11-19")
    )
    waiting = given(done(applied, ids=("a1",)), done(proof, key="p"), scheme="norwich-2015")

    outcome = waiting.when(paid("a1"), at=at)

    outcome.then_refused(*refused) if refused else outcome.then_accepted()


def test_what_is_decided_days_after_its_payment_was_bought_on_the_day_of_the_payment():
    """The purchase date is the local date on which the payment was authorised (schemes.md, 3)."""
    waiting = given(
        *asked(CARDS, "a1", quantity=5),
        done(paid("a1"), at="2026-11-20 10:00", ids=("p1",)),
        scheme="windsor-maidenhead",
    )

    outcome = waiting.when(APPROVE, by="staff", at="2026-11-25 10:00", ids=("h1",)).then_accepted()

    issued = outcome.household.holdings["h1"]
    assert (issued.bought_on, issued.starts_on) == (date(2026, 11, 20), date(2026, 11, 25))


def test_the_free_ones_of_those_who_left_are_free_for_those_who_come():
    """An allowance is a household's, and starts afresh with the next one (X-087, X-104)."""
    moved = done(MoveOut(resident="res"), at="2026-12-01 10:00", by="staff")
    (
        given(bought(DAYS, units=50), moved, living("r2"), scheme="bristol")
        .when(ApplyForPermit(product=DAYS, quantity=50), at="2026-12-02 10:00", by="r2")
        .then_answers(pence=0)
    )


def test_the_free_ones_that_one_of_two_took_with_them_stay_taken():
    """The household goes on while somebody of it lives here (X-104)."""
    moved = done(MoveOut(resident="res"), at="2026-12-01 10:00", by="staff")
    (
        given(living("r2"), bought(DAYS, units=50), moved, scheme="bristol")
        .when(ApplyForPermit(product=DAYS, quantity=50), at="2026-12-02 10:00", by="r2")
        .then_answers(pence=5000)
    )
