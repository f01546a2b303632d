"""What is asked for, as lines with prices."""

from datetime import date

import pytest

from ledger.events import Line
from ledger.household.state import Household
from ledger.rules import ordering
from ledger.rules.ordering import Wanted
from ledger.scheme.loading import built_in
from tests.given import given
from tests.rules.schemes import scheme_of

ON = date(2026, 11, 19)
PRICE = 'price = { model = "flat", per = "pack", pence = 500 }'
CHOSEN = "holding = { months_min = 1, months_max = 18 }"
LADDER = (
    'price = { model = "tiers", by = "lowest_free_slot", per = "holding", %s'
    " tiers = [ { slot = 1, pence = 100 }, { slot = 2, pence = 200 } ] }\n"
    'allowance = [ { max = 2, unit = "permit", window = "concurrent" } ]'
)
RESIDENT = given().household.residents["res"]


def test_lines_have_units_packs_months_and_price():
    """The smallest purchase and the fewest months where none are named."""
    scheme = scheme_of(f'id = "v"\n{PRICE}\npack = {{ size = 5 }}\n{CHOSEN}', f'id = "w"\n{PRICE}')

    lines = ordering.lines(
        scheme,
        Household(household_id="home"),
        [Wanted(product="v", quantity=10, months=6), Wanted(product="w"), Wanted(product="v")],
        zone="A",
        concession="",
        on=ON,
    )

    assert lines == (
        Line(product="v", units=10, packs=2, pence=1000, months=6),
        Line(product="w", units=1, packs=1, pence=500, months=12),
        Line(product="v", units=5, packs=1, pence=500, months=1),
    )


def test_two_lines_of_one_order_do_not_draw_on_the_same_pool_or_rung():
    """Fifty free ones are fifty in all (X-087); the next rung is for the next permit (X-049)."""
    pools = (
        'price = { model = "tiers", by = "pool", tiers = ['
        " { pence = 0, capacity = 50 }, { pence = 100, capacity = 50 } ] }"
    )
    scheme = scheme_of(f'id = "v"\n{pools}', f'id = "w"\n{LADDER % ""}')

    lines = ordering.lines(
        scheme,
        Household(household_id="home"),
        [
            Wanted(product=each, quantity=n)
            for each, n in (("v", 40), ("w", 1), ("v", 20), ("w", 1))
        ],
        zone="A",
        concession="",
        on=ON,
    )

    assert [(line.pence, line.slot, line.pools) for line in lines] == [
        (0, 0, (40, 0)),
        (100, 1, ()),
        (1000, 0, (10, 10)),
        (200, 2, ()),
    ]


@pytest.mark.parametrize(
    ("months", "refused"), [(None, 0), (0, 1), (1, 0), (18, 0), (19, 1), (-1, 1)]
)
def test_a_chosen_term_lies_between_its_limits(months, refused):
    """One to eighteen months (X-063, X-077)."""
    scheme = scheme_of(f'id = "v"\n{PRICE}\n{CHOSEN}')

    found = ordering.month_refusals(scheme.products[0], Wanted(product="v", months=months))

    assert [reason.code for reason in found] == ["application.months"] * refused


@pytest.mark.parametrize(
    ("declared", "slot", "refused"),
    [
        (False, None, 0),
        (False, 1, 0),
        (False, 2, 1),
        (False, 3, 2),
        (True, None, 1),
        (True, 1, 0),
        (True, 2, 1),
    ],
)
def test_the_rung_named_is_the_lowest_free_one(declared, slot, refused):
    """Applying for an occupied or skipped ordinal is refused (RBW-051, X-049)."""
    price = LADDER % ("declared_by_applicant = true," if declared else "")
    product = scheme_of(f'id = "v"\n{price}').products[0]
    wanted = Wanted(product="v", slot=slot)

    found = [
        *ordering.rung_refusals(product, wanted),
        *ordering.declared_slot_refusals(product, wanted, Household(household_id="home"), ON, ()),
    ]

    assert [reason.code for reason in found] == ["application.slot"] * refused


def test_every_reason_of_an_order_is_given():
    scheme = scheme_of(f'id = "v"\n{PRICE}\npack = {{ size = 5, max = 1 }}')

    found = ordering.refusals(
        scheme,
        Household(household_id="home"),
        RESIDENT,
        [Wanted(product="v", quantity=6, months=1, slot=1), Wanted(product="no-such")],
        concession="aged",
        evidence=True,
        on=ON,
    )

    assert [reason.code for reason in found] == [
        "eligibility.product_not_offered",
        "eligibility.evidence_missing",
        "application.months",
        "application.slot",
        "purchase.not_a_multiple",
        "purchase.above_maximum",
    ]


@pytest.mark.parametrize(
    ("taken", "named", "said"),
    [
        (0, 1, None),
        (0, 2, "permit number 1 is the next, 2 was named"),
        (1, 1, "permit number 2 is the next, 1 was named"),
        (1, 2, None),
        (2, 1, None),
        (2, 2, None),
    ],
)
def test_the_rung_that_is_named_is_the_next_while_the_ladder_has_one(taken, named, said):
    """Beyond its last rung the cap on permits is what refuses (RBW-051, X-049)."""
    product = scheme_of(f'id = "w"\n{LADDER % ""}').products[0]
    beside = [
        Line(product="w", units=1, packs=1, pence=100, slot=slot) for slot in range(1, taken + 1)
    ]

    found = ordering.declared_slot_refusals(
        product, Wanted(product="w", slot=named), Household(household_id="home"), ON, beside
    )
    assert [each.detail for each in found] == ([] if said is None else [said])


def test_a_price_that_is_nobodys_is_unknown_and_a_price_of_nothing_is_known():
    """X-041; IPS-004 and NOR-045 say that a permit is free."""
    every = {
        scheme.id: sorted(
            product.id
            for product in scheme.products
            if list(ordering.unpriced_refusals(scheme, [Wanted(product=product.id)], ""))
        )
        for scheme in (
            built_in().editions(each).latest for each in ("ipswich", "bath", "hampshire")
        )
    }

    assert every == {"ipswich": [], "bath": ["hourly-permit"], "hampshire": ["visitor-permits"]}
