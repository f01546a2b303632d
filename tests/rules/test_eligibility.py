"""Who may have a product."""

from datetime import date

import pytest

from ledger.household.state import Household, Property
from ledger.rules import eligibility
from tests.given import editions_of, given, home, instant
from tests.rules.schemes import scheme_of

NOW = instant("2026-11-19 10:00")
BUILT = """
[[eligibility]]
rule = "built_on_or_after"
date = 2000-01-01
areas = ["centre"]
unless = "built_with_own_scheme"
result = "refuse"

[[eligibility]]
rule = "built_on_or_after"
date = 2004-07-01
result = "refuse"

[[eligibility]]
rule = "conversion_or_subdivision"
result = "treat_as_recent"

[[eligibility]]
rule = "road_or_property_excluded"
list = ["1 Mill Lane", "Mill Lane estate"]
result = "refuse"
"""


def a_home(**facts) -> Property:
    return Property(**{"property_ref": "home", "zone": "A", **facts})


def test_an_address_is_offered_exactly_the_products_of_its_zone():
    """Exactly six types in Old Town (STV-016, A-017), none in the other zone (STV-009)."""
    scheme = editions_of("stevenage").latest

    assert eligibility.offered(given().household, scheme) == [
        "virtual-visitor-vouchers",
        "paper-visitor-vouchers",
        "caring-visitors",
        "paper-caring-visitors",
        "resident-permit-ot",
        "paper-resident-permit-ot",
    ]
    assert eligibility.offered(given(home("NT")).household, scheme) == []
    assert eligibility.offered(given(home("OT", excluded=True)).household, scheme) == []
    assert eligibility.offered(Household(household_id="vehicle"), scheme) == []


def test_a_council_without_a_scheme_offers_nothing_and_says_so():
    """No scheme (X-093)."""
    scheme = editions_of("edinburgh").latest
    refusal = eligibility.scheme_refusal(scheme)

    assert refusal is not None
    assert refusal.code == "scheme.none"
    assert eligibility.offered(given().household, scheme) == []
    assert eligibility.scheme_refusal(editions_of("stevenage").latest) is None


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"built_on": date(1999, 12, 31), "areas": ("centre",)}, 0),
        ({"built_on": date(2000, 1, 1), "areas": ("centre",)}, 1),
        ({"built_on": date(2000, 1, 1), "areas": ("centre",), "built_with_own_scheme": True}, 0),
        ({"built_on": date(2000, 1, 1)}, 0),
        ({"built_on": date(2004, 6, 30)}, 0),
        ({"built_on": date(2004, 7, 1)}, 1),
        ({"built_on": date(2004, 7, 1), "areas": ("centre",)}, 2),
        ({"built_on": None}, 0),
        ({"built_on": date(1930, 1, 1), "converted": True}, 1),
        ({"property_ref": "1 Mill Lane"}, 1),
        ({"areas": ("Mill Lane estate",)}, 1),
        ({"excluded": True}, 1),
    ],
)
def test_a_property_is_excluded_by_its_building_date_its_road_or_the_council(facts, refused):
    """Built on or after a day, a conversion, a road, or the council's word (X-080)."""
    scheme = scheme_of(head=BUILT)

    reasons = list(eligibility.property_refusals(a_home(**facts), scheme))

    assert [reason.code for reason in reasons] == ["eligibility.property_excluded"] * refused


@pytest.mark.parametrize(
    ("support", "missing"),
    [("", True), ("care_worker", True), ("health_professional", False)],
)
def test_a_product_may_need_the_support_of_a_profession(support, missing):
    """The support of a health professional (X-079)."""
    scheme = scheme_of(
        'id = "v"\nprice = { model = "flat", pence = 1 }\nrequires_support = "health_professional"'
    )

    reasons = eligibility.product_refusals(
        scheme.products[0], given(home("A")).household, scheme, support=support, zone_asked="A"
    )

    assert [r.code for r in reasons] == ["eligibility.support_missing"] * missing


def test_a_conversion_is_recent_only_where_the_scheme_says_so():
    recent = '[[eligibility]]\nrule = "built_on_or_after"\ndate = 2004-07-01\nresult = "refuse"\n'
    converted = a_home(built_on=date(1930, 1, 1), converted=True)

    assert list(eligibility.property_refusals(converted, scheme_of(head=recent))) == []
    assert len(list(eligibility.property_refusals(converted, scheme_of(head=BUILT)))) == 1


@pytest.mark.parametrize(
    ("areas", "home_areas", "refused"),
    [('["*"]', (), 1), ('["*"]', ("north",), 1), ('["centre"]', ("north",), 0), ("[]", (), 1)],
)
def test_a_rule_for_everywhere_concerns_every_property(areas, home_areas, refused):
    rule = (
        '[[eligibility]]\nrule = "built_on_or_after"\ndate = 2004-07-01\nresult = "refuse"\n'
        f"areas = {areas}\n"
    )
    new = a_home(built_on=date(2020, 1, 1), areas=home_areas)

    assert len(list(eligibility.property_refusals(new, scheme_of(head=rule)))) == refused
