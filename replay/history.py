"""A household's history: everything that was done, in order, each act with who, when, how and why,
and what it changed.

Read from the facts alone, a page of versions at a time, so that a long history needs no more memory
than a short one. Refused attempts are no acts of the ledger, but may be asked for among them, and
so may officers' checks. A history is read in pages by a cursor: the place of the last act that was
told, which stays where it is whatever is done later.

Source: design, section 1 (the auditor); promise P6; the scenario language ("Acts in a history").
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from io import BytesIO, StringIO
from itertools import islice
from typing import IO, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ledger.events import AnyEvent, ApplicationRefused, Cover, Recorded
from ledger.store.application import Ledger
from ledger.store.reading import recorded
from ledger.values import parse_mark
from replay.acts import ACTS, effective, pence_of
from replay.attempts import checks_of, refused_attempts
from replay.changing import Change, Following
from replay.telling import Act, Place, place_of
from replay.wording import money

PAGE = 500
CHUNK = 200
_TIME_ZONE = ZoneInfo("Europe/London")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
__all__ = [
    "ALL",
    "Act",
    "Filter",
    "Page",
    "history",
    "in_chunks",
    "page",
    "write_csv",
    "write_json_lines",
]


class Filter(Struct, frozen=True, kw_only=True):
    """Which acts are wanted: of these kinds; by or on behalf of this role or name; recorded in
    `[since, until)`; about this mark, however it is typed. What is empty or None lets all through.
    """

    acts: frozenset[str] = frozenset()
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    mark: str = ""

    def wants(self, act: Act) -> bool:
        return (
            (not self.acts or act.act in self.acts)
            and (not self.who or self.who in (act.role, act.by, act.on_behalf_of))
            and (self.since is None or act.recorded_at >= self.since)
            and (self.until is None or act.recorded_at < self.until)
            and (not self.mark or _plate(self.mark) in map(_plate, act.marks))
        )


class Page(Struct, frozen=True, kw_only=True):
    """Acts in order; `next` is the cursor of the page after, empty at the end."""

    acts: list[Act]
    next: str


ALL = Filter()
_encoder = msgspec.json.Encoder()


def history(
    ledger: Ledger,
    stream: UUID,
    *,
    after: int = 0,
    cursor: str = "",
    limit: int | None = None,
    time_zone: ZoneInfo = _TIME_ZONE,
    attempts: bool = False,
    checks: bool = False,
    wanted: Filter = ALL,
) -> Iterator[Act]:
    """The acts of a household with versions above `after`, or after the act that gave `cursor`, at
    most `limit`, in order.

    Sentences speak in `time_zone`. `attempts` puts the refused attempts among the acts, by their
    time, and `checks` the officers' checks that were answered from this household's rights. Raises
    ValueError for a cursor that no act gave, CorruptLedger for a fact that cannot be read.
    """
    begins = place_of(cursor) if cursor else None
    parts: list[Iterator[Act]] = [_facts_as_acts(ledger, stream, time_zone)]
    if attempts:
        parts.append(refused_attempts(ledger, stream))
    if checks:
        parts.append(checks_of(ledger, stream, _plates(ledger, stream), time_zone))
    acts = merge(*parts, key=_place) if len(parts) > 1 else parts[0]
    told = (
        act
        for act in acts
        if (begins is None or act.place > begins)
        # What is no fact has no version to be above.
        and (act.version > after or not (act.version or after))
        and wanted.wants(act)
    )
    return islice(told, limit)


def page(
    ledger: Ledger,
    stream: UUID,
    *,
    cursor: str,
    limit: int,
    time_zone: ZoneInfo = _TIME_ZONE,
    attempts: bool = False,
    checks: bool = False,
    wanted: Filter = ALL,
) -> Page:
    """One page of a history; the first where the cursor is empty. Raises as history does."""
    acts = list(
        history(
            ledger,
            stream,
            cursor=cursor,
            limit=limit + 1,
            time_zone=time_zone,
            attempts=attempts,
            checks=checks,
            wanted=wanted,
        )
    )
    more = len(acts) > limit
    acts = acts[:limit]
    return Page(acts=acts, next=acts[-1].cursor if more else "")


def _place(act: Act) -> Place:
    return act.place


def _plate(mark: str) -> str:
    """The key under which two marks are one plate; the text itself where it is no mark."""
    parsed = parse_mark(mark)
    return parsed.glyphs if parsed else mark


def _plates(ledger: Ledger, stream: UUID) -> list[str]:
    """Every plate that the household ever had a cover for."""
    found = {
        cover.glyphs
        for fact in facts(ledger, stream)
        for cover in getattr(fact.event, "covers", ())
    }
    return sorted(found)


def _facts_as_acts(ledger: Ledger, stream: UUID, time_zone: ZoneInfo) -> Iterator[Act]:
    """Every act that a fact is, from the first on: what changed is known only from there."""
    following = Following(time_zone)
    for fact in facts(ledger, stream):
        yield from _acts_of(fact, time_zone, following.take(fact))


def _acts_of(fact: Recorded, time_zone: ZoneInfo, changed: tuple[Change, ...]) -> Iterator[Act]:
    """The acts that a fact is: one, and the money that went back where a paid one was refused."""
    act = act_of(fact, time_zone, changed)
    yield act
    event = fact.event
    if isinstance(event, ApplicationRefused) and event.refunded_pence:
        yield msgspec.structs.replace(
            act,
            act="refunded",
            pence=event.refunded_pence,
            sentence=f"{money(event.refunded_pence)} went back for the refused application",
            changed=(),
            number=1,
        )


def facts(ledger: Ledger, stream: UUID, after: int = 0) -> Iterator[Recorded]:
    """The facts of a household with versions above `after`, in order, read a page at a time."""
    while True:
        page = ledger.positions.select_events(stream, gt=after, limit=PAGE)
        yield from (recorded(ledger, stored) for stored in page)
        if len(page) < PAGE:
            return
        after = page[-1].originator_version


def act_of(fact: Recorded, time_zone: ZoneInfo, changed: tuple[Change, ...] = ()) -> Act:
    """The act that a fact is."""
    entry, event = fact.entry, fact.event
    telling = ACTS[type(event)]
    begins, until = effective(event)
    return Act(
        household_id=fact.household_id,
        version=fact.originator_version,
        position=fact.position,
        act=telling.act,
        recorded_at=entry.recorded_at,
        effective_from=begins,
        effective_until=until,
        role=entry.by.role,
        by=entry.by.name,
        on_behalf_of=entry.on_behalf_of,
        channel=entry.channel,
        edition=getattr(event, "edition", ""),
        pence=pence_of(event),
        sentence=telling.sentence(event, time_zone),
        changed=changed,
        marks=marks_of(event),
    )


def marks_of(event: AnyEvent) -> tuple[str, ...]:
    """Every mark that a fact names, as it is shown, each once."""
    covers: tuple[Cover, ...] = getattr(event, "covers", ())
    was: Cover | None = getattr(event, "was", None)
    found = [
        *(cover.shown for cover in covers),
        *(each.shown for each in getattr(event, "vehicles", ())),
        getattr(event, "shown", ""),
        getattr(event, "was_shown", ""),
        was.shown if was else "",
    ]
    return tuple(dict.fromkeys(mark for mark in found if mark))


def write_json_lines(acts: Iterable[Act], to: IO[bytes]) -> int:
    """One JSON object a line, instants in UTC. How many acts were written."""
    written = 0
    for act in acts:
        to.write(_encoder.encode(act) + b"\n")
        written += 1
    return written


def write_csv(acts: Iterable[Act], to: IO[str]) -> int:
    """One row an act under a row of names, RFC 4180. How many acts were written.

    A text that a spreadsheet would run as a formula is kept from it by an apostrophe.
    """
    writer = csv.writer(to)
    names = Act.__struct_fields__
    writer.writerow(names)
    written = 0
    for act in acts:
        writer.writerow([cell(getattr(act, name)) for name in names])
        written += 1
    return written


def in_chunks(acts: Iterable[Act], how: Literal["csv", "jsonl"]) -> Iterator[bytes]:
    """The same files, a chunk of some acts at a time, for whoever sends them on."""
    left = iter(acts)
    header = True
    while chunk := list(islice(left, CHUNK)):
        if how == "jsonl":
            lines = BytesIO()
            write_json_lines(chunk, lines)
            yield lines.getvalue()
            continue
        sheet = StringIO(newline="")
        write_csv(chunk, sheet)
        text = sheet.getvalue()
        yield (text if header else text.partition("\r\n")[2]).encode()
        header = False


def cell(value: str | int | datetime | tuple[object, ...] | None) -> str | int:
    """A value as a spreadsheet may have it: never a formula."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return cell("; ".join(map(str, value)))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
