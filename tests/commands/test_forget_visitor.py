"""A saved visitor is taken off the list, and nothing else is touched (STV-103, X-001)."""

from commands.forget_visitor import ForgetVisitor
from commands.save_visitor import SaveVisitor
from ledger.events import VisitorForgotten
from tests.given import Given, done, given


def saved() -> Given:
    return given(
        done(SaveVisitor(vehicle="AA01AAA", name="Ann"), key="a"),
        done(SaveVisitor(vehicle="BB22BBB", name="Bob", preferred=True), key="b"),
    )


def test_a_visitor_is_forgotten_by_their_mark_however_it_is_typed():
    saved().when(ForgetVisitor(vehicle="aao1 aaa")).then(
        VisitorForgotten(visitor_id="a#1")
    ).then_answers(visitors=["BB22BBB"])


def test_what_is_not_saved_or_no_mark_is_refused():
    saved().when(ForgetVisitor(vehicle="CC33CCC")).then_refused("vehicle.not_listed")
    saved().when(ForgetVisitor(vehicle="?")).then_refused("vehicle.mark_invalid")


def test_only_who_lives_here_forgets_a_visitor():
    saved().when(ForgetVisitor(vehicle="AA01AAA"), by="stranger").then_refused(
        "eligibility.not_resident"
    )
