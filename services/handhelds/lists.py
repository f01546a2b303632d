"""The list of a zone for devices without a line: its registrations, and what changed since.

A list is read in one snapshot of the ledger, and its position says how far: every fact up to it is
in. A fact above it may be in as well, where an older transaction was still running; it comes again
with the changes, which say how an entry is now and do no harm twice.

Every list that leaves is put on record with its reader: what a device held can be told from that.

Source: design sections 5 and 6; reference/enforcement-and-evidence.md, E.17.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from hashlib import sha256

import msgspec
from msgspec import Struct
from psycopg.rows import tuple_row

from ledger.events import AnyEvent, Cover, VehicleFactsRecorded
from ledger.rules.covering import STATUTORY_GRACE, VehicleFacts, excluded_by
from ledger.scheme.schema import Scheme
from ledger.store.mapper import decode
from ledger.store.pool import Connection
from ledger.store.reading import recorded
from ledger.store.restoring import is_lost
from ledger.values import FOREVER
from projections.active_registrations import FACT_FIELDS
from services.council import Council
from services.handhelds.signing import Signed, current_key
from services.handhelds.unchanged import Remembered

FACTS_A_PAGE = 500
"""Changes are told for at most so many facts at once; then `more` is set."""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One vehicle's right in the zone over `[covers_from, covers_until)`; no person, no address.

    `limit` names the measure of the vehicle that is over the scheme's limits: it is not covered.
    """

    id: str
    mark: str
    glyphs: str
    kind: str
    product: str
    holding: str
    covers_from: datetime
    covers_until: datetime
    limit: str = ""


class Hours(Struct, frozen=True, kw_only=True):
    """Local times of control `[begins, ends)` on days of the week, Monday 0; 00:00 ends a day."""

    days: list[int]
    begins: time
    ends: time


class Terms(Struct, frozen=True, kw_only=True):
    """What a device needs beside the marks, to answer as the ledger would."""

    edition: str
    time_zone: str
    hours: list[Hours]
    suspended_bays_covered: bool
    grace_seconds: int


class ZoneList(Struct, frozen=True, kw_only=True):
    """A zone's registrations, in force, to come, or ended so lately that grace may hold."""

    council: str
    zone: str
    position: int
    read_at: datetime
    terms: Terms
    entries: list[Entry]


class ZoneChanges(Struct, frozen=True, kw_only=True):
    """What to do to a list at `after` to have it at `position`: put `entries`, drop `gone`."""

    council: str
    zone: str
    after: int
    position: int
    read_at: datetime
    more: bool
    terms: Terms
    entries: list[Entry]
    gone: list[str]


class Reader(Struct, frozen=True, kw_only=True):
    """Who takes a list away."""

    officer: str
    device: str


class Given(Struct, frozen=True, kw_only=True):
    """A list on its way out. `tag` is the same while the entries and terms are.

    `signed` None: the reader holds this list already, and nothing left.
    """

    tag: str
    position: int
    empty: bool
    signed: Signed | None


class UnknownPosition(Exception):
    """A position that this ledger has not come to, or that a restore lost: the device must take the
    whole list anew.
    """


_encoder = msgspec.json.Encoder()
_ROW = (
    "a.cover_id, a.shown, a.glyphs, a.kind, a.product, a.holding_id, a.covers_from, a.covers_until,"
    + ", ".join(f"f.{field}" for field in FACT_FIELDS)
)


def whole(council: Council, zone: str, reader: Reader, held: str) -> Given:
    """The list of a zone as it is now. `held`: the tag of the list that the reader has, or "".

    Where that is still the list, only the facts since it was made are read, not the zone.
    """
    with _moment(council) as (connection, position, at):
        terms = _terms(council.scheme_at(at), zone)
        terms_digest = sha256(_encoder.encode(terms)).digest()
        known = council.unchanged.of(zone)
        if (
            known is not None
            and known.could_hold(held, at, terms_digest)
            and not is_lost(connection, council.schema, known.position)
            and _untouched(connection, council, zone, known, at)
        ):
            told = _visible_above(connection, council.schema, position)
            council.unchanged.read_on(zone, known, position, told, at)
            return Given(tag=held, position=position, empty=known.empty, signed=None)
        entries = list(_entries(connection, council, zone, at, None))
        tag = sha256(_encoder.encode((zone, terms, entries))).hexdigest()[:32]
        council.unchanged.remember(
            zone,
            Remembered(
                tag=tag,
                empty=not entries,
                position=position,
                told=_visible_above(connection, council.schema, position),
                read_at=at,
                until=min(
                    (e.covers_until + STATUTORY_GRACE for e in entries if e.covers_until < FOREVER),
                    default=FOREVER,
                ),
                terms_digest=terms_digest,
            ),
        )
        if tag == held:
            return Given(tag=tag, position=position, empty=not entries, signed=None)
        payload = _encoder.encode(
            ZoneList(
                council=council.id,
                zone=zone,
                position=position,
                read_at=at,
                terms=terms,
                entries=entries,
            )
        )
        _note(connection, council, zone, None, position, at, len(entries), payload, reader)
        signed = current_key(connection, council.schema).signed("zone-list+json", payload)
    return Given(tag=tag, position=position, empty=not entries, signed=signed)


def _visible_above(connection: Connection, schema: str, position: int) -> frozenset[int]:
    """The facts that are visible above a position; at most FACTS_A_PAGE of them, the oldest.

    There are some while an older transaction runs anywhere on the server. A list made now tells of
    them, and without their numbers each would have it made again until that transaction ends.
    """
    found = connection.execute(
        f"select notification_id from {schema}.stored_events where notification_id > %s"
        " order by notification_id limit %s",
        (position, FACTS_A_PAGE),
    ).fetchall()
    return frozenset(number for (number,) in found)


def _untouched(
    connection: Connection, council: Council, zone: str, known: Remembered, at: datetime
) -> bool:
    """True where no fact that a list does not tell of gave, changed or took an entry of the zone.

    All that are visible are looked at, those too that a follower may not read yet: the list tells
    of them as well.
    """
    facts = connection.execute(
        f"select state from {council.schema}.stored_events where notification_id > %s"
        " and notification_id <> all(%s) order by notification_id limit %s",
        (known.position, list(known.told), FACTS_A_PAGE),
    ).fetchall()
    if len(facts) == FACTS_A_PAGE:
        return False
    touched, glyphs = _touched(decode(state).event for (state,) in facts)
    entries, ever = _now_of(connection, council, zone, at, touched, glyphs)
    return not (entries or ever)


def changes(council: Council, zone: str, after: int, reader: Reader, *, even_none: bool) -> Given:
    """What changed in a zone above a position; at most FACTS_A_PAGE facts of it.

    Where nothing did, `even_none` says so under a signature; without it nothing leaves.
    Raises UnknownPosition.
    """
    with _moment(council) as (connection, horizon, at):
        if after > horizon or is_lost(connection, council.schema, after):
            raise UnknownPosition
        facts = council.ledger.positions.read_from(connection, after, FACTS_A_PAGE, stop=horizon)
        more = len(facts) == FACTS_A_PAGE
        position = facts[-1].id if more else horizon
        touched, glyphs = _touched(recorded(council.ledger, fact).event for fact in facts)
        entries, held = _now_of(connection, council, zone, at, touched, glyphs)
        told = ZoneChanges(
            council=council.id,
            zone=zone,
            after=after,
            position=position,
            read_at=at,
            more=more,
            terms=_terms(council.scheme_at(at), zone),
            entries=entries,
            gone=sorted(held - {entry.id for entry in entries}),
        )
        tag = sha256(_encoder.encode((zone, after, told.terms, entries, told.gone))).hexdigest()
        empty = not (entries or told.gone or more)
        if empty and not even_none:
            return Given(tag=tag[:32], position=position, empty=True, signed=None)
        payload = _encoder.encode(told)
        count = len(entries) + len(told.gone)
        _note(connection, council, zone, after, position, at, count, payload, reader)
        signed = current_key(connection, council.schema).signed("zone-changes+json", payload)
    return Given(tag=tag[:32], position=position, empty=empty, signed=signed)


def _now_of(
    connection: Connection,
    council: Council,
    zone: str,
    at: datetime,
    touched: Sequence[str],
    glyphs: Sequence[str],
) -> tuple[list[Entry], set[str]]:
    """The zone's entries of these covers and plates, and which of the covers it ever had."""
    if not (touched or glyphs):
        # What a device that follows is told nearly always: nothing. It costs no look at the zone.
        return [], set()
    entries = list(_entries(connection, council, zone, at, (touched, glyphs)))
    return entries, _ever_in(connection, council.schema, zone, touched)


def _ever_in(connection: Connection, schema: str, zone: str, covers: Sequence[str]) -> set[str]:
    """Which of these covers were ever one of the zone: a device is told of no other."""
    rows = connection.execute(
        f"select distinct cover_id from {schema}.active_registrations"
        " where cover_id = any(%s) and zone = %s",
        (list(covers), zone),
    ).fetchall()
    return {row[0] for row in rows}


@contextmanager
def _moment(council: Council) -> Iterator[tuple[Connection, int, datetime]]:
    """One moment of the ledger: a connection on it, the position it holds all up to, its instant.

    The key is looked for first: in a snapshot that is older than the key it would not be found.
    """
    with council.pool.connection() as connection:
        current_key(connection, council.schema)
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read")
            row = connection.execute(
                "select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)"
                f" + position_offset - 1 from {council.schema}.ledger_offset"
            ).fetchone()
            assert row is not None
            yield connection, int(row[0]), council.now(connection)


def _terms(scheme: Scheme, zone_id: str) -> Terms:
    zone = scheme.zone(zone_id)
    return Terms(
        edition=scheme.edition,
        time_zone=scheme.timezone,
        hours=[
            Hours(days=sorted(each.days), begins=each.begins, ends=each.ends)
            for each in (zone.hours if zone else ())
        ],
        suspended_bays_covered=scheme.enforcement.suspended_bays != "not_covered",
        grace_seconds=int(STATUTORY_GRACE / timedelta(seconds=1)),
    )


def _touched(events: Iterator[AnyEvent]) -> tuple[list[str], list[str]]:
    """The covers that facts gave, changed or took, and the plates whose vehicle they tell of."""
    covers: set[str] = set()
    glyphs: set[str] = set()
    for event in events:
        if isinstance(event, VehicleFactsRecorded):
            glyphs.add(event.glyphs)
        given: tuple[Cover, ...] = getattr(event, "covers", ())
        covers.update(cover.cover_id for cover in given)
        covers.update(getattr(event, "uncovers", ()))
    return sorted(covers), sorted(glyphs)


def _entries(
    connection: Connection,
    council: Council,
    zone: str,
    at: datetime,
    only: tuple[Sequence[str], Sequence[str]] | None,
) -> Iterator[Entry]:
    """The zone's entries now; `only` those of these covers and of these plates."""
    narrowed = "" if only is None else " and (a.cover_id = any(%s) or a.glyphs = any(%s))"
    limits = council.scheme_at(at).vehicle_limits
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            f"select {_ROW} from {council.schema}.active_registrations a"
            f" left join {council.schema}.vehicle_facts f"
            " on f.glyphs = a.glyphs and f.known_until = %s"
            " where a.zone = %s and a.covers_until > %s and a.known_until = %s"
            " and a.kind <> 'listed' and a.covers_until > a.covers_from"
            f"{narrowed} order by a.glyphs, a.covers_from, a.cover_id",
            (FOREVER, zone, at - STATUTORY_GRACE, FOREVER, *(only or ())),
        )
        for cover_id, shown, glyphs, kind, product, holding, begins, ends, *facts in rows:
            known = VehicleFacts(**dict(zip(FACT_FIELDS, facts, strict=True)))
            yield Entry(
                id=cover_id,
                mark=shown,
                glyphs=glyphs,
                kind=kind,
                product=product,
                holding=holding,
                covers_from=begins,
                covers_until=ends,
                limit=excluded_by(known, limits) or "",
            )


def _note(
    connection: Connection,
    council: Council,
    zone: str,
    after: int | None,
    position: int,
    at: datetime,
    entries: int,
    payload: bytes,
    reader: Reader,
) -> None:
    connection.execute(
        f"insert into {council.schema}.handheld_lists (given_at, kind, zone, after_position,"
        " position, snapshot, entries, digest, officer, device) values"
        " (%s, %s, %s, %s, %s, pg_current_snapshot()::text, %s, %s, %s, %s)",
        (
            at,
            "whole" if after is None else "changes",
            zone,
            after,
            position,
            entries,
            sha256(payload).digest(),
            reader.officer,
            reader.device,
        ),
    )
