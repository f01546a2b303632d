"""An officer reads a paper permit: the verdict, and what is kept of it."""

from datetime import date

import pytest

from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.observe_permit import ObservePermit
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import PermitObserved
from ledger.rules.covering import VehicleFacts
from tests.given import Given, Happening, Outcome, bought, done, editions_of, given, home

NORWICH = "norwich-2015"
WINDSOR = "windsor-maidenhead"
TZ = editions_of(NORWICH).latest.tz
CARDS = bought("day-scratchcard", units=10, at="2026-11-19 10:00", name="lot")
PERMIT = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")
NOV20, NOV21 = date(2026, 11, 20), date(2026, 11, 21)


def card(*dates: date, **seen: object) -> ObservePermit:
    return ObservePermit(vehicle="AB12CDE", product="day-scratchcard", dates=dates, **seen)  # type: ignore[arg-type]


def clock(face: str, **seen: object) -> ObservePermit:
    told: dict[str, object] = {"vehicle": "AB12CDE", "holding": "p", "clock": face, **seen}
    return ObservePermit(**told)  # type: ignore[arg-type]


def officer(command: ObservePermit, at: str) -> Happening:
    return done(command, at=at, by="officer", key=f"seen {at}")


def left(at: str) -> Happening:
    return done(EndStay(vehicle="AB12CDE"), at=at, by="officer", key=f"left {at}")


def read(past: Given, command: ObservePermit, at: str) -> tuple[object, object, str]:
    """(valid, reason, the local end) of a reading."""
    outcome = past.when(command, at=at, by="officer")
    outcome.then_accepted()
    until = outcome.answer["until"]
    end = "" if until is None else f"{parse_local(str(until), TZ).astimezone(TZ):%Y-%m-%d %H:%M}"
    return outcome.answer["valid"], outcome.answer["reason"], end


def invalid(reason: str) -> tuple[object, object, str]:
    return False, reason, ""


def norwich(*past: Happening) -> Given:
    return given(*past, scheme=NORWICH)


def test_what_was_seen_is_kept_with_its_verdict() -> None:
    seen: Outcome = norwich(CARDS).when(
        card(NOV20), at="2026-11-20 11:00", by="officer", ids=("o1",)
    )
    at = parse_local("2026-11-20 11:00", TZ)

    seen.then(
        PermitObserved(
            observation_id="o1",
            holding_id="lot",
            product="day-scratchcard",
            observed_at=at,
            observed_on=NOV20,
            typed="AB12CDE",
            shown="AB12CDE",
            glyphs="AB12CDE",
            zone="CENTRE",
            dates=(NOV20,),
            valid=True,
            valid_until=parse_local("2026-11-21 10:00", TZ),
        )
    )


@pytest.mark.parametrize(
    ("dates", "at", "expected"),
    [
        ((NOV20,), "2026-11-19 23:59:59", invalid("not_started")),
        ((NOV20,), "2026-11-20 00:00", (True, "", "2026-11-21 10:00")),
        ((NOV20,), "2026-11-21 09:59:59", (True, "", "2026-11-21 10:00")),
        ((NOV20,), "2026-11-21 10:00", invalid("ended")),
        ((NOV20, NOV21), "2026-11-20 11:00", invalid("two_dates")),
        ((NOV20, NOV21), "2026-11-22 11:00", invalid("two_dates")),
        ((NOV20, NOV20), "2026-11-20 11:00", (True, "", "2026-11-21 10:00")),
        ((), "2026-11-20 11:00", invalid("not_displayed")),
        ((date(2027, 11, 19),), "2027-11-19 11:00", invalid("ended")),
        ((date(2027, 11, 18),), "2027-11-19 09:00", (True, "", "2027-11-19 10:00")),
        ((date(2026, 11, 18),), "2026-11-19 10:30", invalid("no_right")),
    ],
)
def test_a_day_card_is_worth_the_one_date_exposed_on_it(
    dates: tuple[date, ...], at: str, expected: tuple[object, object, str]
) -> None:
    """NOR-145, NOR-149, NOR-150, NOR-153."""
    assert read(norwich(CARDS), card(*dates), at) == expected


def test_a_card_with_a_second_date_is_void_from_then_on_and_stays_used() -> None:
    """G-050: nine are left, and its vehicle has no cover any more."""
    past = norwich(
        CARDS, done(UseCard(vehicle="AB12CDE", on=NOV20), at="2026-11-20 09:00", ids=("c1",))
    )
    seen = past.when(card(NOV20, NOV21), at="2026-11-20 11:00", by="officer")

    (observed,) = seen.events
    assert isinstance(observed, PermitObserved)
    assert observed.void_cards == ("c1",)
    assert observed.covers[0].covers_until == parse_local("2026-11-20 11:00", TZ)
    assert past.household.cards["c1"].void
    assert past.household.units_left("day-scratchcard", observed.observed_at) == 9
    assert read(past, card(NOV20), "2026-11-20 12:00") == invalid("card_void")


def test_only_the_spoilt_card_of_two_is_void() -> None:
    """NOR-152: cards of following days may lie side by side."""
    past = norwich(
        CARDS,
        done(UseCard(vehicle="AB12CDE", on=NOV20), at="2026-11-20 09:00", ids=("c1",)),
        done(UseCard(vehicle="AB12CDE", on=NOV21), at="2026-11-20 09:00", ids=("c2",)),
    )
    past.when(card(NOV20, NOV21), at="2026-11-20 11:00", by="officer").then_accepted()
    assert [each.void for each in past.household.cards.values()] == [True, False]


def test_an_altered_card_or_permit_is_void() -> None:
    """RBW-019."""
    past = norwich(
        CARDS,
        PERMIT,
        done(UseCard(vehicle="AB12CDE", on=NOV20), at="2026-11-20 09:00", ids=("c1",)),
    )
    assert read(past, clock("10:15", altered=True), "2026-11-20 10:20") == invalid("card_void")
    assert not past.household.cards["c1"].void
    assert read(past, card(altered=True), "2026-11-20 11:00") == invalid("card_void")
    assert past.household.cards["c1"].void


def test_a_permit_is_good_in_its_own_zone_and_for_vehicles_within_the_limits() -> None:
    """NOR-141, NOR-154, RBW-017."""
    at = "2026-11-20 11:00"
    past = norwich(CARDS)
    assert read(past, card(NOV20, zone="OUTER"), at) == invalid("wrong_zone")
    heavy = VehicleFacts(unladen_mass_kg=3501)
    assert read(past, card(NOV20, facts=heavy), at) == invalid("vehicle_excluded")
    light = VehicleFacts(unladen_mass_kg=3500)
    assert read(past, card(NOV20, facts=light), at)[0] is True


@pytest.mark.parametrize(
    ("face", "at", "expected"),
    [
        ("10:15", "2026-11-23 10:01", (True, "", "2026-11-23 14:15")),
        ("10:15", "2026-11-23 14:14:59", (True, "", "2026-11-23 14:15")),
        ("10:15", "2026-11-23 14:15", invalid("clock_expired")),
        ("10:15", "2026-11-23 10:00", invalid("clock_expired")),
        ("", "2026-11-23 10:30", invalid("not_displayed")),
        ("22:00", "2026-11-24 01:59", (True, "", "2026-11-24 02:00")),
        ("10:15", "2026-11-20 10:30", (True, "", "2026-11-20 14:15")),
        ("22:00", "2027-11-19 23:00", (True, "", "2027-11-20 00:00")),
        ("22:00", "2027-11-20 00:00", invalid("ended")),
    ],
)
def test_a_clock_allows_four_hours_from_what_it_shows(
    face: str, at: str, expected: tuple[object, object, str]
) -> None:
    """NOR-072, NOR-161, NOR-162, NOR-165; within the permit's term (NOR-148)."""
    assert read(norwich(PERMIT), clock(face), at) == expected


def test_a_clock_holds_while_the_zone_is_not_controlled() -> None:
    """NOR-074, NOR-075, X-067, from 08:00 to 18:30."""
    for face, at, expected in (
        ("14:30", "2026-11-24 07:59", (True, "", "2026-11-24 08:00")),
        ("08:00", "2026-11-23 21:00", (True, "", "2026-11-24 12:00")),
        ("14:15", "2026-11-23 18:15", invalid("clock_expired")),
    ):
        assert read(given(home("OUTER"), PERMIT, scheme=NORWICH), clock(face), at) == expected


def test_outside_controlled_hours_nobody_needs_a_permit() -> None:
    past = given(home("OUTER"), PERMIT, CARDS, scheme=NORWICH)
    for seen in (clock("14:00"), clock(""), card(date(2026, 11, 22)), card()):
        assert read(past, seen, "2026-11-23 19:00") == (True, "not_controlled", "2026-11-24 08:00")
    assert read(past, card(NOV20, NOV21), "2026-11-23 19:00") == invalid("two_dates")


FIRST = officer(clock("10:15"), "2026-11-23 10:30")


@pytest.mark.parametrize(
    ("past", "face", "at", "expected"),
    [
        ([], "10:15", "2026-11-23 13:20", (True, "", "2026-11-23 14:15")),
        ([], "13:00", "2026-11-23 13:20", invalid("clock_reset")),
        ([], "09:45", "2026-11-23 13:20", invalid("clock_reset")),
        ([], "14:15", "2026-11-23 14:29", invalid("clock_reset")),
        ([], "14:30", "2026-11-23 14:31", (True, "", "2026-11-23 18:30")),
        ([], "08:45", "2026-11-24 09:00", (True, "", "2026-11-24 12:45")),
        ([left("2026-11-23 11:00")], "13:00", "2026-11-23 13:20", invalid("no_return")),
        ([left("2026-11-23 11:00")], "15:00", "2026-11-23 15:00", (True, "", "2026-11-23 19:00")),
        ([left("2026-11-23 11:00")], "14:45", "2026-11-23 15:00", invalid("no_return")),
    ],
)
def test_a_clock_set_on_while_the_vehicle_stood_is_invalid(
    past: list[Happening], face: str, at: str, expected: tuple[object, object, str]
) -> None:
    """NOR-050, NOR-073, NOR-163, NOR-164: noted as 10:15 at 10:30. Unless it was seen to leave, the
    vehicle stood; it can have been away for four hours from 14:30 on at the soonest."""
    assert read(norwich(PERMIT, FIRST, *past), clock(face), at) == expected


def test_a_clock_that_was_set_on_stays_invalid() -> None:
    past = norwich(PERMIT, FIRST, officer(clock("13:00"), "2026-11-23 13:20"))
    assert read(past, clock("13:00"), "2026-11-23 13:40") == invalid("clock_reset")


def test_another_vehicle_has_a_clock_of_its_own() -> None:
    past = norwich(PERMIT, FIRST)
    assert read(past, clock("13:00", vehicle="FG34HJK"), "2026-11-23 13:20")[0] is True


def test_the_clock_of_a_recorded_stay_is_noted_too() -> None:
    past = norwich(PERMIT, done(BeginStay(vehicle="AB12CDE"), at="2026-11-23 10:01"))
    assert read(past, clock("10:15"), "2026-11-23 10:05")[0] is True
    assert read(past, clock("12:00"), "2026-11-23 12:10") == invalid("clock_reset")


def test_an_annual_paper_permit_is_good_until_its_end() -> None:
    """RBW-006, A-128: to the last instant of the day before its anniversary."""
    past = given(
        home("M"),
        bought("visitor-permit", slot=1, at="2026-11-20 09:00", name="v"),
        scheme=WINDSOR,
    )
    seen = ObservePermit(vehicle="AB12CDE", product="visitor-permit")
    assert read(past, seen, "2027-11-19 23:59:59") == (True, "", "2027-11-20 00:00")
    assert read(past, seen, "2027-11-20 00:00") == invalid("ended")


def test_of_several_permits_of_a_product_the_one_in_force_is_read() -> None:
    """The old one has ended, the new one counts; and the later end is told where both hold."""
    past = given(
        home("M"),
        bought("visitor-permit", slot=1, at="2025-11-20 09:00", name="old"),
        bought("visitor-permit", slot=1, at="2026-11-20 09:00", name="new"),
        scheme=WINDSOR,
    )
    seen = ObservePermit(vehicle="AB12CDE", product="visitor-permit")
    assert read(past, seen, "2026-12-01 10:00") == (True, "", "2027-11-20 00:00")


def test_a_product_that_the_household_never_had_gives_no_right() -> None:
    past = norwich(CARDS)
    seen = ObservePermit(vehicle="AB12CDE", product="short-stay", clock="10:00")
    assert read(past, seen, "2026-11-20 10:30") == invalid("no_right")


def test_an_hourly_card_is_worth_the_date_and_time_scratched_on_it() -> None:
    """RBW-032."""
    past = given(home("M"), bought("scratch-2h", units=5, at="2026-11-20 09:00"), scheme=WINDSOR)
    seen = ObservePermit(vehicle="AB12CDE", product="scratch-2h", dates=(NOV20,), clock="10:00")
    assert read(past, seen, "2026-11-20 11:59:59") == (True, "", "2026-11-20 12:00")
    assert read(past, seen, "2026-11-20 12:00") == invalid("ended")
    assert read(past, seen, "2026-11-20 09:59") == invalid("not_started")


def test_a_card_of_which_too_little_is_read_is_known_by_its_recorded_use() -> None:
    past = given(
        home("M"),
        bought("scratch-2h", units=5, at="2026-11-20 09:00"),
        done(UseCard(vehicle="AB12CDE", time="2026-11-20 10:00"), at="2026-11-20 10:00"),
        scheme=WINDSOR,
    )
    seen = ObservePermit(vehicle="AB12CDE", product="scratch-2h")
    assert read(past, seen, "2026-11-20 11:00") == (True, "", "2026-11-20 12:00")
    assert read(past, seen, "2026-11-20 12:00") == invalid("ended")


def test_a_card_of_another_day_is_not_made_good_by_the_card_that_covers_now() -> None:
    """NOR-148, RBW-032: what was recorded of this card is asked for, not of any in the vehicle."""
    past = given(
        home("M"),
        bought("scratch-2h", units=10, at="2026-11-19 10:00", name="lot"),
        done(UseCard(vehicle="AB12CDE", time="2026-11-20 10:00"), at="2026-11-20 10:00"),
        done(UseCard(vehicle="AB12CDE", time="2026-11-21 10:00"), at="2026-11-20 10:00", key="2"),
        scheme=WINDSOR,
    )
    today = ObservePermit(vehicle="AB12CDE", product="scratch-2h", dates=(NOV20,))
    tomorrow = ObservePermit(vehicle="AB12CDE", product="scratch-2h", dates=(NOV21,))
    assert read(past, today, "2026-11-20 11:00") == (True, "", "2026-11-20 12:00")
    assert read(past, tomorrow, "2026-11-20 11:00") == invalid("not_started")


def test_a_plain_sighting_has_no_verdict() -> None:
    """A-200."""
    past = norwich(PERMIT)
    seen = past.when(clock("", note_only=True), at="2026-11-23 09:00", by="officer")
    seen.then_answers(valid=None, reason=None, until=None)
    (observed,) = seen.events
    assert isinstance(observed, PermitObserved)
    assert observed.note_only
    assert not observed.verdict


def test_what_cannot_be_read_is_refused() -> None:
    past = norwich(PERMIT)
    past.when(ObservePermit(vehicle="!", clock="25:00")).then_refused(
        "vehicle.mark_invalid", "booking.product_unclear", "booking.no_such_time"
    )
    past.when(clock("10:15", holding="other")).then_not_found("holding")
