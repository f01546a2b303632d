"""Applying: the questions of one product, the answers to be checked with their price, and sending.

What is entered is kept for its resident alone until it is sent, so that they can go on later.

Source: STV-022 to 043, GRV-007, HAN-012 to 014, NOR-077, RBW-051 to 056.
"""

from commands.apply_for_permit import ApplyForPermit
from ledger.events import ApplicationSubmitted
from ledger.refusals import Refused
from ledger.scheme.products import Product
from replay.schemes.words import counted
from replay.wording import day, money
from services import drafts
from web.pages.forms import Form, Mistakes, mistake
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.resident import applying_form, applying_words, products
from web.pages.resident.own import Own, own, tried
from web.pages.sending import send


def asked(visit: Visit) -> View:
    """The questions, with what was entered before."""
    mine = own(visit)
    product = mine.product(visit.params["product"])
    kept = _kept(visit, mine, product)
    asks = applying_form.questions(mine, product)
    return View(
        template="resident/apply.html",
        values={
            "product": product,
            "asks": asks,
            "entered": kept,
            "start_day": {each: kept.get(f"start-{each}") for each in ("day", "month", "year")},
            "left": [each for each in products.standings(mine, product) if each.used],
            "saving": mine.scheme.flow.save_draft,
        },
        back=f"/products/{product.id}",
    )


def _kept(visit: Visit, mine: Own, product: Product) -> Form:
    with visit.council.pool.connection() as connection:
        found = drafts.find(connection, visit.council.schema, mine.resident.resident_id, product.id)
    return applying_form.entered(found.answers if found else {})


def answered(visit: Visit) -> Redirect:
    """Keep the answers; then on to checking them, unless they are for later."""
    mine = own(visit)
    product = mine.product(visit.params["product"])
    later = visit.form.get("do") == "later" and mine.scheme.flow.save_draft
    if not later:
        tried(visit, mine, applying_form.command_of(mine, product, visit.form, None))
    with visit.council.pool.connection() as connection:
        drafts.save(
            connection,
            visit.council.schema,
            household=visit.household,
            resident=mine.resident.resident_id,
            product=product.id,
            answers=applying_form.answers(visit.form),
            at=visit.now,
        )
    if later:
        return Redirect(to="/applications", notice="Your answers are saved. Go on when you like.")
    return Redirect(to=f"/apply/{product.id}/check")


def checked(visit: Visit) -> View | Redirect:
    """The answers, the price and how it is made, and what is to be confirmed."""
    mine = own(visit)
    product = mine.product(visit.params["product"])
    # The form that is sent holds the answers that were shown: no other tab has changed them.
    kept = visit.form if visit.mistakes else _kept(visit, mine, product)
    here = f"/apply/{product.id}"
    try:
        command = applying_form.command_of(mine, product, kept, None)
        submitted = tried(visit, mine, command)[0]
    except (Mistakes, Refused):
        if not visit.mistakes:
            said = "Look at your answers again: something is missing, or has changed since."
            return Redirect(to=here, notice=said, kind="important")
        return View(template="resident/check-again.html", values={"product": product}, back=here)
    assert isinstance(submitted, ApplicationSubmitted)
    return View(
        template="resident/check.html",
        values={
            "product": product,
            "rows": _rows(visit, mine, product, command, submitted),
            "made": applying_words.made_of(submitted.lines, mine.scheme, command.concession),
            "answers": applying_form.answers(kept),
            "pence": submitted.pence,
            "confirmations": [
                (each, applying_words.statement(each, mine.scheme))
                for each in mine.scheme.flow.confirmations
            ],
            "after": _after(mine, submitted),
        },
        back=here,
    )


def _rows(
    visit: Visit, mine: Own, product: Product, command: ApplyForPermit, sent: ApplicationSubmitted
) -> list[tuple[str, ...]]:
    """What was entered and what follows from it; what can be changed has a way to it."""
    change = visit.at(f"/apply/{product.id}")
    asks = applying_form.questions(mine, product)
    line = sent.lines[0]
    rows: list[tuple[str, ...]] = [("What", product.name)]
    how_many = ("How many", applying_words.many(line, product))
    rows.append((*how_many, change) if asks.packs or asks.packs_typed else how_many)
    if asks.slots:
        rows.append(("Which permit", f"Number {line.slot} of your household", change))
    if asks.months:
        rows.append(("For how long", counted(line.months, "month"), change))
    if asks.start:
        rows.append(("Starts", day(sent.starts_on), change))
    elif product.holding.starts == "issue":
        rows.append(("Starts", "The day it is issued"))
    else:
        rows.append(("Starts", "The day you pay" if sent.pence else day(sent.starts_on)))
    if product.holding.starts == "chosen":
        rows.append(("Lasts until the end of", day(sent.last_day)))
    if asks.marks:
        marks = ", ".join(each.shown for each in sent.vehicles) or "None yet"
        rows.append(("Vehicles", marks, change))
    if asks.concessions:
        reduced = dict(asks.concessions).get(command.concession, "The normal price")
        rows.append(("Price you asked for", reduced, change))
    return rows


def _after(mine: Own, sent: ApplicationSubmitted) -> str:
    """What sending it leads to."""
    costs = f"you pay {money(sent.pence)}" if sent.pence else "there is nothing to pay"
    match sent.state:
        case "awaiting_proof" if mine.scheme.flow.kind == "offer_pay_issue":
            return f"Next you send your proof. When the council has said yes, {costs}."
        case "awaiting_proof":
            return f"Next you send your proof, and then {costs}."
        case "awaiting_decision":
            return f"Next the council looks at it. When it has said yes, {costs}."
        case "issued":
            return "It is issued at once."
        case _:
            return f"Next, {costs}."


def sent(visit: Visit) -> Redirect:
    """Send the application; the draft is no longer needed."""
    mine = own(visit)
    product = mine.product(visit.params["product"])
    confirmed = tuple(visit.form.all("confirm"))
    if set(mine.scheme.flow.confirmations) - set(confirmed):
        raise mistake("confirm", "Tick to confirm that you have read this")
    command = applying_form.command_of(mine, product, visit.form, confirmed)
    answer = send(visit, visit.household, command)
    with visit.council.pool.connection() as connection:
        drafts.forget(connection, visit.council.schema, mine.resident.resident_id, product.id)
    application, state = answer.values["application"], answer.values["state"]
    match state:
        case "awaiting_proof":
            to, said = f"/applications/{application}/proof", "Your application is sent."
        case "awaiting_payment":
            to, said = "/basket", f"{product.name} is in your basket."
        case "issued":
            to, said = f"/applications/{application}", f"{product.name} is issued to you."
        case _:
            to, said = f"/applications/{application}", "Your application is sent."
    return Redirect(to=to, notice=said)


def forgotten(visit: Visit) -> Redirect:
    """Delete what was entered."""
    mine = own(visit)
    with visit.council.pool.connection() as connection:
        drafts.forget(
            connection,
            visit.council.schema,
            mine.resident.resident_id,
            visit.params["product"],
        )
    return Redirect(to="/applications", notice="What you had begun is deleted.")


FIELDS = {
    "vehicle": "mark1",
    "application.months": "months",
    "application.slot": "slot",
    "application.start_in_past": "start-day",
    "application.start_too_far": "start-day",
    "application.start_fixed": "when",
    "application.confirmation_missing": "confirm",
    "eligibility.evidence_missing": "concession",
    "eligibility.support_missing": "support",
    "purchase": "packs",
    "allowance.exceeded": "packs",
}

PAGES = (
    get("/apply/{product}", RESIDENT, asked),
    post("/apply/{product}", RESIDENT, answered, again=asked, fields=FIELDS),
    get("/apply/{product}/check", RESIDENT, checked),
    post(
        "/apply/{product}/check",
        RESIDENT,
        sent,
        again=checked,
        fields={"application.confirmation_missing": "confirm"},
    ),
    post("/apply/{product}/forget", RESIDENT, forgotten, again=None),
)
