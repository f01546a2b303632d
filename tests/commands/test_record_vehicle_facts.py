"""Recording what is known of a vehicle."""

from commands.record_vehicle_facts import RecordVehicleFacts
from ledger.events import VehicleFactsRecorded
from tests.given import given


def test_what_is_known_of_a_vehicle_is_recorded_and_the_rest_is_not_known():
    """Masses in kg, seats (STV-028, STV-029, X-019)."""
    given().when(
        RecordVehicleFacts(vehicle="lo12 rry", max_authorised_mass_kg=3500, passengers=2),
        by="staff",
    ).then(
        VehicleFactsRecorded(
            typed="lo12 rry",
            shown="LO12RRY",
            glyphs="L012RRY",
            max_authorised_mass_kg=3500,
            passengers=2,
        )
    ).then_answers(vehicle="LO12RRY")


def test_what_is_no_mark_has_no_facts():
    given().when(RecordVehicleFacts(vehicle="?"), by="staff").then_refused("vehicle.mark_invalid")
