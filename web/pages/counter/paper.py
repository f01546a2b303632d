"""Paper: which numbers a household's cards and permits have, and which are void or replaced.

Source: scheme TOML `replacement`; RBW-053; A-123.
"""

from ledger.household.state import Holding
from ledger.rules import refund
from replay.wording import day
from web.pages.counter.case import Case, opened
from web.pages.framework import STAFF, View, Visit, get


def listed(visit: Visit) -> View:
    """Every number on paper that was issued to a household, the latest paper first."""
    case = opened(visit)
    held = sorted(case.household.holdings.values(), key=lambda e: e.issued_at, reverse=True)
    return View(
        template="counter/paper.html",
        values={
            "case": case,
            "holdings": [_paper(case, each) for each in held if each.serials],
        },
        back=case.path,
    )


def _paper(case: Case, holding: Holding) -> dict[str, object]:
    in_use = refund.in_use(holding)
    product = case.visit.council.editions.edition(holding.edition).product(holding.product)
    # Paper that was made later stands after what was first issued: that many were replaced.
    first = len(holding.serials) - len(holding.void_serials)
    over = not holding.in_hand(case.now)
    return {
        "name": case.name_of(holding.product, holding.edition),
        "issued": day(holding.bought_on),
        "ended": day(holding.last_day) if over else "",
        "papers": [
            (
                serial,
                "Void" if serial not in in_use else "Over" if over else "Good",
                "New paper" if n >= first and holding.void_serials else "First issue",
            )
            for n, serial in enumerate(holding.serials)
        ],
        "replace": case.visit.at(f"{case.path}/lost/{holding.holding_id}")
        if product and product.replacement.allowed and product.medium == "paper" and not over
        else "",
        "left": f"{len(in_use)} of {len(holding.serials)}",
    }


PAGES = (get("/staff/households/{household}/paper", STAFF, listed),)
