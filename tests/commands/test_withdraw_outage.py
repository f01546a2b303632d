"""There was no such outage."""

from commands.withdraw_outage import WithdrawOutage
from ledger.events import OutageWithdrawn
from tests.commands.test_correct_outage import AT, DECLARED
from tests.given import given

DRILL = WithdrawOutage(outage="x", why="it was a drill")


def test_it_is_withdrawn_once_and_with_its_reason():
    past = given(DECLARED)
    past.when(WithdrawOutage(outage="x", why=""), at=AT, by="staff").then_refused(
        "outage.reason_missing"
    )
    past.when(DRILL, at=AT, by="staff").then(OutageWithdrawn(outage_id="x", why="it was a drill"))
    past.when(DRILL, at=AT, by="staff").then_refused("outage.withdrawn")
    given().when(DRILL, at=AT, by="staff").then_not_found("outage")
