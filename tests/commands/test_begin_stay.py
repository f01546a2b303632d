"""Stays on a clock permit: one vehicle at a time, and not back too soon."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.move_out import MoveOut
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import Cover, StayBegan
from tests.given import Given, Happening, bought, done, editions_of, given, home

NORWICH = "norwich-2015"
TZ = editions_of(NORWICH).latest.tz
BOUGHT = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")


def stayed(at: str, until: str | None = None, vehicle: str = "AB12CDE") -> list[Happening]:
    """A stay from then on, and its departure where that is known."""
    began = done(BeginStay(vehicle=vehicle), at=at, key=at)
    if until is None:
        return [began]
    return [began, done(EndStay(vehicle=vehicle), at=until, by="officer", key=f"{at} left")]


def permit(*past: Happening) -> Given:
    return given(BOUGHT, *past, scheme=NORWICH)


def test_a_stay_covers_from_now_to_where_the_clock_allows() -> None:
    """NOR-072, NOR-160: arriving at 10:01 the clock shows 10:15, and the stay ends at 14:15."""
    began = permit().when(BeginStay(vehicle="ab12 cde"), at="2026-11-23 10:01", ids=("s1",))

    began.then(
        StayBegan(
            stay_id="s1",
            holding_id="p",
            product="short-stay",
            edition=began.story.editions.latest.edition,
            began_at=parse_local("2026-11-23 10:01", TZ),
            clock="10:15",
            covers=(
                Cover(
                    cover_id="s1",
                    kind="stay",
                    holding_id="p",
                    product="short-stay",
                    typed="ab12 cde",
                    shown="AB12CDE",
                    glyphs="AB12CDE",
                    zone="CENTRE",
                    covers_from=parse_local("2026-11-23 10:01", TZ),
                    covers_until=parse_local("2026-11-23 14:15", TZ),
                ),
            ),
            resident_id="res",
        )
    )


def test_an_afternoon_stay_lasts_overnight_where_control_ends() -> None:
    """NOR-074."""
    past = given(home("OUTER"), BOUGHT, scheme=NORWICH)
    past.when(BeginStay(vehicle="AB12CDE"), at="2026-11-23 14:30").then_answers(
        clock="14:30", until="2026-11-24T08:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2026-11-23 12:00", ("permit.no_return",)),
        ("2026-11-23 15:59:59", ("permit.no_return",)),
        ("2026-11-23 16:00", ()),
    ],
)
def test_a_vehicle_returns_to_the_zone_four_hours_after_it_left(
    at: str, codes: tuple[str, ...]
) -> None:
    """NOR-164, X-064: exactly four hours are enough."""
    past = permit(*stayed("2026-11-23 10:00", "2026-11-23 12:00"))
    outcome = past.when(BeginStay(vehicle="AB12CDE"), at=at)
    outcome.then_refused(*codes) if codes else outcome.then_accepted()


def test_the_same_plate_in_other_glyphs_is_the_same_vehicle() -> None:
    past = permit(*stayed("2026-11-23 10:00", "2026-11-23 12:00", "AB01CDE"))
    past.when(BeginStay(vehicle="ABO1CDE"), at="2026-11-23 13:00").then_refused("permit.no_return")


def test_another_vehicle_may_use_the_permit_at_once() -> None:
    """A-155."""
    past = permit(*stayed("2026-11-23 10:00", "2026-11-23 12:00"))
    past.when(BeginStay(vehicle="FG34HJK"), at="2026-11-23 12:00").then_answers(clock="12:00")


def test_a_permit_is_in_one_vehicle_at_a_time() -> None:
    """NOR-144; nor is a clock set again while its vehicle stands (NOR-163)."""
    past = permit(*stayed("2026-11-23 10:00"))
    for vehicle in ("FG34HJK", "AB12CDE"):
        past.when(BeginStay(vehicle=vehicle), at="2026-11-23 13:59:59").then_refused(
            *("permit.in_use", "permit.no_return")[: 1 + (vehicle == "AB12CDE")]
        )
    past.when(BeginStay(vehicle="FG34HJK"), at="2026-11-23 14:00").then_accepted()


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2026-11-23 14:30", ("permit.no_return",)),
        ("2026-11-23 17:59:59", ("permit.no_return",)),
        ("2026-11-23 18:00", ()),
    ],
)
def test_where_nobody_saw_it_leave_a_vehicle_left_when_its_stay_ran_out(
    at: str, codes: tuple[str, ...]
) -> None:
    past = permit(*stayed("2026-11-23 10:00"))
    outcome = past.when(BeginStay(vehicle="AB12CDE"), at=at)
    outcome.then_refused(*codes) if codes else outcome.then_accepted()


def test_a_card_covers_the_vehicle_while_it_may_not_return() -> None:
    """NOR-061, X-064: other products are exempt."""
    past = permit(
        bought("day-scratchcard", units=10, at="2026-11-20 10:00"),
        *stayed("2026-11-23 10:00", "2026-11-23 12:00"),
    )
    past.when(
        UseCard(vehicle="AB12CDE", product="day-scratchcard"), at="2026-11-23 13:00"
    ).then_accepted()


def test_a_stay_needs_a_permit_in_force() -> None:
    given(scheme=NORWICH).when(BeginStay(vehicle="AB12CDE")).then_refused("permit.not_in_force")
    permit().when(BeginStay(vehicle="AB12CDE"), at="2027-11-20 00:00").then_refused(
        "permit.not_in_force"
    )
    moved = permit(done(MoveOut(resident="res"), at="2026-11-21 10:00", by="staff"))
    moved.when(BeginStay(vehicle="AB12CDE", holding="p"), at="2026-11-21 10:00").then_refused(
        "eligibility.not_resident", "permit.not_in_force"
    )


def test_a_stay_does_not_outlast_its_permit() -> None:
    permit().when(BeginStay(vehicle="AB12CDE"), at="2027-11-19 22:00").then_answers(
        clock="22:00", until="2027-11-20T00:00:00+00:00"
    )


def test_bad_marks_zones_and_holdings_are_told() -> None:
    permit().when(BeginStay(vehicle="!", zone="OUTER"), at="2026-11-23 10:00").then_refused(
        "vehicle.mark_invalid", "booking.zone"
    )
    permit().when(BeginStay(vehicle="AB12CDE", holding="other")).then_not_found("holding")
    given(scheme=NORWICH).when(BeginStay(vehicle="!")).then_refused(
        "vehicle.mark_invalid", "permit.not_in_force"
    )


@for_all(st.lists(st.tuples(st.integers(0, 700), st.sampled_from("AB")), min_size=2, max_size=8))
def test_no_two_stays_of_a_permit_ever_overlap_nor_return_too_soon(
    moves: list[tuple[int, str]],
) -> None:
    """Whatever is asked for in whatever order: what is accepted keeps the rules."""
    past = permit()
    at = parse_local("2026-11-23 00:00", TZ)
    for minutes, letter in moves:
        at += timedelta(minutes=minutes)
        past.when(BeginStay(vehicle=f"{letter}A12CDE"), at=f"{at:%Y-%m-%d %H:%M}Z")
    stays = sorted(past.household.stays.values(), key=lambda stay: stay.began_at)
    for one, other in pairwise(stays):
        assert one.cover.covers_until <= other.began_at
    for glyphs in ("AA12CDE", "BA12CDE"):
        own = [stay for stay in stays if stay.glyphs == glyphs]
        for one, other in pairwise(own):
            assert other.began_at - one.cover.covers_until >= timedelta(hours=4)
