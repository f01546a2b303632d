"""A duplicate of lost paper."""

from commands.observe_permit import ObservePermit
from commands.replace_permit import ReplacePermit
from ledger.events import HoldingReplaced
from tests.given import bought, done, given, home

WINDSOR = "windsor-maidenhead"
FEE = {"products.visitor-permit.replacement.fee_pence": 1500}
PERMIT = bought("visitor-permit", slot=1, at="2026-11-20 09:00", name="permit")


def test_a_lost_permit_is_duplicated_for_a_fee_and_the_original_is_void() -> None:
    """RBW-053, A-123, X-053."""
    past = given(home("M"), PERMIT, scheme=WINDSOR, values=FEE)
    replaced = past.when(ReplacePermit(holding="permit"), at="2026-11-25 10:00", by="staff")

    replaced.then(
        HoldingReplaced(
            holding_id="permit",
            serials=("PERMIT-002",),
            fee_pence=1500,
            void_serials=("PERMIT-001",),
        )
    )
    replaced.then_answers(pence=1500, serial="PERMIT-002")


def test_the_lost_paper_is_void_where_it_is_seen_again() -> None:
    past = given(
        home("M"),
        PERMIT,
        done(ReplacePermit(holding="permit"), at="2026-11-25 10:00", by="staff"),
        scheme=WINDSOR,
        values=FEE,
    )
    for serial, valid, reason in (("PERMIT-001", False, "card_void"), ("PERMIT-002", True, "")):
        seen = ObservePermit(vehicle="AB12CDE", holding="permit", serial=serial)
        past.when(seen, at="2026-11-26 10:00", by="officer").then_answers(
            valid=valid, reason=reason
        )


def test_a_duplicate_can_be_lost_too() -> None:
    past = given(
        home("M"),
        PERMIT,
        done(ReplacePermit(holding="permit"), at="2026-11-25 10:00", by="staff"),
        scheme=WINDSOR,
    )
    past.when(ReplacePermit(holding="permit"), at="2026-11-26 10:00").then_answers(
        serial="PERMIT-003"
    )


def test_cards_and_virtual_permits_are_not_replaced() -> None:
    """RBW-034."""
    cards = bought("scratch-2h", units=15, at="2026-11-20 09:00", name="cards")
    past = given(home("M"), cards, scheme=WINDSOR)
    past.when(ReplacePermit(holding="cards"), at="2026-11-20 10:00").then_refused(
        "refund.not_replaceable"
    )
    virtual = given(bought("virtual-visitor-vouchers", name="lot"))
    virtual.when(ReplacePermit(holding="lot")).then_refused("refund.not_replaceable")


def test_what_is_over_is_not_replaced() -> None:
    past = given(home("M"), PERMIT, scheme=WINDSOR)
    past.when(ReplacePermit(holding="permit"), at="2027-11-19 23:59:59").then_accepted()
    past.when(ReplacePermit(holding="permit"), at="2027-11-20 00:00").then_refused(
        "permit.not_in_force"
    )


def test_one_of_several_papers_must_be_named() -> None:
    past = given(
        home("M"),
        bought("scratch-2h", units=5, at="2026-11-20 09:00", name="cards"),
        scheme=WINDSOR,
        values={"products.scratch-2h.replacement.allowed": True},
    )
    past.when(ReplacePermit(holding="cards"), at="2026-11-20 10:00").then_refused(
        "refund.not_replaceable"
    )
    past.when(
        ReplacePermit(holding="cards", serial="CARDS-003"), at="2026-11-20 10:00"
    ).then_answers(serial="CARDS-006")
