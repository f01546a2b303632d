"""A vehicle leaves: its cover ends, and the time away begins."""

import msgspec

from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.observe_permit import ObservePermit
from ledger.calendar import parse_local
from ledger.events import StayEnded
from tests.given import bought, done, editions_of, given

NORWICH = "norwich-2015"
TZ = editions_of(NORWICH).latest.tz
PERMIT = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")
BEGUN = done(BeginStay(vehicle="AB12CDE"), at="2026-11-23 10:00", ids=("s1",))
NOON = parse_local("2026-11-23 12:00", TZ)


def test_the_stay_ends_now_and_the_time_it_covered_stays_covered() -> None:
    """NOR-144, A-154."""
    past = given(PERMIT, BEGUN, scheme=NORWICH)
    cover = past.household.stays["s1"].cover
    left = past.when(EndStay(vehicle="ab12cde"), at="2026-11-23 12:00", by="officer")

    left.then(
        StayEnded(
            stay_id="s1",
            holding_id="p",
            product="short-stay",
            glyphs="AB12CDE",
            zone="CENTRE",
            left_at=NOON,
            covers=(msgspec.structs.replace(cover, covers_until=NOON),),
        )
    )
    left.then_answers(stay="s1")
    assert past.household.stays["s1"].cover.covers_until == NOON


def test_a_departure_after_the_limit_changes_no_cover() -> None:
    """It is what the time away counts from."""
    left = given(PERMIT, BEGUN, scheme=NORWICH).when(
        EndStay(vehicle="AB12CDE"), at="2026-11-23 15:00"
    )
    left.then_accepted()
    assert left.events[0].covers == ()  # type: ignore[union-attr]
    again = given(
        PERMIT, BEGUN, done(EndStay(vehicle="AB12CDE"), at="2026-11-23 15:00"), scheme=NORWICH
    )
    again.when(BeginStay(vehicle="AB12CDE"), at="2026-11-23 18:59").then_refused("permit.no_return")
    again.when(BeginStay(vehicle="AB12CDE"), at="2026-11-23 19:00").then_accepted()


def test_a_stay_that_only_an_officer_saw_ends_too() -> None:
    """The departure counts for what is read later (A-158)."""
    seen = ObservePermit(vehicle="AB12CDE", holding="p", clock="10:15")
    past = given(PERMIT, done(seen, at="2026-11-23 10:30", by="officer"), scheme=NORWICH)
    past.when(EndStay(vehicle="AB12CDE"), at="2026-11-23 12:00", by="officer").then(
        StayEnded(
            stay_id="",
            holding_id="p",
            product="short-stay",
            glyphs="AB12CDE",
            zone="CENTRE",
            left_at=NOON,
        )
    )
    past.when(EndStay(vehicle="AB12CDE"), at="2026-11-23 12:01").then_refused("permit.not_in_use")


def test_what_is_not_there_cannot_leave() -> None:
    past = given(PERMIT, BEGUN, scheme=NORWICH)
    past.when(EndStay(vehicle="FG34HJK"), at="2026-11-23 12:00").then_refused("permit.not_in_use")
    past.when(EndStay(vehicle="AB12CDE", zone="OUTER"), at="2026-11-23 12:00").then_refused(
        "permit.not_in_use"
    )
    past.when(EndStay(vehicle=""), at="2026-11-23 12:00").then_refused("vehicle.mark_invalid")
