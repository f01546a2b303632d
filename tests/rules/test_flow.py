"""The path of an application: which state follows."""

from datetime import date

import pytest

from ledger.rules import flow
from tests.given import HOLIDAYS, applied_for, editions_of, given, instant
from tests.rules.schemes import scheme_of

STATES = [
    ("prove_pay_issue", (False, False, False), "awaiting_proof"),
    ("prove_pay_issue", (True, False, False), "awaiting_payment"),
    ("prove_pay_issue", (True, False, True), "issued"),
    ("register_buy", (True, False, False), "awaiting_payment"),
    ("register_buy", (True, False, True), "issued"),
    ("offer_pay_issue", (False, False, True), "awaiting_proof"),
    ("offer_pay_issue", (True, False, False), "awaiting_decision"),
    ("offer_pay_issue", (True, False, True), "awaiting_decision"),
    ("offer_pay_issue", (True, True, False), "offered"),
    ("offer_pay_issue", (True, True, True), "issued"),
    ("pay_decide_post", (True, False, False), "awaiting_payment"),
    ("pay_decide_post", (True, True, False), "awaiting_payment"),
    ("pay_decide_post", (True, False, True), "awaiting_decision"),
    ("pay_decide_post", (True, True, True), "issued"),
]


@pytest.mark.parametrize(("kind", "done", "state"), STATES)
def test_the_state_follows_from_what_is_done(kind, done, state):
    """The four paths (schemes, 3.2)."""
    scheme = scheme_of(head=f'[flow]\nkind = "{kind}"\n')
    proved, decided, paid = done

    assert flow.state_after(scheme, proved=proved, decided=decided, paid=paid) == state


@pytest.mark.parametrize(
    ("ticked", "missing"),
    [(None, 0), (("vehicle_limits",), 0), (("vehicle_limits", "more"), 0), ((), 1), (("more",), 1)],
)
def test_each_statement_must_be_ticked(ticked, missing):
    """The statement about over-size vehicles (STV-027)."""
    found = list(flow.confirmation_refusals(editions_of("stevenage").latest, ticked))

    assert len(found) == missing


@pytest.mark.parametrize(
    ("today", "target"),
    [
        (date(2026, 11, 19), date(2026, 11, 23)),
        (date(2026, 11, 20), date(2026, 11, 24)),
        (date(2026, 11, 21), date(2026, 11, 24)),
        (date(2026, 12, 23), date(2026, 12, 29)),
        (date(2026, 12, 24), date(2026, 12, 30)),
    ],
)
def test_the_target_is_two_working_days_on(today, target):
    """Day 1 is the next working day; weekends and bank holidays are none (X-029)."""
    assert flow.target_on(editions_of("gravesham").latest, today, HOLIDAYS) == target
    assert flow.target_on(editions_of("stevenage").latest, today, HOLIDAYS) is None


def test_only_an_offer_lapses_and_at_its_instant():
    """At the end of its last day, whether or not it was recorded (X-028)."""
    application = given(applied_for("visitors-permit"), scheme="gravesham").household.applications[
        "a1"
    ]
    application.lapses_at = instant("2026-12-04 00:00")

    assert not flow.lapsed(application, instant("2026-12-05 00:00"))
    application.state = "offered"
    assert not flow.lapsed(application, instant("2026-12-03 23:59:59"))
    assert flow.lapsed(application, instant("2026-12-04 00:00"))
    application.lapses_at = None
    assert not flow.lapsed(application, instant("2099-01-01 00:00"))


def test_several_are_paid_together_where_each_of_their_schemes_has_a_basket():
    """One that knows none is enough for each to be paid for on its own (STV-069)."""
    alone, basket = (
        scheme_of(head=f'[flow]\nkind = "prove_pay_issue"\nbasket = {each}\n')
        for each in ("false", "true")
    )

    assert flow.basket_refusal([alone]) is None
    assert flow.basket_refusal([basket, basket]) is None
    for schemes in ([basket, alone], [alone, basket], [alone, alone]):
        refusal = flow.basket_refusal(schemes)
        assert refusal is not None
        assert refusal.code == "payment.one_at_a_time"
