"""Registering by the public form."""

from datetime import date

import pytest

from commands.move_out import MoveOut
from commands.register_resident import RegisterResident
from ledger.events import ResidentRegistered, VehicleFactsRecorded
from ledger.household.state import Household
from tests.given import Given, Story, done, editions_of, given, home, living


def test_where_each_application_is_proved_an_account_is_open_at_once():
    """A person creates an account before applying (STV-002)."""
    given().when(
        RegisterResident(
            name="Ann", email="ann@example.org", mobile="07700 900123", born_on=date(1990, 2, 28)
        )
    ).then(
        ResidentRegistered(
            resident_id="new#1",
            verified=True,
            lives_from=date(2026, 11, 19),
            name="Ann",
            born_on=date(1990, 2, 28),
            mobile="+447700900123",
            email="ann@example.org",
            proved=False,
        )
    ).then_answers(resident="new#1", verified=True)


@pytest.mark.parametrize("account", ["CT-1", "ct 1", " CT1 "])
def test_the_right_council_tax_account_verifies_the_residence(account):
    """Registration requires the Council Tax account number (HAN-002, A-096)."""
    given(scheme="hampshire").when(RegisterResident(council_tax_account=account)).then_answers(
        verified=True
    )


@pytest.mark.parametrize("account", ["", "CT-999", "CT-11", "-", "  ", "CT"])
def test_a_wrong_one_is_refused_and_the_right_one_is_never_named(account):
    """The number is never given out (HAN-004)."""
    outcome = given(home("HANTS", council_tax_accounts=("CT-1", "-", "")), scheme="hampshire").when(
        RegisterResident(council_tax_account=account)
    )

    outcome.then_refused("eligibility.not_verified")
    assert "CT-1" not in str(outcome.error)


def test_the_account_of_one_who_has_moved_out_verifies_nobody():
    """It is closed with their residence (HAN-007, X-055)."""
    register = RegisterResident(council_tax_account="CT-7")
    with_account = (home("HANTS"), living("r2", council_tax_account="CT-7"))

    given(*with_account, scheme="hampshire").when(register).then_accepted()
    given(*with_account, done(MoveOut(resident="r2"), by="staff"), scheme="hampshire").when(
        register
    ).then_refused("eligibility.not_verified")


def test_a_number_that_cannot_be_texted_is_refused_with_every_other_reason():
    given(scheme="hampshire").when(RegisterResident(mobile="12")).then_refused(
        "eligibility.not_verified", "message.not_understood"
    )


def test_a_vehicles_stream_is_no_property_to_register_at():
    story = Story(editions_of("stevenage"))
    story.household = Household(household_id="vehicle")
    story.fact(VehicleFactsRecorded(typed="AA11AAA", shown="AA11AAA", glyphs="AA11AAA"))

    Given(story).when(RegisterResident()).then_not_found("household")
