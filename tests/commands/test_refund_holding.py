"""Money back, where the scheme gives any."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.move_out import MoveOut
from commands.refund_holding import RefundHolding
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import HoldingEnded, HoldingRefunded, HoldingReplaced
from tests.given import Given, Happening, applied_for, bought, done, editions_of, given, home

NORWICH = "norwich-2015"
WINDSOR = "windsor-maidenhead"
TZ = editions_of(NORWICH).latest.tz
MONEY = {"products.day-scratchcard.refund.money": True, "products.short-stay.refund.money": True}
CARDS = bought("day-scratchcard", units=40, at="2026-11-20 10:00", name="cards")
PERMIT = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")


def paying_back(*past: Happening) -> Given:
    return given(*past, scheme=NORWICH, values=MONEY)


@pytest.mark.parametrize("holding", ["cards", "p"])
def test_charges_are_not_refunded_unless_the_scheme_says_so(holding: str) -> None:
    """NOR-156, RBW-008, A-165."""
    past = given(CARDS, PERMIT, scheme=NORWICH)
    past.when(RefundHolding(holding=holding), at="2026-11-20 11:00").then_refused(
        "refund.non_refundable"
    )


def test_unused_cards_are_neither_refunded_nor_exchanged() -> None:
    """RBW-034, A-123; nor are they after a move (A-121)."""
    cards = bought("scratch-2h", units=15, at="2026-11-20 09:00", name="cards")
    moved = done(MoveOut(resident="res"), at="2026-11-20 10:00", by="staff")
    for past in ([cards], [cards, moved]):
        now = given(home("M"), *past, scheme=WINDSOR)
        at = "2026-11-20 12:00"
        now.when(RefundHolding(holding="cards"), at=at).then_refused("refund.non_refundable")
        now.when(RefundHolding(holding="cards", replace=True), at=at).then_refused(
            "refund.not_replaceable"
        )


def test_unused_cards_give_back_their_share_and_no_longer_count() -> None:
    """X-042: a reversed purchase is the only one that frees its allowance early."""
    past = paying_back(CARDS, done(UseCard(vehicle="AB12CDE"), at="2026-11-20 12:00", ids=("c1",)))
    counted = past.household.holdings["cards"].counted
    at = parse_local("2026-11-20 13:00", TZ)
    refunded = past.when(RefundHolding(holding="cards"), at="2026-11-20 13:00", by="staff")

    ended, paid = refunded.events
    assert isinstance(ended, HoldingEnded)
    assert (ended.why, ended.ended_at, ended.ended_on) == ("refunded", at, date(2026, 11, 20))
    assert ended.caps == tuple(each.cap for each in counted)
    assert [cover.covers_until for cover in ended.covers] == [at]
    assert paid == HoldingRefunded(
        holding_id="cards",
        application_id="cards.application",
        payment_id="cards.paid",
        pence=3900,
        payment_refunded_pence=3900,
    )
    refunded.then_answers(pence=3900)
    household = refunded.household
    assert household.payments["cards.paid"].refunded_pence == 3900
    assert household.applications["cards.application"].refunded_pence == 3900
    past.when(
        ApplyForPermit(product="day-scratchcard", quantity=60), at="2026-11-20 14:00"
    ).then_accepted()


@pytest.mark.parametrize(
    ("at", "pence"),
    [
        ("2026-11-20 10:00", 1900),
        ("2026-11-20 23:59:59", 1900),
        ("2026-11-21 00:00", 1900 * 364 // 365),
        ("2027-11-19 23:59:59", 1900 // 365),
    ],
)
def test_a_permit_gives_back_the_share_of_its_days_to_come(at: str, pence: int) -> None:
    """Today is among them; whole pence, rounded down."""
    paying_back(PERMIT).when(RefundHolding(holding="p"), at=at).then_answers(pence=pence)


def test_what_is_over_or_refunded_gives_nothing_back() -> None:
    paying_back(PERMIT).when(RefundHolding(holding="p"), at="2027-11-20 00:00").then_refused(
        "refund.non_refundable"
    )
    twice = paying_back(PERMIT, done(RefundHolding(holding="p"), at="2026-11-20 11:00"))
    twice.when(RefundHolding(holding="p"), at="2026-11-20 11:01").then_refused(
        "refund.non_refundable"
    )


def test_an_order_is_refunded_whole_or_not_at_all() -> None:
    whole = paying_back(CARDS).when(
        RefundHolding(application="cards.application"), at="2026-11-20 11:00"
    )
    whole.then_answers(pence=4000, holdings=["cards"])
    waiting = paying_back(applied_for("day-scratchcard"))
    waiting.when(RefundHolding(application="a1")).then_refused("refund.non_refundable")
    waiting.when(RefundHolding(application="other")).then_not_found("application")
    waiting.when(RefundHolding(holding="other")).then_not_found("holding")


def test_unused_cards_are_exchanged_where_the_scheme_exchanges_them() -> None:
    past = given(
        bought("day-scratchcard", units=10, at="2026-11-20 10:00", name="cards"),
        done(UseCard(vehicle="AB12CDE"), at="2026-11-20 12:00"),
        scheme=NORWICH,
        values={"products.day-scratchcard.refund.replaces_unused": True},
    )
    old = past.household.holdings["cards"].serials
    exchanged = past.when(RefundHolding(holding="cards", replace=True), at="2026-11-20 13:00")
    exchanged.then(
        HoldingReplaced(
            holding_id="cards",
            serials=tuple(f"CARDS-{n:03d}" for n in range(11, 20)),
            fee_pence=0,
            void_serials=old[1:],
        )
    )
    exchanged.then_answers(pence=0)
    assert past.household.units_left("day-scratchcard", parse_local("2026-11-21 10:00", TZ)) == 9


def test_visits_booked_on_what_is_refunded_are_void() -> None:
    past = given(
        bought("virtual-visitor-vouchers", at="2026-11-19 10:00", name="lot"),
        done(BookVoucher(vehicles=("AB12CDE",), start="2026-11-21 09:00"), ids=("b1",)),
        values={"products.virtual-visitor-vouchers.refund.money": True},
    )
    refunded = past.when(RefundHolding(holding="lot"), at="2026-11-20 10:00")
    refunded.then_answers(pence=950)
    ended = refunded.events[0]
    assert isinstance(ended, HoldingEnded)
    assert ended.void_bookings == ended.uncovers == ("b1",)
    assert past.household.bookings["b1"].cancelled_at is not None
