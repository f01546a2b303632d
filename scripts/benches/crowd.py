"""Many households at once: a few that really lived, copied under ids of their own.

The few live by real commands (the simulation). Of each copy every id, key and number is another,
and nothing else: a stored state is still what its event encodes to, byte for byte. The facts of
different households are mixed, in the order in which they happened, as they are in a real ledger.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from ledger.store.pool import Connection, Pool
from scripts.benches.households import bench_council
from scripts.simulating import History, hurry
from services.council import Council

SEED = 7
LIVES, YEARS = 40, 2
ENDS = datetime(2026, 11, 1, tzinfo=UTC)
_COPY_DIGITS = 8
_ID = re.compile(
    rb"\b(?:[0-9a-f]{64}|[0-9a-f]{20}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b"
    rb"|\+44\d{10}(?=\")"
)


class Pattern(Struct, frozen=True):
    """A stored event with `%b` wherever a copy's own digits go; how many there are."""

    stream: str
    version: int
    topic: str
    state: bytes
    copied: int


def live(pool: Pool, ends: datetime = ENDS) -> Council:
    """A council in which a few households lived for some years."""
    council = bench_council(pool, pool)
    council.migrate()
    hurry(council)
    begins = ends.replace(year=ends.year - YEARS)
    for _ in History(council, LIVES, SEED, begins, ends).live():
        pass
    council.clock = council.handler.clock = None
    return council


def patterns(connection: Connection, schema: str) -> list[Pattern]:
    """Every event that was lived, in the order of its position."""
    rows = connection.execute(
        "select originator_id::text, originator_version, topic, state"
        f" from {schema}.stored_events order by notification_id"
    ).fetchall()
    return [Pattern(stream, version, topic, *_cut(state)) for stream, version, topic, state in rows]


def _cut(state: bytes) -> tuple[bytes, int]:
    return _ID.subn(_with_place, state.replace(b"%", b"%%"))


def _with_place(found: re.Match[bytes]) -> bytes:
    written = found[0]
    if written.startswith(b"+"):
        # Numbers are dealt out one after another: their last digits tell them apart.
        return written[:3] + written[-2:] + b"%b"
    return written[:-_COPY_DIGITS] + b"%b"


def copied(
    known: list[Pattern], copies: int, after: int
) -> Iterator[tuple[UUID, int, int, str, bytes]]:
    """The rows of `copies` more households for each, with positions from `after` on."""
    position = after
    for each in known:
        for copy in range(1, copies + 1):
            digits = b"%08d" % copy
            position += 1
            yield (
                UUID(each.stream[:-_COPY_DIGITS] + digits.decode()),
                each.version,
                position,
                each.topic,
                each.state % ((digits,) * each.copied),
            )


def fill(connection: Connection, council: Council, events: int) -> int:
    """Copy the households until the ledger has at least so many events; how many it has then."""
    schema = council.schema
    known = patterns(connection, schema)
    copies = -(-events // len(known))
    with connection.transaction():
        connection.execute(f"truncate {schema}.stored_events, {schema}.snapshots")
        # Positions of a ledger begin anywhere; what is written from now on is above these.
        connection.execute(
            f"update {schema}.ledger_offset set position_offset = %s", (copies * len(known),)
        )
        with (
            connection.cursor() as cursor,
            cursor.copy(
                f"copy {schema}.stored_events (originator_id, originator_version,"
                " notification_id, topic, state) from stdin (format binary)"
            ) as copy,
        ):
            copy.set_types(("uuid", "int8", "int8", "text", "bytea"))
            for row in copied(known, copies, 0):
                copy.write_row(row)
    connection.execute(f"vacuum (freeze, analyze) {schema}.stored_events")
    return copies * len(known)
