"""A resident's applications: those that were begun, those that were sent, and each one by itself.

Source: STV-035, STV-038 to 042, STV-067, GRV-020 to 023.
"""

from commands.cancel_application import CancelApplication
from ledger.household.state import Application
from ledger.refusals import NotFound
from ledger.rules import documents
from replay.wording import day
from services import drafts, proof_findings
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.resident import applying_words
from web.pages.resident.own import Own, own
from web.pages.resident.proofs import type_words
from web.pages.sending import send


def listed(visit: Visit) -> View:
    """What was begun, and every application, the latest first."""
    mine = own(visit)
    with visit.council.pool.connection() as connection:
        begun = drafts.of_resident(connection, visit.council.schema, mine.resident.resident_id)
    return View(
        template="resident/applications.html",
        values={
            "begun": [
                (product, each.saved_at)
                for each in begun
                if (product := mine.scheme.product(each.product)) is not None
            ],
            "sent": [
                (each, name_of(visit, each), *_state_words(visit, mine, each))
                for each in mine.applications
            ],
        },
    )


def _state_words(visit: Visit, mine: Own, application: Application) -> tuple[str, str]:
    """How it stands, and the colour of its tag."""
    if wrong_with_proof(visit, application):
        return applying_words.ANOTHER_PROOF
    return applying_words.STATES[applying_words.state_of(mine, application)]


def name_of(visit: Visit, application: Application) -> str:
    """The product's name, by the edition that it was applied for under."""
    product = visit.council.editions.edition(application.edition).product(application.product)
    return product.name if product is not None else application.product


def shown(visit: Visit) -> View:
    """One application: what was asked for, how it stands, and what is next."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    scheme = visit.council.editions.edition(application.edition)
    state = applying_words.state_of(mine, application)
    wrong = wrong_with_proof(visit, application)
    return View(
        template="resident/application.html",
        values={
            "application": application,
            "name": name_of(visit, application),
            "state": state,
            "state_words": applying_words.ANOTHER_PROOF if wrong else applying_words.STATES[state],
            "next": "Next, send another proof."
            if wrong
            else applying_words.next_step(mine, application, scheme),
            "rows": _rows(visit, mine, application),
            "proofs_told": proofs_told(mine, application),
            "wrong_with_proof": wrong,
            "cancellable": documents.closed_refusal(application) is None
            and not application.payment_id
            and state != "lapsed",
        },
        back="/applications",
    )


def _rows(visit: Visit, mine: Own, application: Application) -> list[tuple[str, str]]:
    scheme = visit.council.editions.edition(application.edition)
    rows = [("Application number", application.number)]
    for line in application.lines:
        product = scheme.product(line.product)
        if product is not None:
            rows.append((product.name, applying_words.many(line, product)))
    holding = next(
        (
            each
            for each in mine.household.holdings.values()
            if each.application_id == application.application_id
        ),
        None,
    )
    starts, last = application.starts_on, application.last_day
    if holding is not None:
        starts, last = holding.starts_on, holding.last_day
    if holding is not None or application.start_chosen:
        rows += [("Starts", day(starts)), ("Lasts until the end of", day(last))]
    if application.vehicles:
        rows.append(("Vehicles", ", ".join(each.shown for each in application.vehicles)))
    return rows


def proofs_told(mine: Own, application: Application) -> list[str]:
    """That a proof was received: its type and the day, and nothing of what it shows."""
    found = [
        each
        for name in application.documents
        if (each := mine.household.documents.get(name)) is not None
    ]
    return [f"{type_words(each.document_type)}, received {day(each.uploaded_on)}" for each in found]


def wrong_with_proof(visit: Visit, application: Application) -> str:
    """Why staff ask for another proof; empty where they do not, or another came since."""
    with visit.council.pool.connection() as connection:
        return proof_findings.wrong_with_last(connection, visit.council.schema, application)


def cancelled(visit: Visit) -> Redirect:
    """Cancel an application that is neither paid nor issued."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    send(visit, visit.household, CancelApplication(application=application.application_id))
    return Redirect(
        to=f"/applications/{application.application_id}",
        notice=f"Application {application.number} is cancelled. Nothing was charged.",
    )


def cancelling(visit: Visit) -> View:
    """Asks once more before it is cancelled. Raises NotFound where it cannot be."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    if not visit.mistakes and (documents.closed_refusal(application) or application.payment_id):
        raise NotFound("application")
    return View(
        template="resident/application-cancel.html",
        values={"application": application, "name": name_of(visit, application)},
        back=f"/applications/{application.application_id}",
    )


PAGES = (
    get("/applications", RESIDENT, listed),
    get("/applications/{application}", RESIDENT, shown),
    get("/applications/{application}/cancel", RESIDENT, cancelling),
    post("/applications/{application}/cancel", RESIDENT, cancelled, again=cancelling),
)

LINKS = (
    Link(
        text="Applications",
        path="/applications",
        roles=RESIDENT,
        hint="What you applied for, how it stands, and what you have begun.",
    ),
)
