"""Prices in a scheme file: the amounts of their model, placeholders, and one above another."""

import pytest

from ledger.scheme.loading import parse
from tests.scheme.files import SMALLEST, rejected, rejected_with

PRICE = "products.day-voucher.price"
TWO_PRODUCTS = (
    SMALLEST
    + """
[[products]]
id = "paper-voucher"
kind = "day_voucher"
medium = "paper"
pack = { size = 20 }
price = { model = "flat", per = "pack", pence = 2001, above = "day-voucher" }
"""
)


@pytest.mark.parametrize(
    ("price", "path"),
    [
        ({"model": "flat"}, "pence"),
        ({"model": "tiers"}, "tiers"),
        ({"model": "tiers", "tiers": []}, "tiers"),
        ({"model": "admin_plus_monthly", "admin_pence": 5}, "month_pence"),
        ({"model": "per_hour"}, "hour_pence"),
        ({"model": "by_zone"}, "by_zone"),
    ],
)
def test_an_amount_that_the_model_needs_is_refused_when_missing(
    price: dict[str, object], path: str
) -> None:
    """No price has a default (X-041)."""
    assert f"{PRICE}.{path}" in {fault.path for fault in rejected_with({PRICE: price})}


@pytest.mark.parametrize("model", ["flat", "tiers", "admin_plus_monthly", "per_hour", "by_zone"])
def test_a_placeholder_may_stand_for_a_missing_amount_and_is_warned_of(model: str) -> None:
    given = parse(SMALLEST, "a.toml", {PRICE: {"model": model, "placeholder": True}})

    assert given.warnings == (
        "a.toml: products.day-voucher.price: no amount is not the council's (placeholder)",
    )


def test_an_amount_of_another_model_is_refused() -> None:
    (fault,) = rejected_with({PRICE: {"model": "per_hour", "hour_pence": 50, "pence": 100}})

    assert fault.path == f"{PRICE}.pence"
    assert fault.allowed == 'only hour_pence where model is "per_hour"'


@pytest.mark.parametrize(
    ("tiers", "path"),
    [
        ([{"slot": 1, "pence": 1}, {"slot": 3, "pence": 2}], "tiers[2].slot"),
        ([{"slot": 2, "pence": 1}], "tiers.slot"),
        ([{"slot": 1, "pence": 1, "capacity": 4}], "tiers.capacity"),
        ([{"pence": 1}], "tiers.slot"),
    ],
)
def test_slots_are_numbered_from_one_without_a_gap(
    tiers: list[dict[str, object]], path: str
) -> None:
    """Wrong rungs would charge a household for the wrong one (X-049)."""
    price = {"model": "tiers", "by": "lowest_free_slot", "tiers": tiers}

    assert f"{PRICE}.{path}" in {fault.path for fault in rejected_with({PRICE: price})}


def test_a_pool_has_a_capacity() -> None:
    price = {"model": "tiers", "by": "pool", "tiers": [{"pence": 0, "capacity": 0}]}

    assert [fault.path for fault in rejected_with({PRICE: price})] == [f"{PRICE}.tiers.capacity"]


def test_each_zone_that_is_offered_the_product_has_a_price() -> None:
    price = {"model": "by_zone", "by_zone": [{"zone": "A", "pence": 100}]}

    (fault,) = rejected_with({PRICE: price})

    assert (fault.path, fault.found) == (f"{PRICE}.by_zone", 'no price for zone "B"')
    only_a = {PRICE: price, "products.day-voucher.zones_only": ["A"]}
    assert rejected_with(only_a) == ()


def test_a_zone_is_priced_once_and_must_exist() -> None:
    lines = [{"zone": zone, "pence": 100} for zone in ("A", "B", "A", "C")]

    faults = rejected_with({PRICE: {"model": "by_zone", "by_zone": lines}})

    assert [fault.path for fault in faults] == [
        f"{PRICE}.by_zone[3].zone",
        f"{PRICE}.by_zone[4].zone",
    ]


def test_a_unit_price_just_above_another_is_accepted() -> None:
    """2001 pence for twenty is more than 100 pence for one (STV-019)."""
    assert rejected(TWO_PRODUCTS) == ()


@pytest.mark.parametrize("pence", [2000, 1999, 0])
def test_a_unit_price_equal_to_another_or_below_it_is_refused(pence: int) -> None:
    (fault,) = rejected(TWO_PRODUCTS, {"products.paper-voucher.price.pence": pence})

    assert fault.path == "products.paper-voucher.price.pence"
    assert fault.allowed == "more than the 100 pence for one unit of day-voucher"
    assert "price" in str(fault)


@pytest.mark.parametrize("product", ["paper-voucher", "day-voucher"])
def test_a_placeholder_is_not_compared_until_it_has_a_real_amount(product: str) -> None:
    marked = {
        "products.paper-voucher.price.pence": 5,
        f"products.{product}.price.placeholder": True,
    }

    assert rejected(TWO_PRODUCTS, marked) == ()


def test_a_price_is_above_that_of_a_product_that_exists() -> None:
    (fault,) = rejected(TWO_PRODUCTS, {"products.paper-voucher.price.above": "ghost"})

    assert (fault.path, fault.found) == ("products.paper-voucher.price.above", '"ghost"')


def test_only_flat_prices_are_compared() -> None:
    hourly = {"products.day-voucher.price": {"model": "per_hour", "hour_pence": 5}}

    (fault,) = rejected(TWO_PRODUCTS, hourly)

    assert fault.path == "products.paper-voucher.price.above"
    assert fault.allowed == 'two prices of model "flat"'
