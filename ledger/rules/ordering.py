"""What is asked for, as lines with prices, and every reason that lies in the order itself.

Used by an application and by a quote, so that the two can never disagree.

Source: STV-035, STV-056, HAN-013, RBW-026, RBW-051, NOR-077; X-049, X-063.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from ledger.events import Line
from ledger.household.state import Household, Resident
from ledger.refusals import Refusal
from ledger.rules import purchase, tariff
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme


class Wanted(Struct, frozen=True, kw_only=True):
    """One product as it was asked for; 0 units mean the smallest purchase."""

    product: str
    quantity: int | None = None
    months: int | None = None
    slot: int | None = None


def products(scheme: Scheme, wanted: Sequence[Wanted]) -> list[tuple[Product, Wanted]]:
    """The products asked for that the scheme has."""
    found = ((scheme.product(each.product), each) for each in wanted)
    return [(product, each) for product, each in found if product is not None]


def unknown_refusals(scheme: Scheme, wanted: Sequence[Wanted]) -> Iterator[Refusal]:
    """`eligibility.product_not_offered` for each product that the scheme has not."""
    for each in wanted:
        if scheme.product(each.product) is None:
            yield Refusal("eligibility.product_not_offered", "the scheme has no such product")


def units(product: Product, wanted: Wanted) -> int:
    return purchase.default_units(product) if wanted.quantity is None else wanted.quantity


def months(product: Product, wanted: Wanted) -> int:
    """The months of the holding: fixed by the product, or chosen; the fewest where none are
    named.
    """
    if wanted.months is not None:
        return wanted.months
    return product.holding.months or product.holding.months_min


def lines(
    scheme: Scheme,
    household: Household,
    wanted: Sequence[Wanted],
    *,
    zone: str,
    concession: str,
    on: date,
) -> tuple[Line, ...]:
    """The lines with their prices. Only for an order without refusals."""
    reduced = tariff.concession_of(concession, scheme)
    found: list[Line] = []
    for product, each in products(scheme, wanted):
        count = units(product, each)
        packs = purchase.packs_of(product, count)
        cost = tariff.cost(
            product,
            scheme,
            household,
            units=count,
            packs=packs,
            months=months(product, each),
            slot=each.slot or 0,
            zone=zone,
            concession=reduced,
            on=on,
            beside=found,
        )
        found.append(
            Line(
                product=product.id,
                units=count,
                packs=packs,
                pence=cost.pence,
                months=months(product, each),
                slot=cost.slot,
                pools=cost.pools,
            )
        )
    return tuple(found)


def refusals(
    scheme: Scheme,
    household: Household,
    resident: Resident,
    wanted: Sequence[Wanted],
    *,
    concession: str,
    evidence: bool,
    on: date,
) -> Iterator[Refusal]:
    """Every reason that lies in the order: concession, months, rung declared, and how many."""
    ordered = products(scheme, wanted)
    yield from unknown_refusals(scheme, wanted)
    shown = evidence or tariff.shown_before(household, scheme, resident, concession)
    yield from tariff.concession_refusals(concession, scheme, resident, shown, on)
    for product, each in ordered:
        yield from month_refusals(product, each)
        yield from rung_refusals(product, each)
        yield from purchase.refusals(product, units(product, each))
    yield from purchase.order_refusals(
        scheme,
        [(product.id, units(product, each)) for product, each in ordered],
        purchase.bought_that_day(household, scheme, on),
    )


def unpriced_refusals(
    scheme: Scheme, wanted: Sequence[Wanted], concession: str
) -> Iterator[Refusal]:
    """`purchase.price_unknown` for each product whose amounts are not the council's.

    What a rule says is free has a price of 0 without that mark, and a reduced price is known.
    Source: X-041, X-085, X-091; scheme TOML, `placeholder`.
    """
    reduced = tariff.concession_of(concession, scheme)
    for product, _ in products(scheme, wanted):
        known = reduced is not None and product.id in reduced.products
        if product.price.placeholder and not known:
            yield Refusal(
                "purchase.price_unknown",
                f"the council has not said yet what {product.name} costs: it is sold from then on",
            )


def month_refusals(product: Product, wanted: Wanted) -> Iterator[Refusal]:
    least, most = product.holding.months_min, product.holding.months_max
    if not least <= months(product, wanted) <= most:
        yield Refusal(
            "application.months", f"sold for {least} to {most} months, {wanted.months} asked for"
        )


def rung_refusals(product: Product, wanted: Wanted) -> Iterator[Refusal]:
    """`application.slot` for a rung that the ladder has not."""
    if wanted.slot is None:
        return
    rungs = [tier.slot for tier in product.price.tiers]
    if product.price.by != "lowest_free_slot" or wanted.slot not in rungs:
        yield Refusal("application.slot", f"there is no permit number {wanted.slot}")


def declared_slot_refusals(
    product: Product, wanted: Wanted, household: Household, on: date, beside: Sequence[Line]
) -> Iterator[Refusal]:
    """`application.slot` where the declared rung is not the lowest free one (RBW-051, X-049)."""
    price = product.price
    if not tariff.has_ladder(product):
        return
    free = tariff.free_slot(product, household, on, beside)
    if wanted.slot is None and price.declared_by_applicant:
        yield Refusal(
            "application.slot", f"say which permit of the household this is; {free} is free"
        )
    elif wanted.slot is not None and wanted.slot != free and free <= len(price.tiers):
        yield Refusal(
            "application.slot", f"permit number {free} is the next, {wanted.slot} was named"
        )
