"""A replica by the program's own command: followed by readers, promoted, given up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import psycopg
import pytest

from ledger.store.application import Ledger
from ledger.store.pool import open_pool
from scripts import simulating
from scripts.main import main
from scripts.prove.tailing import _write, _write_slowly
from scripts.prove.tails import Tail, missed, stored_places, wrong_order
from scripts.simulation.lives import property_ref
from services.councils import open_councils
from services.postgres import EmbeddedPostgres, Superseded, Unreachable
from services.postgres.replica import SLOT, Replica
from tests.databases import a_place, eventually

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


def refused_from_now_on(primary: EmbeddedPostgres) -> None:
    """By its mark; and where somebody takes that away, by the timeline of what was promoted."""
    with pytest.raises(Superseded, match="replica was promoted"):
        primary.start()
    data = primary.status().data
    assert data is not None
    (Path(data) / "superseded.by").unlink()
    with pytest.raises(Superseded, match="timeline 2, and this server on 1"):
        primary.start()
    assert primary.status().state == "stopped"


def dropped(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """The slot, once whoever streamed from it has ended."""
    found = connection.execute(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active"
    )
    return found.rowcount > 0


def test_a_replica_that_the_primary_gave_up_is_copied_anew() -> None:
    """The primary keeps no more of its log than its disk can bear; the replica says so, and is
    whole again after the next start."""
    with a_place() as folder:
        primary = EmbeddedPostgres(folder / "data")
        replica = Replica(folder / "data")
        dsn = primary.start()
        copy = replica.start()
        with psycopg.connect(dsn, user="postgres", autocommit=True) as connection:
            kept = connection.execute("show max_slot_wal_keep_size").fetchone()
            assert kept == ("4GB",)
            connection.execute("select pg_terminate_backend(active_pid) from pg_replication_slots")
            eventually(lambda: dropped(connection))
        assert replica.status().role == "lost"

        assert replica.start() == copy

        assert (slots(dsn), replica.status().role) == (1, "following")
        assert replica.lag_milliseconds()[0] >= 0
        replica.stop()


def test_a_replica_answers_what_only_reads_as_its_primary_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """History, as-at, exceptions, verification; what writes is told where it belongs."""
    with a_place() as folder:
        primary = EmbeddedPostgres(folder / "data")
        replica = Replica(folder / "data")
        dsn = primary.start()
        until = datetime(2026, 11, 1, tzinfo=UTC)
        assert simulating.main(COUNCIL, 4, 0.5, 3, dsn, quiet=True, until=until) == 0
        copy = replica.start()
        assert replica.lag_milliseconds()[0] >= 0

        home = ["--council", COUNCIL, "--property", property_ref(3, 0)]
        mark = a_mark(dsn)
        asked = ["--council", COUNCIL, "--zone", mark[1], "--mark", mark[0]]
        told: list[list[str]] = []
        for each in (dsn, copy):
            monkeypatch.setenv("DATABASE_URL", each)
            told.append([])
            for command in (
                ["history", *home],
                ["as-at", *home, "--on", "2026-10-01 10:00", "--known", "2026-10-09 10:00"],
                ["exceptions", "--council", COUNCIL],
                ["verify", "--council", COUNCIL],
            ):
                assert main(command) == 0, command
                told[-1].append(capsys.readouterr().out)
        assert told[0] == told[1]
        assert main(["check", *asked]) == 1
        assert "this server only reads" in capsys.readouterr().err
        replica.stop()


def a_mark(dsn: str) -> tuple[str, str]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            f"select shown, zone from {COUNCIL}.active_registrations limit 1"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


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
        refused_from_now_on(primary)
        with open_pool(promoted, 1, "promoted") as pool:
            ledger = Ledger(COUNCIL, pool, ())
            assert _write(ledger, 99, 1, FOR_EVER) >= 1
        assert replica.status().role == "promoted"
        assert replica.stop()
        assert replica.status().role == "stopped"
        replica.start()
        assert replica.status().role == "promoted"
        replica.stop()
