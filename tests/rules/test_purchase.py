"""How many can be bought at once."""

import pytest

from ledger.rules import purchase
from tests.rules.schemes import product_of, scheme_of

PRICE = 'price = { model = "flat", pence = 1 }'


def codes(pack: str, units: int) -> list[str]:
    product = product_of(f'id = "v"\n{PRICE}\npack = {{ {pack} }}')
    return [reason.code.partition(".")[2] for reason in purchase.refusals(product, units)]


@pytest.mark.parametrize(
    ("pack", "units", "reasons"),
    [
        ("size = 10", 10, []),
        ("size = 10", 9, ["not_a_multiple", "below_minimum"]),
        ("size = 10", 11, ["not_a_multiple"]),
        ("size = 10", 100_000, []),
        ("size = 10", 100_010, ["above_maximum"]),
        ("size = 1", 100_000, []),
        ("size = 1", 100_001, ["above_maximum"]),
        ("size = 10, max = 2", 20, []),
        ("size = 10, max = 2", 30, ["above_maximum"]),
        ("size = 1, multiple = 5", 5, []),
        ("size = 1, multiple = 5", 6, ["not_a_multiple"]),
        ("size = 1, min = 3", 2, ["below_minimum"]),
        ("size = 1, min = 3", 3, []),
        ("size = 1", 0, ["below_minimum"]),
        ("size = 1", -1, ["below_minimum"]),
    ],
)
def test_packs_a_minimum_a_maximum_and_multiples(pack, units, reasons):
    """Whole packs, within the limits of one purchase (HAN-012, NOR-067, X-048)."""
    assert codes(pack, units) == reasons


def test_what_is_bought_where_nobody_says_how_many_is_the_smallest_purchase():
    product = product_of(f'id = "v"\n{PRICE}\npack = {{ size = 10, min = 2 }}')

    assert purchase.default_units(product) == 20
    assert list(purchase.refusals(product, 20)) == []
    assert [purchase.packs_of(product, units) for units in (1, 10, 11, 20)] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("first", "second", "reasons"),
    [
        (10, 15, []),
        (25, 0, []),
        (15, 15, ["purchase.above_maximum"]),
        (10, 12, ["purchase.not_a_multiple"]),
        (3, 24, ["purchase.not_a_multiple"] * 2 + ["purchase.above_maximum"]),
    ],
)
def test_the_lines_of_an_order_are_summed_over_their_group(first, second, reasons):
    """Twenty-five at any one time over the durations, each line in fives (X-044, X-048)."""
    scheme = scheme_of(
        f'id = "short"\n{PRICE}',
        f'id = "long"\n{PRICE}',
        f'id = "other"\n{PRICE}',
        head='[order_groups.all]\nproducts = ["short", "long"]\nmax_units = 25\nmultiple = 5\n',
    )
    lines = [("short", first), ("long", second), ("other", 99)]

    found = purchase.order_refusals(scheme, lines, [("short", 25), ("long", 25)])

    assert [reason.code for reason in found] == reasons


@pytest.mark.parametrize(
    ("before", "asked", "refused"), [(0, 25, 0), (20, 5, 0), (20, 6, 1), (25, 0, 0), (25, 1, 1)]
)
def test_a_group_of_a_day_counts_what_was_bought_that_day_too(before, asked, refused):
    """At most so many a day, however many orders (schemes 3: order_groups.scope)."""
    scheme = scheme_of(
        f'id = "short"\n{PRICE}',
        f'id = "long"\n{PRICE}',
        head='[order_groups.all]\nproducts = ["short", "long"]\nmax_units = 25\nscope = "day"\n',
    )

    found = purchase.order_refusals(scheme, [("short", asked)], [("long", before), ("other", 99)])

    assert [reason.code for reason in found] == ["purchase.above_maximum"] * refused
