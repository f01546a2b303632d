"""Saving a visitor's vehicle under a name."""

import pytest

from commands.book_voucher import BookVoucher
from commands.save_visitor import SaveVisitor
from ledger.events import VisitorSaved
from tests.given import bought, done, given


def saved(mark: str, name: str, **terms: bool):
    return done(SaveVisitor(vehicle=mark, name=name, **terms), key=mark)


def test_a_visitor_is_saved_under_a_name():
    """A saved registration is given a name (STV-088, X-022)."""
    (
        given()
        .when(SaveVisitor(vehicle="g865 wfe", name=" Dad's volvo "))
        .then(
            VisitorSaved(
                visitor_id="new#1",
                typed="g865 wfe",
                shown="G865WFE",
                glyphs="G865WFE",
                name="Dad's volvo",
            )
        )
        .then_answers(visitors=["G865WFE"], warnings=[])
    )


def test_a_mark_that_is_saved_already_is_saved_anew_under_the_same_entry():
    """One plate is one visitor, glyph for glyph (X-101); its place and preference stay."""
    (
        given(saved("AB01CDE", "Ann", preferred=True), saved("BB22BBB", "Bob"))
        .when(SaveVisitor(vehicle="ABO1CDE", name="Anna"))
        .then(
            VisitorSaved(
                visitor_id="AB01CDE#1",
                typed="ABO1CDE",
                shown="ABO1CDE",
                glyphs="AB01CDE",
                name="Anna",
                preferred=True,
            )
        )
        .then_answers(visitors=["ABO1CDE", "BB22BBB"])
    )


def test_the_preferred_visitor_comes_first_and_is_one():
    """One can be marked preferred and is always at the top (STV-124, A-048)."""
    (
        given(saved("AA11AAA", "Ann"), saved("CC33CCC", "Cid", preferred=True))
        .when(SaveVisitor(vehicle="DD44DDD", name="Dee", preferred=True))
        .then_answers(visitors=["DD44DDD", "AA11AAA", "CC33CCC"])
    )


@pytest.mark.parametrize("name", ["", "   "])
def test_a_saved_visitor_has_a_name_and_a_mark(name):
    """The name field appears when saving (X-022); both reasons are given."""
    given().when(SaveVisitor(vehicle="AA11AAA", name=name)).then_refused("visitor.name_missing")
    given().when(SaveVisitor(vehicle="?", name=name)).then_refused(
        "vehicle.mark_invalid", "visitor.name_missing"
    )


def test_there_is_no_limit_to_saved_visitors():
    """No limit to the number of saved vehicles (STV-123)."""
    marks = [f"AB{n:03d}CD" for n in range(200)]
    outcome = given(*(saved(mark, "Ann") for mark in marks)).when(
        SaveVisitor(vehicle="ZZ99ZZZ", name="Zoe")
    )

    outcome.then_answers(visitors=[*marks, "ZZ99ZZZ"])


def test_a_mark_that_is_one_slip_from_a_saved_one_is_asked_about():
    """A plausible typing error raises a question, never a substitution (X-001)."""
    given(saved("G885WFE", "Dad")).when(SaveVisitor(vehicle="G865WFE", name="Mum")).then_answers(
        warnings=["did you mean G885WFE?"]
    )


def test_saving_alters_no_booking():
    """A booking's registration is a snapshot (X-001)."""
    held = given(
        bought("virtual-visitor-vouchers"),
        done(BookVoucher(vehicles=("AB01CDE",), start="2026-11-20 09:00"), ids=("b1",)),
    )

    outcome = held.when(SaveVisitor(vehicle="ABO1CDE", name="Ann")).then_accepted()

    assert outcome.household.bookings["b1"].cover.shown == "AB01CDE"


def test_only_who_lives_here_saves_a_visitor():
    given().when(SaveVisitor(vehicle="AA11AAA", name="Ann"), by="stranger").then_refused(
        "eligibility.not_resident"
    )
