"""How many: packs, minimum, maximum and multiples of one purchase, and of an order of several
lines.

Source: scheme TOML `products[].pack`, `order_groups`; STV-077, HAN-012, HAN-013, NOR-007,
NOR-067, RBW-026, RBW-027, X-044, X-048.
"""

from collections.abc import Iterator

from ledger.refusals import Refusal
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme

UNITS_MAX = 100_000
"""Beyond any council's figures: catches a slipped key."""


def default_units(product: Product) -> int:
    """What is bought where nobody says how many: the smallest purchase."""
    return product.pack.size * product.pack.min


def packs_of(product: Product, units: int) -> int:
    """Whole packs that hold these units."""
    return -(-units // product.pack.size)


def refusals(product: Product, units: int) -> Iterator[Refusal]:
    """Reasons why so many units of a product are not sold in one line."""
    pack = product.pack
    step = pack.size * pack.multiple
    if units % step:
        yield Refusal("purchase.not_a_multiple", f"sold in multiples of {step}, {units} asked for")
    most = pack.max * pack.size if pack.max else UNITS_MAX
    if units > most:
        yield Refusal("purchase.above_maximum", f"at most {most} at a time, {units} asked for")
    least = pack.min * pack.size
    if units < least:
        yield Refusal("purchase.below_minimum", f"at least {least} at a time, {units} asked for")


def order_refusals(scheme: Scheme, lines: list[tuple[Product, int]]) -> Iterator[Refusal]:
    """Reasons of the order as a whole: the units of each group of products together."""
    for group in scheme.order_groups.values():
        members = [(product, units) for product, units in lines if product.id in group.products]
        for _, units in members:
            if units % group.multiple:
                yield Refusal(
                    "purchase.not_a_multiple",
                    f"sold in multiples of {group.multiple}, {units} asked for",
                )
        total = sum(units for _, units in members)
        if total > group.max_units:
            yield Refusal(
                "purchase.above_maximum", f"at most {group.max_units} an order, {total} asked for"
            )
