"""Linking a mobile to an account."""

import pytest

from commands.link_mobile import LinkMobile
from ledger.events import MobileLinked
from tests.given import given, living


@pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "0044 7700 900123"])
def test_a_number_is_linked_in_its_international_form(typed):
    """The number used to text must be linked (HAN-031)."""
    given().when(LinkMobile(mobile=typed)).then(
        MobileLinked(resident_id="res", mobile="+447700900123")
    ).then_answers(linked=True)


def test_a_later_number_replaces_the_earlier():
    household = given(living("r2", mobile="+447700900001"))

    outcome = household.when(LinkMobile(mobile="07700 900002"), by="r2").then_accepted()

    assert outcome.household.residents["r2"].mobile == "+447700900002"


@pytest.mark.parametrize("typed", ["", "12", "VISITOR", "0" * 40])
def test_what_cannot_be_texted_is_refused(typed):
    given().when(LinkMobile(mobile=typed)).then_refused("message.not_understood")


def test_staff_link_for_a_resident_and_nobody_links_for_a_stranger():
    household = given(living("r2"))

    household.when(LinkMobile(mobile="07700 900002"), by="staff for r2").then(
        MobileLinked(resident_id="r2", mobile="+447700900002")
    )
    household.when(LinkMobile(mobile="07700 900003"), by="stranger").then_refused(
        "eligibility.not_resident"
    )
