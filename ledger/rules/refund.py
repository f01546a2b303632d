"""Whether money comes back for what was issued, how much, and what may be exchanged or duplicated.

Unused units give back their share of what was paid. A permit, which is not used up, gives back the
share of its days from today to its last: all of it until its first day is over. Whole pence,
rounded down.

Source: scheme TOML `refund`, `replacement`; RBW-008, RBW-034, RBW-053, NOR-156; A-121, A-123,
A-165; X-053, X-100.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.household.state import Holding
from ledger.refusals import Refusal
from ledger.scheme.products import Product


def refusals(holding: Holding, product: Product, *, replace: bool, over: bool) -> Iterator[Refusal]:
    """Reasons why a holding's money is not given back, or its unused units not exchanged."""
    if replace:
        if not product.refund.replaces_unused:
            yield Refusal("refund.not_replaceable", "unused units are not exchanged")
        elif over or not product.draws_units or holding.units_left == 0:
            yield Refusal("refund.not_replaceable", "nothing unused is left to exchange")
    elif not product.refund.money:
        yield Refusal("refund.non_refundable", "the charge is not refundable")
    elif over:
        yield Refusal("refund.non_refundable", "it is over already")


def pence(holding: Holding, product: Product, today: date) -> int:
    """What comes back of the price, in whole pence."""
    if product.draws_units:
        return holding.pence * holding.units_left // holding.units if holding.units else 0
    days = (holding.last_day - holding.starts_on) / timedelta(days=1) + 1
    left = (holding.last_day - max(today, holding.starts_on)) / timedelta(days=1) + 1
    return holding.pence * max(0, int(left)) // int(days)


def duplicate_refusals(product: Product) -> Iterator[Refusal]:
    """`refund.not_replaceable` where the scheme makes no duplicate of this product's paper."""
    if product.medium != "paper" or not product.replacement.allowed:
        yield Refusal("refund.not_replaceable", "no duplicate is made of this product")


def new_serials(holding: Holding, count: int) -> tuple[str, ...]:
    """The next serial numbers of a holding's paper: its id, and the paper's place in it."""
    printed = len(holding.serials)
    stem = holding.holding_id[:10].upper()
    return tuple(f"{stem}-{n:03d}" for n in range(printed + 1, printed + count + 1))


def in_use(holding: Holding) -> tuple[str, ...]:
    """The serial numbers of the holding's paper that is not void."""
    return tuple(serial for serial in holding.serials if serial not in holding.void_serials)
