"""Positions: given without a lock, and a reader who follows them misses nothing.

Source: promises P5 (positions rise with versions; a tailing reader misses none, none repeated).
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import Notification, StoredEvent

from ledger.store.application import Ledger
from ledger.store.exchange import BEGIN, COMMIT, exchange
from ledger.store.pool import Connection, Pool
from ledger.store.recorder import PositionRecorder
from ledger.store.rows import Changes
from tests.store.homes import DEEP, a_ledger, appended, visitor

WRITERS = 16
READERS = 4
COMMITS_EACH = 25 * DEEP
STREAMS = 24
PATIENCE_SECONDS = 30.0

Place = tuple[int, UUID, int]


class UnboundedRecorder(PositionRecorder):
    """The mutant: a reader that takes every row it sees, whatever is still being written."""

    def __init__(self, pool: Pool, schema: str) -> None:
        super().__init__(pool, schema)
        self._readable = "true"


class Tail:
    """A reader that follows from 0, and what it has seen, in the order in which it saw it."""

    def __init__(self, recorder: PositionRecorder) -> None:
        self._recorder = recorder
        self.seen: list[Place] = []

    def read(self, limit: int = 100) -> int:
        """Read on; how many there were."""
        with self._recorder.pool.connection() as connection:
            after = self.seen[-1][0] if self.seen else 0
            found = self._recorder.read_from(connection, after, limit)
        self.seen += [place(each) for each in found]
        return len(found)

    def read_until(self, count: int) -> int:
        """Read on until so many are seen; how many are. Another run on the same server holds
        readers back for as long as it writes: that is waited for.
        """
        given_up = time.monotonic() + PATIENCE_SECONDS
        while self.read() or (len(self.seen) < count and time.monotonic() < given_up):
            time.sleep(0.005)
        return len(self.seen)


def place(found: Notification) -> Place:
    assert isinstance(found.originator_id, UUID)
    return found.id, found.originator_id, found.originator_version


def stored(ledger: Ledger) -> list[Place]:
    """Everything in the table, in the order of positions."""
    with ledger.pool.connection() as connection:
        return connection.execute(
            "select notification_id, originator_id, originator_version"
            f" from {ledger.schema}.stored_events order by notification_id"
        ).fetchall()


@contextmanager
def unfinished(ledger: Ledger) -> Iterator[Callable[[], None]]:
    """An event in a transaction that is left open until the function given is called."""
    with ledger.pool.connection() as connection:
        begin_append(ledger, connection)

        def finish() -> None:
            exchange(connection, [(COMMIT, ())])

        yield finish


def begin_append(ledger: Ledger, connection: Connection) -> None:
    event = StoredEvent(originator_id=uuid4(), originator_version=1, topic="t", state=b"{}")
    exchange(connection, [(BEGIN, ())])
    ledger.positions.insert_events([event], connection=connection, changes=Changes())


def write(ledger: Ledger, number: int) -> int:
    """A writer: many short appends to streams it shares with the others. How many events."""
    choice = random.Random(number)
    streams = [UUID(int=n + 1) for n in range(STREAMS)]
    count = 0
    for n in range(COMMITS_EACH):
        events = [visitor(f"{number}/{n}/{k}") for k in range(choice.randint(1, 3))]
        appended(ledger, choice.choice(streams), events)
        count += len(events)
    return count


def write_slowly(ledger: Ledger, over: threading.Event) -> int:
    """A writer whose transactions stay open for longer than many of the others'."""
    count = 0
    while not over.is_set():
        with ledger.pool.connection() as connection:
            begin_append(ledger, connection)
            time.sleep(0.04)
            exchange(connection, [(COMMIT, ())])
        count += 1
    return count


def follow(ledger: Ledger, over: threading.Event) -> list[Place]:
    """A reader without a pause while there are writers, and then until all is read."""
    tail = Tail(ledger.positions)
    while not over.is_set():
        tail.read(limit=17)
    tail.read_until(len(stored(ledger)))
    return tail.seen


def test_sixteen_writers_and_four_tailing_readers_miss_nothing(database: str) -> None:
    """No gap in any stream, no event missed, repeated or late, beside long transactions (P5)."""
    with a_ledger(database, WRITERS + READERS + 2, ()) as ledger:
        written, over = threading.Event(), threading.Event()
        with ThreadPoolExecutor(WRITERS + READERS + 1) as threads:
            readers = [threads.submit(follow, ledger, over) for _ in range(READERS)]
            slow = threads.submit(write_slowly, ledger, written)
            writers = [threads.submit(write, ledger, n) for n in range(WRITERS)]
            count = results(writers)
            written.set()
            count += slow.result()
            over.set()
            seen = [reader.result() for reader in readers]
        everything = stored(ledger)

    assert len(everything) == count
    assert all(each == everything for each in seen)
    assert faults(everything) == []


def results(futures: Sequence[Future[int]]) -> int:
    return sum(future.result() for future in futures)


def faults(places: Sequence[Place]) -> list[str]:
    """What is wrong with this order: a position not above the last, a version not the next."""
    found: list[str] = []
    versions: dict[UUID, int] = {}
    last = 0
    for position, stream, version in places:
        if position <= last:
            found.append(f"position {position} after {last}")
        if version != versions.get(stream, 0) + 1:
            found.append(f"{stream}: version {version} after {versions.get(stream, 0)}")
        last, versions[stream] = position, version
    return found


def test_a_reader_waits_for_an_older_transaction_that_is_still_open(database: str) -> None:
    """What lies below an unfinished write is read; what lies above it is not, until it ends."""
    with a_ledger(database, 4, ()) as ledger:
        tail = Tail(ledger.positions)
        appended(ledger, uuid4(), [visitor("before")])
        with unfinished(ledger) as finish:
            appended(ledger, uuid4(), [visitor("after")])
            assert tail.read_until(1) == 1
            assert tail.read() == 0
            finish()

        assert tail.read_until(3) == 3
        assert tail.seen == stored(ledger)


def test_a_reader_without_the_bound_is_caught_missing_an_event(database: str) -> None:
    """The test above can fail: the same history, and a reader that ignores the xmin."""
    with a_ledger(database, 4, ()) as ledger:
        tail = Tail(UnboundedRecorder(ledger.pool, ledger.schema))
        with unfinished(ledger) as finish:
            appended(ledger, uuid4(), [visitor("after")])
            tail.read()
            finish()
        tail.read()

        missed = set(stored(ledger)) - set(tail.seen)
        assert len(missed) == 1


def test_an_open_transaction_of_another_database_user_only_holds_readers_back(
    database: str,
) -> None:
    """A write transaction left open anywhere delays readers; it never makes them miss."""
    with a_ledger(database, 4, ()) as ledger, psycopg.connect(database) as stranger:
        stranger.execute("select pg_current_xact_id()")
        facts = appended(ledger, uuid4(), [visitor("while it was open")])
        tail = Tail(ledger.positions)
        assert tail.read() == 0
        stranger.rollback()

        assert tail.read_until(len(facts)) == len(facts)


def test_positions_go_on_above_a_raised_offset(database: str) -> None:
    """A restored ledger raises its offset above every position it ever gave (P5)."""
    with a_ledger(database, 4, ()) as ledger:
        stream = uuid4()
        appended(ledger, stream, [visitor("before")])
        with ledger.pool.connection() as connection:
            connection.execute(
                f"update {ledger.schema}.ledger_offset set position_offset = %s", (1 << 56,)
            )
        appended(ledger, stream, [visitor("after")])

        places = stored(ledger)
        assert faults(places) == []
        assert places[1][0] > 1 << 56
        tail = Tail(ledger.positions)
        tail.read_until(2)
        assert tail.seen == places


def test_the_library_reads_the_log_by_its_own_names(database: str) -> None:
    """Start is included unless said otherwise, stop is; topics choose; the maximum is readable."""
    with a_ledger(database, 4, ()) as ledger:
        assert ledger.positions.max_notification_id() is None
        appended(ledger, uuid4(), [visitor("1"), visitor("2"), visitor("3")])
        Tail(ledger.positions).read_until(3)
        first, second, third = (each[0] for each in stored(ledger))

        def ids(*args: int | None, **more: object) -> list[int]:
            found = ledger.positions.select_notifications(*args, **more)  # type: ignore[arg-type]
            return [each.id for each in found]

        assert ids(None, 10) == [first, second, third]
        assert ids(second, 10) == [second, third]
        assert ids(second, 10, inclusive_of_start=False) == [third]
        assert ids(first, 10, second) == [first, second]
        assert ids(first, 1) == [first]
        assert ids(None, 10, topics=["visitor_saved.v1"]) == [first, second, third]
        assert ids(None, 10, topics=["voucher_booked.v1"]) == []
        assert ledger.positions.max_notification_id() == third


def test_a_subscription_is_woken_without_a_notify(database: str) -> None:
    """The library's subscription follows what is appended after it began."""
    with a_ledger(database, 6, ()) as ledger:
        stream = uuid4()
        with ledger.positions.subscribe(gt=0) as subscription:
            appended(ledger, stream, [visitor("1"), visitor("2")])
            found = [next(subscription), next(subscription)]
            subscription.stop()

    assert [each.originator_version for each in found] == [1, 2]
