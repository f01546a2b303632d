"""What ten times as many households cost: each size beside the smallest of the same run.

A council's ledger is filled with copies of a few households that really lived, and its read models
are rebuilt. `fill.N`: events a second into an empty ledger of N households. `rebuild.N`: events a
second into every read model. `disk.N`: bytes an event, of everything that the council has. Then, of
one client: `append.N`: commands a second (book, amend, cancel); `check.N`: an officer's check, with
its look-up stored; `household.N`: the state of a household of the crowd, read and folded.

Source: design section 10; promises P18.
"""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.calendar import local_date
from ledger.store.pool import Pool, connect, new_pool
from projections.registry import EVERY
from replay.rebuild import rebuild
from scripts.benches import crowd
from scripts.benches.figures import Figure, figure
from scripts.benches.households import Bookers, bench_council
from services.council import Council
from services.postgres import in_database

QUICK_SIZES, SIZES = (200, 2_000), (10_000, 100_000)
QUICK_SECONDS, SECONDS = 1.0, 8.0
LIVES, YEARS = 20, 1
"""Of those who are copied: few facts each, so that many households are no more events than need be.
"""
ASKED = 200
BOOKERS = 8

Measured = dict[str, tuple[float, str]]


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure of every size, in databases of the bench's own on that server."""
    with _database(dsn) as own, _pool(own) as pool:
        lived = crowd.live(pool, lives=LIVES, years=YEARS)
        with pool.connection() as connection:
            known = crowd.patterns(connection, lived.schema)
    first: dict[str, Figure] = {}
    for households in QUICK_SIZES if quick else SIZES:
        with _database(dsn) as own:
            found = _measured(own, known, households, QUICK_SECONDS if quick else SECONDS)
        for name, (value, unit) in found.items():
            made = figure(f"{name}.{households}", value, unit, first.get(name))
            first.setdefault(name, made)
            yield made


def _measured(dsn: str, known: list[crowd.Pattern], households: int, seconds: float) -> Measured:
    with _pool(dsn) as pool:
        council = bench_council(pool, pool)
        council.migrate()
        copies = -(-households // len({each.stream for each in known}))
        with connect(dsn, bounded=False) as connection:
            took, events = _timed(lambda: crowd.copy_all(connection, council, known, copies))
            found: Measured = {"fill": (events / took, "events/s")}
            took, _ = _timed(lambda: rebuild(council.ledger, EVERY))
            found["rebuild"] = (events / took, "events/s")
            found["disk"] = (_bytes(connection, council.schema) / events, "bytes/event")
        _say(f"{households} households, {events} events: made in {took:.0f} s")
        found["append"] = (_rate(_booking(council), seconds), "commands/s")
        found["check"] = (1000 / _rate(_checking(council), seconds), "ms")
        found["household"] = (1000 / _rate(_loading(council, known, copies), seconds), "ms")
    return found


def _booking(council: Council) -> Callable[[], object]:
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    start, run = f"{today + timedelta(days=1)}T10:00", secrets.token_hex(4)
    bookers = [Bookers(council, f"{run}/{n}", start) for n in range(BOOKERS)]
    chance = Random(1)
    return lambda: chance.choice(bookers).step()


def _checking(council: Council) -> Callable[[], object]:
    """Marks of the crowd, which a right is stored for, and a zone of the scheme's."""
    with council.pool.connection() as connection:
        marks = connection.execute(
            sql.SQL("select shown from {} limit %s").format(
                sql.Identifier(council.schema, "active_registrations")
            ),
            (ASKED,),
        ).fetchall()
    zone, chance = council.editions.latest.zones[0].id, Random(2)
    return lambda: council.check(
        typed=str(chance.choice(marks)[0]),
        zone=zone,
        at=None,
        known_at=None,
        bay="",
        officer="bench",
        device="bench",
    )


def _loading(council: Council, known: list[crowd.Pattern], copies: int) -> Callable[[], object]:
    streams = sorted({each.stream for each in known})
    chance = Random(3)

    def act() -> object:
        digits = b"%08d" % chance.randint(1, copies)
        stream = chance.choice(streams)[: -len(digits)] + digits.decode()
        household = council.ledger.household(UUID(stream))
        assert household.version > 0, "a household of the crowd"
        return household

    return act


def _bytes(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> int:
    row = connection.execute(
        "select sum(pg_total_relation_size(c.oid))::bigint from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relkind = 'r'",
        (schema,),
    ).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]


def _rate(act: Callable[[], object], seconds: float) -> float:
    """Times a second, after a warm-up of a few."""
    for _ in range(12):
        act()
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        act()
        done += 1
    return done / took


def _timed(act: Callable[[], object]) -> tuple[float, int]:
    began = time.perf_counter()
    said = act()
    return time.perf_counter() - began, said if isinstance(said, int) else 0


@contextmanager
def _pool(dsn: str) -> Iterator[Pool]:
    pool = new_pool(dsn, 2, "scale")
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def _database(dsn: str) -> Iterator[str]:
    name = f"permit_scale_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            yield in_database(dsn, name)
        finally:
            server.execute(f'drop database "{name}" with (force)'.encode())


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
