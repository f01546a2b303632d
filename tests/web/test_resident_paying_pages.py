"""Paying, as pages: once, together, declined, left on the way, and given back."""

from datetime import timedelta

import pytest
from litestar.testing import TestClient

from services.payments import orders
from services.payments.sandbox import SandboxProvider
from tests.web.buying import VOUCHERS, a_resident, applied, paid, proved
from tests.web.page_client import PageClient


def test_a_payment_counts_once_however_often_its_return_is_loaded(served, sandboxed):
    """A-002, P15: the provider's reference is credited once."""
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    paid(browser)
    receipt = browser.path
    with home.council.pool.connection() as connection:
        (order,) = connection.execute(
            "select order_id from stevenage.payment_orders where resident_id = %s", (home.resident,)
        ).fetchone()

    for _ in range(3):
        with home.council.pool.connection() as connection:
            # As if this server had died before it noted what the ledger had been told.
            connection.execute(
                "update stevenage.payment_orders set state = 'under_way', ended_at = null"
                " where order_id = %s",
                (order,),
            )
        browser.open(f"/payments/{order}/return")
        assert browser.path == receipt

    household = home.council.ledger.household(home.stream)
    assert len(household.payments) == len(household.holdings) == 1


@pytest.mark.parametrize(
    ("outcome", "said"), [("declined", "declined"), ("cancelled", "did not pay")]
)
def test_what_was_not_paid_stays_in_the_basket(served, sandboxed, outcome, said):
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))

    paid(browser, outcome)

    assert browser.path == "/basket"
    assert said in browser.said()
    assert home.council.ledger.household(home.stream).holdings == {}
    paid(browser)
    assert browser.path.startswith("/receipts/")


def test_whoever_paid_and_never_came_back_has_paid(served, sandboxed):
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    with home.council.pool.connection() as connection:
        connection.execute(
            "update stevenage.sandbox_payments set state = 'authorised' where reference = %s",
            (reference,),
        )

    browser.open("/basket")

    assert "nothing to pay" in browser.said()
    assert home.council.ledger.household(home.stream).units_left(VOUCHERS, served.at) == 20


@pytest.mark.parametrize(
    ("state", "later", "ended", "units"),
    [
        ("authorised", timedelta(minutes=1), "under_way", 0),
        ("authorised", timedelta(minutes=3), "authorised", 20),
        ("under_way", timedelta(minutes=3), "under_way", 0),
        ("under_way", timedelta(hours=25), "cancelled", 0),
    ],
)
def test_the_worker_settles_what_nobody_came_back_from(
    served, sandboxed, state, later, ended, units
):
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    with home.council.pool.connection() as connection:
        connection.execute(
            "update stevenage.sandbox_payments set state = %s where reference = %s",
            (state, reference),
        )

    served.at += later
    orders.settle_all(home.council, SandboxProvider())

    with home.council.pool.connection() as connection:
        row = connection.execute(
            "select state from stevenage.payment_orders where reference = %s", (reference,)
        ).fetchone()
    assert row == (ended,)
    assert home.council.ledger.household(home.stream).units_left(VOUCHERS, served.at) == units


def test_money_for_what_can_no_longer_be_had_goes_back(served, sandboxed):
    """A flatmate was faster: nothing is kept for what is not given."""
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    proved(browser, application)
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    cancelled = PageClient(TestClient(sandboxed.app), home.council)
    cancelled.sign_in(home.id, home.resident, served.at)
    cancelled.open(f"/applications/{application}/cancel")
    cancelled.send(f"/applications/{application}/cancel")

    browser.send(f"/sandbox/payments/{reference}", do="authorised")

    assert "Your money goes back to you" in browser.said()
    with home.council.pool.connection() as connection:
        (state,) = connection.execute(
            "select state from stevenage.sandbox_payments where reference = %s", (reference,)
        ).fetchone()
    assert state == "given_back"


def test_several_applications_are_paid_at_once_where_the_scheme_has_a_basket(served, sandboxed):
    """STV-069, A-007."""
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    second = applied(browser)
    browser.open(f"/applications/{second}/proof")
    browser.send(f"/applications/{second}/proof/again")
    assert browser.path == "/basket"
    assert "£20.00" in browser.said()

    browser.send("/basket", application=[])
    assert "Choose what you want to pay for" in browser.said()
    paid(browser)

    assert "You paid £20.00" in browser.said()
    assert home.council.ledger.household(home.stream).units_left(VOUCHERS, served.at) == 40


def test_the_sandboxs_payment_page_is_nowhere_else(served, sandboxed):
    _, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    browser.open("/basket")
    browser.send("/basket")

    assert served.client.get(browser.page.url.path).status_code == 404
