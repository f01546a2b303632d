"""Sixteen writers, transactions left open on purpose, and four readers who follow all of it.

Every reader sees every event once, in the order of positions, and nothing comes later beneath what
it has read. Versions have no gap.

Source: promises P5.
"""

import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from uuid import UUID, uuid4

from ledger.events import Actor, Entry, Recorded, VisitorSaved
from ledger.household.evolve import evolve
from ledger.store.application import Ledger
from ledger.store.exchange import BEGIN, COMMIT, exchange
from ledger.store.pool import open_pool
from ledger.store.rows import Changes
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from scripts.prove.servers import own_server
from scripts.prove.tails import Tail, missed, stored_places, wrong_order
from scripts.prove.writers import a_council
from services.councils import open_councils

WRITERS, READERS, STREAMS = 16, 4, 400
OPEN_SECONDS = 0.05
"""How long a transaction is left open on purpose, one after the other."""
STAFF = Actor("staff", "prove")


def run(events: int, until: float) -> Reached:
    """So many events, and then whatever the readers still have to read."""
    with own_server() as server:
        name = a_council()
        with open_councils(server.dsn, [name]):
            pass
        with open_pool(server.dsn, WRITERS + 2, "writers") as pool:
            ledger = Ledger(name, pool, ())
            tails = [Tail(server.dsn, name) for _ in range(READERS)]
            written, over = Event(), Event()
            with ThreadPoolExecutor(WRITERS + READERS + 1) as threads:
                reading = [threads.submit(tail.run, over) for tail in tails]
                slow = threads.submit(_write_slowly, ledger, written)
                each = -(-events // WRITERS)
                writing = [threads.submit(_write, ledger, n, each, until) for n in range(WRITERS)]
                count = _sum(writing)
                written.set()
                count += slow.result()
                over.set()
                _sum(reading)
            with pool.connection() as connection:
                places = stored_places(connection, ledger.schema)
            faults = list(wrong_order(places))
            if len(places) != count:
                faults.append(f"{count} events were acknowledged, and {len(places)} are stored")
            for n, tail in enumerate(tails):
                tail.read_to_the_end(len(places))
                faults += missed(tail.seen, places, n)
                tail.close()
    note = f"{WRITERS} writers, {READERS} readers, 0 missed" if not faults else ""
    return Reached(reached=len(places), faults=tuple(faults[:FAULTS_MAX]), note=note)


def _sum(futures: Sequence[Future[int] | Future[None]]) -> int:
    return sum(future.result() or 0 for future in futures)


def _write(ledger: Ledger, number: int, events: int, until: float) -> int:
    """Facts of one to three at a time, in streams that all writers share; how many."""
    chance = random.Random(number)
    count = 0
    while count < events and time_left(until):
        stream = UUID(int=chance.randrange(STREAMS) + 1)
        count += _append(ledger, stream, chance.randint(1, 3))
    return count


def _append(ledger: Ledger, stream: UUID, many: int) -> int:
    with ledger.opened(stream, "none") as opened:
        household = opened.household
        entries = [_entry(n, opened.at) for n in range(many)]
        for entry in entries:
            evolve(household, entry.event, opened.at)
        household.version += many
        household.last_recorded_at = opened.at
        ledger.append(opened.connection, household, entries)
    return many


def _entry(number: int, at: datetime) -> Entry:
    event = VisitorSaved(visitor_id=str(number), typed="AB12CDE", shown="AB12CDE", glyphs="AB12CDE")
    return Entry(
        recorded_at=at, by=STAFF, channel="website", on_behalf_of="", event=event, receipt=None
    )


def _write_slowly(ledger: Ledger, over: Event) -> int:
    """A writer whose transactions stay open for longer than many of the others'."""
    count = 0
    while not over.is_set():
        entry = _entry(0, datetime.now(UTC))
        fact = Recorded(originator_id=uuid4(), originator_version=1, position=0, entry=entry)
        stored = ledger.mapper.to_stored_event(fact)
        with ledger.pool.connection() as connection:
            exchange(connection, [(BEGIN, ())])
            ledger.positions.insert_events([stored], connection=connection, changes=Changes())
            time.sleep(OPEN_SECONDS)
            exchange(connection, [(COMMIT, ())])
        count += 1
    return count
