"""Properties that came after their area's scheme, and rules that the council sets aside."""

from datetime import date

import pytest

from ledger.events import Actor
from ledger.household.state import Property
from ledger.rules import eligibility
from ledger.scheme.schema import Scheme
from tests.rules.schemes import scheme_of

BEGAN = date(2004, 7, 31)
NEXT = date(2004, 8, 1)
LATER = date(2010, 5, 1)
CAME_AFTER = """
[[zones]]
id = "OLD"
scheme_started = 2004-07-30

[[zones]]
id = "SAME"
scheme_started = 2004-07-31

[[zones]]
id = "NEW"
scheme_started = 2010-05-01

[[eligibility]]
rule = "not_occupied_at_scheme_start"
scheme_started_after = 2004-07-31
result = "refuse"
"""
STAFF = Actor(role="staff", name="ann")


def a_home(**facts) -> Property:
    return Property(**{"property_ref": "home", "zone": "A", **facts})


def excluded(scheme: Scheme, **facts) -> bool:
    return any(eligibility.property_refusals(a_home(**facts), scheme))


@pytest.mark.parametrize(
    ("zone", "registered", "refused"),
    [
        ("A", BEGAN, False),
        ("A", NEXT, True),
        ("A", None, False),
        ("OLD", LATER, False),
        ("SAME", BEGAN, False),
        ("SAME", NEXT, True),
        ("NEW", LATER, False),
        ("NEW", date(2010, 5, 2), True),
        ("NEW", NEXT, False),
        ("gone", NEXT, True),
    ],
)
def test_who_was_not_registered_when_the_areas_scheme_began_has_no_permit(
    zone, registered, refused
):
    """By the zone's own day where it has one, if that is no earlier than the rule's (NOR-126)."""
    scheme = scheme_of(head=CAME_AFTER)

    assert excluded(scheme, zone=zone, council_tax_from=registered) is refused
    assert not excluded(scheme, zone=zone, council_tax_from=registered, built_with_own_scheme=True)


@pytest.mark.parametrize("result", ["refuse", "require", "treat_as_recent"])
def test_a_rule_that_says_nothing_of_a_property_excludes_nobody(result):
    """That an address lies in a permit area is asked of its zone."""
    scheme = scheme_of(head=f'[[eligibility]]\nrule = "in_permit_area"\nresult = "{result}"\n')

    assert not excluded(scheme)
    assert not excluded(scheme, converted=True, built_on=LATER, council_tax_from=LATER)


def built(areas: str, override: str) -> Scheme:
    return scheme_of(
        head='[[eligibility]]\nrule = "built_on_or_after"\ndate = 2004-07-01\nresult = "refuse"\n'
        f'areas = {areas}\noverride = "{override}"\n'
    )


@pytest.mark.parametrize(
    ("areas", "override", "lies_in", "offered"),
    [
        ('["centre"]', "by-hand", ("centre",), True),
        ('["centre"]', "by-hand", ("centre", "north"), True),
        ('["centre"]', "by-hand", ("north",), False),
        ('["centre"]', "by-hand", (), False),
        ("[]", "by-hand", (), True),
        ('["*"]', "by-hand", ("north",), True),
        ('["centre", "castle"]', "centre-only", ("centre",), True),
        ('["centre", "castle"]', "centre-only", ("centre", "north"), True),
        ('["centre", "castle"]', "centre-only", ("centre", "castle"), False),
        ('["centre", "castle"]', "centre-only", ("castle",), False),
        ('["*"]', "centre-only", ("centre",), True),
        ('["*"]', "centre-only", ("centre", "north"), False),
        ('["*"]', "centre-only", (), False),
        ("[]", "centre-only", ("centre",), True),
        ("[]", "centre-only", ("centre", "north"), False),
    ],
)
def test_a_rule_is_set_aside_where_it_concerns_the_property_and_by_that_area_alone(
    areas, override, lies_in, offered
):
    """Most of the newer properties of the centre are excluded, every one of the others (X-080)."""
    scheme = built(areas, override)
    newer = a_home(built_on=LATER, areas=lies_in)

    reasons = eligibility.override_refusals(newer, scheme, override, STAFF, "its deed")

    assert [each.code for each in reasons] == ([] if offered else ["grant.not_offered"])
    overridden = excluded(scheme, built_on=LATER, areas=lies_in, overrides=(override,))
    assert overridden is (excluded(scheme, built_on=LATER, areas=lies_in) and not offered)
