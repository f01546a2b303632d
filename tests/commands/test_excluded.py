"""Booking a vehicle that is known to be over a limit: booked, and the resident is told (X-020)."""

import pytest

from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.record_vehicle_facts import RecordVehicleFacts
from tests.replay.town import STAFF, Town, town

WORDS = "LO12RRY has no cover under this scheme: over its limit for max authorised mass kg"


@pytest.fixture
def stevenage(database):
    with town(database) as made:
        made.move_in().buy("virtual-visitor-vouchers")
        yield made


def known(made: Town, mark: str, **facts: object) -> None:
    stream = made.council.ledger.vehicle_id(mark)
    made.do(RecordVehicleFacts(vehicle=mark, **facts), by=STAFF, stream=stream)


def test_a_vehicle_over_a_limit_is_booked_with_a_warning_and_one_under_it_without(stevenage):
    """Exactly 3.5 tonnes is excluded, a kilogram less is not (STV-028, STV-030)."""
    known(stevenage, "LO12RRY", max_authorised_mass_kg=3500)
    known(stevenage, "VA12NNN", max_authorised_mass_kg=3499)

    lorry = stevenage.do(BookVoucher(vehicles=("LO12 RRY",)))
    van = stevenage.do(BookVoucher(vehicles=("VA12NNN",)))

    assert (len(lorry["bookings"]), lorry["warnings"]) == (1, [WORDS])
    assert (len(van["bookings"]), van["warnings"]) == (1, [])


def test_a_vehicle_of_which_nothing_is_known_earns_no_word(stevenage):
    assert stevenage.do(BookVoucher(vehicles=("LO12RRY",)))["warnings"] == []


def test_facts_of_its_glyph_twin_are_its_own(stevenage):
    """O and 0 are one glyph (X-101); the mark is told as it was typed."""
    known(stevenage, "L012RRY", max_authorised_mass_kg=3500)

    assert stevenage.do(BookVoucher(vehicles=("LO12RRY",)))["warnings"] == [WORDS]


def test_a_booking_that_is_changed_to_such_a_vehicle_warns_as_well(stevenage):
    known(stevenage, "LO12RRY", max_authorised_mass_kg=3500)
    booked = stevenage.do(BookVoucher(vehicles=("VA12NNN",), start="2026-11-21"))

    changed = AmendBooking(booking=booked["bookings"][0], vehicle="LO12RRY")

    assert stevenage.do(changed)["warnings"] == [WORDS]


def test_what_is_put_right_later_is_heeded(stevenage):
    known(stevenage, "LO12RRY", max_authorised_mass_kg=3500)
    known(stevenage, "LO12RRY", max_authorised_mass_kg=2000)

    assert stevenage.do(BookVoucher(vehicles=("LO12RRY",)))["warnings"] == []
