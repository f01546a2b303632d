"""Look-ups: every answer an officer was given, appended before it leaves and never changed.

A row holds the question, the two instants, the device and its own clock, the snapshot that was
read, and the exact bytes of the answer with their digest. One table a month; the first look-up of
a month makes it. A key that came with a request keeps the numbers of what was answered under it.

Source: design sections 5 and 7; promises P8, P9; threat model ("looks up an acquaintance").
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct
from psycopg.pq.abc import PGresult
from psycopg.rows import class_row

from ledger.refusals import Refusal
from ledger.store.exchange import (
    BINARY,
    BYTEA_OID,
    TEXT,
    TEXT_OID,
    Sent,
    Statement,
    array,
    integer,
    rows,
    statement,
)
from ledger.store.pool import Connection
from ledger.values import parse_mark

SEEN_AN_HOUR = 500
"""So many look-ups by one officer in an hour stand out in the report."""
Kind = Literal["live", "offline", "node"]


class Kept(Struct, frozen=True, kw_only=True):
    """One answer to put on record. `device_at` is the device's own clock; None: it did not say.

    `kind` `offline`: decided on the device, and sent in later; `node`: answered by a node from
    memory, and sent in later. What a node had seen is in its answer.
    """

    lookup_id: int
    kind: Kind
    asked_at: datetime
    device_at: datetime | None
    about_at: datetime
    known_at: datetime
    device: str
    officer: str
    typed: str
    shown: str
    glyphs: str
    zone: str
    answer: bytes


class KeptKey(Struct, frozen=True, kw_only=True):
    """What was answered under a key: a number for each question, 0 where it was refused instead."""

    lookup_key: str
    body_digest: str
    asked_at: datetime
    receipts: Sequence[int]
    refused: Sequence[Sequence[str]]


class Earlier(Struct, frozen=True):
    """What came of an earlier request with the same key: the body's digest, and each answer's
    bytes, or None with its refusal (code, detail).
    """

    body_digest: str
    answers: list[tuple[bytes | None, Refusal | None]]


@lru_cache(maxsize=256)
def _numbers(schema: str) -> Statement:
    return statement(
        f"select string_agg(nextval('{schema}.lookup_ids')::text, ' ')"
        " from generate_series(1, %s::int)",
        (TEXT,),
    )


def numbers(schema: str, count: int) -> Sent:
    """The statement that gives so many look-ups their numbers."""
    return _numbers(schema), (b"%d" % count,)


def numbered(found: PGresult) -> list[int]:
    """The numbers that it gave."""
    ((every,),) = rows(found)
    return [int(each) for each in (every or b"").split()]


@lru_cache(maxsize=256)
def _keep(schema: str) -> Statement:
    return statement(
        f"insert into {schema}.lookups (lookup_id, kind, asked_at, device_at, about_at, known_at,"
        " device, officer, typed, shown, glyphs, zone, seen_low, seen_high, seen_not, answer,"
        " answer_digest)"
        " select q.lookup_id, q.kind, q.asked_at, q.device_at, q.about_at, q.known_at, q.device,"
        " q.officer, q.typed, q.shown, q.glyphs, q.zone, s.low, s.high, s.unseen,"
        " convert_from(q.answer, 'UTF8'), q.digest"
        " from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],"
        " %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[],"
        " %s::text[], %s::text[], %s::bytea[], %s::bytea[])"
        " as q(lookup_id, kind, asked_at, device_at, about_at, known_at, device, officer, typed,"
        " shown, glyphs, zone, answer, digest)"
        " cross join (select (pg_snapshot_xmin(x)::text::bigint << 12) + o.position_offset as low,"
        " (pg_snapshot_xmax(x)::text::bigint << 12) + o.position_offset as high,"
        " array(select (pg_snapshot_xip(x)::text::bigint << 12) + o.position_offset) as unseen"
        f" from pg_current_snapshot() x, {schema}.ledger_offset o offset 0) s",
        (TEXT, BINARY, TEXT, TEXT, TEXT, TEXT) + (BINARY,) * 8,
    )


def keep(schema: str, kept: Sequence[Kept]) -> Sent:
    """The statement that appends these look-ups, with the snapshot of its transaction.

    Raises psycopg's CheckViolation where the month of `asked_at` has no table yet.
    """
    return _keep(schema), (
        b"{%s}" % b",".join(b"%d" % each.lookup_id for each in kept),
        _texts(each.kind for each in kept),
        _instants([each.asked_at for each in kept]),
        _instants([each.device_at for each in kept]),
        _instants([each.about_at for each in kept]),
        _instants([each.known_at for each in kept]),
        _texts(each.device for each in kept),
        _texts(each.officer for each in kept),
        _texts(each.typed for each in kept),
        _texts(each.shown for each in kept),
        _texts(each.glyphs for each in kept),
        _texts(each.zone for each in kept),
        array(BYTEA_OID, [each.answer for each in kept]),
        array(BYTEA_OID, [sha256(each.answer).digest() for each in kept]),
    )


@lru_cache(maxsize=256)
def _keep_key(schema: str) -> Statement:
    return statement(
        f"insert into {schema}.lookup_keys (lookup_key, body_digest, asked_at, receipts, refused)"
        " values (%s, %s, %s, %s, %s)",
        (TEXT,) * 5,
    )


def keep_key(schema: str, kept: KeptKey) -> Sent:
    """The statement that keeps a key. Raises psycopg's UniqueViolation where it is kept already."""
    return _keep_key(schema), (
        kept.lookup_key.encode(),
        kept.body_digest.encode(),
        kept.asked_at.isoformat().encode(),
        b"{%s}" % b",".join(b"%d" % receipt for receipt in kept.receipts),
        msgspec.json.encode(kept.refused),
    )


@lru_cache(maxsize=256)
def _earlier(schema: str) -> Statement:
    return statement(
        "select k.lookup_key, k.body_digest, k.refused, l.answer, r.n"
        f" from {schema}.lookup_keys k"
        " cross join lateral unnest(k.receipts) with ordinality as r(lookup_id, n)"
        f" left join {schema}.lookups l"
        " on l.lookup_id = r.lookup_id and l.asked_at = k.asked_at"
        " where k.lookup_key = any(%s::text[]) order by k.lookup_key, r.n",
        (BINARY,),
    )


def earlier(schema: str, keys: Sequence[str]) -> Sent:
    """The statement that looks for what was answered under these keys."""
    return _earlier(schema), (array(TEXT_OID, [key.encode() for key in keys]),)


def earlier_found(found: PGresult) -> dict[str, Earlier]:
    """By key, those that there are."""
    every: dict[str, Earlier] = {}
    for row in rows(found):
        key, body, refused, answer = (value or b"" for value in row[:4])
        kept = every.setdefault(key.decode(), Earlier(body.decode(), []))
        refusals = msgspec.json.decode(refused, type=list[list[str]])
        n = integer(row[4] or b"") - 1
        if answer:
            kept.answers.append((answer, None))
        else:
            code, detail = refusals[n]
            kept.answers.append((None, Refusal(code, detail)))
    return every


@lru_cache(maxsize=256)
def _make_month(schema: str) -> Statement:
    return statement(f"select {schema}.make_lookup_month(%s::timestamptz)", (TEXT,))


def make_month(schema: str, at: datetime) -> Sent:
    """The statement that makes the table of an instant's month, where it is not there yet."""
    return _make_month(schema), (at.isoformat().encode(),)


@lru_cache(maxsize=256)
def _counts(schema: str) -> Statement:
    return statement(
        f"select o.officer, (select count(*) from {schema}.lookups l where l.officer = o.officer"
        " and l.asked_at > %s::timestamptz - interval '1 hour')"
        " from unnest(%s::text[]) as o(officer)",
        (TEXT, BINARY),
    )


def counts(schema: str, at: datetime, officers: Sequence[str]) -> Sent:
    """The statement that counts each officer's look-ups of the hour before an instant."""
    return _counts(schema), (
        at.isoformat().encode(),
        array(TEXT_OID, [officer.encode() for officer in officers]),
    )


def counted(found: PGresult) -> dict[str, int]:
    """Look-ups of the hour by officer."""
    return {(name or b"").decode(): integer(count or b"") for name, count in rows(found)}


class LookupSeen(Struct, frozen=True, kw_only=True):
    """A look-up as it was kept. `answer` is, to the byte, what was sent; `digest` its SHA-256."""

    receipt: int
    kind: Kind
    asked_at: datetime
    device_at: datetime | None
    about_at: datetime
    known_at: datetime
    device: str
    officer: str
    typed: str
    mark: str
    zone: str
    seen_low: int
    seen_high: int
    seen_not: list[int]
    answer: str
    digest: str


SEEN = (
    "lookup_id as receipt, kind, asked_at, device_at, about_at, known_at, device, officer, typed,"
    " shown as mark, zone, seen_low, seen_high, seen_not, answer,"
    " encode(answer_digest, 'hex') as digest"
)


def of_mark(
    connection: Connection,
    schema: str,
    typed: str,
    since: datetime,
    until: datetime,
    after: int,
    limit: int,
) -> list[LookupSeen]:
    """Look-ups of a plate asked in `[since, until)` with numbers above `after`, in number order."""
    mark = parse_mark(typed)
    if mark is None:
        return []
    with connection.cursor(row_factory=class_row(LookupSeen)) as cursor:
        return cursor.execute(
            f"select {SEEN} from {schema}.lookups where glyphs = %s and asked_at >= %s"
            " and asked_at < %s and lookup_id > %s order by lookup_id limit %s",
            (mark.glyphs, since, until, after, limit),
        ).fetchall()


def recent(
    connection: Connection, schema: str, officer: str, since: datetime, limit: int
) -> list[LookupSeen]:
    """An officer's own look-ups since an instant, the latest first."""
    with connection.cursor(row_factory=class_row(LookupSeen)) as cursor:
        return cursor.execute(
            f"select {SEEN} from {schema}.lookups where officer = %s and asked_at >= %s"
            " order by asked_at desc, lookup_id desc limit %s",
            (officer, since, limit),
        ).fetchall()


class OfficerHour(Struct, frozen=True, kw_only=True):
    """How much an officer looked up in the clock hour (UTC) that begins at `hour`.

    `marks` are different plates. `stands_out`: more than the report asks about.
    """

    officer: str
    hour: datetime
    lookups: int
    marks: int
    devices: int
    stands_out: bool


def officers_hours(
    connection: Connection, schema: str, since: datetime, until: datetime, seen_from: int
) -> list[OfficerHour]:
    """Every officer's hours with look-ups in `[since, until)`, the busiest first.

    An hour with `seen_from` look-ups or more stands out.
    """
    with connection.cursor(row_factory=class_row(OfficerHour)) as cursor:
        return cursor.execute(
            "select officer, date_trunc('hour', asked_at) as hour, count(*) as lookups,"
            " count(distinct glyphs) as marks, count(distinct device) as devices,"
            f" count(*) >= %s as stands_out from {schema}.lookups"
            " where asked_at >= %s and asked_at < %s group by officer, hour"
            " order by lookups desc, hour, officer limit 1000",
            (seen_from, since, until),
        ).fetchall()


def _texts(values: Iterable[str]) -> bytes:
    return array(TEXT_OID, [value.encode() for value in values])


def _instants(values: Sequence[datetime | None]) -> bytes:
    """An array of instants, as text: most of a batch are the same, and written once."""
    written = {each: f'"{each}"' if each else "null" for each in set(values)}
    return "{{{}}}".format(",".join([written[each] for each in values])).encode()
