"""Unusual buying is marked for review, never refused.

Source: scheme TOML `fair_use`; RBW-028, X-045.
"""

from datetime import date

from ledger.calendar import add_months
from ledger.household.state import Household
from ledger.scheme.products import Product
from ledger.scheme.schema import FairUse, Scheme


def flagged(household: Household, product: Product, scheme: Scheme, units: int, on: date) -> bool:
    """True where this purchase takes the household above a review mark of the scheme."""
    for name, terms in scheme.fair_use.items():
        members = _members(name, terms, scheme)
        if not terms.flag_over or product.id not in members:
            continue
        bought = sum(
            holding.units
            for holding in household.holdings.values()
            if holding.product in members and _counts(terms, scheme, holding.bought_on, on)
        )
        if bought + units > terms.flag_over:
            return True
    return False


def _members(name: str, terms: FairUse, scheme: Scheme) -> tuple[str, ...]:
    """The products a mark is about: its own list, else the order group of the same name, else
    all.
    """
    if terms.products:
        return terms.products
    group = scheme.order_groups.get(name)
    return group.products if group else tuple(product.id for product in scheme.products)


def _counts(terms: FairUse, scheme: Scheme, bought_on: date, on: date) -> bool:
    match terms.window:
        case "rolling_12m":
            return bought_on <= on < add_months(bought_on, 12, scheme.calendar.missing_day)
        case "calendar_month":
            return (bought_on.year, bought_on.month) == (on.year, on.month)
        case "calendar_year":
            return bought_on.year == on.year
