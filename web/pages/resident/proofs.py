"""Proofs: which are accepted, sending one, or using one again that was sent before.

What is sent is made anew before it is kept, is kept apart from the facts, and is never shown back.

Source: STV-045 to 062, NOR-131 to 137, RBW-056 to 066; X-006 to X-010.
"""

from collections.abc import Sequence

from msgspec import structs

from commands.reuse_proof import ReuseProof
from commands.upload_proof import UploadProof
from ledger.calendar import add_months
from ledger.events import Answer
from ledger.household.state import Application, Document
from ledger.refusals import Refused
from ledger.rules import documents
from ledger.scheme.schema import Scheme
from replay.schemes import council
from replay.schemes.words import capital, listed, spoken
from replay.wording import day, money
from services import proofs
from services.proof_fitting import Fitted, Limits, Unfit, fitted
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.looks import look_of
from web.pages.resident import applying_words
from web.pages.resident.own import Own, own
from web.pages.sending import send

BYTES_MAX = 26_000_000
"""A form with a file, whatever the council's own limit: more is not even read."""


def type_words(document_type: str) -> str:
    """`Full UK driving licence`."""
    words = spoken(document_type).replace("uk ", "UK ").replace("council tax", "Council Tax")
    return capital(words)


def limits_of(visit: Visit) -> Limits:
    """How large a proof may be."""
    return look_of(visit.council.id, visit.scheme.council).proofs


def asked(visit: Visit) -> View:
    """What is accepted, what is here already, and the form."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    scheme = visit.council.editions.edition(application.edition)
    needed = documents.needed(mine.household, scheme, mine.resident.resident_id)
    here = [mine.household.documents[each] for each in application.documents]
    closed = documents.closed_refusal(application) is not None
    return View(
        template="resident/proof.html",
        values={
            "application": application,
            "choices": [
                (each.type, type_words(each.type), _hint(each.type, scheme))
                for each in scheme.proof.documents
            ],
            "dated": any(each.age_test != "none" for each in scheme.proof.documents),
            "undated": listed(
                type_words(each.type) for each in scheme.proof.documents if each.age_test == "none"
            ),
            "again_choices": [] if closed else _again(mine, application, scheme),
            "received": [f"{type_words(e.document_type)}, {day(e.uploaded_on)}" for e in here],
            "missing": max(0, needed - len(here)),
            "waiting": application.state == "awaiting_proof",
            "open_": not closed,
            "next": applying_words.next_step(mine, application, scheme),
            "looked_up": _looked_up(scheme),
            "megabytes": limits_of(visit).bytes_max // 1_000_000,
        },
        back=f"/applications/{application.application_id}",
    )


def _looked_up(scheme: Scheme) -> str:
    """Where the council can look an occupier up itself, and for how much; empty where not."""
    terms = scheme.proof.council_check
    if not terms.allowed:
        return ""
    fee = f" for {money(terms.fee_pence)}" if terms.fee_pence else ""
    kept = ", which is kept when nothing is found" if fee and terms.fee_kept_on_failure else ""
    return (
        "If you have none of these, the parking team can look up who lives at the address"
        f"{fee}{kept}. Ask them."
    )


def _hint(document_type: str, scheme: Scheme) -> str:
    """`Water or gas. Less than 3 months old.`: what the ledger will look at, and people."""
    found = scheme.document(document_type)
    assert found is not None
    # "utility bill, less than 3 months old": without what is said before and after the age.
    aged = council.document(structs.replace(found, accepts=(), conditions=())).value
    parts = [
        listed((spoken(each) for each in found.accepts), "or"),
        aged.partition(", ")[2] if found.age_test != "none" else "",
        listed(spoken(each) for each in found.conditions),
    ]
    return " ".join(f"{capital(part)}." for part in parts if part)


def _again(mine: Own, application: Application, scheme: Scheme) -> list[tuple[str, str]]:
    """Earlier proofs of this resident that serve for this application too.

    Of those that read alike the latest is enough.
    """
    alike = {
        _described(each): each.document_id
        for each in _earlier(mine, application)
        if not list(documents.reuse_refusals(scheme, each, mine.today))
    }
    return [(document, text) for text, document in alike.items()]


def _described(document: Document) -> str:
    """`Bank statement, dated 3 March 2026, sent 9 March 2026`."""
    dated = f", dated {day(document.dated_on)}" if document.dated_on else ""
    return f"{type_words(document.document_type)}{dated}, sent {day(document.uploaded_on)}"


def _earlier(mine: Own, application: Application) -> Sequence[Document]:
    return [
        each
        for each in mine.household.documents.values()
        if each.resident_id == mine.resident.resident_id
        and each.document_id not in application.documents
    ]


def uploaded(visit: Visit) -> Redirect:
    """Take a proof: first its file is made fit, then the ledger is asked, then the two meet."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    scheme = visit.council.editions.edition(application.edition)
    command, file = _read(visit, application, scheme)
    keep_until = add_months(
        mine.today,
        max(limits_of(visit).keep_months, scheme.proof.reuse_months),
        scheme.calendar.missing_day,
    )
    schema = visit.council.schema
    with visit.council.pool.connection() as connection:
        file_id = proofs.keep(
            connection,
            schema,
            file,
            household=visit.household,
            resident=mine.resident.resident_id,
            application=application.application_id,
            at=visit.now,
            keep_until=keep_until,
        )
    try:
        answer = send(visit, visit.household, command)
    except Refused:
        with visit.council.pool.connection() as connection:
            proofs.drop(connection, schema, file_id)
        raise
    with visit.council.pool.connection() as connection:
        proofs.belongs(connection, schema, file_id, str(answer.values["document"]))
    return _onward(answer, "Your proof is received.")


def _read(visit: Visit, application: Application, scheme: Scheme) -> tuple[UploadProof, Fitted]:
    """The command and the file. Raises Mistakes with everything to mend."""
    form, wrong = visit.form, []
    document = scheme.document(form.get("document"))
    if document is None:
        wrong.append(Mistake(field="document", text="Choose which kind of proof it is"))
    dated = None
    if document is None or document.age_test != "none":
        try:
            dated = form.day("dated", "The date on the proof")
        except Mistakes as error:
            wrong += error.mistakes if document is not None else ()
    file = None
    sent = form.files.get("file")
    if sent is None:
        wrong.append(Mistake(field="file", text="Choose a photo or a PDF of the proof"))
    else:
        try:
            file = fitted(sent.content, limits_of(visit))
        except Unfit as error:
            wrong.append(Mistake(field="file", text=str(error)))
    if wrong:
        raise Mistakes(*wrong)
    assert document is not None
    assert file is not None
    command = UploadProof(
        application=application.application_id, document=document.type, dated=dated
    )
    return command, file


def used_again(visit: Visit) -> Redirect:
    """Use a proof again that was sent before."""
    mine = own(visit)
    application = mine.application(visit.params["application"])
    chosen = visit.form.get("earlier")
    if chosen not in {each.document_id for each in _earlier(mine, application)}:
        raise mistake("earlier", "Choose which proof to use again")
    command = ReuseProof(application=application.application_id, document=chosen)
    return _onward(send(visit, visit.household, command), "Your earlier proof is used again.")


def _onward(answer: Answer, said: str) -> Redirect:
    """To what comes next: paying, or waiting."""
    application, state = answer.values["application"], answer.values["state"]
    match state:
        case "awaiting_payment":
            return Redirect(to="/basket", notice=f"{said} Now you can pay.")
        case "awaiting_proof":
            return Redirect(
                to=f"/applications/{application}/proof", notice=f"{said} One more is needed."
            )
        case "issued":
            return Redirect(to=f"/applications/{application}", notice=f"{said} It is issued.")
        case _:
            return Redirect(to=f"/applications/{application}", notice=said)


_FIELDS = {
    "document.type_not_accepted": "document",
    "document.too_old": "dated-day",
    "document.dated_in_future": "dated-day",
    "document.reuse_too_late": "earlier",
}

PAGES = (
    get("/applications/{application}/proof", RESIDENT, asked),
    post(
        "/applications/{application}/proof",
        RESIDENT,
        uploaded,
        again=asked,
        fields=_FIELDS,
        bytes_max=BYTES_MAX,
    ),
    post(
        "/applications/{application}/proof/again",
        RESIDENT,
        used_again,
        again=asked,
        fields={"document": "earlier"},
    ),
)
