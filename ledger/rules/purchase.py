"""How many: packs, minimum, maximum and multiples of one purchase, and of an order of several
lines.

Source: scheme TOML `products[].pack`, `order_groups`; STV-077, HAN-012, HAN-013, NOR-007,
NOR-067, RBW-026, RBW-027, X-044, X-048.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.calendar import local_date
from ledger.household.state import Household
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


Bought = tuple[str, int]
"""A product id and how many units of it."""


def order_refusals(
    scheme: Scheme, lines: Sequence[Bought], that_day: Sequence[Bought]
) -> Iterator[Refusal]:
    """Reasons of the order as a whole: the units of each group of products together.

    `that_day` is what the household bought on the same local day: a group of scope "day" counts it
    too, one of scope "order" does not. A multiple holds for each line (X-048).
    """
    for group in scheme.order_groups.values():
        ordered = [units for product, units in lines if product in group.products]
        for units in ordered:
            if units % group.multiple:
                yield Refusal(
                    "purchase.not_a_multiple",
                    f"sold in multiples of {group.multiple}, {units} asked for",
                )
        daily = group.scope == "day"
        before = sum(units for product, units in that_day if daily and product in group.products)
        asked = sum(ordered)
        if asked and before + asked > group.max_units:
            bought = f"{before} bought today, " if before else ""
            yield Refusal(
                "purchase.above_maximum",
                f"at most {group.max_units} {'a day' if daily else 'an order'}, {bought}"
                f"{asked} asked for",
            )


def bought_that_day(household: Household, scheme: Scheme, on: date) -> list[Bought]:
    """What the household bought on a local day and kept: issued, or paid and not decided yet."""
    bought = [
        (holding.product, holding.units)
        for holding in household.holdings.values()
        if holding.application_id and holding.bought_on == on and holding.ended_why != "refunded"
    ]
    for application in household.applications.values():
        payment = household.payments.get(application.payment_id)
        waiting = application.state == "awaiting_decision"
        if payment and waiting and local_date(payment.paid_at, scheme.tz) == on:
            bought += [(line.product, line.units) for line in application.lines]
    return bought
