"""Changing a saved visitor."""

from commands.change_visitor import ChangeVisitor
from commands.save_visitor import SaveVisitor
from ledger.events import VisitorSaved
from tests.given import Given, done, given


def saved() -> Given:
    return given(
        done(SaveVisitor(vehicle="AA01AAA", name="Ann"), key="a"),
        done(SaveVisitor(vehicle="BB22BBB", name="Bob", preferred=True), key="b"),
    )


def test_what_is_given_is_changed_and_the_rest_stays():
    """Name, mark and preference are changed under My visitors (STV-103, STV-122, STV-124)."""
    (
        saved()
        .when(ChangeVisitor(vehicle="aao1aaa", to="cc33 ccc"))
        .then(
            VisitorSaved(
                visitor_id="a#1", typed="cc33 ccc", shown="CC33CCC", glyphs="CC33CCC", name="Ann"
            )
        )
        .then_answers(visitors=["BB22BBB", "CC33CCC"])
    )
    (
        saved()
        .when(ChangeVisitor(vehicle="AA01AAA", name="Anna", preferred=True))
        .then(
            VisitorSaved(
                visitor_id="a#1",
                typed="AA01AAA",
                shown="AA01AAA",
                glyphs="AA01AAA",
                name="Anna",
                preferred=True,
            )
        )
        .then_answers(visitors=["AA01AAA", "BB22BBB"])
    )


def test_a_preference_can_be_taken_back():
    saved().when(ChangeVisitor(vehicle="BB22BBB", preferred=False)).then_answers(
        visitors=["AA01AAA", "BB22BBB"]
    )


def test_the_same_plate_typed_otherwise_is_a_change_of_writing():
    saved().when(ChangeVisitor(vehicle="AA01AAA", to="AAO1AAA")).then_answers(
        visitors=["BB22BBB", "AAO1AAA"]
    )


def test_two_visitors_never_have_one_plate():
    """A vehicle is saved once, glyph for glyph (X-101)."""
    saved().when(ChangeVisitor(vehicle="BB22BBB", to="AAO1AAA")).then_refused(
        "vehicle.already_listed"
    )


def test_what_is_not_saved_or_no_mark_is_refused():
    saved().when(ChangeVisitor(vehicle="CC33CCC", name="Cid")).then_refused("vehicle.not_listed")
    saved().when(ChangeVisitor(vehicle="CC33CCC", to="BB22BBB")).then_refused(
        "vehicle.not_listed", "vehicle.already_listed"
    )
    saved().when(ChangeVisitor(vehicle="AA01AAA", to="?")).then_refused("vehicle.mark_invalid")
    saved().when(ChangeVisitor(vehicle="?", name="Cid")).then_refused("vehicle.mark_invalid")


def test_only_who_lives_here_changes_a_visitor():
    saved().when(ChangeVisitor(vehicle="AA01AAA", name="X"), by="stranger").then_refused(
        "eligibility.not_resident"
    )
