"""What a check reads, for any number of questions at once: two statements to send, and to decode.

`look` finds every right of each plate that has not ended by the instant asked about, and what is
known of the vehicle, and why the plate is in doubt where it is. `look_further` is for those that
nothing covers: the right that ended last, and the plates one edit or swap away that are covered
there. Both go in one snapshot, which the rows tell in positions: everything below `low` was
visible, nothing from `high` on.

Source: design section 6; promises.md ("Seen"), P6, P8, P18.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from msgspec import Struct
from psycopg.pq.abc import PGresult

from ledger.rules.covering import Right, VehicleFacts
from ledger.store.exchange import (
    BINARY,
    TEXT,
    TEXT_OID,
    Parameter,
    Sent,
    Statement,
    array,
    instant,
    integer,
    rows,
    statement,
)
from ledger.values import near_text
from projections import doubts
from projections.active_registrations import FACT_FIELDS

NOW = "9999-12-30T00:00:00+00:00"
"""Known by now: whatever is stored. A clock that was set back hides no acknowledged command."""

_RIGHT = (
    "kind, holding_id, product, shown, zone, covers_from, covers_until,"
    " household_id::text as household, version"
)
_RIGHT_COLUMNS = (
    "kind",
    "holding_id",
    "product",
    "shown",
    "zone",
    "covers_from",
    "covers_until",
    "household",
    "version",
)
_FIRST = 5
"""Columns before the right's, in the rows of `look`."""
_KNOWN = "known_from <= q.known and known_until > q.known"
_NO_FACTS = VehicleFacts()
_facts = msgspec.json.Decoder(VehicleFacts)


class Seen(Struct, frozen=True, kw_only=True):
    """A snapshot in positions: all below `low` was visible, nothing from `high` on."""

    low: int
    high: int


class Looked(Struct, frozen=True):
    """What `look` found for one question. `at` is what it is about, `now` when it was read."""

    now: datetime
    at: datetime
    seen: Seen
    rights: list[Right]
    facts: VehicleFacts
    doubt: str = ""
    """Why nothing is to be said of this plate; "" where nothing is in the way."""


class Further(Struct, frozen=True):
    """What `look_further` found: the right that ended last in the zone, and marks that look so."""

    ended: Right | None
    near: list[str]


def _looking(schema: str, questions: str, now: str) -> str:
    """The text for questions `q` of columns (glyphs, at, known, n)."""
    rights = ", ".join(f"r.{name}" for name in _RIGHT_COLUMNS)
    facts = ", ".join(f"'{name}', v.{name}" for name in FACT_FIELDS)
    return (
        "select q.n, c.now, coalesce(q.at, c.now),"
        f" c.low + c.added, c.high + c.added, {rights}, f.facts,"
        f" {doubts.REASON}"
        f" from (select {now} as now,"
        " pg_snapshot_xmin(s.seen)::text::bigint << 12 as low,"
        " pg_snapshot_xmax(s.seen)::text::bigint << 12 as high,"
        " o.position_offset as added, o.doubts"
        f" from (select pg_current_snapshot() as seen offset 0) s, {schema}.ledger_offset o"
        " offset 0) c"
        f" cross join {questions} as q(glyphs, at, known, n)"
        f" left join lateral (select {_RIGHT}, cover_id from {schema}.active_registrations a"
        " where a.glyphs = q.glyphs and a.covers_until > coalesce(q.at, c.now)"
        f" and {_KNOWN}) r on true"
        f" left join lateral (select json_build_object({facts})::text as facts"
        f" from {schema}.vehicle_facts v where v.glyphs = q.glyphs and {_KNOWN} limit 1) f on true"
        " order by q.n, r.covers_until desc, r.covers_from desc, r.cover_id, r.version"
    )


@lru_cache(maxsize=256)
def _look(schema: str) -> Statement:
    questions = "unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]) with ordinality"
    now = "coalesce(%s::timestamptz, clock_timestamp())"
    return statement(_looking(schema, questions, now), (TEXT, BINARY, TEXT, TEXT))


@lru_cache(maxsize=256)
def _look_one(schema: str) -> Statement:
    questions = "(select %s::text, %s::timestamptz, %s::timestamptz, 1::bigint)"
    return statement(_looking(schema, questions, "clock_timestamp()"), (TEXT, TEXT, TEXT))


def look_one(schema: str, glyphs: str, at: datetime | None, known: datetime | None) -> Sent:
    """As look, for one question by itself, which the server answers in two thirds of the time."""
    return _look_one(schema), (
        glyphs.encode(),
        None if at is None else at.isoformat().encode(),
        NOW.encode() if known is None else known.isoformat().encode(),
    )


def look(
    schema: str,
    now: datetime | None,
    asked: Sequence[tuple[str, datetime | None, datetime | None]],
) -> Sent:
    """The statement for these questions: (glyph key, about when, known by when), None is now."""
    return _look(schema), (
        None if now is None else now.isoformat().encode(),
        array(TEXT_OID, [glyphs.encode() for glyphs, _, _ in asked]),
        _instants([at for _, at, _ in asked]),
        _instants([known or NOW for _, _, known in asked]),
    )


def _instants(values: Sequence[datetime | str | None]) -> bytes:
    """An array of instants, as text."""
    return "{{{}}}".format(",".join(f'"{each}"' if each else "null" for each in values)).encode()


def looked(found: PGresult) -> list[Looked]:
    """One for each question, in order; its rights with the latest end first."""
    every: list[Looked] = []
    last: Parameter = None
    instants: dict[Parameter, datetime] = {}
    seen: dict[tuple[Parameter, Parameter], Seen] = {}
    for row in rows(found):
        number, now, at, low, high = row[:_FIRST]
        if number != last:
            last = number
            # One snapshot, and nearly always one instant: told apart by their bytes, read once.
            for each in (now, at):
                if each not in instants:
                    instants[each] = instant(each or b"")
            if (low, high) not in seen:
                seen[low, high] = Seen(low=integer(low or b""), high=integer(high or b""))
            facts = row[_FIRST + len(_RIGHT_COLUMNS)]
            every.append(
                Looked(
                    instants[now],
                    instants[at],
                    seen[low, high],
                    [],
                    _NO_FACTS if facts is None else _facts.decode(facts),
                    (row[_FIRST + len(_RIGHT_COLUMNS) + 1] or b"").decode(),
                )
            )
        if row[_FIRST] is not None:
            every[-1].rights.append(_right(row, _FIRST))
    return every


def _right(row: tuple[Parameter, ...], first: int) -> Right:
    kind, holding, product, shown, zone, begins, ends, household, version = (
        value or b"" for value in row[first : first + 9]
    )
    return Right(
        kind=kind.decode(),
        holding_id=holding.decode(),
        product=product.decode(),
        shown=shown.decode(),
        zone=zone.decode(),
        covers_from=instant(begins),
        covers_until=instant(ends),
        household_id=household.decode(),
        version=integer(version),
    )


@lru_cache(maxsize=256)
def _further(schema: str) -> Statement:
    ended = ", ".join(f"e.{name}" for name in _RIGHT_COLUMNS)
    return statement(
        f"select q.n, m.near, {ended}"
        " from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[])"
        " with ordinality as q(glyphs, zone, at, known, keys, n)"
        f" left join lateral (select {_RIGHT} from {schema}.active_registrations a"
        " where a.glyphs = q.glyphs and a.covers_until <= q.at and a.zone = q.zone"
        f" and {_KNOWN} order by a.covers_until desc, a.covers_from desc, a.cover_id, a.version"
        " limit 1) e on true"
        " left join lateral (select string_agg(distinct a.shown, ' ') as near"
        f" from {schema}.active_registrations a"
        " where a.glyphs = any(string_to_array(q.keys, ' ')) and a.glyphs <> q.glyphs"
        " and a.covers_until > q.at"
        " and a.covers_from <= q.at and a.zone = q.zone and a.kind <> 'listed'"
        f" and {_KNOWN}) m on true"
        " order by q.n",
        (BINARY, BINARY, TEXT, TEXT, BINARY),
    )


def look_further(schema: str, asked: Sequence[tuple[str, str, datetime, datetime | None]]) -> Sent:
    """The statement for these: (glyph key, zone, about when, known by when)."""
    return _further(schema), (
        array(TEXT_OID, [glyphs.encode() for glyphs, *_ in asked]),
        array(TEXT_OID, [zone.encode() for _, zone, *_ in asked]),
        _instants([at for _, _, at, _ in asked]),
        _instants([known or NOW for *_, known in asked]),
        array(TEXT_OID, [near_text(glyphs).encode() for glyphs, *_ in asked]),
    )


def looked_further(found: PGresult) -> list[Further]:
    """One for each that was asked, in order; marks in order."""
    return list(_furthers(found))


def _furthers(found: PGresult) -> Iterator[Further]:
    for row in rows(found):
        near = sorted((row[1] or b"").decode().split())
        yield Further(None if row[2] is None else _right(row, 2), near)
