"""The evidence pack of a case over HTTP, for staff and auditors: as JSON, or as the PDF around it.

A mark is in the body, never in an address. The pack can be asked for again by its instant `as_of`,
and is the same bytes; a client that asks without one is told it in the pack itself.

Source: promises P8, section 5; enforcement-and-evidence.md E2.
"""

from typing import Annotated

from msgspec import Meta

from replay.evidence.asked import Case, NotAskable
from replay.evidence.gathering import make
from replay.evidence.pack import Pack, canonical
from replay.evidence.printing import NoPrinter, digest, pdf
from services import own_households
from web.access import TIME_TRAVELLERS, Roles
from web.asking import Asking, Instant, Mark
from web.commanding import actor_of
from web.commanding import own_households as own
from web.operations import Answered, Call, Operation, Site
from web.problems import Wrong

_PATH = "/api/v1/{council}/evidence"


class EvidenceRequest(Asking, frozen=True, kw_only=True):
    """Which case. `known_at` left out: as known at `at`. `as_of`: made from all recorded by then.

    `household`: whose case it is, where the mark does not say. `zone`: else where the notice, or
    the last check of the mark that day, was.
    """

    mark: Mark
    at: Instant
    zone: Annotated[str, Meta(max_length=32)] = ""
    pcn: Annotated[str, Meta(max_length=32)] = ""
    known_at: Instant | None = None
    as_of: Instant | None = None
    household: Annotated[str, Meta(max_length=64)] = ""


def as_json(call: Call) -> Answered:
    """The machine-readable twin. Raises Refused, NotFound, Wrong `invalid`."""
    return Answered(content=canonical(_pack(call)), headers={"cache-control": "no-store"})


def as_pdf(call: Call) -> Answered:
    """The document, with its twin inside. Raises Refused, NotFound, Wrong."""
    pack = _pack(call)
    name = f"evidence-{pack.question.at:%Y%m%dT%H%M%SZ}-{digest(canonical(pack))[:12]}.pdf"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
    }
    try:
        return Answered(content=pdf(pack), headers=headers)
    except NoPrinter as error:
        raise Wrong("unavailable", "This server makes no PDFs; ask for the JSON.") from error


def _pack(call: Call) -> Pack:
    asked: EvidenceRequest = call.body
    own_households.refuse_to_look(
        call.council, own(call.by), asked.mark, actor_of(call.by), "make_evidence"
    )
    case = Case(
        typed=asked.mark,
        at=asked.at,
        zone=asked.zone,
        pcn=asked.pcn,
        known_at=asked.known_at,
        as_of=asked.as_of,
        household_id=asked.household,
    )
    try:
        return make(call.council, case)
    except NotAskable as error:
        raise Wrong("invalid", str(error), "evidence.invalid") from error


def _readers(site: Site) -> Roles:
    return TIME_TRAVELLERS


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path=_PATH,
        name="evidence",
        about="The evidence pack of a case: what was true, known and shown, and how to check it.",
        roles=_readers,
        act=as_json,
        body=EvidenceRequest,
        answer=Pack,
        problems=("refused",),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/pdf",
        name="evidence_pdf",
        about="The same pack as a tagged PDF, its JSON inside: the same bytes every time.",
        roles=_readers,
        act=as_pdf,
        body=EvidenceRequest,
        answer=bytes,
        media_type="application/pdf",
        problems=("refused",),
    ),
)
