"""How much of an allowance is left on a date, and when it comes back.

Source: HAN-015, HAN-016, NOR-088, NOR-095, NOR-054; X-034, X-042, X-083, X-084, X-104.
"""

from datetime import date
from typing import Any

from tests.oracle.days import months_on
from tests.oracle.said import Fact
from tests.oracle.selling import counting, granted


def standing(home: Fact, product: Any, cap: Any, ask: Fact) -> Fact:
    """`used`, `available` and the dates of return of one cap on purchases, on the asked day."""
    counted = counting(home, cap, product, ask)
    used = sum(amount(cap, holding) for holding in counted)
    back: dict[date, int] = {}
    for holding in counted:
        day = comes_back(cap, holding["bought_on"])
        back[day] = back.get(day, 0) + amount(cap, holding)
    most = cap.max + granted(home, product, cap, ask)
    return {
        "used": used,
        "available": max(0, most - used),
        "releases": tuple(sorted(each for each in back.items() if each[1])),
    }


def amount(cap: Any, holding: Fact) -> int:
    """A purchase in the cap's own unit (X-083)."""
    return int(holding["packs"] if cap.unit == "pack" else holding["units"])


def comes_back(cap: Any, bought: date) -> date:
    """The first date on which a purchase no longer counts (HAN-016, X-035)."""
    if cap.window == "rolling_12m":
        return months_on(bought, 12)
    if cap.window == "calendar_month":
        return months_on(bought.replace(day=1), 1)
    return date(bought.year + 1, 1, 1)
