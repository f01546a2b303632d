"""Enrolling a resident whom the council knows."""

from datetime import date

from commands.apply_for_permit import ApplyForPermit
from commands.enrol_resident import EnrolResident
from ledger.events import ResidentRegistered, VehicleFactsRecorded
from ledger.household.state import Household
from tests.given import Given, Story, editions_of, given


def test_a_resident_is_enrolled_with_what_is_known():
    given().when(
        EnrolResident(
            name="Ann",
            mobile="07700900123",
            born_on=date(1950, 1, 1),
            lives_from=date(1990, 1, 1),
            receives=("council_tax_support",),
            council_tax_account="CT-2",
        ),
        by="staff",
    ).then(
        ResidentRegistered(
            resident_id="new#1",
            verified=True,
            lives_from=date(1990, 1, 1),
            name="Ann",
            born_on=date(1950, 1, 1),
            receives=("council_tax_support",),
            council_tax_account="CT-2",
            mobile="+447700900123",
        )
    )


def test_without_a_day_the_resident_lives_here_from_today_in_the_schemes_zone():
    outcome = given().when(EnrolResident(), by="staff", at="2026-06-30 23:30Z").then_accepted()

    assert isinstance(outcome.events[0], ResidentRegistered)
    assert outcome.events[0].lives_from == date(2026, 7, 1)


def test_one_who_is_enrolled_unverified_can_apply_for_nothing():
    """Only a verified resident (HAN-001)."""
    unverified = given(scheme="hampshire")
    unverified.when(EnrolResident(verified=False), by="staff", ids=("r2",)).then_accepted()

    unverified.when(ApplyForPermit(product="visitor-permits"), by="r2").then_refused(
        "eligibility.not_verified"
    )


def test_a_number_that_is_none_and_a_stream_that_is_no_property():
    given().when(EnrolResident(mobile="seven"), by="staff").then_refused("message.not_understood")

    story = Story(editions_of("stevenage"))
    story.household = Household(household_id="vehicle")
    story.fact(VehicleFactsRecorded(typed="AA11AAA", shown="AA11AAA", glyphs="AA11AAA"))
    Given(story).when(EnrolResident(), by="staff").then_not_found("household")
