"""What the store's tests stand on: a council on a clone, a household that books, bare facts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ledger.calendar import local_date
from ledger.events import Actor, AnyEvent, Entry, Recorded, VisitorSaved
from ledger.household.evolve import evolve
from ledger.store.application import Ledger
from ledger.store.pool import Connection, open_pool
from ledger.store.rows import ReadModel
from scripts.benches.households import Bookers, bench_editions
from services.council import Council

DEEP = int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
"""How many times as long the long tests are: 1 in CI."""

STAFF = Actor("staff", "store")
COUNTED = ("stored_events", "receipts", "refused_attempts", "active_registrations", "snapshots")


@contextmanager
def a_council(dsn: str, connections: int) -> Iterator[Council]:
    """The council whose products are booked, with a pool of so many connections."""
    editions = bench_editions()
    with (
        open_pool(dsn, connections, "store") as pool,
        open_pool(dsn, 1, "store-checks") as checks,
    ):
        yield Council(editions.latest.id, pool, checks, editions)


def a_home(council: Council, name: str) -> Bookers:
    """A household with units to book. Its `step` books, amends, cancels in turn."""
    return Bookers(council, name, start_tomorrow(council))


def start_tomorrow(council: Council) -> str:
    """Ten o'clock tomorrow, local time."""
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    return f"{today + timedelta(days=1)}T10:00"


@contextmanager
def a_ledger(dsn: str, connections: int, inline: tuple[ReadModel, ...]) -> Iterator[Ledger]:
    """The same council's ledger alone, with these read models."""
    with open_pool(dsn, connections, "store") as pool:
        yield Ledger(bench_editions().latest.id, pool, inline)


def visitor(name: str) -> VisitorSaved:
    """A fact that needs nothing before it."""
    return VisitorSaved(visitor_id=name, typed="AB12CDE", shown="AB12CDE", glyphs="AB12CDE")


def entry(event: AnyEvent, at: datetime | None = None) -> Entry:
    return Entry(
        recorded_at=at or datetime.now(UTC),
        by=STAFF,
        channel="website",
        on_behalf_of="",
        event=event,
        receipt=None,
    )


def appended(ledger: Ledger, stream: UUID, events: Sequence[AnyEvent]) -> list[Recorded]:
    """These facts, through the household's lock."""
    with ledger.opened(stream, f"none/{stream}") as opened:
        household = opened.household
        for event in events:
            evolve(household, event, opened.at)
        household.version += len(events)
        household.last_recorded_at = opened.at
        entries = [entry(event, opened.at) for event in events]
        return ledger.append(opened.connection, household, entries)


def counts(ledger: Ledger) -> dict[str, int]:
    """How many rows there are of what a command leaves."""
    with ledger.pool.connection() as connection:
        return {name: _count(connection, f"{ledger.schema}.{name}") for name in COUNTED}


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])
