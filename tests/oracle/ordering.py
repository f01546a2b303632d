"""Several products in one order: one application, one price, a holding of each.

Source: RBW-026, RBW-027, RBW-055; X-044, X-048.
"""

from typing import Any

from tests.oracle.home import living, today
from tests.oracle.issuing import issue
from tests.oracle.said import Fact, Said, no
from tests.oracle.selling import (
    after_applying,
    last_day,
    over_caps,
    price,
    purchase,
    who_and_where,
)


def order(home: Fact, ask: Fact) -> Said:
    """The lines together keep to what is sold at a time; each line keeps to its own multiple."""
    scheme, person = home["scheme"], living(home, ask)
    if person is None:
        return no("eligibility.not_resident", anything=True)
    codes, may, unsure, lines = set[str](), set[str](), "", list[Fact]()
    for name, units in ask["lines"]:
        product = scheme.product(name)
        codes |= who_and_where(home, ask, person, product)
        codes |= purchase(scheme, product, units, may)
        packs = -(-units // product.pack.size)
        over, open_question = over_caps(home, ask, person, product, units, packs, today(ask))
        may |= over
        codes |= set() if any(code.startswith("purchase.") for code in codes) else over
        unsure = unsure or open_question
        lines.append(line(home, ask, product, units, packs))
    for group in scheme.order_groups.values():
        ordered = sum(units for name, units in ask["lines"] if name in group.products)
        if ordered > group.max_units:  # summed over the durations
            codes.add("purchase.above_maximum")
    pence = sum(each["pence"] for each in lines)

    def then(told: Fact) -> None:
        first = {**lines[0], "units": sum(each["units"] for each in lines), "pence": pence}
        home["applications"][told["application"]] = {
            **first,
            "lines": lines,
            "state": told["state"],
            "pence": told["pence"],
        }
        issue(home, ask, told)

    states = after_applying(home, ask, scheme.product(lines[0]["product"]), pence)
    figures: Fact = {"pence": pence, "state": states}
    return Said(codes, may=may, unsure=unsure, figures=figures, then=then)


def line(home: Fact, ask: Fact, product: Any, units: int, packs: int) -> Fact:
    """What one line of an order comes to."""
    pence, pools = price(home, ask, product, units, packs, 0)
    months = product.holding.months or 12
    return {
        "who": ask["who"],
        "product": product.id,
        "units": units,
        "packs": packs,
        "pence": pence,
        "pools": pools,
        "slot": 0,
        "months": months,
        "starts": today(ask),
        "last_day": last_day(product, today(ask), months),
        "chosen": False,
        "vehicles": [],
        "proofs": 0,
        "paid": 0,
        "paid_on": None,
        "scheme": home["scheme"],
    }
