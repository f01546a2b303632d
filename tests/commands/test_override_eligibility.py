"""The council decides that a property is eligible though a rule excludes it."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.list_property import ListProperty
from commands.override_eligibility import OverrideEligibility
from ledger.events import EligibilityOverridden, PropertyListed
from tests.given import Given, Happening, done, given

CENTRE = "city-centre-only"
WHY = "converted before the scheme, occupied since"
CARDS = ApplyForPermit(product="day-scratchcard")
OVERRIDE = OverrideEligibility(override=CENTRE, reason=WHY)


def built(year: int, *areas: str) -> PropertyListed:
    return PropertyListed(
        property_ref="home", zone="CENTRE", areas=areas, built_on=date(year, 1, 1)
    )


def home_of(listed: PropertyListed, *past: Happening) -> Given:
    return given(listed, *past, scheme="norwich-2015")


def test_one_of_the_newer_properties_of_the_centre_is_made_eligible():
    """ "Most" are not: which are is the council's decision, with its reason (NOR-123, X-080)."""
    home = home_of(built(2001, "city-centre"))
    home.when(CARDS).then_refused("eligibility.property_excluded")

    home.when(OVERRIDE, by="staff:ann").then(
        EligibilityOverridden(override=CENTRE, reason=WHY, approver="ann")
    ).then_answers(overrides=[CENTRE])
    home.when(CARDS).then_accepted()


def test_every_one_of_the_castle_area_is_excluded():
    """No "most" there (NOR-124), though it lies in the centre too."""
    home = home_of(built(2001, "castle", "city-centre"))

    home.when(OVERRIDE, by="staff").then_refused("grant.not_offered")


def test_another_rule_still_excludes_it():
    """Built since July 2004: that rule names no override (NOR-125)."""
    home = home_of(built(2005, "city-centre"), done(OVERRIDE, by="staff"))

    home.when(CARDS).then_refused("eligibility.property_excluded")


def test_what_was_decided_outlasts_a_later_listing():
    """Unless the property turns out to lie where no override is given."""
    again = ListProperty(
        property_ref="home", zone="CENTRE", areas=("city-centre",), built_on=date(2002, 1, 1)
    )
    home = home_of(built(2001, "city-centre"), done(OVERRIDE, by="staff"))

    home.when(again, by="staff").then_accepted()
    assert home.household.property is not None
    assert home.household.property.overrides == (CENTRE,)
    home.when(CARDS).then_accepted()

    castle = ListProperty(
        property_ref="home", zone="CENTRE", areas=("castle",), built_on=date(2002, 1, 1)
    )
    home.when(castle, by="staff").then_accepted()
    home.when(CARDS).then_refused("eligibility.property_excluded")


@pytest.mark.parametrize(
    ("override", "by", "reason", "codes"),
    [
        (CENTRE, "res", WHY, ("grant.approver_missing",)),
        (CENTRE, "staff", " ", ("grant.reason_missing",)),
        ("no-such", "staff", WHY, ("grant.not_offered",)),
        (
            "",
            "res",
            "",
            ("grant.approver_missing", "grant.reason_missing", "grant.not_offered"),
        ),
        (CENTRE, "approver:head", WHY, ()),
    ],
)
def test_staff_decide_it_with_a_reason_where_the_scheme_has_it(override, by, reason, codes):
    outcome = home_of(built(2001, "city-centre")).when(
        OverrideEligibility(override=override, reason=reason), by=by
    )

    if codes:
        outcome.then_refused(*codes)
    else:
        outcome.then_accepted()
