"""How many appends and commands a second, beside single-row inserts and the stores of others.

`raw.N`: one row of an event's size, one commit each. `bare.N`: one event through our recorder with
the rows of its inline read models, one statement. `library.N`: one event through the library's own
recorder, which locks the table. `messagedb.N`: message-db's `write_message`, one category.
`emmett.N`: emmett's `appendToStream`, in Node. Neither of the two has a read model to write.
`command.N`: book, amend and cancel a visit, the whole path: lock, receipt, fold, decision, events,
every inline read model, receipt, commit. N clients are N processes, as a council's server runs
several; every one has its own connection and its own households. Nothing is batched. Every client
takes some steps that are not counted, of its task and on the connection that is measured: a
connection lives long, and what is done once in its life is no append's cost.

`X.8.latency1ms`: the same through a line that takes a millisecond each way.

Source: design.md sections 4 and 10.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, cycle
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from msgspec.structs import replace
from psycopg.conninfo import conninfo_to_dict

from ledger.calendar import local_date
from ledger.events import Entry, Recorded
from ledger.events.using import VoucherBooked
from ledger.store.pool import connect, new_pool
from scripts.benches.clients import ByItself, Clients, Step, Task
from scripts.benches.figures import Figure, figure
from scripts.benches.households import Bookers, bench_council
from scripts.benches.peers import emmett, message_db
from scripts.benches.peers.installing import installed
from scripts.benches.slow_line import slow_line
from services.council import Council
from services.postgres import in_database
from services.postgres.scratch import drop_database

CLIENTS = (1, 4, 8, 16)
QUICK_SECONDS, SECONDS = 0.8, 8.0
"""How long each task is measured at each number of clients, over all rounds."""
ROUNDS = 2
LATENCY_CLIENTS = 8
LATENCY_SECONDS = 0.001
LIBRARY_SCHEMA = "library"
STATE_BYTES = 640
HOUSEHOLDS_A_CLIENT = 24

_state = b'{"event":"' + b"x" * (STATE_BYTES - 12) + b'"}'


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server.

    What is compared takes turns, so that a machine with other work to do slows all of it alike.
    The peers are measured where they are installed.
    """
    seconds = QUICK_SECONDS if quick else SECONDS
    with _database(dsn) as own, Clients(max(*CLIENTS, LATENCY_CLIENTS)) as clients:
        for n in CLIENTS:
            yield from _told(_rates(clients, n, own, seconds, tasks()), str(n))
        with slow_line(own, LATENCY_SECONDS) as slow:
            found = _rates(clients, LATENCY_CLIENTS, slow, seconds, TASKS)
        yield from _told(found, f"{LATENCY_CLIENTS}.latency1ms")


def tasks() -> Mapping[str, Task]:
    """What is compared: ours, the library's and the ceiling, and the peers that there are."""
    return {**TASKS, **PEERS} if installed() else TASKS


def _told(rates: Mapping[str, float], suffix: str) -> Iterator[Figure]:
    """Each beside the raw ceiling, and our append beside each of the others."""
    yield (raw := figure(f"raw.{suffix}", rates["raw"], "inserts/s", None))
    yield figure(f"command.{suffix}", rates["command"], "commands/s", raw)
    yield figure(f"bare.{suffix}", rates["bare"], "appends/s", raw)
    for name in ("library", *PEERS):
        if name not in rates:
            continue
        yield (other := figure(f"{name}.{suffix}", rates[name], "appends/s", raw))
        yield figure(f"bare.{suffix}/{name}.{suffix}", rates["bare"], "appends/s", other)


def _rates(
    clients: Clients, n: int, dsn: str, seconds: float, compared: Mapping[str, Task]
) -> dict[str, float]:
    """The mean of every task's rate over the rounds, with n clients."""
    rates = dict.fromkeys(compared, 0.0)
    for _ in range(ROUNDS):
        for name, task in compared.items():
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
    """One event and the rows of its inline read models, in one statement of our recorder."""
    pool = new_pool(dsn, 1, f"bare-{number}")
    council = bench_council(pool, pool)
    booked = _booked(council, f"bare/{secrets.token_hex(4)}/{number}")
    stream, versions = uuid4(), count(1)
    ledger = council.ledger

    def step() -> None:
        version = next(versions)
        entry = _booked_again(booked.entry)
        changes = ledger.changes_of(
            [Recorded(originator_id=stream, originator_version=version, position=0, entry=entry)]
        )
        stored = StoredEvent(
            originator_id=stream,
            originator_version=version,
            topic="voucher_booked.v1",
            state=_state,
        )
        ledger.positions.insert_events([stored], connection=connection, changes=changes)

    try:
        with connect(dsn) as connection:
            yield step
    finally:
        pool.close()


def _booked(council: Council, name: str) -> Recorded:
    """A booking as it is recorded, for the read models to take."""
    home = Bookers(council, name, _tomorrow(council))
    home.step()
    *_, last = council.ledger.facts(home.household)
    return last


def _booked_again(entry: Entry) -> Entry:
    """The same booking under an id and a key of its own, as no two bookings share them."""
    event, receipt = entry.event, entry.receipt
    assert isinstance(event, VoucherBooked)
    assert receipt is not None
    new, key = str(uuid4()), secrets.token_hex(32)
    covers = tuple(replace(cover, cover_id=new) for cover in event.covers)
    return replace(
        entry,
        event=replace(event, booking_id=new, covers=covers),
        receipt=replace(receipt, key=key),
    )


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
    start = _tomorrow(council)
    bookers = [Bookers(council, f"{run}/{number}/{n}", start) for n in range(HOUSEHOLDS_A_CLIENT)]
    turns = cycle(bookers)

    def step() -> None:
        next(turns).step()

    try:
        yield step
    finally:
        pool.close()


def _tomorrow(council: Council) -> str:
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    return f"{today + timedelta(days=1)}T10:00"


@contextmanager
def message_db_append(dsn: str, number: int) -> Iterator[Step]:
    """One message through message-db's function."""
    with message_db.client(dsn, STATE_BYTES) as step:
        yield step


@contextmanager
def emmett_append(dsn: str, number: int) -> Iterator[ByItself]:
    """One event through emmett, in a Node process of its own."""
    with emmett.client(dsn, STATE_BYTES) as client:
        yield client


TASKS: dict[str, Task] = {
    "raw": raw_insert,
    "command": one_command,
    "bare": bare_append,
    "library": library_append,
}
PEERS: dict[str, Task] = {"messagedb": message_db_append, "emmett": emmett_append}


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
            drop_database(server, name)


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
    if installed():
        message_db.prepare(dsn)
        emmett.prepare(dsn)
