"""Readers who follow the ledger, and what is wrong with what they saw.

A reader asks on from the last position it has, and opens a new connection where its own was cut.

Source: promises P5.
"""

import time
from collections.abc import Iterator, Sequence
from threading import Event
from uuid import UUID

import psycopg

from ledger.store.application import Ledger
from ledger.store.pool import Connection, connect, new_pool
from projections.registry import INLINE

Place = tuple[int, UUID, int]
PAGE = 500
CAUGHT_UP_SECONDS = 30.0


class Tail:
    """A reader from position 0, and the places it has seen in the order in which it saw them."""

    def __init__(self, dsn: str, council: str) -> None:
        self._dsn = dsn
        self._ledger = Ledger(council, new_pool(dsn, 1, "tail"), INLINE)
        self._connection: Connection | None = None
        self.seen: list[Place] = []

    def read(self) -> int:
        """Read on; how many there were. None are read where the server is away."""
        try:
            if self._connection is None:
                self._connection = connect(self._dsn)
            after = self.seen[-1][0] if self.seen else 0
            found = self._ledger.positions.read_from(self._connection, after, PAGE)
        except psycopg.OperationalError:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return 0
        for each in found:
            assert isinstance(each.originator_id, UUID)
            self.seen.append((each.id, each.originator_id, each.originator_version))
        return len(found)

    def run(self, over: Event) -> None:
        """Follow without a pause worth the name, until told to end."""
        while not over.is_set():
            if not self.read():
                over.wait(0.005)

    def read_to_the_end(self, count: int) -> None:
        """Read on until so many are seen, or for half a minute."""
        given_up = time.monotonic() + CAUGHT_UP_SECONDS
        while self.read() or (len(self.seen) < count and time.monotonic() < given_up):
            time.sleep(0.005)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._ledger.pool.close()


def stored_places(connection: Connection, schema: str) -> list[Place]:
    """Everything in the table, in the order of positions."""
    return connection.execute(
        "select notification_id, originator_id, originator_version"
        f" from {schema}.stored_events order by notification_id"
    ).fetchall()


def wrong_order(places: Sequence[Place]) -> Iterator[str]:
    """Positions that do not rise, and versions of a stream that are not the next."""
    versions: dict[UUID, int] = {}
    last = 0
    for position, stream, version in places:
        if position <= last:
            yield f"position {position} comes after {last}"
        if version != versions.get(stream, 0) + 1:
            yield f"stream {stream}: version {version} comes after {versions.get(stream, 0)}"
        last, versions[stream] = position, version


def missed(seen: Sequence[Place], stored: Sequence[Place], reader: int) -> Iterator[str]:
    """What a reader that has read to the end saw otherwise than it is stored."""
    if list(seen) == list(stored):
        return
    lost, more = set(stored) - set(seen), set(seen) - set(stored)
    yield (
        f"reader {reader} saw {len(seen)} of {len(stored)} events:"
        f" {len(lost)} missed, {len(more)} not stored, {len(seen) - len(set(seen))} twice"
    )
