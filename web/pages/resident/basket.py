"""The basket: what is to be paid, together where the scheme lets it be, and on to the provider.

Source: STV-063 to 070, GRV-021, HAN-013; scheme TOML `flow.basket`.
"""

from collections.abc import Sequence

from ledger.household.state import Application
from ledger.refusals import Refused, refuse_if
from ledger.rules import flow
from services.payments import orders
from services.payments.provider import PaymentProvider
from services.payments.sandbox import SandboxProvider
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.resident import applying_words
from web.pages.resident.applying_list import name_of
from web.pages.resident.own import Own, own


def provider_of(visit: Visit) -> PaymentProvider | None:
    """Whoever takes payments here; None where nobody is connected yet."""
    return SandboxProvider() if visit.site.sandbox else None


def shown(visit: Visit) -> View:
    """What can be paid now, and what it is in all."""
    if not visit.mistakes:
        _settle(visit)
    mine = own(visit)
    due = payable(visit, mine)
    together = mine.scheme.flow.basket and len(due) > 1
    return View(
        template="resident/basket.html",
        values={
            "due": [
                (each, name_of(visit, each), _made(visit, each), each.application_id)
                for each in due
            ],
            "together": together,
            "total": sum(each.pence for each in due),
            "chosen": visit.form.all("application") or [each.application_id for each in due],
            "can_pay": provider_of(visit) is not None,
            "waiting": sum(each.state == "awaiting_proof" for each in mine.applications),
        },
    )


def _made(visit: Visit, application: Application) -> str:
    scheme = visit.council.editions.edition(application.edition)
    return "; ".join(applying_words.made_of(application.lines, scheme, application.concession))


def payable(visit: Visit, mine: Own) -> list[Application]:
    """The resident's own applications that can be paid now, the oldest first."""
    found = [
        each
        for each in mine.applications
        if each.state in ("awaiting_payment", "offered")
        and each.pence
        and not list(
            flow.pay_refusals(each, visit.council.editions.edition(each.edition), mine.now)
        )
    ]
    return found[::-1]


def _settle(visit: Visit) -> None:
    """Whoever paid and never came back has paid all the same."""
    provider = provider_of(visit)
    if provider is not None:
        for order in orders.under_way(visit.council, visit.by.resident_id):
            orders.settle(visit.council, provider, order)


def paid(visit: Visit) -> Redirect:
    """Begin a payment for what was chosen, and go to the provider's page."""
    provider = provider_of(visit)
    if provider is None:
        raise mistake("", "Paying online does not work just now. The parking team can take it.")
    for order in orders.under_way(visit.council, visit.by.resident_id):
        # Whoever begins anew has gone back from the earlier page; where they paid there, it counts.
        orders.abandon(visit.council, provider, order)
    mine = own(visit)
    due = {each.application_id: each for each in payable(visit, mine)}
    chosen = [due[each] for each in dict.fromkeys(visit.form.all("application")) if each in due]
    if not chosen:
        raise mistake("application", "Choose what you want to pay for")
    _refuse_together(visit, chosen)
    names = ", ".join(name_of(visit, each) for each in chosen)
    started = orders.begin(
        visit.council,
        provider,
        household=visit.household,
        resident=mine.resident.resident_id,
        applications=[each.application_id for each in chosen],
        pence=sum(each.pence for each in chosen),
        about=names,
        return_to="/payments/{order}/return",
    )
    return Redirect(to=started.go_to)


def _refuse_together(visit: Visit, chosen: Sequence[Application]) -> None:
    editions = visit.council.editions
    several = flow.basket_refusal([editions.edition(each.edition) for each in chosen])
    try:
        refuse_if(several)
    except Refused as refused:
        raise mistake("application", refused.refusals[0].detail) from refused


PAGES = (
    get("/basket", RESIDENT, shown),
    post("/basket", RESIDENT, paid, again=shown),
)

LINKS = (Link(text="Basket", path="/basket", roles=RESIDENT, hint="What is ready to be paid."),)
