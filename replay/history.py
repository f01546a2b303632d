"""A household's history: everything that was done, in order, each act with who, when, how and why.

Read from the facts alone, a page of versions at a time, so that a long history needs no more memory
than a short one. Refused attempts are no acts of the ledger, but may be asked for among them.

Source: design, section 1 (the auditor); promise P6; the scenario language ("Acts in a history").
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ledger.events import ApplicationRefused, Recorded
from ledger.store.application import Ledger
from ledger.store.reading import recorded
from projections.enforcement import CheckAnswer
from replay.acts import ACTS, effective, pence_of
from replay.wording import moment, money

PAGE = 500
REFUSED_ATTEMPT = "attempt_refused"
CHECKED = "checked"
_answer_decoder = msgspec.json.Decoder(CheckAnswer)
_TIME_ZONE = ZoneInfo("Europe/London")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Act(Struct, frozen=True, kw_only=True):
    """One thing that was done. `version` is its place in the household (0: an attempt that was
    refused, or a check), `position` in the council's ledger (of a check: the first it did not see);
    it takes effect over `[effective_from, effective_until)`; `pence` is None where the act is not
    about money.
    """

    household_id: str
    version: int
    position: int
    act: str
    recorded_at: datetime
    effective_from: datetime | None
    effective_until: datetime | None
    role: str
    by: str
    on_behalf_of: str
    channel: str
    edition: str
    pence: int | None
    sentence: str

    @property
    def reference(self) -> str:
        """The event behind the act, as `household/version`."""
        return f"{self.household_id}/{self.version}"


def history(
    ledger: Ledger,
    stream: UUID,
    *,
    after: int = 0,
    limit: int | None = None,
    time_zone: ZoneInfo = _TIME_ZONE,
    attempts: bool = False,
    checks: bool = False,
) -> Iterator[Act]:
    """The acts of a household with versions above `after`, at most `limit`, in order.

    Sentences speak in `time_zone`. `attempts` puts the refused attempts among the acts, by their
    time, and `checks` the officers' checks that were answered from this household's rights. Raises
    CorruptLedger for a fact that cannot be read.
    """
    acts: Iterator[Act] = (
        act for fact in facts(ledger, stream, after) for act in _acts_of(fact, time_zone)
    )
    if attempts:
        acts = merge(acts, _attempts(ledger, stream), key=_told_at)
    if checks:
        acts = merge(acts, _checks(ledger, stream, time_zone), key=_told_at_place)
    return islice(acts, limit)


def _told_at(act: Act) -> datetime:
    return act.recorded_at


def _told_at_place(act: Act) -> tuple[datetime, int, bool]:
    """A check stands before the facts of its own instant that it did not see."""
    return act.recorded_at, act.position, act.act != CHECKED


def _acts_of(fact: Recorded, time_zone: ZoneInfo) -> Iterator[Act]:
    """The acts that a fact is: one, and the money that went back where a paid one was refused."""
    act = act_of(fact, time_zone)
    yield act
    event = fact.event
    if isinstance(event, ApplicationRefused) and event.refunded_pence:
        yield msgspec.structs.replace(
            act,
            act="refunded",
            pence=event.refunded_pence,
            sentence=f"{money(event.refunded_pence)} went back for the refused application",
        )


def facts(ledger: Ledger, stream: UUID, after: int = 0) -> Iterator[Recorded]:
    """The facts of a household with versions above `after`, in order, read a page at a time."""
    while True:
        page = ledger.positions.select_events(stream, gt=after, limit=PAGE)
        yield from (recorded(ledger, stored) for stored in page)
        if len(page) < PAGE:
            return
        after = page[-1].originator_version


def act_of(fact: Recorded, time_zone: ZoneInfo) -> Act:
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
    )


def _attempts(ledger: Ledger, stream: UUID) -> Iterator[Act]:
    with ledger.pool.connection() as connection:
        rows = connection.execute(
            "select attempted_at, command, role, actor, channel, details"
            f" from {ledger.schema}.refused_attempts where household_id = %s"
            " order by attempted_at, attempt_id",
            (stream,),
        ).fetchall()
    for attempted_at, command, role, actor, channel, details in rows:
        yield Act(
            household_id=str(stream),
            version=0,
            position=0,
            act=REFUSED_ATTEMPT,
            recorded_at=attempted_at,
            effective_from=None,
            effective_until=None,
            role=role,
            by=actor,
            on_behalf_of="",
            channel=channel,
            edition="",
            pence=None,
            sentence=f"Tried to {command.replace('_', ' ')}; refused: {'; '.join(details)}",
        )


def _checks(ledger: Ledger, stream: UUID, time_zone: ZoneInfo) -> Iterator[Act]:
    """What officers were answered from a right of this household, in order."""
    marks = {
        cover.glyphs
        for fact in facts(ledger, stream)
        for cover in getattr(fact.event, "covers", ())
    }
    with ledger.pool.connection() as connection:
        rows = connection.execute(
            f"select asked_at, officer, shown, seen_high, answer from {ledger.schema}.lookups"
            " where glyphs = any(%s) and answer::jsonb #>> '{right,household}' = %s"
            " order by asked_at, seen_high, lookup_id",
            (sorted(marks), str(stream)),
        ).fetchall()
    for asked_at, officer, shown, seen_high, answer in rows:
        answered = _answer_decoder.decode(answer)
        verdict = "covered" if answered.covered else f"not covered ({answered.reason})"
        yield Act(
            household_id=str(stream),
            version=0,
            position=seen_high,
            act=CHECKED,
            recorded_at=asked_at,
            effective_from=answered.at,
            effective_until=answered.until,
            role="officer",
            by=officer,
            on_behalf_of="",
            channel="",
            edition=answered.edition,
            pence=None,
            sentence=f"An officer checked {shown} in zone {answered.zone} about"
            f" {moment(answered.at, time_zone)}: {verdict}",
        )


def write_json_lines(acts: Iterable[Act], to: IO[bytes]) -> int:
    """One JSON object a line, instants in UTC. How many acts were written."""
    encoder = msgspec.json.Encoder()
    written = 0
    for act in acts:
        to.write(encoder.encode(act) + b"\n")
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
        writer.writerow([_cell(getattr(act, name)) for name in names])
        written += 1
    return written


def _cell(value: str | int | datetime | None) -> str | int:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
