"""What an order would cost, or every reason why it cannot be had."""

from collections.abc import Sequence
from datetime import date

import pytest

from ledger.household.state import Household
from ledger.refusals import Refused
from ledger.rules import quoting
from ledger.rules.ordering import Wanted
from ledger.scheme.schema import Scheme
from tests.given import editions_of, given, home
from tests.rules.schemes import scheme_of

ON = date(2026, 11, 19)
TWO = scheme_of(
    'id = "v"\nprice = { model = "flat", pence = 100 }',
    'id = "w"\nprice = { model = "flat", pence = 30 }\nzones_only = ["B"]',
)


def quoted(scheme: Scheme, wanted: Sequence[Wanted], *, zone: str = "A") -> int:
    household: Household = given(home(zone)).household
    resident = household.residents["res"]
    return quoting.quote(household, scheme, resident, wanted, concession="", evidence=False, on=ON)


def test_an_order_costs_what_its_lines_cost_together():
    order = [Wanted(product="v", quantity=3), Wanted(product="w", quantity=2)]

    assert quoted(TWO, order, zone="B") == 360


def test_a_product_of_another_zone_is_not_quoted():
    """What is asked is what an application would be told (STV-009, STV-035)."""
    order = [Wanted(product="v", quantity=3), Wanted(product="w", quantity=2)]

    with pytest.raises(Refused) as refused:
        quoted(TWO, order)
    assert refused.value.codes == ("eligibility.zone",)
    assert quoted(TWO, order[:1]) == 300


def test_a_council_without_a_scheme_quotes_nothing():
    with pytest.raises(Refused) as refused:
        quoted(editions_of("edinburgh").latest, [Wanted(product="v")])
    assert refused.value.codes == ("scheme.none",)


def test_the_rung_that_was_named_is_the_one_that_is_quoted():
    """Permits of a household cost by their number (X-049)."""
    ladder = scheme_of(
        'id = "v"\nprice = { model = "tiers", by = "lowest_free_slot", per = "holding", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 } ] }"
    )

    assert quoted(ladder, [Wanted(product="v")]) == 10000
    assert quoted(ladder, [Wanted(product="v", slot=2)]) == 20000
    assert quoted(ladder, [Wanted(product="v"), Wanted(product="v")]) == 30000
