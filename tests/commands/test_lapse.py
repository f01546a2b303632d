"""Recording that something has lapsed; validity never waits for it."""

import pytest

from commands.book_voucher import BookVoucher
from commands.decide_application import DecideApplication
from commands.lapse import Lapse
from commands.pay_for_applications import PayForApplications
from commands.surrender_holding import SurrenderHolding
from ledger.events import HoldingExpired, OfferLapsed
from tests.given import Given, applied_for, bought, done, given, instant

PERMITS = "visitor-permits"
EPERMIT = "visitors-permit"
HOLDING = Lapse(kind="holding", subject="lot")
OFFER = Lapse(kind="offer", subject="a1")


def held(*past) -> Given:
    return given(bought(PERMITS, at="2026-11-20 15:00"), *past, scheme="hampshire")


def offered(*past, days: int = 14) -> Given:
    return given(
        applied_for(EPERMIT, proved=True),
        done(DecideApplication(application="a1", outcome="offer"), by="staff"),
        *past,
        scheme="gravesham",
        values={"flow.offer_days": days},
    )


def test_unused_permits_are_removed_at_the_end_of_their_year():
    """At expiry unused permits are removed (HAN-019, X-036)."""
    used = done(BookVoucher(vehicles=("AA11AAA",)), at="2026-11-20 16:00")

    held(used).when(HOLDING, at="2027-11-20 00:00", by="system").then(
        HoldingExpired(holding_id="lot", expired_at=instant("2027-11-20 00:00"), units_lapsed=9)
    )


def test_a_late_worker_records_when_it_lapsed_and_not_when_it_came():
    outcome = held().when(HOLDING, at="2027-12-24 10:00", by="system")

    assert isinstance(outcome.then_accepted().events[0], HoldingExpired)
    assert outcome.events[0].expired_at == instant("2027-11-20 00:00")


def test_a_holding_lapses_at_its_end_and_once():
    """Not an instant before, and a second worker records nothing."""
    held().when(HOLDING, at="2027-11-19 23:59:59.999999", by="system").then_refused(
        "permit.not_lapsed"
    )
    held(done(HOLDING, at="2027-11-20 00:00", by="system")).when(
        HOLDING, at="2027-11-20 00:00", by="system"
    ).then_refused("permit.not_lapsed")


def test_what_was_given_up_does_not_lapse_as_well():
    """It ended when it was surrendered, and its end is recorded already."""
    given_up = done(SurrenderHolding(holding="lot"), at="2026-11-21 10:00")

    held(given_up).when(HOLDING, at="2027-11-20 00:00", by="system").then_refused(
        "permit.not_lapsed"
    )


@pytest.mark.parametrize(
    ("at", "lapsed"), [("2026-12-03 23:59:59.999999", False), ("2026-12-04 00:00", True)]
)
def test_an_offer_that_nobody_took_up_lapses(at, lapsed):
    """Fourteen days: to the end of the fourteenth after it (X-028)."""
    outcome = offered().when(OFFER, at=at, by="system")

    if lapsed:
        outcome.then(OfferLapsed(application_id="a1", lapsed_at=instant("2026-12-04 00:00")))
        assert outcome.household.applications["a1"].state == "declined"
    else:
        outcome.then_refused("permit.not_lapsed")


def test_an_offer_without_days_never_lapses():
    """No automatic lapse by default (X-028)."""
    offered(days=0).when(OFFER, at="2099-01-01 00:00", by="system").then_refused(
        "permit.not_lapsed"
    )


def test_an_offer_that_was_paid_does_not_lapse():
    paid = done(PayForApplications(applications=("a1",), result="authorised"))

    offered(paid).when(OFFER, at="2026-12-04 00:00", by="system").then_refused("permit.not_lapsed")
    offered(done(OFFER, at="2026-12-04 00:00", by="system")).when(
        OFFER, at="2026-12-05 00:00", by="system"
    ).then_refused("permit.not_lapsed")


def test_what_is_unknown_is_not_found():
    given().when(HOLDING, by="system").then_not_found("holding")
    given().when(OFFER, by="system").then_not_found("application")
