"""Unusual buying is marked for review, never refused.

Source: scheme TOML `fair_use`; RBW-028, X-045.
"""

from collections.abc import Iterable
from datetime import date

from ledger.calendar import add_months
from ledger.household.state import Household
from ledger.rules.purchase import Bought
from ledger.scheme.schema import FairUse, Scheme


def flagged(
    household: Household, product: str, scheme: Scheme, order: Iterable[Bought], on: date
) -> bool:
    """True where an order that holds this product takes the household above a review mark.

    `order` is all that is bought in the same moment, this product included: the mark looks at the
    order's total, not at each line of it alone. A mark with an empty list is about every product.
    """
    lines = list(order)
    for terms in scheme.fair_use.values():
        members = terms.products or tuple(each.id for each in scheme.products)
        if not terms.flag_over or product not in members:
            continue
        bought = sum(
            holding.units
            for holding in household.holdings.values()
            if holding.product in members and _counts(terms, scheme, holding.bought_on, on)
        )
        asked = sum(units for each, units in lines if each in members)
        if bought + asked > terms.flag_over:
            return True
    return False


def _counts(terms: FairUse, scheme: Scheme, bought_on: date, on: date) -> bool:
    match terms.window:
        case "rolling_12m":
            return bought_on <= on < add_months(bought_on, 12, scheme.calendar.missing_day)
        case "calendar_month":
            return (bought_on.year, bought_on.month) == (on.year, on.month)
        case "calendar_year":
            return bought_on.year == on.year
