"""The disputes desk over HTTP: notices, cases with their clocks, and the register of outages.

A notice, and the register, is a stream of its own: each has its addresses, by the notice's number.
A mark is in a body or an answer, never in an address.

Source: reference/enforcement-and-evidence.md C.5, D5, D6, E15, E16; SI 2022/576.
"""

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from commands.base import Command
from commands.cancel_notice import CancelNotice
from commands.close_case import CloseCase
from commands.correct_outage import CorrectOutage
from commands.decide_appeal import DecideAppeal
from commands.decide_case import DecideCase
from commands.declare_outage import DeclareOutage
from commands.handling import Sender
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.record_appeal import RecordAppeal
from commands.record_evidence import RecordEvidence
from commands.registry import tag_of
from commands.withdraw_outage import WithdrawOutage
from ledger.events import Answer
from ledger.rules.dispute_clocks import Clock, clocks_of
from ledger.values import FOREVER
from projections import cases, incidents
from projections.cases import CaseSeen, Which
from projections.incidents import OutageSeen
from services import disputes, own_households
from services.disputes import NoticeTold, OutageTold
from web.access import Roles
from web.asking import Asking, Instant
from web.commanding import in_utc, sender_of
from web.operations import Call, Header, Operation, Site

COUNCIL = "/api/v1/{council}"
NOTICE = COUNCIL + "/notices/{number}"
DESK: Roles = frozenset({"staff", "dispute"})
READERS: Roles = DESK | {"auditor"}
NOTERS: Roles = DESK | {"officer", "gateway"}
KEY = Header(
    name="Idempotency-Key",
    about="1 to 200 visible ASCII characters. The same key and body get the first answer again.",
    required=True,
)
MARGIN_MINUTES = 60
ABOUT_A_NOTICE: tuple[type[Command], ...] = (
    CancelNotice,
    OpenCase,
    RecordEvidence,
    DecideCase,
    RecordAppeal,
    DecideAppeal,
    CloseCase,
)
ABOUT_OUTAGES: tuple[type[Command], ...] = (DeclareOutage, CorrectOutage, WithdrawOutage)


class NoticePage(Asking, frozen=True, kw_only=True):
    """Notices issued in `[since, until)`; `after` is the last page's `next`. `contradicted`: only
    those that a warning speaks against, of this page.
    """

    since: Instant | None = None
    until: Instant | None = None
    contradicted: bool = False
    after: Annotated[str, Meta(max_length=20)] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class NoticesTold(Struct, frozen=True, kw_only=True):
    """Notices in the order of their numbers; `next` is None at the end."""

    notices: list[NoticeTold]
    next: str | None


class CasesAsked(Asking, frozen=True, kw_only=True):
    """Which cases. `due`: the last day is today or within so many days; `overdue`: it is over."""

    which: Which = "open"
    clock: Literal["", "decision", "appeal"] = ""
    within_days: Annotated[int, Meta(ge=0, le=366)] = 14


class CasesTold(Struct, frozen=True, kw_only=True):
    """Cases, the soonest due first, at most 1,000; and the clocks of the law they run by: none
    where the council's country has another law, which is not known here.
    """

    cases: list[CaseSeen]
    clocks: list[Clock]


class OutagesAsked(Asking, frozen=True, kw_only=True):
    """Outages that overlap `[since, until)`, as known at `known_at`, or now."""

    since: Instant | None = None
    until: Instant | None = None
    known_at: Instant | None = None


class OutagesTold(Struct, frozen=True, kw_only=True):
    """Outages, the earliest first."""

    outages: list[OutageSeen]


class MarginAsked(Asking, frozen=True, kw_only=True):
    """How long after the outage a notice is still looked at."""

    margin_minutes: Annotated[int, Meta(ge=0, le=1440)] = MARGIN_MINUTES


def note(call: Call) -> NoticeTold:
    """Raises Refused."""
    command: NoteNotice = call.body
    return disputes.note(call.council, command, _sender(call, command.number, command.mark))


def notice(call: Call) -> NoticeTold:
    """Raises NotFound."""
    return disputes.told(call.council, call.params["number"])


def notices(call: Call) -> NoticesTold:
    """A page of notices with what speaks against them."""
    asked: NoticePage = call.query
    found = disputes.issued(call.council, asked.since, asked.until, asked.after, asked.limit + 1)
    page = found[: asked.limit]
    following = page[-1].notice.number if len(found) > len(page) else None
    told = [each for each in page if each.contradicted or not asked.contradicted]
    return NoticesTold(notices=told, next=following)


def about_notice(call: Call) -> Answer:
    """One command about a notice. Raises what the handler raises; NotFound for no such notice."""
    number = call.params["number"]
    stream = call.council.ledger.notice_id(number)
    command: Command = call.body
    return in_utc(call.council.handle(stream, command, _sender(call, number)))


def _sender(call: Call, number: str, mark: str = "") -> Sender:
    """Who sends: they may not act on a notice of the household they live in."""
    sender = sender_of(call)
    own = own_households.and_notice(call.council, sender.own_households, number, mark)
    return structs.replace(sender, own_households=own)


def listed_cases(call: Call) -> CasesTold:
    """Cases by what is due, today by the council's calendar."""
    asked: CasesAsked = call.query
    today = disputes.today(call.council)
    with call.council.pool.connection() as connection:
        found = cases.listed(
            connection,
            call.council.schema,
            today=today,
            which=asked.which,
            clock=asked.clock,
            within_days=asked.within_days,
        )
    country = call.council.editions.latest.country
    return CasesTold(cases=found, clocks=list(clocks_of(country)))


def about_outages(call: Call) -> Answer:
    """One command to the register. Raises what the handler raises."""
    command: Command = call.body
    return in_utc(call.council.handle(call.council.ledger.outages_id(), command, sender_of(call)))


def listed_outages(call: Call) -> OutagesTold:
    """The register, as it was known."""
    asked: OutagesAsked = call.query
    with call.council.pool.connection() as connection:
        found = incidents.outages(
            connection,
            call.council.schema,
            since=asked.since or disputes.LONG_AGO,
            until=asked.until or FOREVER,
            known_at=asked.known_at,
        )
    return OutagesTold(outages=found)


def touched(call: Call) -> OutageTold:
    """Which notices were issued while the service failed? Raises NotFound."""
    asked: MarginAsked = call.query
    margin = timedelta(minutes=asked.margin_minutes)
    return disputes.touched(call.council, call.params["outage"], margin)


def _desk(site: Site) -> Roles:
    return DESK


def _readers(site: Site) -> Roles:
    return READERS


def _command(kind: type[Command]) -> Operation:
    tag = tag_of(kind)
    about = kind in ABOUT_A_NOTICE
    return Operation(
        method="POST",
        path=f"{NOTICE}/commands/{tag}" if about else f"{COUNCIL}/outages/commands/{tag}",
        name=tag,
        about=f"Send the command {tag} {'to a notice' if about else 'to the outage register'}.",
        roles=_desk,
        act=about_notice if about else about_outages,
        body=kind,
        answer=Answer,
        headers=(KEY,),
        problems=("no-idempotency-key", "busy", "refused"),
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path=f"{COUNCIL}/notices/commands/note_notice",
        name="note_notice",
        about="Note a penalty charge notice that was issued. What speaks against it is in the"
        " answer; the same facts may be sent again.",
        roles=lambda site: NOTERS,
        act=note,
        body=NoteNotice,
        answer=NoticeTold,
        headers=(KEY,),
        problems=("no-idempotency-key", "busy", "refused"),
    ),
    Operation(
        method="GET",
        path=f"{COUNCIL}/notices",
        name="notices",
        about="Notices with their checks, warnings, cases and outages.",
        roles=_readers,
        act=notices,
        query=NoticePage,
        answer=NoticesTold,
    ),
    Operation(
        method="GET",
        path=NOTICE,
        name="notice",
        about="One notice with its check, warnings, cases and outages.",
        roles=_readers,
        act=notice,
        answer=NoticeTold,
    ),
    *(_command(kind) for kind in ABOUT_A_NOTICE),
    Operation(
        method="GET",
        path=f"{COUNCIL}/cases",
        name="cases",
        about="Disputes with the clock that runs, the soonest due first.",
        roles=_readers,
        act=listed_cases,
        query=CasesAsked,
        answer=CasesTold,
    ),
    *(_command(kind) for kind in ABOUT_OUTAGES),
    Operation(
        method="GET",
        path=f"{COUNCIL}/outages",
        name="outages",
        about="The register of outages, as it is or was known.",
        roles=_readers,
        act=listed_outages,
        query=OutagesAsked,
        answer=OutagesTold,
    ),
    Operation(
        method="GET",
        path=f"{COUNCIL}/outages/{{outage}}/notices",
        name="outage_notices",
        about="Which notices were issued while a service failed, or soon after?",
        roles=_readers,
        act=touched,
        query=MarginAsked,
        answer=OutageTold,
    ),
)
