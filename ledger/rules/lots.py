"""Which holding a use is drawn from.

A household's holdings of one product are lots; the lot that ends first is drawn on first (or the
oldest,
where the scheme says so), if its term holds the day of the use. Units that come back go to their
own lot.

Source: STV-078, STV-117, HAN-026, HAN-027, A-033, A-099; X-018.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from ledger.household.state import Holding, Household
from ledger.scheme.products import Product

ProductOf = Callable[[Holding], Product | None]


def in_hand(household: Household, products: ProductOf, at: datetime) -> list[Holding]:
    """The holdings whose units can be booked now or later: virtual, not over, drawing units."""
    found = []
    for holding in household.holdings.values():
        product = products(holding)
        if (
            product is not None
            and product.draws_units
            and product.medium == "virtual"
            and holding.in_hand(at)
        ):
            found.append(holding)
    return found


def candidates(holdings: list[Holding]) -> list[str]:
    """The products among these that have units left; all of them where none has."""
    with_units = [holding.product for holding in holdings if holding.units_left > 0]
    return list(dict.fromkeys(with_units or [holding.product for holding in holdings]))


def in_order(holdings: list[Holding], product: Product) -> list[Holding]:
    """The order in which lots are drawn on; of lots issued at one instant the order given, which
    is the order of their issue.
    """
    if product.lot.pick == "oldest":
        return sorted(holdings, key=lambda holding: holding.issued_at)
    return sorted(holdings, key=lambda holding: (holding.in_force_until, holding.issued_at))


def drawn(lots: list[Holding]) -> Iterator[Holding]:
    """One lot for each unit that these can give, in order."""
    for lot in lots:
        for _ in range(lot.units_left):
            yield lot
