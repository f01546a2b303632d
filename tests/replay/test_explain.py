"""An explanation names what was nearest to covering the vehicle, with the event behind it."""

import re
from collections.abc import Iterator

import pytest

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.switch_vehicle import SwitchVehicle
from ledger.calendar import parse_local
from ledger.refusals import Refused
from replay.explain import explain
from replay.history import history
from replay.wording import swapped
from tests.replay.town import STAFF, Town, town


@pytest.fixture
def stevenage(database: str) -> Iterator[Town]:
    """A household with a set of vouchers."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        yield made


@pytest.fixture
def gravesham(database: str) -> Iterator[Town]:
    """A household whose permit is switched from AA11AAA to BB22BBB, and back."""
    with town(database, "gravesham") as made:
        made.at("2026-11-19 09:00").move_in().buy("visitors-permit", ("AA11AAA",))
        made.do(AddVehicle(vehicle="BB22BBB"))
        made.at("2026-11-20 10:00:03").do(SwitchVehicle(vehicle="BB22BBB"))
        made.at("2026-11-20 12:00").do(SwitchVehicle(vehicle="AA11AAA"))
        yield made


def told(town: Town, mark: str, local: str, zone: str = "OT") -> list[str]:
    """What is explained, the events' references left out."""
    at = parse_local(local, town.council.editions.latest.tz)
    return [
        re.sub(r" \[[0-9a-f-]{36}/\d+\]$", "", sentence)
        for sentence in explain(town.council, mark, zone, at)
    ]


def book(town: Town, mark: str, start: str) -> str:
    return str(town.do(BookVoucher(vehicles=(mark,), start=start))["bookings"][0])


def test_a_booking_that_begins_later_is_told_with_both_times(stevenage: Town):
    """Booked at 14:12 for 14:20, looked at at 14:15 (G-033)."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")

    assert told(stevenage, "G885WFE", "2026-11-19 14:15") == [
        "G885WFE was not covered in zone OT at 14:15 on 19 November 2026",
        "The booking (Virtual Visitor Vouchers) begins only at 14:20: booked at 14:12 for 14:20",
    ]


def test_a_covered_vehicle_is_told_by_which_right(stevenage: Town):
    """From 14:20 on, until the end of the day; O and 0 are one glyph (X-101)."""
    book(stevenage.at("2026-11-19 14:12"), "BD51OMR", "2026-11-19 14:20")

    assert told(stevenage, "bd51 0mr", "2026-11-19 14:20") == [
        "BD510MR was covered in zone OT at 14:20 on 19 November 2026, until the end of"
        " 19 November 2026 (O and 0, I and 1 are one glyph)",
        "The booking (Virtual Visitor Vouchers) covered it: booked at 14:12 for 14:20",
    ]


def test_each_sentence_about_a_fact_names_its_event(stevenage: Town):
    """The reference leads to the act in the household's history."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    at = stevenage.at("2026-11-19 15:00").now

    sentence = explain(stevenage.council, "G885WFE", "OT", at)[1]

    booked = list(history(stevenage.council.ledger, stevenage.home))[-1]
    assert sentence.endswith(f"[{booked.reference}]")
    assert booked.act == "booked"


def test_a_mark_one_character_apart_is_named(stevenage: Town):
    """A nearby mark is a hint, never permission (X-101)."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")

    assert told(stevenage, "G865WFE", "2026-11-19 15:00") == [
        "G865WFE was not covered in zone OT at 15:00 on 19 November 2026: no right of this mark"
        " is known there",
        "G885WFE is covered, one character apart",
    ]
    assert told(stevenage, "G885WEF", "2026-11-19 15:00")[1] == (
        "G885WFE is covered, two neighbouring characters swapped"
    )


def test_a_cover_of_another_zone_is_told(stevenage: Town):
    """The right was there, and for another zone."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")

    assert told(stevenage, "G885WFE", "2026-11-19 15:00", zone="NT")[1] == (
        "The booking (Virtual Visitor Vouchers) was for zone OT: booked at 14:12 for 14:20"
    )


def test_a_cover_that_ended_is_told_with_the_ten_minutes(stevenage: Town):
    """At 00:10 a notice is still barred (X-004)."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    stevenage.at("2026-11-20 08:00")

    assert told(stevenage, "G885WFE", "2026-11-20 00:05")[1:] == [
        "The booking (Virtual Visitor Vouchers) ended at 00:00",
        "Booked at 14:12 on 19 November 2026 for 14:20 on 19 November 2026",
        "A notice is barred up to and at 00:10",
    ]


def test_a_cancelled_booking_and_a_changed_one_are_told(stevenage: Town):
    """What was withdrawn would have covered: when, and to which mark."""
    cancelled = book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-20 08:00")
    changed = book(stevenage, "AB12CDE", "2026-11-20 08:00")
    stevenage.at("2026-11-19 15:00").do(CancelBooking(booking=cancelled))
    stevenage.at("2026-11-19 16:00").do(AmendBooking(booking=changed, vehicle="XY12ZZZ"))

    assert told(stevenage, "G885WFE", "2026-11-20 09:00")[1:] == [
        "A booking in zone OT from 08:00 was cancelled at 15:00 on 19 November 2026"
    ]
    assert told(stevenage, "AB12CDE", "2026-11-20 09:00")[1:] == [
        "A booking in zone OT from 08:00 was changed to XY12ZZZ at 16:00 on 19 November 2026"
    ]
    assert told(stevenage, "XY12ZZZ", "2026-11-20 09:00")[1] == (
        "The booking (Virtual Visitor Vouchers) covered it: the booking was changed at 16:00 on"
        " 19 November 2026 from AB12CDE"
    )


def test_a_switched_permit_is_told_with_both_switches(gravesham: Town):
    """A listed vehicle that was not the active one: which was, and since when (GRV-011)."""
    assert told(gravesham, "AA11AAA", "2026-11-20 11:00", zone="TC10") == [
        "AA11AAA was not covered in zone TC10 at 11:00 on 20 November 2026",
        "It is on the list of the permit (PPA Visitors Permit), and was not the active one",
        "The permit was switched to BB22BBB at 10:00:03",
        "The permit was switched to AA11AAA only at 12:00",
    ]
    assert told(gravesham, "AA11AAA", "2026-11-20 12:00", zone="TC10")[1] == (
        "The permit (PPA Visitors Permit) covered it: the permit was switched to AA11AAA at 12:00"
    )


def test_a_vehicle_over_a_limit_is_told_the_limit(stevenage: Town):
    """A vehicle of 3,500 kg has no cover (STV-028)."""
    book(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    stevenage.do(
        RecordVehicleFacts(vehicle="G885WFE", max_authorised_mass_kg=3500),
        by=STAFF,
        stream=stevenage.council.ledger.vehicle_id("G885WFE"),
    )

    assert told(stevenage, "G885WFE", "2026-11-19 15:00")[1] == (
        "The booking (Virtual Visitor Vouchers) gives no cover to a vehicle over the limit of"
        " max authorised mass kg"
    )


def test_a_local_time_after_the_clocks_change_is_told_as_local(stevenage: Town):
    """Local time in the scheme's zone, in summer an hour ahead of UTC."""
    book(stevenage.at("2027-03-28 14:12"), "G885WFE", "2027-03-28 14:20")

    assert told(stevenage, "G885WFE", "2027-03-28 14:15")[1].endswith("booked at 14:12 for 14:20")


def test_a_mark_that_is_none_is_refused(stevenage: Town):
    """Nothing is explained of what cannot be a mark."""
    with pytest.raises(Refused, match=r"vehicle\.mark_invalid"):
        explain(stevenage.council, "?", "OT", stevenage.now)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("AB", "BA", True), ("AB", "AC", False), ("AB", "ABC", False), ("G885WFE", "G885WEF", True)],
)
def test_a_swap_is_told_from_a_change(one: str, other: str, expected: bool):
    assert swapped(one, other) == expected
