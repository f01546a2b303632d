"""The pack of evidence as a file: the PDF, or the JSON whose digest the page shows.

A file is made from the instant that the page was made from, so it is the same bytes each time. That
it was made is kept, and where the notice has a case, its digest is a fact of the case.

Source: enforcement-and-evidence.md E2; promises P8, section 5.
"""

from datetime import datetime

from commands.record_evidence import RecordEvidence
from projections import cases
from replay.evidence.asked import Case
from replay.evidence.pack import Pack, canonical
from replay.evidence.printing import NoPrinter, digest, pdf
from web.pages.disputes import looks
from web.pages.disputes.answering import made
from web.pages.disputes.who import READERS, about_notice, refuse_own
from web.pages.framework import Download, Visit, post
from web.problems import Wrong


def packed(visit: Visit) -> Download:
    """The file. Raises Wrong for a form that is none of ours."""
    form = visit.form
    case = Case(
        typed=form.get("mark"),
        at=_instant(visit, "at"),
        zone=form.get("zone"),
        pcn=form.get("pcn"),
        known_at=_instant(visit, "known_at"),
        as_of=_instant(visit, "as_of"),
        household_id=form.get("household"),
    )
    refuse_own(visit, case.typed, "make_evidence")
    pack = made(visit, case)
    twin = canonical(pack)
    name = f"evidence-{pack.question.at:%Y%m%dT%H%M%SZ}-{digest(twin)[:12]}"
    if form.get("as") == "json":
        file = Download(content=twin, media_type="application/json", file_name=f"{name}.json")
    else:
        file = Download(
            content=_printed(pack), media_type="application/pdf", file_name=f"{name}.pdf"
        )
    _note(visit, pack, digest(twin))
    return file


def _printed(pack: Pack) -> bytes:
    try:
        return pdf(pack)
    except NoPrinter as error:
        raise Wrong("unavailable", "This server makes no PDFs; take the JSON.") from error


def _instant(visit: Visit, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(visit.form.get(name))
    except ValueError as error:
        raise Wrong("malformed", "The form is not whole. Open the page again.") from error
    if at.tzinfo is None or not 1900 <= at.year <= 9000:
        raise Wrong("malformed", "The form is not whole. Open the page again.")
    return at


def _note(visit: Visit, pack: Pack, its_digest: str) -> None:
    """Keep who made it; and its digest with the case that it is for: the one that goes on."""
    looks.keep(visit, pack, "evidence pack")
    if pack.notice is None or not pack.notice.same_mark:
        return
    with visit.council.pool.connection() as connection:
        about = cases.listed(
            connection,
            visit.council.schema,
            today=visit.today,
            which="every",
            number=pack.notice.number,
        )
    if not about:
        return
    latest = max(about, key=lambda each: (each.state != "closed", each.received_on, each.case_id))
    command = RecordEvidence(
        case=latest.case_id,
        digest=its_digest,
        about_at=pack.question.at,
        known_at=pack.question.as_of,
    )
    # Whoever may make a pack is on record with it, also those who otherwise only read.
    about_notice(visit, pack.notice.number, command, step="evidence", may=READERS)


PAGES = (post("/disputes/pack", READERS, packed, again=None),)
