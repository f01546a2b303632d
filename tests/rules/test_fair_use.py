"""Unusual buying is marked for review, never refused."""

from datetime import date

import pytest

from ledger.rules import fair_use
from ledger.scheme.schema import Scheme
from tests.given import bought, given
from tests.rules.schemes import scheme_of

PRICE = 'price = { model = "flat", pence = 1 }'


def watched(terms: str) -> Scheme:
    return scheme_of(
        f'id = "visitor-permits"\n{PRICE}',
        f'id = "other"\n{PRICE}',
        head=f'[fair_use.vouchers]\nproducts = ["visitor-permits"]\n{terms}\n',
    )


def flagged(scheme: Scheme, units: int, on: date, number: int = 0) -> bool:
    household = given(
        bought("visitor-permits", units=50, at="2026-11-30 10:00"), scheme="hampshire"
    ).household
    product = scheme.products[number].id
    return fair_use.flagged(household, product, scheme, [(product, units)], on)


@pytest.mark.parametrize(("units", "marked"), [(9, False), (10, False), (11, True)])
def test_over_the_mark_is_marked_and_at_it_is_not(units, marked):
    """A flag over a configurable count, no refusal (X-045)."""
    assert flagged(watched("flag_over = 60"), units, date(2026, 11, 30)) is marked


@pytest.mark.parametrize(
    ("window", "on", "marked"),
    [
        ("rolling_12m", date(2027, 11, 29), True),
        ("rolling_12m", date(2027, 11, 30), False),
        ("calendar_month", date(2026, 11, 30), True),
        ("calendar_month", date(2026, 12, 1), False),
        ("calendar_year", date(2026, 12, 31), True),
        ("calendar_year", date(2027, 1, 1), False),
    ],
)
def test_purchases_are_counted_in_their_window(window, on, marked):
    assert flagged(watched(f'flag_over = 50\nwindow = "{window}"'), 1, on) is marked


def test_it_is_off_by_default_and_about_the_products_it_names():
    assert not flagged(watched("flag_over = 0"), 99_999, date(2026, 11, 30))
    named = watched("flag_over = 10")
    assert flagged(named, 1, date(2026, 11, 30))
    assert not flagged(named, 99, date(2026, 11, 30), number=1)


@pytest.mark.parametrize(("third", "marked"), [(20, False), (21, True)])
def test_the_lines_of_an_order_count_together(third, marked):
    """The order's total, over each line of it that the mark is about (X-045)."""
    scheme = scheme_of(
        f'id = "short"\n{PRICE}',
        f'id = "long"\n{PRICE}',
        f'id = "other"\n{PRICE}',
        head='[fair_use.vouchers]\nproducts = ["short", "long"]\nflag_over = 60\n',
    )
    household = given().household
    order = [("short", 20), ("long", 20), ("short", third), ("other", 99)]

    def found(product: str) -> bool:
        return fair_use.flagged(household, product, scheme, order, date(2026, 11, 30))

    assert [found(each) for each in ("short", "long", "other")] == [marked, marked, False]


@pytest.mark.parametrize(
    ("head", "others"),
    [
        ("[fair_use.vouchers]\nproducts = []\n", True),
        (
            "[allowance_groups.vouchers]\nproducts = ['visitor-permits']\n[fair_use.vouchers]\n",
            False,
        ),
        (
            "[order_groups.vouchers]\nproducts = ['visitor-permits']\nmax_units = 999\n"
            "[fair_use.vouchers]\n",
            False,
        ),
    ],
    ids=["an empty list", "an allowance group", "an order group"],
)
def test_a_mark_is_about_the_group_of_its_name_and_an_empty_list_is_all_products(head, others):
    """RBW-028."""
    shared = "\nallowance = [ { max = 9, group = 'vouchers' } ]" if "allowance" in head else ""
    scheme = scheme_of(
        f'id = "visitor-permits"\n{PRICE}{shared}',
        f'id = "other"\n{PRICE}',
        head=f"{head}flag_over = 60\n",
    )

    assert flagged(scheme, 11, date(2026, 11, 30))
    assert not flagged(scheme, 10, date(2026, 11, 30))
    assert flagged(scheme, 11, date(2026, 11, 30), number=1) is others
