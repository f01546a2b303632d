"""Coming back from the provider, the receipt, and the sandbox's own payment page.

However often the way back is taken, the ledger hears of a payment once.

Source: STV-063 to 074, HAN-013, A-002, A-007; promise P15.
"""

from ledger.refusals import NotFound
from replay.wording import money
from services.payments import orders, sandbox
from services.payments.orders import Order
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.resident import applying_words
from web.pages.resident.applying_list import name_of
from web.pages.resident.basket import provider_of
from web.pages.resident.own import own
from web.pages.wording import spelled


def returned(visit: Visit) -> Redirect:
    """The way back: ask the provider how it went, and say so on a page that can be looked at."""
    order = orders.find(visit.council, visit.params["order"], visit.by.resident_id)
    provider = provider_of(visit)
    if provider is not None:
        order = orders.settle(visit.council, provider, order)
    match order.state:
        case "authorised":
            return Redirect(to=f"/receipts/{order.payment_id}")
        case "declined":
            said = f"The payment of {money(order.pence)} was declined, and nothing was taken."
            said += " You can try again, or with another card."
        case "cancelled":
            said = "You did not pay, and nothing was taken. What you wanted is still here."
        case "given_back":
            return Redirect(to=f"/payments/{order.order_id}")
        case _:
            said = "The payment is not finished. Look here again in a few minutes."
    return Redirect(to="/basket", notice=said, kind="important")


def given_back(visit: Visit) -> View:
    """Why what was paid went back: what was paid for could not be had any longer."""
    order: Order = orders.find(visit.council, visit.params["order"], visit.by.resident_id)
    if order.state != "given_back":
        raise NotFound("payment")
    reasons = [spelled(each, visit.scheme) for each in order.reasons]
    return View(
        template="resident/given-back.html",
        values={"order": order, "reasons": reasons},
        back="/basket",
    )


def receipt(visit: Visit) -> View:
    """What was paid, for what, and when; made to be printed."""
    mine = own(visit)
    payment = mine.household.payments.get(visit.params["payment"])
    theirs = {each.application_id: each for each in mine.applications}
    if payment is None or not set(payment.applications) & set(theirs):
        raise NotFound("payment")
    paid_for = [theirs[each] for each in payment.applications if each in theirs]
    lines = []
    for each in paid_for:
        scheme = visit.council.editions.edition(each.edition)
        made = "; ".join(applying_words.made_of(each.lines, scheme, each.concession))
        lines.append((name_of(visit, each), made, each.number, each.pence))
    states = {applying_words.state_of(mine, each) for each in paid_for}
    return View(
        template="resident/receipt.html",
        values={
            "payment": payment,
            "lines": lines,
            "who": mine.resident.name,
            "address": mine.home.address,
            "issued": states == {"issued"},
            "whole": len(paid_for) == len(payment.applications),
            "applications": paid_for,
        },
        back="/applications",
    )


def sandbox_page(visit: Visit) -> View:
    """The page of the sandbox's provider. Raises NotFound where there is no sandbox."""
    return View(template="resident/sandbox-payment.html", values={"payment": _sandbox(visit)})


def sandbox_done(visit: Visit) -> Redirect:
    """What the payer chose, and back."""
    payment = _sandbox(visit)
    match visit.form.get("do"):
        case "authorised" | "declined" | "cancelled" as outcome:
            with visit.council.pool.connection() as connection:
                sandbox.decide(
                    connection, visit.council.schema, payment.reference, outcome, visit.now
                )
        case _:
            raise mistake("", "Choose what is to happen")
    return Redirect(to=payment.return_to)


def _sandbox(visit: Visit) -> sandbox.SandboxPayment:
    if not visit.site.sandbox:
        raise NotFound("payment")
    with visit.council.pool.connection() as connection:
        return sandbox.shown(connection, visit.council.schema, visit.params["reference"])


PAGES = (
    get("/payments/{order}/return", RESIDENT, returned),
    get("/payments/{order}", RESIDENT, given_back),
    get("/receipts/{payment}", RESIDENT, receipt),
    get("/sandbox/payments/{reference}", None, sandbox_page),
    post("/sandbox/payments/{reference}", None, sandbox_done, again=sandbox_page),
)
