"""What a purchase costs."""

from datetime import date

import msgspec
import pytest

from ledger.household.state import Household, Resident
from ledger.rules import tariff
from ledger.scheme.schema import Concession, Scheme
from tests.given import bought, given
from tests.rules.schemes import scheme_of

ON = date(2026, 11, 19)
EMPTY = Household(household_id="home")
AGED = """
[[concessions]]
id = "aged"
products = ["v"]
requires = ["listed_benefit"]
benefits = ["council_tax_support", "pension_credit"]
min_age = 67
evidence = true
pence = 50
per = "unit"
"""


def cost(scheme: Scheme, household: Household = EMPTY, **asked) -> tariff.Cost:
    told = {
        "units": 1,
        "packs": 1,
        "months": 12,
        "slot": 0,
        "zone": "A",
        "concession": None,
        "on": ON,
        "beside": (),
        **asked,
    }
    return tariff.cost(scheme.products[0], scheme, household, **told)


def priced(price: str, extra: str = "") -> Scheme:
    return scheme_of(f'id = "v"\nprice = {price}\n{extra}')


@pytest.mark.parametrize(("per", "pence"), [("unit", 2000), ("pack", 200), ("holding", 100)])
def test_a_flat_price_is_for_a_unit_a_pack_or_the_whole_holding(per, pence):
    scheme = priced(f'{{ model = "flat", per = "{per}", pence = 100 }}', "pack = { size = 10 }")

    assert cost(scheme, units=20, packs=2).pence == pence


@pytest.mark.parametrize(("months", "pence"), [(1, 1075), (6, 1450), (12, 1900), (18, 2350)])
def test_an_admin_fee_and_a_price_a_month(months, pence):
    """The council's own worked figures: 19 for 12 months, 14.50 for 6, 23.50 for 18 (X-063)."""
    scheme = priced(
        '{ model = "admin_plus_monthly", admin_pence = 1000, month_pence = 75 }',
        "holding = { months_min = 1, months_max = 18 }",
    )

    assert cost(scheme, months=months).pence == pence
    assert cost(scheme, months=months, units=2).pence == 2 * pence


@pytest.mark.parametrize(("zone", "pence"), [("A", 160), ("B", 260)])
def test_a_price_by_zone(zone, pence):
    """The split of prices by zone (X-061, X-085)."""
    scheme = priced(
        '{ model = "by_zone", per = "unit",'
        ' by_zone = [ { zone = "A", pence = 160 }, { zone = "B", pence = 260 } ] }'
    )

    assert cost(scheme, units=3, zone=zone).pence == 3 * pence


def test_a_concession_replaces_the_price_and_is_not_taken_off_it():
    """0.50 whatever the duration (X-047); of the products that it names only."""
    scheme = scheme_of(
        'id = "v"\nprice = { model = "flat", per = "unit", pence = 300 }',
        'id = "w"\nprice = { model = "flat", per = "unit", pence = 300 }',
        head=AGED,
    )
    aged = scheme.concessions[0]

    def pence(number: int) -> int:
        return tariff.cost(
            scheme.products[number], scheme, EMPTY, units=5, packs=5, months=12, slot=0, zone="A",
            concession=aged, on=ON, beside=(),
        ).pence  # fmt: skip

    assert (pence(0), pence(1)) == (250, 1500)


@pytest.mark.parametrize(
    ("born", "receives", "evidence", "refused"),
    [
        (date(1959, 11, 19), ("council_tax_support",), True, 0),
        (date(1959, 11, 20), ("council_tax_support",), True, 1),
        (date(1959, 11, 19), ("pension_credit",), True, 0),
        (date(1959, 11, 19), (), True, 1),
        (date(1959, 11, 19), ("housing_benefit",), True, 1),
        (date(1959, 11, 19), ("council_tax_support",), False, 1),
        (None, ("council_tax_support",), True, 1),
        (None, (), False, 3),
    ],
)
def test_a_reduced_price_is_for_those_of_67_in_receipt_of_a_benefit_with_evidence(
    born, receives, evidence, refused
):
    """The 67th birthday included (X-046); every reason is given."""
    scheme = scheme_of('id = "v"\nprice = { model = "flat", pence = 300 }', head=AGED)
    resident = Resident(
        resident_id="r", verified=True, lives_from=ON, born_on=born, receives=receives
    )

    reasons = list(tariff.concession_refusals("aged", scheme, resident, evidence, ON))

    assert [reason.code for reason in reasons] == ["eligibility.evidence_missing"] * refused


def test_without_a_concession_nothing_is_asked_and_an_unknown_one_is_refused():
    scheme = scheme_of('id = "v"\nprice = { model = "flat", pence = 300 }', head=AGED)
    resident = Resident(resident_id="r", verified=True, lives_from=ON)

    assert list(tariff.concession_refusals("", scheme, resident, False, ON)) == []
    assert tariff.concession_of("", scheme) is None
    assert isinstance(tariff.concession_of("aged", scheme), Concession)
    (unknown,) = tariff.concession_refusals("no-such", scheme, resident, True, ON)
    assert unknown.code == "eligibility.evidence_missing"


def test_pools_are_drawn_cheapest_first_and_what_exceeds_them_costs_as_the_last():
    """Fifty at nothing, fifty at a pound (X-087)."""
    scheme = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 0, capacity = 50 }, { pence = 100, capacity = 50 } ] }",
        'allowance = [ { max = 100, window = "rolling_12m" } ]',
    )

    assert cost(scheme, units=50) == tariff.Cost(0, 0, (50, 0))
    assert cost(scheme, units=51) == tariff.Cost(100, 0, (50, 1))
    assert cost(scheme, units=100) == tariff.Cost(5000, 0, (50, 50))
    assert cost(scheme, units=101) == tariff.Cost(5100, 0, (50, 51))


@pytest.mark.parametrize(
    ("on", "pools"),
    [
        (date(2027, 11, 18), (0, 10)),
        (date(2027, 11, 19), (10, 0)),
    ],
)
def test_each_purchase_frees_its_own_pool_at_its_anniversary(on, pools):
    """Tier pools are windowed pool by pool (X-087)."""
    scheme = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 0, capacity = 50 }, { pence = 100, capacity = 50 } ] }",
    )
    household = given(bought("visitor-permits", units=50), scheme="hampshire").household
    household.holdings["lot"].product = "v"
    household.holdings["lot"].pools = (50, 0)

    assert cost(scheme, household, units=10, on=on).pools == pools


@pytest.mark.parametrize("by", ["pool", "lowest_free_slot"])
def test_tiers_that_nobody_has_given_yet_cost_nothing(by):
    """A placeholder may leave its amounts out (X-041)."""
    scheme = priced(f'{{ model = "tiers", by = "{by}", placeholder = true }}')

    assert cost(scheme, units=3) == tariff.Cost(0)


def test_the_lowest_free_rung_is_the_first_that_no_permit_in_force_has():
    """Tiers are slots, not a lifetime counter (X-049)."""
    scheme = priced(
        '{ model = "tiers", by = "lowest_free_slot", per = "holding", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 },"
        " { slot = 3, pence = 30000 } ] }",
        'allowance = [ { max = 3, unit = "permit", window = "concurrent" } ]',
    )
    product = scheme.products[0]
    household = given(
        bought("caring-visitors", name="p1"), values={"products.caring-visitors.allowance.max": 3}
    ).household
    holding = household.holdings["p1"]
    holding.product, holding.slot = "v", 1

    assert tariff.lowest_free_slot(product, EMPTY, ON) == 1
    assert tariff.lowest_free_slot(product, household, ON) == 2
    assert cost(scheme, household).pence == 20000
    assert cost(scheme, household, slot=3).pence == 30000
    holding.slot = 2
    assert tariff.lowest_free_slot(product, household, ON) == 1
    assert tariff.lowest_free_slot(product, household, date(2027, 12, 1)) == 1
    holding.slot, holding.ended_why = 1, "surrendered"
    assert tariff.lowest_free_slot(product, household, ON) == 1


def test_of_three_pools_each_gives_what_the_cheaper_ones_could_not():
    """However the scheme lists them (X-087)."""
    scheme = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 0, capacity = 2 }, { pence = 300, capacity = 9 },"
        " { pence = 100, capacity = 3 } ] }",
    )

    assert cost(scheme, units=4).pools == (2, 0, 2)
    assert cost(scheme, units=6) == tariff.Cost(600, 0, (2, 1, 3))
    assert cost(scheme, units=2).pools == (2, 0, 0)


def test_a_pool_is_free_again_when_a_purchase_counts_on_none_of_its_caps():
    """Another household lives here; one cap that it counts on still keeps it taken (X-104)."""
    scheme = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 0, capacity = 50 }, { pence = 100, capacity = 50 } ] }",
    )
    household = given(bought("visitor-permits", units=50), scheme="hampshire").household
    lot = household.holdings["lot"]
    lot.product, lot.pools = "v", (50, 0)
    (counted,) = lot.counted
    lot.counted = (counted, msgspec.structs.replace(counted, cap="another"))

    household.uncounted["lot", counted.cap] = ON
    assert cost(scheme, household, units=10, on=ON).pools == (0, 10)
    household.uncounted["lot", "another"] = ON
    assert cost(scheme, household, units=10, on=ON).pools == (10, 0)


def test_a_reduced_price_takes_its_rung_of_a_ladder_and_none_where_there_is_no_ladder():
    """What is paid for less is a permit all the same; without a `per` it is a price for all."""
    by_unit = msgspec.convert(
        {"id": "aged", "products": ["v"], "pence": 50, "per": "unit"}, Concession
    )
    for_all = msgspec.structs.replace(by_unit, per="holding")
    ladder = priced(
        '{ model = "tiers", by = "lowest_free_slot", per = "holding", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 } ] }",
    )

    assert cost(ladder, units=3, concession=by_unit, slot=2) == tariff.Cost(150, 2)
    assert cost(ladder, units=3, concession=for_all, slot=2) == tariff.Cost(50, 2)
    flat = priced('{ model = "flat", pence = 100 }')
    assert cost(flat, units=3, concession=by_unit) == tariff.Cost(150, 0)


def test_a_rung_beyond_the_ladder_costs_as_the_last_one():
    """However many permits a household may have (X-049)."""
    scheme = priced(
        '{ model = "tiers", by = "lowest_free_slot", per = "holding", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 },"
        " { slot = 3, pence = 30000 } ] }",
    )

    assert cost(scheme, slot=2) == tariff.Cost(20000, 2)
    assert cost(scheme, slot=4) == tariff.Cost(30000, 4)
