"""Prices that are asked for again: rungs, pools and amounts of what was applied for before."""

from datetime import date

import msgspec
import pytest

from ledger.household.state import Application, Household, Resident
from ledger.rules import tariff
from ledger.scheme.schema import Concession, Scheme
from tests.given import applied_for, bought, given
from tests.rules.schemes import scheme_of
from tests.rules.test_tariff import EMPTY, cost, priced

ON = date(2026, 11, 19)
CLAIMED = Concession(id="aged", products=("v",), pence=50, per="unit", each_claim=False)


def asking(scheme: Scheme, units: int, pence: int) -> Application:
    """An application for so many units of the scheme's one product, at that price."""
    story = given(applied_for("visitor-permits"), scheme="hampshire").household
    application = story.applications["a1"]
    (line,) = application.lines
    wanted = msgspec.structs.replace(
        line, product=scheme.products[0].id, units=units, packs=units, pence=pence
    )
    return msgspec.structs.replace(application, lines=(wanted,))


def changed(scheme: Scheme, application: Application, household: Household = EMPTY) -> list[str]:
    found = tariff.changed_refusals(application, scheme, household, ON, ())
    return [each.code for each in found]


@pytest.mark.parametrize(("units", "pence"), [(1, 30), (4, 120)])
def test_an_hour_is_a_unit(units, pence):
    assert cost(priced('{ model = "per_hour", hour_pence = 30 }'), units=units).pence == pence


def test_a_product_without_a_ladder_has_no_rung():
    product = priced('{ model = "flat", pence = 100 }').products[0]

    assert tariff.lowest_free_slot(product, EMPTY, ON) == 0


def test_only_a_price_that_depends_on_others_is_asked_for_again():
    """What was said is what is paid, though the scheme has another price by now (X-087)."""
    flat = priced('{ model = "flat", pence = 100 }')
    assert changed(flat, asking(flat, 2, 150)) == []

    pools = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 0, capacity = 1 }, { pence = 100, capacity = 9 } ] }"
    )
    assert changed(pools, asking(pools, 3, 200)) == []
    assert changed(pools, asking(pools, 3, 100)) == ["payment.amount_differs"]
    paid = msgspec.structs.replace(asking(pools, 3, 100), payment_id="p")
    assert changed(pools, paid) == []


def test_a_line_of_a_product_that_the_scheme_has_no_more_is_not_asked_for_again():
    pools = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = [ { pence = 1, capacity = 1 } ] }'
    )
    application = asking(pools, 3, 100)
    (line,) = application.lines
    gone = msgspec.structs.replace(line, product="gone")

    assert changed(pools, msgspec.structs.replace(application, lines=(gone,))) == []


def test_a_pool_that_was_drawn_on_beyond_its_end_gives_nothing_and_takes_nothing():
    """What exceeds every pool is drawn on the last; the others give what they have (X-087)."""
    scheme = priced(
        '{ model = "tiers", by = "pool", per = "unit", tiers = ['
        " { pence = 300, capacity = 9 }, { pence = 100, capacity = 3 } ] }"
    )
    household = given(bought("visitor-permits", units=10), scheme="hampshire").household
    lot = household.holdings["lot"]
    lot.product, lot.pools = "v", (0, 4)

    assert cost(scheme, household, units=5) == tariff.Cost(1500, 0, (5, 0))


def test_evidence_shown_with_one_claim_of_several_is_enough():
    """Not asked for each time, where the scheme says so (X-057)."""
    scheme = scheme_of()
    scheme = msgspec.structs.replace(scheme, concessions=(CLAIMED,))
    household = given(
        applied_for("visitor-permits", name="a1"),
        applied_for("visitor-permits", name="a2"),
        scheme="hampshire",
    ).household
    resident = household.residents["res"]
    first, second = household.applications.values()

    def shown(who: Resident = resident) -> bool:
        return tariff.shown_before(household, scheme, who, "aged")

    assert not shown()
    first.concession, first.evidence = "aged", True
    assert shown()
    assert not shown(msgspec.structs.replace(resident, resident_id="another"))
    second.concession, second.evidence = "aged", True
    first.evidence = False
    assert shown()
    second.state = "refused"
    assert not shown()
    assert not tariff.shown_before(household, scheme, resident, "no-such")


@pytest.mark.parametrize(
    ("on", "rung"),
    [
        (date(2026, 11, 18), 1),
        (date(2026, 11, 19), 2),
        (date(2027, 11, 18), 2),
        (date(2027, 11, 19), 1),
    ],
)
def test_a_rung_is_taken_from_the_day_of_the_purchase_to_the_last_day(on, rung):
    """Both included (X-049)."""
    product = priced(
        '{ model = "tiers", by = "lowest_free_slot", per = "holding", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 } ] }"
    ).products[0]
    household = given(bought("caring-visitors", name="p1")).household
    holding = household.holdings["p1"]
    holding.product, holding.slot = "v", 1
    holding.bought_on, holding.last_day = date(2026, 11, 19), date(2027, 11, 18)

    assert tariff.lowest_free_slot(product, household, on) == rung


def test_a_rung_is_a_price_for_each_of_what_is_bought():
    """Where the ladder counts units, so many of them (X-049)."""
    scheme = priced(
        '{ model = "tiers", by = "lowest_free_slot", per = "unit", tiers = ['
        " { slot = 1, pence = 10000 }, { slot = 2, pence = 20000 } ] }"
    )

    assert cost(scheme, units=3) == tariff.Cost(30000, 1)
    assert cost(scheme, units=3, slot=2) == tariff.Cost(60000, 2)
