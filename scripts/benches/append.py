"""How many appends and commands a second, beside single-row inserts into a plain table.

`raw.N`: one row of an event's size, one commit each. `bare.N`: one event through our recorder, with
no read model. `library.N`: one event through the library's own recorder, which locks the table.
`command.N`: book, amend and cancel a visit, the whole path: lock, receipt, fold, decision, events,
every inline read model, receipt, commit. N clients are N processes; every one has its own
connection and its own households. Nothing is batched.

Source: design.md sections 4 and 10.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, cycle
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from ledger.calendar import local_date
from ledger.store.pool import connect, new_pool
from ledger.store.rows import Changes
from scripts.benches.clients import Clients, Step, Task
from scripts.benches.figures import Figure, figure
from scripts.benches.households import Bookers, bench_council
from services.postgres import in_database

CLIENTS = (1, 8, 16)
QUICK_SECONDS, SECONDS = 1.2, 8.0
"""How long each task is measured at each number of clients, over all rounds."""
ROUNDS = 2
WARM_UP_ROUNDS = 2
LIBRARY_SCHEMA = "library"
STATE_BYTES = 640
HOUSEHOLDS_A_CLIENT = 24

_state = b'{"event":"' + b"x" * (STATE_BYTES - 12) + b'"}'


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server.

    What is compared takes turns, so that a machine with other work to do slows all of it alike.
    """
    seconds = QUICK_SECONDS if quick else SECONDS
    with _database(dsn) as own, Clients(max(CLIENTS)) as clients:
        for n in CLIENTS:
            rates = _rates(clients, n, own, seconds)
            yield (raw := figure(f"raw.{n}", rates["raw"], "inserts/s", None))
            yield figure(f"command.{n}", rates["command"], "commands/s", raw)
            yield figure(f"bare.{n}", rates["bare"], "appends/s", raw)
            yield (library := figure(f"library.{n}", rates["library"], "appends/s", raw))
            yield figure(f"bare.{n}/library.{n}", rates["bare"], "appends/s", library)


def _rates(clients: Clients, n: int, dsn: str, seconds: float) -> dict[str, float]:
    """The mean of every task's rate over the rounds, with n clients."""
    rates = dict.fromkeys(TASKS, 0.0)
    for _ in range(ROUNDS):
        for name, task in TASKS.items():
            rates[name] += clients.rate(n, task, dsn, seconds / ROUNDS) / ROUNDS
    return rates


@contextmanager
def raw_insert(dsn: str, number: int) -> Iterator[Step]:
    """A row into a table with the same columns and indexes as the ledger's, and nothing else."""
    with connect(dsn) as connection:
        stream, versions = uuid4(), count(1)

        def step() -> None:
            connection.execute(
                "insert into raw_events (originator_id, originator_version, topic, state)"
                " values (%s, %s, %s, %s)",
                (stream, next(versions), "voucher_booked.v1", _state),
                prepare=True,
            )

        yield step


@contextmanager
def bare_append(dsn: str, number: int) -> Iterator[Step]:
    """One event, in a transaction of our recorder."""
    pool = new_pool(dsn, 1, f"bare-{number}")
    council = bench_council(pool, pool)
    stream, versions = uuid4(), count(1)

    def step() -> None:
        event = StoredEvent(
            originator_id=stream,
            originator_version=next(versions),
            topic="voucher_booked.v1",
            state=_state,
        )
        with pool.connection() as connection:
            council.ledger.positions.insert_events(
                [event], connection=connection, changes=Changes()
            )

    try:
        yield step
    finally:
        pool.close()


@contextmanager
def library_append(dsn: str, number: int) -> Iterator[Step]:
    """One event through the library's recorder as it comes, table lock and all."""
    with _library(dsn) as recorder:
        stream, versions = uuid4(), count(1)

        def step() -> None:
            event = StoredEvent(
                originator_id=stream,
                originator_version=next(versions),
                topic="voucher_booked.v1",
                state=_state,
            )
            recorder.insert_events([event])

        yield step


@contextmanager
def _library(dsn: str) -> Iterator[PostgresApplicationRecorder]:
    parts = conninfo_to_dict(dsn)
    datastore = PostgresDatastore(
        dbname=str(parts["dbname"]),
        host=str(parts.get("host", "")),
        port=str(parts.get("port", "5432")),
        user=str(parts.get("user", "")),
        password=str(parts.get("password", "")),
        schema=LIBRARY_SCHEMA,
    )
    try:
        yield PostgresApplicationRecorder(datastore)
    finally:
        datastore.close()


@contextmanager
def one_command(dsn: str, number: int) -> Iterator[Step]:
    """A command to one household after another: book for tomorrow, amend, cancel, and again."""
    pool = new_pool(dsn, 1, f"command-{number}")
    council = bench_council(pool, pool)
    run = secrets.token_hex(4)
    with pool.connection() as connection:
        tomorrow = local_date(council.now(connection), council.editions.latest.tz)
    start = f"{tomorrow + timedelta(days=1)}T10:00"
    bookers = [Bookers(council, f"{run}/{number}/{n}", start) for n in range(HOUSEHOLDS_A_CLIENT)]
    # A connection lives long: what it prepares once is not a command's cost.
    for _ in range(WARM_UP_ROUNDS * 3):
        bookers[0].step()
    turns = cycle(bookers)

    def step() -> None:
        next(turns).step()

    try:
        yield step
    finally:
        pool.close()


TASKS: dict[str, Task] = {
    "raw": raw_insert,
    "command": one_command,
    "bare": bare_append,
    "library": library_append,
}


@contextmanager
def _database(dsn: str) -> Iterator[str]:
    """A database of this run alone, with the ledger's schema, the library's, and the raw table."""
    name = f"permit_bench_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            own = in_database(dsn, name)
            _prepare(own)
            yield own
        finally:
            server.execute(f'drop database "{name}" with (force)'.encode())


def _prepare(dsn: str) -> None:
    pool = new_pool(dsn, 1, "bench")
    try:
        bench_council(pool, pool).migrate()
        with pool.connection() as connection:
            connection.execute(
                "create table raw_events (originator_id uuid, originator_version bigint,"
                " notification_id bigserial, topic text, state bytea,"
                " primary key (originator_id, originator_version))"
            )
            connection.execute("create unique index on raw_events (notification_id)")
            connection.execute(f"create schema {LIBRARY_SCHEMA}".encode())
    finally:
        pool.close()
    with _library(dsn) as recorder:
        recorder.create_table()
