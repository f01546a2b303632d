"""Applications that wait for a decision, late ones first, and deciding one with its proofs.

Looking at a proof is recorded before it is shown. It is shown alone, in a page that can do nothing.

Source: GRV-019 to 024, RBW-055, RBW-066; STV-060 to 062; X-028, X-029.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from ledger.household.state import Application
from ledger.refusals import NotFound
from projections import search, waiting
from projections.waiting import Queued
from replay.schemes.words import capital, counted, spoken
from replay.wording import day, money
from services import proof_findings, proofs
from services.council import working_days
from services.identity.messages import Message
from web.pages.counter.case import Case, acted_on, opened
from web.pages.forms import mistake
from web.pages.framework import STAFF, Inline, Link, Redirect, View, Visit, get, post
from web.pages.resident import applying_words
from web.pages.sending import send

_log = structlog.get_logger("web")
A_PAGE = 50
_ADDRESS = "/staff/households/{household}/applications/{subject}"


def queue(visit: Visit) -> View:
    """What waits for a decision, and what is offered: a page at a time, each with its count."""
    council = visit.council
    after = {name: visit.query.get(name, "")[:64] for name in ("after", "offers-after")}
    with council.pool.connection() as connection:
        figures = waiting.counts(
            connection,
            council.schema,
            today=visit.today,
            at=visit.now,
            lapsing_before=visit.now,
        )
        to_decide = waiting.to_decide(connection, council.schema, after["after"], A_PAGE + 1)
        offers = waiting.offered(
            connection, council.schema, visit.now, after["offers-after"], A_PAGE + 1
        )
        shown = [*to_decide[:A_PAGE], *offers[:A_PAGE]]
        ids = [each.household_id for each in shown]
        addresses = search.addresses_of(connection, council.schema, ids)
    days = _days_left({each.target_on for each in shown}, visit.today)
    return View(
        template="counter/queue.html",
        values={
            "waiting": [_row(visit, each, addresses, days) for each in to_decide[:A_PAGE]],
            "offers": [_row(visit, each, addresses, days) for each in offers[:A_PAGE]],
            "figures": figures,
            "more": _following(after, "after", to_decide),
            "more_offers": _following(after, "offers-after", offers),
            "later": {name: bool(text) for name, text in after.items()},
        },
        back="/staff/today",
    )


def _following(after: dict[str, str], name: str, found: list[Queued]) -> str:
    """The query of the page after this one; empty where this is the last."""
    if len(found) <= A_PAGE:
        return ""
    asked = {**after, name: found[A_PAGE - 1].application_id}
    return urlencode({each: text for each, text in asked.items() if text})


def _row(
    visit: Visit,
    each: Queued,
    addresses: dict[str, str],
    targets: dict[date | None, tuple[str, str]],
) -> dict[str, Any]:
    product = visit.scheme.product(each.product)
    words, colour = targets[each.target_on]
    return {
        "it": each,
        "path": visit.at(
            f"/staff/households/{each.household_id}/applications/{each.application_id}"
        ),
        "name": product.name if product else spoken(each.product),
        "address": addresses.get(each.household_id, ""),
        "target": words,
        "colour": colour,
    }


def _days_left(days: Iterable[date | None], today: date) -> dict[date | None, tuple[str, str]]:
    """As target, of each day once: many applications have the same."""
    return {on: target(on, today) for on in days}


def target(on: date | None, today: date) -> tuple[str, str]:
    """How long there is to decide, in working days, and the colour of its tag."""
    if on is None:
        return "No target", "grey"
    first, last = min(on, today), max(on, today)
    days, at, calendar = 0, first, working_days()
    while at < last:
        at += timedelta(days=1)
        days += calendar.is_working(at)
    if on < today:
        return f"{counted(days, 'working day')} late", "red"
    if days == 0:
        return "Today", "orange"
    return f"{counted(days, 'working day')} left", "orange" if days <= 2 else "blue"


def shown(visit: Visit) -> View:
    """One application with its proofs, and what can be decided."""
    case = opened(visit)
    application = case.application
    council = visit.council
    with council.pool.connection() as connection:
        files = proofs.received(connection, council.schema, application.application_id)
        found = proof_findings.found(connection, council.schema, application.application_id)
    kept = {each.document_id for each in files}
    scheme = council.editions.edition(application.edition)
    return View(
        template="counter/application.html",
        values={
            "case": case,
            "application": application,
            "here": visit.at(f"{case.path}/applications/{application.application_id}"),
            "rows": _rows(case, application),
            "target": target(application.target_on, visit.today),
            "state": application.state,
            "proofs": [
                {
                    "it": document,
                    "type": capital(spoken(document.document_type)),
                    "file": document.document_id in kept,
                    "finding": found.get(document.document_id),
                }
                for each in application.documents
                for document in [case.household.documents[each]]
            ],
            "offers": scheme.flow.kind == "offer_pay_issue",
            "checks": scheme.proof.council_check.allowed and application.state == "awaiting_proof",
            "offer_days": scheme.flow.offer_days,
            "open": not application.closed and application.state != "issued",
        },
        back="/staff/decisions",
    )


def _rows(case: Case, application: Application) -> list[tuple[str, str]]:
    scheme = case.visit.council.editions.edition(application.edition)
    whose = case.household.residents.get(application.resident_id)
    made = applying_words.made_of(application.lines, scheme, application.concession)
    rows = [
        ("Applicant", whose.name if whose and whose.name else "Not named"),
        ("Address", case.home.address or case.home.property_ref),
        ("Asks for", case.name_of(application.product, application.edition)),
        ("From", day(application.starts_on)),
        ("Price", money(application.pence) if application.pence else "Nothing to pay"),
        ("How it is made", ". ".join(made) or "Nothing is charged"),
    ]
    marks = ", ".join(each.shown for each in application.vehicles)
    if marks:
        rows.append(("Vehicles", marks))
    if application.concession:
        rows.append(("Reduced price", capital(spoken(application.concession))))
    if application.state in ("refused", "declined") and application.refusal:
        rows.append(("Refused because", application.refusal))
    return rows


def decided(visit: Visit) -> Redirect:
    """Offer or approve it, refuse it with a reason, or record that the council looked itself."""
    case, form = acted_on(visit), visit.form
    application = case.application.application_id
    outcome = form.one_of(
        "outcome", ("yes", "refuse", "found", "not-found"), "Choose what you decide"
    )
    here = f"{case.path}/applications/{application}"
    if outcome in ("found", "not-found"):
        check = CheckOccupancy(application=application, found=outcome == "found")
        send(visit, case.stream, check)
        return Redirect(to=here, notice="What you found is recorded.")
    if outcome == "refuse":
        reason = form.needed("reason", "Say why it is refused: the resident reads this")
        refusal = DecideApplication(application=application, outcome="refuse", reason=reason)
        send(visit, case.stream, refusal)
        return Redirect(to="/staff/decisions", notice="The application is refused.")
    scheme = visit.council.editions.edition(case.application.edition)
    offers = scheme.flow.kind == "offer_pay_issue"
    yes = DecideApplication(application=application, outcome="offer" if offers else "approve")
    send(visit, case.stream, yes)
    said = "It is offered to the resident." if offers else "It is approved."
    return Redirect(to="/staff/decisions", notice=said)


def looked_at(visit: Visit) -> Inline | View:
    """The file of a proof, for whoever may see it: the look is recorded first."""
    case = opened(visit)
    document = visit.params["document"]
    if document not in case.application.documents:
        raise NotFound("document")
    with visit.council.pool.connection() as connection:
        file = proofs.look_at(
            connection,
            visit.council.schema,
            document,
            role=visit.by.role,
            name=visit.by.name,
            at=visit.now,
        )
    if file.content is None:
        back = f"{case.path}/applications/{case.application.application_id}"
        return View(template="counter/proof-gone.html", back=back, status=410)
    return Inline(content=file.content, media_type=file.media_type)


def judged(visit: Visit) -> Redirect:
    """One proof serves, or another is asked for with the reason: the resident is told."""
    case, form = opened(visit), visit.form
    document = visit.params["document"]
    application = case.application
    if document not in application.documents:
        raise NotFound("document")
    serves = form.one_of("serves", ("yes", "no"), "Choose whether this proof serves") == "yes"
    why = "" if serves else form.get(f"why-{document}")
    if not serves and not why:
        raise mistake(f"why-{document}", "Say what is wrong with this proof")
    with visit.council.pool.connection() as connection:
        before = proof_findings.found(
            connection, visit.council.schema, application.application_id
        ).get(document)
        proof_findings.keep(
            connection,
            visit.council.schema,
            application=application.application_id,
            document=document,
            serves=serves,
            why=why,
            name=visit.by.name,
            at=visit.now,
        )
    here = f"{case.path}/applications/{application.application_id}"
    if serves:
        return Redirect(to=here, notice="This proof serves.")
    if before is not None and before.why == why:
        return Redirect(to=here, notice="It is noted already that another proof is needed.")
    return Redirect(to=here, notice=f"Another proof is asked for. {_told(visit, case)}")


def _told(visit: Visit, case: Case) -> str:
    """Send the resident word; what staff are told of it. Why it is needed stands in the account."""
    resident = case.household.residents.get(case.application.resident_id)
    messages = visit.site.messages
    in_account = "The resident reads why in their account"
    if messages is None or resident is None or not (resident.email or resident.mobile):
        return f"{in_account}; no message could be sent to them."
    body = (
        f"We need another proof for your application {case.application.number}."
        f" Sign in to see why, and to send it. {visit.scheme.council}"
    )
    message = Message(
        council=visit.council.id,
        by_way_of="email" if resident.email else "text",
        to=resident.email or resident.mobile,
        body=body,
    )
    try:
        messages.send(message)
    except OSError as error:
        _log.error("message not sent", kind=type(error).__name__)
        return f"{in_account}; the message to them could not be sent."
    return f"{in_account}, and is told so by {'e-mail' if resident.email else 'text message'}."


PAGES = (
    get("/staff/decisions", STAFF, queue),
    get(_ADDRESS, STAFF, shown),
    post(_ADDRESS, STAFF, decided, again=shown),
    get(f"{_ADDRESS}/proofs/{{document}}", STAFF, looked_at),
    post(f"{_ADDRESS}/proofs/{{document}}", STAFF, judged, again=shown),
)

LINKS = (
    Link(
        text="Decisions",
        path="/staff/decisions",
        roles=STAFF,
        hint="Applications that wait for the council, late ones first, and offers.",
    ),
)
