"""Whatever the server gives up leaves nothing, is told as "busy", and the same key does it later.

Source: promises P2, P3 (lock time-out, deadlock victim, statement time-out, pool empty).
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from commands.book_voucher import BookVoucher
from commands.handling import Sender
from ledger.events import Answer
from ledger.refusals import ConcurrentChange
from scripts.benches.households import Bookers
from services.council import Council
from tests.databases import eventually
from tests.store.homes import a_council, a_home, counts

BOOKING = BookVoucher(vehicles=("AB12CDE",))


def booked(council: Council, home: Bookers) -> Answer:
    return council.handle(home.household, BOOKING, Sender(by=home.by, key="the key"))


@contextmanager
def locked(database: str, council: Council) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody holds the table that every booking writes."""
    with psycopg.connect(database) as other:
        other.execute(
            f"lock table {council.schema}.active_registrations in exclusive mode".encode()
        )
        yield other
        other.rollback()


def bounded(council: Council, setting: str) -> None:
    """The one connection of the pool has this bound from now on."""
    with council.pool.connection() as connection:
        connection.execute(f"set {setting}".encode())


def done_once(council: Council, home: Bookers, before: dict[str, int]) -> None:
    """Nothing is there of the attempt; the same key is then done, and told again."""
    assert counts(council.ledger) == before
    first = booked(council, home)
    assert booked(council, home) == first
    assert counts(council.ledger)["stored_events"] == before["stored_events"] + 1


@pytest.mark.parametrize("setting", ["statement_timeout = '150ms'", "lock_timeout = '100ms'"])
def test_a_command_that_runs_out_of_time_is_busy_and_leaves_nothing(
    database: str, setting: str
) -> None:
    with a_council(database, 1) as council:
        home = a_home(council, "home")
        before = counts(council.ledger)
        bounded(council, setting)
        with locked(database, council), pytest.raises(ConcurrentChange):
            booked(council, home)

        done_once(council, home, before)


def test_the_victim_of_a_deadlock_is_busy_and_leaves_nothing(database: str) -> None:
    """A stranger holds a table and wants the household: the server ends one of the two."""
    with a_council(database, 1) as council, ThreadPoolExecutor(2) as threads:
        home = a_home(council, "home")
        before = counts(council.ledger)
        waiting = "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        waiting += " where not l.granted and d.datname = current_database()"
        with locked(database, council) as stranger, psycopg.connect(database) as looking:
            command: Future[Answer] = threads.submit(booked, council, home)
            looking.autocommit = True
            eventually(lambda: looking.execute(waiting.encode()).fetchone() == (1,))
            key = council.ledger.lock_key(home.household)
            stranger.execute("select pg_advisory_xact_lock(%s)", (key,))

            with pytest.raises(ConcurrentChange):
                command.result()

        done_once(council, home, before)


def test_a_pool_without_a_connection_to_spare_leaves_nothing(database: str) -> None:
    """The web says 503 of it: not now, and never that it failed."""
    with a_council(database, 1) as council:
        home = a_home(council, "home")
        before = counts(council.ledger)
        council.pool.timeout = 0.05
        with council.pool.connection(), pytest.raises(PoolTimeout):
            booked(council, home)
        council.pool.timeout = 30.0

        done_once(council, home, before)
