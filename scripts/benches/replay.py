"""How fast the past is told again, beside reading and decoding the same rows.

A council's ledger is filled with the copies of a few households that really lived. `raw.read`:
every event, in the order of positions, a page at a time, decoded and dropped. `rebuild.*` and
`verify`: events a second of the whole of what the command line does, tables, indexes and swap
included. `upsert.registrations`: the same rows as a projector writes them, a statement for each
event, some hundred events a commit. `household.500`: a household of five hundred events, folded
whole, beside reading its rows; `asat.household.p99`: the same as at any instant of its life.
`rss_mb` is the most memory that rebuilding and verifying took, beside what was taken before them.

Source: design section 10.
"""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
import psycopg

from ledger.calendar import local_date
from ledger.events import Entry
from ledger.store.pool import Connection, connect, new_pool
from ledger.store.rows import ReadModel, apply_statement
from projections.active_registrations import ActiveRegistrations
from projections.allowances import Allowances
from projections.registry import EVERY
from replay.beside import Beside, drop_beside, finish_beside, make_beside
from replay.folding import facts, household_as_at
from replay.rebuild import rebuild
from replay.verify import verify
from scripts.benches import crowd
from scripts.benches.figures import Figure, figure
from scripts.benches.households import Bookers
from services.council import Council
from services.postgres import in_database
from services.postgres.scratch import drop_database

QUICK_EVENTS, EVENTS = 50_000, 1_000_000
PAGE = 2_000
QUICK_UPSERT_SECONDS, UPSERT_SECONDS = 2.0, 8.0
UPSERTS_A_COMMIT = 500
LONG = 500
"""Events of the household that is told as at any instant."""
QUICK_ASKED, ASKED = 300, 2_000

_entries = msgspec.json.Decoder(Entry)


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server."""
    with _filled(dsn, QUICK_EVENTS if quick else EVENTS) as (council, events):
        before = _rss_mb(anew=True)
        raws = [_rate(events, lambda: _raw_read(council))]
        registrations = _rebuilt(council, ActiveRegistrations(), events)
        raws.append(_rate(events, lambda: _raw_read(council)))
        allowances = _rebuilt(council, Allowances(), events)
        rebuild(council.ledger, EVERY)
        verified = _rate(events, lambda: _whole(council))
        most = _rss_mb(anew=False)
        yield (raw := figure("raw.read", sum(raws) / len(raws), "events/s", None))
        yield figure("rebuild.registrations", registrations, "events/s", raw)
        yield figure("rebuild.allowances", allowances, "events/s", raw)
        rate = _upserted(council, QUICK_UPSERT_SECONDS if quick else UPSERT_SECONDS)
        yield (upsert := figure("upsert.registrations", rate, "events/s", raw))
        yield figure(
            "rebuild.registrations/upsert.registrations", registrations, "events/s", upsert
        )
        yield figure("verify", verified, "events/s", raw)
        yield from _of_a_household(council, QUICK_ASKED if quick else ASKED)
        yield (idle := figure("rss_mb.before", before, "MB", None))
        yield figure("rss_mb", most, "MB", idle)


def _rate(events: int, act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return events / (time.perf_counter() - began)


def _raw_read(council: Council) -> None:
    with (
        connect(_dsn(council), bounded=False) as connection,
        connection.transaction(),
        connection.cursor("raw", binary=True) as cursor,
    ):
        cursor.itersize = PAGE
        cursor.execute(
            "select originator_id, originator_version, notification_id, state"
            f" from {council.schema}.stored_events order by notification_id"
        )
        for *_, state in cursor:
            _entries.decode(state)


def _rebuilt(council: Council, model: ReadModel, events: int) -> float:
    """Events a second of rebuilding one model."""

    def act() -> None:
        (done,) = rebuild(council.ledger, (model,))
        assert done.events == events, "every event is folded"

    rate = _rate(events, act)
    _say(f"rebuilt {model.name}: {events / rate:.1f} s")
    return rate


def _whole(council: Council) -> None:
    report = verify(council.ledger)
    assert report.ok, report.problems[:3]


def _upserted(council: Council, seconds: float) -> float:
    """Events a second, into a table of the same columns and indexes that begins empty."""
    model = ActiveRegistrations()
    with connect(_dsn(council), bounded=False) as connection:
        for table in model.tables:
            make_beside(connection, council.schema, table)
            finish_beside(connection, council.schema, table)
        try:
            return _upserting(connection, council, model, seconds)
        finally:
            drop_beside(connection, council.schema, model.tables)


def _upserting(connection: Connection, council: Council, model: ReadModel, seconds: float) -> float:
    done, spent = 0, 0.0
    with connect(_dsn(council), bounded=False) as reading, reading.transaction():
        every = facts(reading, council.schema)
        while spent < seconds and (page := list(islice(every, UPSERTS_A_COMMIT))):
            began = time.perf_counter()
            with connection.transaction():
                for fact in page:
                    changes = Beside()
                    model.apply(changes, fact)
                    if changes.tables:
                        connection.execute(
                            apply_statement(council.schema, changes.touched()),
                            tuple(changes.parameters()),
                            prepare=True,
                        )
            spent += time.perf_counter() - began
            done += len(page)
        every.close()
    return done / spent


def _of_a_household(council: Council, asked: int) -> Iterator[Figure]:
    stream, instants = _lived_long(council)
    random = Random(1)
    with council.pool.connection() as connection:

        def raw() -> None:
            rows = connection.execute(
                "select originator_id, originator_version, notification_id, state"
                f" from {council.schema}.stored_events"
                " where originator_id = %s order by originator_version",
                (stream,),
                prepare=True,
                binary=True,
            ).fetchall()
            assert len(rows) == len(instants)

        def whole() -> None:
            # As at the last instant but one: every event but the last few is folded, and the
            # snapshot, which knows more than was known then, is of no use.
            known = household_as_at(connection, council.schema, stream, instants[LONG - 1])
            assert known.version >= LONG

        def any_instant() -> None:
            at = random.choice(instants)
            known = household_as_at(connection, council.schema, stream, at)
            assert known.last_recorded_at == at

        times = _in_turn([raw, whole, any_instant], asked)
    yield (read := figure("household.500.raw", _middle(times[0], 0.5), "ms", None))
    yield figure("household.500", _middle(times[1], 0.5), "ms", read)
    yield figure("asat.household.p50", _middle(times[2], 0.5), "ms", read)
    slow = figure("household.500.raw.p99", _middle(times[0], 0.99), "ms", None)
    yield slow
    yield figure("asat.household.p99", _middle(times[2], 0.99), "ms", slow)


def _lived_long(council: Council) -> tuple[UUID, list[datetime]]:
    """A household of LONG events and some, and when each of them was recorded."""
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    booker = Bookers(council, "long", f"{today + timedelta(days=1)}T10:00")
    while booker.step().version < LONG + 20:
        pass
    instants = [fact.recorded_at for fact in council.ledger.facts(booker.household)]
    return booker.household, instants


def _in_turn(acts: list[Callable[[], None]], times: int) -> list[list[float]]:
    """How long each took, in ms, each time. They take turns, so that a busy machine slows all."""
    for act in acts * 5:
        act()
    took: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for each, act in zip(took, acts, strict=True):
            began = time.perf_counter()
            act()
            each.append((time.perf_counter() - began) * 1000)
    return took


def _middle(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _rss_mb(anew: bool) -> float:
    """The most memory this process had at once, in MB; `anew`: from now on, and what it has now."""
    if anew:
        # Linux: the peak is counted from here.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    name = "VmRSS:" if anew else "VmHWM:"
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _dsn(council: Council) -> str:
    named = council.pool.conninfo
    assert isinstance(named, str)
    return named


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@contextmanager
def _filled(dsn: str, events: int) -> Iterator[tuple[Council, int]]:
    """A database of this run alone, with that many events or some more."""
    name = f"permit_bench_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            pool = new_pool(in_database(dsn, name), 2, "bench")
            try:
                began = time.perf_counter()
                council = crowd.live(pool)
                with connect(_dsn(council), bounded=False) as connection:
                    stored = crowd.fill(connection, council, events)
                _say(f"{stored:,} events were made in {time.perf_counter() - began:.0f} s")
                yield council, stored
            finally:
                pool.close()
        finally:
            drop_database(server, name)
