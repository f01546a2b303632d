"""A product that needs another ends with it (Ipswich: the clock permit and the own vehicle's)."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.begin_stay import BeginStay
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.refund_holding import RefundHolding
from commands.surrender_holding import SurrenderHolding
from commands.upload_proof import UploadProof
from ledger.events import HoldingEnded, HoldingIssued
from ledger.rules.ordering import Wanted
from tests.given import Given, Happening, bought, done, given, instant, living

OWN = "own-vehicle-permit"
CLOCK = "clock-permit"
STAY = BeginStay(vehicle="VV11VVV")
STARTS_WHEN_CHOSEN = {
    f"products.{OWN}.holding.starts": "chosen",
    f"products.{OWN}.holding.postpone": True,
}


def ipswich(*past: Happening, **values: object) -> Given:
    return given(*past, scheme="ipswich", values=values)


def own(name: str = "own", at: str = "2026-11-19 10:00", **facts: object) -> Happening:
    return bought(OWN, name=name, at=at, vehicles=("AA11AAA",), **facts)  # type: ignore[arg-type]


def clock(at: str = "2026-12-19 10:00") -> Happening:
    return bought(CLOCK, name="clock", at=at)


def test_it_ends_with_what_it_needs():
    """Bought a month later, it ends with the own-vehicle permit all the same (X-092)."""
    outcome = ipswich(own(), clock(), ).when(STAY, at="2027-11-18 22:59")  # fmt: skip

    held = outcome.then_accepted().household.holdings
    assert held["clock"].last_day == held["own"].last_day == date(2027, 11, 18)
    assert held["clock"].in_force_until == instant("2027-11-19 00:00")
    assert held["clock"].counted[0].counts_until == date(2027, 11, 19)
    ipswich(own(), clock()).when(STAY, at="2027-11-19 00:00").then_refused("permit.not_in_force")


def test_the_figures_of_the_application_say_so():
    ipswich(own()).when(ApplyForPermit(product=CLOCK), at="2026-12-19 10:00").then_answers(
        last_day="2027-11-18"
    )


@pytest.mark.parametrize(
    ("begins", "last_day"),
    [(date(2027, 11, 19), date(2027, 12, 18)), (date(2027, 11, 20), date(2027, 11, 18))],
    ids=["without a gap", "a day's gap"],
)
def test_a_renewal_that_follows_without_a_gap_is_the_same_permit(begins, last_day):
    """As long as one is in force (X-092)."""
    held = ipswich(
        own(), own("renewed", start=begins), clock(), **STARTS_WHEN_CHOSEN
    ).household.holdings

    assert held["clock"].last_day == last_day


def test_what_comes_in_the_same_order_is_enough():
    """Included with the initial application (IPS-004)."""
    order = ApplyForPermit(
        lines=(Wanted(product=CLOCK), Wanted(product=OWN)), vehicles=("AA11AAA",)
    )
    proof = UploadProof(application="a1", document="council_tax_bill", dated=date(2026, 11, 1))
    past = (done(order, ids=("a1",)), done(proof, key="proof"))

    outcome = ipswich(*past).when(
        PayForApplications(applications=("a1",), result="authorised"), ids=("p1", "h1", "h2")
    )

    issued = [event for event in outcome.events if isinstance(event, HoldingIssued)]
    assert [(event.product, event.last_day) for event in issued] == [
        (CLOCK, date(2027, 11, 18)),
        (OWN, date(2027, 11, 18)),
    ]
    ipswich().when(ApplyForPermit(lines=(Wanted(product=CLOCK), Wanted(product="day-voucher"))))\
        .then_refused("eligibility.prerequisite_missing")  # fmt: skip


def test_what_is_needed_is_looked_at_again_when_it_is_issued():
    """The own-vehicle permit was given up before the proof came."""
    proof = UploadProof(application="a1", document="council_tax_bill", dated=date(2026, 12, 1))
    ipswich(
        own(),
        done(ApplyForPermit(product=CLOCK), at="2026-11-20 10:00", ids=("a1",), key="clock"),
        done(SurrenderHolding(holding="own"), at="2026-12-01 10:00"),
        **{"proof.per": "application"},
    ).when(proof, at="2026-12-02 10:00").then_refused("eligibility.prerequisite_missing")


def test_it_ends_at_once_where_what_it_needs_is_given_up():
    """The stay that runs is over too; a fact of its own, so that an officer sees it (X-092)."""
    outcome = ipswich(
        own(), clock(), done(STAY, at="2026-12-20 10:00", ids=("stay",), key="stay")
    ).when(SurrenderHolding(holding="own"), at="2026-12-20 10:30")

    first, second = outcome.then_accepted().events
    assert isinstance(first, HoldingEnded)
    assert isinstance(second, HoldingEnded)
    assert (first.holding_id, second.holding_id) == ("own", "clock")
    assert (second.why, second.ended_on) == ("prerequisite_ended", date(2026, 12, 20))
    assert [(each.cover_id, each.covers_until) for each in second.covers] == [
        ("stay", instant("2026-12-20 10:30"))
    ]
    assert not outcome.household.holdings["clock"].in_hand(instant("2026-12-20 10:30"))


def test_it_lasts_as_long_as_another_one_that_it_needs():
    """Two cars: the clock permit goes on until the other's permit ends (X-092)."""
    past = ipswich(
        own("first", at="2026-11-19 10:00"), own("second", at="2026-12-01 10:00"), clock()
    )
    assert past.household.holdings["clock"].last_day == date(2027, 11, 30)

    surrendered = past.when(SurrenderHolding(holding="second"), at="2027-01-10 10:00")

    ended = surrendered.then_accepted().events[1]
    assert isinstance(ended, HoldingEnded)
    assert (ended.holding_id, ended.ended_on) == ("clock", date(2027, 11, 19))
    past.when(STAY, at="2027-01-11 10:00").then_accepted()
    past.when(SurrenderHolding(holding="first"), at="2027-01-12 10:00").then_accepted()
    past.when(STAY, at="2027-01-12 10:00").then_refused("permit.not_in_force")


def test_nothing_else_ends_with_it():
    outcome = ipswich(own(), clock(), bought("day-voucher", name="cards")).when(
        SurrenderHolding(holding="cards"), at="2026-12-20 10:00"
    )

    assert [type(event) for event in outcome.then_accepted().events] == [HoldingEnded]


def test_it_ends_with_a_refund_and_with_a_move():
    """Refunded, or the holder moved out: another resident's clock permit too (X-055, X-092)."""
    refunded = ipswich(own(), clock(), **{f"products.{OWN}.refund.money": True}).when(
        RefundHolding(holding="own"), at="2026-12-20 10:00", by="staff"
    )
    ended = refunded.then_accepted().events[-1]
    assert isinstance(ended, HoldingEnded)
    assert ended.holding_id == "clock"

    moved = ipswich(living("r2"), own(), bought(CLOCK, name="clock", by="r2")).when(
        MoveOut(resident="res"), at="2026-12-20 10:00", by="staff"
    )
    ended = moved.then_accepted().events[-1]
    assert isinstance(ended, HoldingEnded)
    assert (ended.holding_id, ended.why) == ("clock", "prerequisite_ended")
