"""An outage was otherwise than was known."""

import msgspec

from commands.correct_outage import CorrectOutage
from commands.withdraw_outage import WithdrawOutage
from ledger.events import OutageCorrected
from tests.commands.test_declare_outage import BEGAN, FAILING
from tests.given import done, given, instant

DECLARED = done(FAILING, at="2026-11-19 10:00", by="staff", ids=("x",), key="o")
ENDED = CorrectOutage(
    outage="x",
    services=("bookings", "payments"),
    failed_from=BEGAN,
    failed_until=instant("2026-11-19 11:00"),
    found_how="supplier",
    reason="a certificate had run out",
    why="it is over",
)
AT = "2026-11-19 12:00"


def test_its_end_becomes_known():
    past = given(DECLARED)
    past.when(ENDED, at=AT, by="staff").then(
        OutageCorrected(
            outage_id="x",
            services=("bookings", "payments"),
            failed_from=BEGAN,
            failed_until=instant("2026-11-19 11:00"),
            found_how="supplier",
            reason="a certificate had run out",
            why="it is over",
        )
    )
    assert past.household.desk is not None
    assert past.household.desk.outages["x"].failed_until == instant("2026-11-19 11:00")


def test_a_correction_says_why_and_is_of_an_outage_there_was():
    bare = msgspec.structs.replace(ENDED, why=" ")
    given(DECLARED).when(bare, at=AT, by="staff").then_refused("outage.reason_missing")
    early = msgspec.structs.replace(ENDED, failed_until=BEGAN)
    given(DECLARED).when(early, at=AT, by="staff").then_refused("outage.ends_before_it_begins")
    gone = done(WithdrawOutage(outage="x", why="it was a drill"), at=AT, by="staff", key="w")
    given(DECLARED, gone).when(ENDED, at=AT, by="staff").then_refused("outage.withdrawn")
    given().when(ENDED, at=AT, by="staff").then_not_found("outage")
