"""How fast the officer's question is answered, beside the plainest ways to ask and to answer.

`raw.query`: the rights of a plate that hold now, by a prepared statement, on one connection.
`pgbench.16`: the same by pgbench at 16 clients. `check.query`: the whole question on one
connection: the mark, the rights, the vehicle, the rules, the answer; without its row on record.
`http.constant`: an address of the same server, in the same process, that answers a constant.
`check.http`: the check over HTTP, token and row on record and all, by 24 connections that each wait
for their answer; one mark in ten is covered by nothing, so that its look-alikes are searched too.
`check.growth`: a check's time among all rows against its time among few. `asat.query`: the question
about a past instant as it was known then, beside `asat.raw`, the plain lookup of the same plate and
instants. Rates are means and times medians of three rounds, in turn.

Source: design.md sections 6 and 10.
"""

import itertools
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
from msgspec import Struct

from ledger.store.migrating import schema_name
from ledger.store.pool import connect, new_pool
from projections import enforcement
from projections.active_registrations import RIGHT_COLUMNS
from projections.enforcement import Question
from scripts.benches import node
from scripts.benches.clients import Clients, Step
from scripts.benches.figures import Figure, figure
from scripts.benches.households import bench_council, bench_editions
from scripts.benches.loading import Load
from scripts.benches.pgbenched import CLIENTS, pgbench_rate
from scripts.benches.registrations import ROWS_A_PLATE, begins, load, plate
from scripts.benches.served import CONSTANT
from services.identity.tokens import make_token
from services.postgres import in_database
from services.postgres.scratch import drop_database


class Sizes(Struct, frozen=True):
    """Rows at first, rows then, rows with all their history; and seconds for each figure."""

    few: int
    many: int
    history: int
    seconds: float


QUICK = Sizes(20_000, 200_000, 400_000, 1.5)
FULL = Sizes(50_000, 5_000_000, 20_000_000, 8.0)
ROUNDS = 3
ASKED = 997
"""How many plates a client asks for in turn."""


def figures(dsn: str, quick: bool, keep: bool = False) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server. `keep`: it is not dropped."""
    sizes = QUICK if quick else FULL
    now = datetime.now(UTC)
    seconds = sizes.seconds
    zones = [zone.id for zone in bench_editions().latest.zones]
    schema = bench_council_schema()
    few, many = sizes.few // ROWS_A_PLATE, sizes.many // ROWS_A_PLATE
    first, ages = range(ROWS_A_PLATE), range(ROWS_A_PLATE, sizes.history // many)
    with _database(dsn, False) as small, _database(dsn, keep) as own, Clients(1) as clients:
        for each, plates in ((small, few), (own, many)):
            with connect(each, bounded=False) as connection:
                load(connection, schema, range(plates), first, zones, now)
        turns: list[_Turn] = [(small, Checking(few)), (own, RawLookup(many)), (own, Checking(many))]
        among_few, raw_rate, rate = _taking_turns(clients, seconds, turns)
        yield (raw := figure("raw.query", raw_rate, "lookups/s", None))
        yield from _by_pgbench(own, seconds, many, raw)
        yield figure("check.query", rate, "checks/s", raw)
        yield (quick_one := figure("check.few", 1000 / among_few, "ms", None))
        yield figure("check.growth", 1000 / rate, "ms", quick_one)
        yield from _over_http(own, seconds, many)
        with connect(own, bounded=False) as connection:
            load(connection, schema, range(many), ages, zones, now)
        past = RawAsAt(many, ages.stop, now), AsAt(many, ages.stop, now)
        turns = [(own, RawLookup(many)), *((own, each) for each in past)]
        raw_rate, raw_then, rate = _taking_turns(clients, seconds, turns)
        # The plain lookup once more, at the same time: a machine with other work is not steady.
        raw = figure("raw.query", raw_rate, "lookups/s", None)
        yield (as_at := figure("asat.raw", raw_then, "lookups/s", raw))
        yield figure("asat.query", rate, "checks/s", raw)
        yield figure("asat.query/asat.raw", rate, "checks/s", as_at)
    yield from node.figures(dsn, quick)


def _by_pgbench(dsn: str, seconds: float, plates: int, raw: Figure) -> Iterator[Figure]:
    marks = list(itertools.islice(_marks(plates), ASKED))
    query = (
        f"select {RIGHT_COLUMNS} from {bench_council_schema()}.active_registrations"
        " where glyphs = {mark} and covers_until > clock_timestamp()"
        " and known_from <= clock_timestamp() and known_until > clock_timestamp()"
    )
    rate = pgbench_rate(dsn, query, marks, seconds)
    if rate is None:
        print("no pgbench is installed with the embedded server", file=sys.stderr)
    else:
        yield figure(f"pgbench.{CLIENTS}", rate, "lookups/s", raw)


def _taking_turns(clients: Clients, seconds: float, turns: "list[_Turn]") -> list[float]:
    """The mean rate of each: in turn, so that a machine with other work slows all of them alike.

    Each has been through all that it asks for once: what is measured is not the disk.
    """
    for dsn, task in turns:
        with task(dsn, 0) as step:
            for _ in range(ASKED):
                step()
    rates = [0.0] * len(turns)
    for _ in range(ROUNDS):
        for n, (dsn, task) in enumerate(turns):
            rates[n] += clients.rate(1, task, dsn, seconds / ROUNDS) / ROUNDS
    return rates


class RawLookup(Struct, frozen=True):
    """A client's task: the rights of one plate after another that hold now."""

    plates: int

    @contextmanager
    def __call__(self, dsn: str, number: int) -> Iterator[Step]:
        now = datetime.now(UTC)
        marks = _marks(self.plates)
        with connect(dsn) as connection:

            def step() -> None:
                _raw(connection, next(marks), now, now)

            yield _warm(step)


class Checking(Struct, frozen=True):
    """A client's task: the whole question about one covered plate after another."""

    plates: int

    @contextmanager
    def __call__(self, dsn: str, number: int) -> Iterator[Step]:
        numbers = _numbers(self.plates)
        scheme = bench_editions().latest
        zones = [zone.id for zone in scheme.zones]
        schema = bench_council_schema()
        with connect(dsn) as connection:

            def step() -> None:
                n = next(numbers)
                question = Question(
                    typed=plate(n), zone=zones[n % len(zones)], at=None, known_at=None
                )
                found = enforcement.answer(connection, schema, scheme, question)
                assert found.covered, "every plate that is asked for is covered"

            yield _warm(step)


class RawAsAt(Struct, frozen=True):
    """A client's task: the rights of one plate after another at past instants, as known then."""

    plates: int
    ages: int
    now: datetime

    @contextmanager
    def __call__(self, dsn: str, number: int) -> Iterator[Step]:
        numbers = _numbers(self.plates)
        with connect(dsn) as connection:

            def step() -> None:
                n = next(numbers)
                then = _then(n, self.ages, self.now)
                _raw(connection, plate(n), then, then)

            yield _warm(step)


class AsAt(Struct, frozen=True):
    """A client's task: the whole question about past instants, as they were known then."""

    plates: int
    ages: int
    now: datetime

    @contextmanager
    def __call__(self, dsn: str, number: int) -> Iterator[Step]:
        numbers = _numbers(self.plates)
        scheme = bench_editions().latest
        zones = [zone.id for zone in scheme.zones]
        schema = bench_council_schema()
        with connect(dsn) as connection:

            def step() -> None:
                n = next(numbers)
                then = _then(n, self.ages, self.now)
                question = Question(
                    typed=plate(n), zone=zones[n % len(zones)], at=then, known_at=then
                )
                found = enforcement.answer(connection, schema, scheme, question)
                assert found.covered, "every plate held a right then"

            yield _warm(step)


_Turn = tuple[str, RawLookup | Checking | RawAsAt | AsAt]
"""A database and a task in it."""


def _numbers(plates: int) -> Iterator[int]:
    """Plates from all over the table, and again."""
    while True:
        for n in range(ASKED):
            yield n * plates // ASKED


def _marks(plates: int) -> Iterator[str]:
    return (plate(n) for n in _numbers(plates))


def _then(n: int, ages: int, now: datetime) -> datetime:
    """An instant within one of the plate's rights that ended."""
    return begins(1 + n % (ages - 1), now) + timedelta(hours=12)


def _raw(
    connection: psycopg.Connection[tuple[object, ...]], mark: str, at: datetime, known: datetime
) -> None:
    found = connection.execute(
        f"select {RIGHT_COLUMNS} from {bench_council_schema()}.active_registrations"
        " where glyphs = %s and covers_until > %s and known_from <= %s and known_until > %s",
        (mark, at, known, known),
        prepare=True,
    ).fetchall()
    assert found, "every plate that is asked for has a right"


def _warm(step: Step) -> Step:
    for _ in range(200):
        step()
    return step


def bench_council_schema() -> str:
    """The schema of the bench's council."""
    return schema_name(bench_editions().latest.id)


def _over_http(dsn: str, seconds: float, plates: int) -> Iterator[Figure]:
    with _server(dsn) as port:
        constant = _constant(port)
        checks = _checks(dsn, port, plates)
        loads: list[tuple[Load, Load]] = []
        for _ in range(ROUNDS):
            share = seconds / ROUNDS
            loads.append((_loaded(port, constant, share), _loaded(port, checks, share)))
    rates = [sum(pair[n].rate for pair in loads) / ROUNDS for n in (0, 1)]
    yield (ours := figure("http.constant", rates[0], "requests/s", None))
    yield figure("check.http", rates[1], "checks/s", ours)
    p50, p99, constant_p99 = (
        sorted(found)[ROUNDS // 2]
        for found in (
            [ours.p50 for _, ours in loads],
            [ours.p99 for _, ours in loads],
            [theirs.p99 for theirs, _ in loads],
        )
    )
    middle = figure("http.constant.p99", constant_p99, "ms", None)
    yield middle
    yield figure("check.http.p50", p50, "ms", None)
    yield figure("check.http.p99", p99, "ms", middle)


def _loaded(port: int, requests: list[bytes], seconds: float) -> Load:
    asked = msgspec.json.encode((port, seconds, requests))
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benches.loading"], input=asked, capture_output=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return msgspec.json.decode(done.stdout, type=Load)


def _constant(port: int) -> list[bytes]:
    return [f"GET {CONSTANT} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()]


def _checks(dsn: str, port: int, plates: int) -> list[bytes]:
    """Requests for one plate after another; every tenth of none."""
    council = bench_editions().latest.id
    with connect(dsn) as connection:
        token = make_token(connection, bench_council_schema(), "officer", "bench")
    zones = [zone.id for zone in bench_editions().latest.zones]
    requests = []
    for n, number in zip(range(ASKED), _numbers(plates), strict=False):
        mark = plate(plates + n) if n % 10 == 9 else plate(number)
        body = msgspec.json.encode({"mark": mark, "zone": zones[number % len(zones)]})
        head = (
            f"POST /api/v1/{council}/enforcement/checks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"X-Device: bench\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


@contextmanager
def _server(dsn: str) -> Iterator[int]:
    """The port of the bench's server, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "scripts.benches.served", dsn, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "the bench's server has ended"
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the bench's server does not answer")


@contextmanager
def _database(dsn: str, keep: bool) -> Iterator[str]:
    """A database of this run alone, with the ledger's schema."""
    name = f"permit_bench_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            own = in_database(dsn, name)
            pool = new_pool(own, 1, "bench")
            try:
                bench_council(pool, pool).migrate()
            finally:
                pool.close()
            yield own
        finally:
            if keep:
                print(f"kept: {name}", file=sys.stderr)
            else:
                drop_database(server, name)
