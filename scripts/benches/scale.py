"""What ten times as many households cost: each size beside the smallest of the same run.

A council's ledger is filled with copies of households that really lived for a while, and its read
models are rebuilt. `fill.N`: events a second into an empty ledger of N households. `rebuild.N`:
events a second into every read model. `disk.N`: bytes an event, of everything that the council has.

Then, of one client, at every size in turn, so that what else the machine does is at all of them:
`append.N` (book, amend, cancel), `check.N` (an officer's check, with its look-up stored),
`household.N` (the state of a household of the crowd, read and folded), and `commit.N`, a single row
in a transaction of its own: what the disk alone takes of the first two. Each is the median, in
milliseconds; `cpu` is the processor's time for it, of this process and of the server's, which other
work on the machine does not lengthen as it does the time that is waited.

A size is left out, and said to be, where the server's disk or what is left of the time would not
do for it, as far as the size before it tells.

Source: design section 10; promises P18.
"""

import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import LiteralString
from uuid import UUID

import psycopg
from msgspec import Struct
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
from services.postgres.scratch import drop_database

QUICK_SIZES, SIZES = (200, 2_000), (10_000, 100_000)
QUICK_SECONDS, SECONDS = 1.0, 6.0
"""How long each is done, at each size."""
ROUNDS = 6
LIVES, YEARS = 200, 0.1
"""Of those who are copied: few facts each, so that many households are no more events than need be.
"""
MINUTES = 60.0
DISK_TIMES = 1.6
"""So much more than a size will have in the end is taken on the way: logs, and tables beside."""
ASKED = 200
BOOKERS = 8

Act = Callable[[], object]


class Sized(Struct, frozen=True):
    """A ledger of so many households, filled: what is done to it, and what its making told."""

    households: int
    acts: dict[str, Act]
    pool: Pool
    made: dict[str, tuple[float, str]]
    bytes: int


class Timed(Struct, frozen=True):
    """What one act took, in milliseconds: waited for, and of a processor; None: not to be known."""

    waited: list[float]
    cpu: float | None


def figures(
    dsn: str, quick: bool, sizes: Sequence[int] = (), minutes: float = MINUTES
) -> Iterator[Figure]:
    """Every figure of every size, in databases of the bench's own on that server."""
    began = time.monotonic()
    with _database(dsn) as own, _pool(own) as pool:
        lived = crowd.live(pool, lives=LIVES, years=YEARS)
        with pool.connection() as connection:
            known = crowd.patterns(connection, lived.schema)
    wanted = sorted(set(sizes)) or (QUICK_SIZES if quick else SIZES)
    with ExitStack() as kept:
        every: list[Sized] = []
        took = 0.0
        for households in wanted:
            left = minutes * 60 - (time.monotonic() - began)
            if every and (reason := _refusal(dsn, every[-1], households, took, left)):
                _say(f"{households} households: left out: {reason}")
                continue
            started = time.monotonic()
            own = kept.enter_context(_database(dsn))
            every.append(_filled(own, kept.enter_context(_pool(own)), known, households))
            took = time.monotonic() - started
        first: dict[str, Figure] = {}
        for each in every:
            yield from _told(each.households, each.made, first)
        _settle(dsn, every)
        asked = _in_turn(every, QUICK_SECONDS if quick else SECONDS)
        for each in every:
            yield from _told(each.households, _costs(asked[each.households]), first)


def _told(
    households: int, found: dict[str, tuple[float, str]], first: dict[str, Figure]
) -> Iterator[Figure]:
    for name, (value, unit) in found.items():
        made = figure(f"{name}.{households}", value, unit, first.get(name))
        first.setdefault(name, made)
        yield made


def _refusal(dsn: str, before: Sized, households: int, took: float, left: float) -> str:
    """Why a size is not for this machine or for what is left of the time; empty where it is."""
    times = households / before.households
    if took * times > left:
        return f"about {took * times / 60:.0f} minutes, and {max(0.0, left) / 60:.0f} are left"
    free = _free(dsn)
    needed = before.bytes * times * DISK_TIMES
    if free is not None and needed > free:
        return f"about {needed / 1e9:.0f} GB of disk, and {free / 1e9:.0f} are free"
    return ""


def _free(dsn: str) -> int | None:
    """Bytes free where the server's data is; None where that is not to be known from here."""
    row = _told_by_owner(dsn, "show data_directory")
    try:
        return shutil.disk_usage(Path(str(row[0]))).free if row else None
    except OSError:
        return None


def _told_by_owner(dsn: str, said: LiteralString) -> tuple[object, ...] | None:
    """The first row of what the server's owner is told; None where we may not be the owner."""
    try:
        with psycopg.connect(dsn, user="postgres", autocommit=True) as server:
            cursor = server.execute(said)
            return cursor.fetchone() if cursor.description else None
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege):
        return None


def _filled(dsn: str, pool: Pool, known: list[crowd.Pattern], households: int) -> Sized:
    council = bench_council(pool, pool)
    council.migrate()
    copies = -(-households // len({each.stream for each in known}))
    with connect(dsn, bounded=False) as connection:
        filling, events = _timed(lambda: crowd.copy_all(connection, council, known, copies))
        rebuilding, _ = _timed(lambda: rebuild(council.ledger, EVERY))
        size = _bytes(connection, council.schema)
        connection.execute("create table only_committed (n bigint)")
    _say(
        f"{households} households, {events} events: made in {filling:.0f} s,"
        f" read models in {rebuilding:.0f} s, {size / 1e9:.2f} GB"
    )
    return Sized(
        households,
        {
            "append": _booking(council),
            "check": _checking(council),
            "commit": _committing(pool),
            "household": _loading(council, known, copies),
        },
        pool,
        {
            "fill": (events / filling, "events/s"),
            "rebuild": (events / rebuilding, "events/s"),
            "disk": (size / events, "bytes/event"),
        },
        size,
    )


def _settle(dsn: str, every: Sequence[Sized]) -> None:
    """What was written is on disk: nobody is measured while the server still writes it."""
    _told_by_owner(dsn, "checkpoint")
    for each in every:
        for act in each.acts.values():
            for _ in range(12):
                act()


def _in_turn(every: Sequence[Sized], seconds: float) -> dict[int, dict[str, Timed]]:
    """Each act at each size, round after round, the sizes beside each other."""
    waited: dict[tuple[int, str], list[float]] = {}
    used: dict[tuple[int, str], float | None] = {}
    for _ in range(ROUNDS):
        for name in every[0].acts:
            for each in every:
                key = (each.households, name)
                before = _processor(each.pool)
                waited.setdefault(key, []).extend(_done(each.acts[name], seconds / ROUNDS))
                after = _processor(each.pool)
                so_far = used.get(key, 0.0)
                known = before is not None and after is not None and so_far is not None
                used[key] = so_far + after - before if known else None  # type: ignore[operator]
    found: dict[int, dict[str, Timed]] = {}
    for (households, name), times in waited.items():
        cpu = used[households, name]
        found.setdefault(households, {})[name] = Timed(
            times, None if cpu is None else cpu / len(times) * 1000
        )
    return found


def _costs(asked: dict[str, Timed]) -> dict[str, tuple[float, str]]:
    costs: dict[str, tuple[float, str]] = {}
    for name, timed in asked.items():
        costs[name] = (median(timed.waited), "ms")
        if timed.cpu is not None:
            costs[f"{name}.cpu"] = (timed.cpu, "ms")
    return costs


def _done(act: Act, seconds: float) -> list[float]:
    """What each took, in milliseconds, for so many seconds."""
    took: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until or not took:
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _processor(pool: Pool) -> float | None:
    """Seconds of a processor that this process and its one line to the server have used."""
    with pool.connection() as connection:
        pid = connection.info.backend_pid
    try:
        used = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]
        comm = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    # A server on another machine has numbers of its own.
    return time.process_time() + int(used) / 1e9 if comm == "postgres" else None


def _booking(council: Council) -> Act:
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    start, run = f"{today + timedelta(days=1)}T10:00", secrets.token_hex(4)
    bookers = [Bookers(council, f"{run}/{n}", start) for n in range(BOOKERS)]
    chance = Random(1)
    return lambda: chance.choice(bookers).step()


def _checking(council: Council) -> Act:
    """Marks of the crowd, which a right is stored for, and a zone of the scheme's."""
    with council.pool.connection() as connection:
        marks = connection.execute(
            sql.SQL("select shown from {} order by md5(cover_id) limit %s").format(
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


def _committing(pool: Pool) -> Act:
    def act() -> None:
        with pool.connection() as connection:
            connection.execute("insert into only_committed values (1)")

    return act


def _loading(council: Council, known: list[crowd.Pattern], copies: int) -> Act:
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


def _timed(act: Callable[[], object]) -> tuple[float, int]:
    began = time.perf_counter()
    said = act()
    return time.perf_counter() - began, said if isinstance(said, int) else 0


@contextmanager
def _pool(dsn: str) -> Iterator[Pool]:
    """One connection: then the server's processor time for an act is that of one process."""
    pool = new_pool(dsn, 1, "scale")
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
            drop_database(server, name)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
