"""Giving back what is not needed: what would come back is worked out before it is confirmed.

Source: scheme TOML `refund`; RBW-008, RBW-034, NOR-156; X-053, X-100.
"""

from commands.refund_holding import RefundHolding
from ledger.household.state import Holding
from ledger.refusals import NotFound, Refused
from ledger.scheme.products import Product
from replay.schemes.words import counted, noun
from replay.wording import money
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.resident.booking_quote import product_of, quoted
from web.pages.resident.own import own
from web.pages.sending import send


def _one(visit: Visit) -> tuple[Holding, Product]:
    """One of the resident's own. Raises NotFound for any other."""
    mine = own(visit)
    holding = mine.household.holdings.get(visit.params["holding"])
    product = product_of(visit, holding) if holding else None
    if holding is None or product is None or holding.resident_id != mine.resident.resident_id:
        raise NotFound("permit")
    return holding, product


def asked(visit: Visit) -> View:
    """What would come back, and how that is worked out; or why nothing does."""
    holding, product = _one(visit)
    mine = own(visit)
    why: tuple[str, ...] = ()
    pence = 0
    try:
        _, values = quoted(visit, mine, RefundHolding(holding=holding.holding_id))
        pence = int(str(values["pence"]))
    except Refused as refused:
        why = tuple(each.detail for each in refused.refusals)
    return View(
        template="resident/refund.html",
        values={
            "holding": holding,
            "product": product,
            "pence": pence,
            "why": why,
            "working": working(visit, holding, product, pence),
        },
    )


def working(visit: Visit, holding: Holding, product: Product, pence: int) -> str:
    """How the sum is made: `£10.00 x 15 of 20 vouchers = £7.50`."""
    paid = money(holding.pence)
    if product.draws_units:
        units = counted(holding.units, noun(product))
        return f"{paid} x {holding.units_left} unused of {units} = {money(pence)}"
    days = (holding.last_day - holding.starts_on).days + 1
    left = max(0, (holding.last_day - max(visit.today, holding.starts_on)).days + 1)
    return f"{paid} x {left} of {days} days left = {money(pence)}"


def refunded(visit: Visit) -> Redirect:
    """Give it back: it ends now."""
    holding, product = _one(visit)
    answer = send(visit, visit.household, RefundHolding(holding=holding.holding_id))
    back = money(int(str(answer.values["pence"])))
    return Redirect(to="", notice=f"{product.name} is given back. {back} goes back to you.")


PAGES = (
    get("/give-back/{holding}", RESIDENT, asked),
    post("/give-back/{holding}", RESIDENT, refunded, again=asked),
)
