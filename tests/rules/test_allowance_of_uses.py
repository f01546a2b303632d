"""Caps that count what is used: booked ahead, with exceptions, and on every date concerned."""

from datetime import date

import pytest

from ledger.events import Counted
from ledger.household.state import Card, Grant, Household
from ledger.rules import allowance
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from tests.given import instant
from tests.rules.schemes import scheme_of

MIDNIGHT = instant("2026-11-01 00:00")
LAST = date(2027, 12, 31)


def scheme_capped(most: int, window: str) -> Scheme:
    return scheme_of(
        'id = "v"\nprice = { model = "flat", pence = 1 }\n'
        f'allowance = [ {{ max = {most}, window = "{window}", counts = "used" }} ]'
    )


def uses(window: str, *counted: tuple[date, date, int]) -> Household:
    """A household with cards that count from a date, until a date, so many."""
    household = Household(household_id="home")
    for n, (begins, ends, units) in enumerate(counted):
        took = Counted(
            cap=f"v/household/{window}/unit/used",
            scope="household",
            unit="unit",
            amount=units,
            counts_from=begins,
            counts_until=ends,
        )
        household.cards[f"c{n}"] = Card(
            card_id=f"c{n}",
            holding_id="lot",
            product="v",
            used_on=begins,
            glyphs="AB12CDE",
            covers_from=MIDNIGHT,
            covers_until=MIDNIGHT,
            counted=(took,),
        )
    return household


def granted(household: Household, units: int, begins: date, ends: date) -> Household:
    household.grants["g"] = Grant(
        grant_id="g", product="v", units=units, granted_on=begins, counts_until=ends
    )
    return household


def reasons(household: Household, scheme: Scheme, units: int, used_on: date) -> list[str]:
    (product,) = scheme.products
    asked = allowance.use_refusals(
        household, product, scheme, "A", "res", units=units, used_on=used_on, last_day=LAST
    )
    return [each.detail for each in asked]


def test_an_exception_allows_so_many_more_uses():
    """An agreed exception adds to the maximum, for uses as for purchases (A-164)."""
    scheme = scheme_capped(2, "calendar_month")
    day = date(2026, 11, 20)
    household = granted(
        uses("calendar_month", (date(2026, 11, 1), date(2026, 12, 1), 2)),
        3,
        date(2026, 11, 1),
        date(2027, 11, 1),
    )

    assert reasons(household, scheme, 3, day) == []
    assert reasons(household, scheme, 4, day) == ["2 of 5 uses made or booked, 4 asked for"]


def test_the_date_with_the_least_left_decides_whatever_is_granted_on_another():
    """A rolling cap of three: three are booked later, before and after an exception begins."""
    scheme = scheme_capped(3, "rolling_12m")
    booked = (
        (date(2026, 12, 1), date(2027, 12, 1), 2),
        (date(2027, 2, 1), date(2028, 2, 1), 1),
    )
    household = granted(uses("rolling_12m", *booked), 9, date(2027, 1, 1), date(2028, 1, 1))

    assert reasons(household, scheme, 1, date(2026, 11, 20)) == []
    assert reasons(household, scheme, 2, date(2026, 11, 20)) == [
        "2 of 3 uses made or booked, 2 asked for"
    ]


@pytest.mark.parametrize(
    ("booked_on", "refused"),
    [(date(2026, 12, 1), False), (date(2026, 11, 30), True), (date(2026, 11, 1), True)],
)
def test_what_is_booked_for_the_next_month_is_not_in_the_way_of_this_one(booked_on, refused):
    """A month ends before the first of the next (X-035)."""
    scheme = scheme_capped(1, "calendar_month")
    until = date(2027, 1, 1) if booked_on.month == 12 else date(2026, 12, 1)
    household = uses("calendar_month", (booked_on, until, 1))

    assert bool(reasons(household, scheme, 1, date(2026, 11, 20))) is refused


def test_a_cap_of_each_use_looks_at_nothing_that_was_used_before():
    """So many at one time, however often."""
    scheme = scheme_capped(2, "per_application")
    household = uses("per_application", (date(2026, 11, 20), date(2026, 11, 21), 2))

    assert reasons(household, scheme, 2, date(2026, 11, 20)) == []
    assert reasons(household, scheme, 3, date(2026, 11, 20)) == [
        "0 of 2 uses made or booked, 3 asked for"
    ]


def test_a_purchase_takes_nothing_from_a_cap_on_uses_nor_a_use_from_one_on_purchases():
    scheme = scheme_of(
        'id = "v"\nprice = { model = "flat", pence = 1 }\n'
        'allowance = [ { max = 1, counts = "used", window = "calendar_year" }, { max = 9 } ]'
    )
    product: Product = scheme.products[0]

    bought = allowance.counted(
        product, scheme, "A", units=5, packs=5, bought_on=date(2026, 11, 20),
        bought_at=MIDNIGHT, last_day=LAST,
    )  # fmt: skip
    used = allowance.counted_use(
        product, scheme, "A", units=1, used_on=date(2026, 11, 20), last_day=LAST
    )
    assert [each.cap for each in bought] == ["v/household/rolling_12m/unit"]
    assert [each.cap for each in used] == ["v/household/calendar_year/unit/used"]
    assert [each.code for each in allowance.refusals(
        Household(household_id="home"), product, "A", "res", date(2026, 11, 20), MIDNIGHT,
        units=10, packs=10, already=[],
    )] == ["allowance.exceeded"]  # fmt: skip
