"""What a household's card tells: lots with their last days, and what waits for the resident."""

from msgspec import Struct

from ledger.household.state import Application, Holding
from ledger.rules import lots
from ledger.scheme.products import Product
from ledger.values import FOREVER
from replay.schemes.words import counted, noun
from replay.wording import day
from services import drafts, proof_findings
from web.pages.framework import Visit
from web.pages.resident import applying_words
from web.pages.resident.booking_quote import product_of
from web.pages.resident.own import Own


class Lot(Struct, frozen=True, kw_only=True):
    """What was bought at once: how many are left of it, and the last day to use them."""

    name: str
    left: str
    use_by: str
    begun: bool
    holding: Holding
    product: Product


class Task(Struct, frozen=True, kw_only=True):
    """Something that waits for the resident: a sentence, and the page to do it on."""

    text: str
    path: str


def held(visit: Visit, mine: Own) -> list[Lot]:
    """What the resident bought and still has, each product's lots in the order in which they are
    used up. A flatmate's are in the household's figures, and not here.
    """
    found = []
    for holding in mine.household.holdings.values():
        product = product_of(visit, holding)
        if product is None or not holding.in_hand(mine.now):
            continue
        if product.draws_units and not holding.units_left:
            continue
        if holding.resident_id != mine.resident.resident_id:
            continue
        found.append(_lot(mine, holding, product))
    # In the order of the rule within a product; products as they were bought.
    names = list(dict.fromkeys(each.product.id for each in found))
    ordered = []
    for name in names:
        same = [each for each in found if each.product.id == name]
        order = lots.in_order([each.holding for each in same], same[0].product)
        ordered += sorted(same, key=lambda each: order.index(each.holding))
    return ordered


def _lot(mine: Own, holding: Holding, product: Product) -> Lot:
    forever = holding.in_force_until >= FOREVER
    return Lot(
        name=product.name,
        left=f"{counted(holding.units_left, noun(product))} left" if product.draws_units else "",
        use_by="no end" if forever else day(holding.last_day),
        begun=holding.in_force(mine.now),
        holding=holding,
        product=product,
    )


def tasks(visit: Visit, mine: Own) -> list[Task]:
    """What waits for the resident: proofs, payments, offers, and what was begun."""

    def wrong(application: Application) -> str:
        with visit.council.pool.connection() as connection:
            return proof_findings.wrong_with_last(connection, visit.council.schema, application)

    found = []
    for application in mine.applications:
        product = visit.council.editions.edition(application.edition).product(application.product)
        name = product.name if product else application.product
        here = f"/applications/{application.application_id}"
        match applying_words.state_of(mine, application):
            case "awaiting_proof":
                found.append(Task(text=f"Send your proof for {name}", path=f"{here}/proof"))
            case "awaiting_payment":
                found.append(Task(text=f"Pay for {name}", path="/basket"))
            case "offered":
                found.append(Task(text=f"{name} is offered to you: pay to have it", path=here))
            case "awaiting_decision" if wrong(application):
                text = f"Send another proof for {name}: the council asks for it"
                found.append(Task(text=text, path=here))
            case "awaiting_decision":
                found.append(Task(text=f"{name} is with the council", path=here))
    with visit.council.pool.connection() as connection:
        begun = drafts.of_resident(connection, visit.council.schema, mine.resident.resident_id)
    for each in begun:
        product = mine.scheme.product(each.product)
        if product is not None:
            text = f"Go on with your application for {product.name}"
            found.append(Task(text=text, path=f"/apply/{product.id}"))
    return found
