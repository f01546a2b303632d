"""What comes with another product ends with it: a clock permit with the own-vehicle permit.

A holding of a product that requires another is issued to last no longer than the holdings of that
other product do, one after the other without a gap. Where the last of those ends early
(surrendered, rescinded, refunded, moved out), the same decision ends it too, as a fact of its own.
So its term is always what its facts say, and neither a stay nor an officer's check has to look the
other product up.

Source: scheme TOML `products[].requires_product`; IPS-004; X-092.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from ledger.household.state import Household
from ledger.refusals import Refusal
from ledger.rules.lots import ProductOf
from ledger.scheme.products import Product
from ledger.values import Period


def held_until(
    household: Household,
    product: str,
    at: datetime,
    *,
    beside: Iterable[Period],
    ends: Mapping[str, datetime],
) -> datetime | None:
    """The end of the unbroken run of a product's holdings that are in force at that instant.

    `beside` holds the terms of those that are issued in the same moment; `ends` names the holdings
    that are about to end early, and when. None where none is in force.
    """
    terms = [
        *beside,
        *(
            Period(
                holding.in_force_from,
                min(holding.in_force_until, ends.get(holding.holding_id, holding.in_force_until)),
            )
            for holding in household.holdings_of(product)
        ),
    ]
    until = at
    while longer := [term.ends for term in terms if term.holds(until)]:
        until = max(longer)
    return None if until == at else until


def refusal(
    product: Product, household: Household, at: datetime, beside: Iterable[Period]
) -> Refusal | None:
    """`eligibility.prerequisite_missing` where what the product requires is not in force then."""
    needed = product.requires_product
    if needed is None or held_until(household, needed, at, beside=beside, ends={}) is not None:
        return None
    return Refusal("eligibility.prerequisite_missing", f"needs {needed} in force")


def ended_with(
    household: Household, product_of: ProductOf, gone: Collection[str], at: datetime
) -> dict[str, datetime]:
    """The holdings that end because these do at that instant, and when: at once, or with the last
    of what they require that is left.
    """
    ends = dict.fromkeys(gone, at)
    required = {
        holding.holding_id: product.requires_product
        for holding in household.holdings.values()
        if holding.holding_id not in ends
        and holding.in_hand(at)
        and (product := product_of(holding)) is not None
        and product.requires_product is not None
    }
    # What ends may itself be what another needs: until nothing more ends.
    found: dict[str, datetime] = {}
    while True:
        sooner = {
            holding_id: until
            for holding_id, needed in required.items()
            if (until := _kept_until(household, holding_id, needed, at, ends))
            < ends.get(holding_id, household.holdings[holding_id].in_force_until)
        }
        if not sooner:
            return found
        found.update(sooner)
        ends.update(sooner)


def _kept_until(
    household: Household, holding_id: str, needed: str, at: datetime, ends: Mapping[str, datetime]
) -> datetime:
    begins = max(at, household.holdings[holding_id].in_force_from)
    return held_until(household, needed, begins, beside=(), ends=ends) or at
