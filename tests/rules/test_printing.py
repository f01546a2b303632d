"""What is printed on paper when it is issued."""

from datetime import date

import pytest

from commands.pay_for_applications import PayForApplications
from commands.use_card import UseCard
from ledger.events import CardUsed, HoldingIssued
from ledger.rules import printing
from tests.given import applied_for, bought, editions_of, given, home

CARDS = "day-scratchcard"
AT = home("CENTRE", address="1 High Street")


def test_cards_bear_zone_address_serials_and_expiry():
    """At sale, on each card (NOR-080); the answer says what to print (X-074)."""
    outcome = given(
        AT, applied_for(CARDS, proved=True), scheme="norwich-2015"
    ).when(
        PayForApplications(applications=("a1",), result="authorised"),
        ids=("p1", "0123456789abcdef0123"),
    )  # fmt: skip

    issued = outcome.then_accepted().events[1]
    assert isinstance(issued, HoldingIssued)
    assert issued.address == "1 High Street"
    assert issued.last_day == date(2027, 11, 18)
    outcome.then_answers(
        printed=[
            "Day scratchcard: zone CENTRE, 1 High Street, 0123456789-001 to 0123456789-010,"
            " to 2027-11-18"
        ]
    )


def test_the_address_is_on_each_use_of_a_card():
    """The property visited, as printed (NOR-145, X-074)."""
    used = given(AT, bought(CARDS), scheme="norwich-2015").when(UseCard(vehicle="AA11AAA"))

    card = used.then_accepted().events[0]
    assert isinstance(card, CardUsed)
    assert card.address == "1 High Street"


@pytest.mark.parametrize(
    ("prints", "said"),
    [
        ([], ""),
        (["expiry"], "Day scratchcard: to 2027-11-18"),
        (["serial", "zone"], "Day scratchcard: LOT-001 to LOT-010, zone CENTRE"),
        (["address", "zone"], "Day scratchcard: zone CENTRE"),
    ],
)
def test_only_what_the_scheme_prints_is_printed(prints, said):
    """In its own order; an address that is not known leaves no gap."""
    story = given(
        bought(CARDS),
        scheme="norwich-2015",
        values={f"products.{CARDS}.display.prints": prints},
    ).story
    lot = story.household.holdings["lot"]
    product = story.editions.latest.product(CARDS)
    assert product is not None

    assert printing.printed(lot, product) == said
    assert lot.address == ""


def test_one_permit_has_one_number_and_a_virtual_one_none():
    paper = given(bought("paper-caring-visitors")).household.holdings["lot"]
    virtual = given(bought("caring-visitors")).household.holdings["lot"]

    assert [printing._serials(each.serials) for each in (paper, virtual)] == ["LOT-001", ""]


def test_an_address_is_kept_where_the_scheme_prints_it_and_the_property_has_one():
    """Nothing personal on paper that is not printed there (X-074)."""
    story = given(AT, bought(CARDS), scheme="norwich-2015").story
    prints, bare = (
        editions_of("norwich-2015", {f"products.{CARDS}.display.prints": each}).latest.product(
            CARDS
        )
        for each in (["address"], ["zone"])
    )
    assert prints is not None
    assert bare is not None

    assert printing.address(prints, story.household.property) == "1 High Street"
    assert printing.address(bare, story.household.property) == ""
    assert printing.address(prints, None) == printing.address(bare, None) == ""
