"""A replica by the program's own command: followed by readers, promoted, given up."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest

from ledger.store.application import Ledger
from ledger.store.pool import open_pool
from scripts.prove.tailing import _write, _write_slowly
from scripts.prove.tails import Tail, missed, stored_places, wrong_order
from services.councils import open_councils
from services.postgres import EmbeddedPostgres, Unreachable
from services.postgres.replica import SLOT, Replica
from tests.databases import a_place

WRITERS, EVENTS_A_WRITER = 4, 40
FOR_EVER = float("inf")
COUNCIL = "stevenage"


def slots(dsn: str) -> int:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "select count(*) from pg_replication_slots where slot_name = %s", (SLOT,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def write_and_follow(primary: str, replica: str) -> None:
    """Writers on the primary, one slow to commit, and a reader on the replica who misses none."""
    with open_pool(primary, WRITERS + 2, "writers") as pool, ThreadPoolExecutor(8) as threads:
        ledger = Ledger(COUNCIL, pool, ())
        tail, written, over = Tail(replica, COUNCIL), Event(), Event()
        reading = threads.submit(tail.run, over)
        slow = threads.submit(_write_slowly, ledger, written)
        writing = [
            threads.submit(_write, ledger, n, EVENTS_A_WRITER, FOR_EVER) for n in range(WRITERS)
        ]
        count = sum(each.result() for each in writing)
        written.set()
        count += slow.result()
        over.set()
        reading.result()
        with pool.connection() as connection:
            places = stored_places(connection, ledger.schema)
        tail.read_to_the_end(len(places))
        tail.close()
    assert len(places) == count
    assert [*wrong_order(places), *missed(tail.seen, places, 0)] == []


def test_a_reader_of_a_replica_misses_nothing_and_a_promoted_one_goes_on() -> None:
    """The rule of the oldest open transaction holds in recovery as well (P5).

    Promoted, which it may only be without its primary, it takes writes and is never deleted; given
    up, it leaves no slot behind that would fill the primary's disk.
    """
    with a_place() as folder:
        primary = EmbeddedPostgres(folder / "data")
        replica = Replica(folder / "data")
        dsn = primary.start()
        with open_councils(dsn, [COUNCIL]):
            pass
        assert replica.status().role == "absent"
        copy = replica.start()
        assert replica.start() == copy
        write_and_follow(dsn, copy)
        assert replica.status().role == "following"
        assert replica.lag_milliseconds()[0] >= 0

        with pytest.raises(Unreachable, match="the primary runs"):
            replica.promote()
        assert slots(dsn) == 1
        assert replica.stop()
        assert (slots(dsn), replica.status().role, replica.stop()) == (0, "absent", False)

        replica.start()
        primary.stop()
        promoted = replica.promote()
        with open_pool(promoted, 1, "promoted") as pool:
            ledger = Ledger(COUNCIL, pool, ())
            assert _write(ledger, 99, 1, FOR_EVER) >= 1
        assert replica.status().role == "promoted"
        assert replica.stop()
        assert replica.status().role == "stopped"
        replica.start()
        assert replica.status().role == "promoted"
        replica.stop()
