"""Many households at once: a few that really lived, copied under ids of their own.

The few live by real commands (the simulation). Of each copy every id, key, number, address, e-mail
and registration mark is another, and nothing else: a stored state is still what its event encodes
to, byte for byte. The facts of different households are mixed, in the order in which they happened,
as they are in a real ledger.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from ledger.store.pool import Connection, Pool
from projections import doubts
from scripts.benches.households import bench_council
from scripts.simulating import YEAR, History, hurry
from services.council import Council

SEED = 7
LIVES, YEARS = 40, 2
ENDS = datetime(2026, 11, 1, tzinfo=UTC)
_COPY_DIGITS = 8
_ID = re.compile(
    rb"\b(?:[0-9a-f]{64}|[0-9a-f]{20}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b"
    rb"|\+44\d{10}(?=\")"
)
_MARK = re.compile(rb'(?<=")(?=[A-Za-z]*\d)[A-Za-z\d]{4}[ -]?[A-Za-z\d]{3}(?=")')
_NUMBERED = re.compile(rb'(?<="email":")(?=[^"])|(?<="address":")(?=\d)|(?<="property_ref":")')
_SURE = b"ACDEFHJKLMNPRTUVWXY"
"""Letters that are read as themselves in a mark, whoever reads it."""


class Pattern(Struct, frozen=True):
    """A stored event with names of what is a copy's own in its place: `%(digits)b`, see `own`."""

    stream: str
    version: int
    topic: str
    state: bytes


def live(pool: Pool, ends: datetime = ENDS, *, lives: int = 0, years: float = 0) -> Council:
    """A council in which a few households lived for some years."""
    council = bench_council(pool, pool)
    council.migrate()
    hurry(council)
    begins = ends - YEAR * (years or YEARS)
    for _ in History(council, lives or LIVES, SEED, begins, ends).live():
        pass
    council.clock = council.handler.clock = None
    return council


def patterns(connection: Connection, schema: str) -> list[Pattern]:
    """Every event that was lived, in the order of its position."""
    rows = connection.execute(
        "select originator_id::text, originator_version, topic, state"
        f" from {schema}.stored_events order by notification_id"
    ).fetchall()
    return [Pattern(stream, version, topic, _cut(state)) for stream, version, topic, state in rows]


def _cut(state: bytes) -> bytes:
    state = _ID.sub(_with_place, state.replace(b"%", b"%%"))
    # What is numbered keeps what it began with: an address its street, an e-mail its name.
    state = _NUMBERED.sub(b"%(number)b", state)
    return _MARK.sub(lambda found: found[0][:-3] + b"%(letters)b", state)


def _with_place(found: re.Match[bytes]) -> bytes:
    written = found[0]
    if written.startswith(b"+"):
        # Numbers are dealt out one after another: the last digits of a thousand tell them apart.
        return written[:3] + written[-3:] + b"%(serial)b"
    return written[:-_COPY_DIGITS] + b"%(digits)b"


def own(copy: int) -> dict[bytes, bytes]:
    """What is that copy's own: its digits, its number, and three letters of its marks."""
    return {
        b"digits": b"%08d" % copy,
        b"serial": b"%07d" % copy,
        b"number": b"%d" % copy,
        b"letters": letters(copy),
    }


def letters(copy: int) -> bytes:
    """The last three letters of every mark in that copy."""
    most = len(_SURE)
    picked = (copy // most**2 % most, copy // most % most, copy % most)
    return bytes(_SURE[n] for n in picked)


def copied(
    known: list[Pattern], copies: int, after: int
) -> Iterator[tuple[UUID, int, int, str, bytes]]:
    """The rows of `copies` more households for each, with positions from `after` on."""
    position = after
    owned = [own(copy) for copy in range(1, copies + 1)]
    for each in known:
        for mine in owned:
            position += 1
            yield (
                UUID(each.stream[:-_COPY_DIGITS] + mine[b"digits"].decode()),
                each.version,
                position,
                each.topic,
                each.state % mine,
            )


def fill(connection: Connection, council: Council, events: int) -> int:
    """Copy the households until the ledger has at least so many events; how many it has then."""
    known = patterns(connection, council.schema)
    return copy_all(connection, council, known, -(-events // len(known)))


def copy_all(connection: Connection, council: Council, known: list[Pattern], copies: int) -> int:
    """So many copies of each, in place of what is stored; how many events there are then."""
    schema = council.schema
    with connection.transaction():
        # Said of every append: what else changes these tables is doubted.
        connection.execute("select set_config('permit_ledger.appending', 'on', true)")
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
        # That those who lived were emptied out is meant, and nobody is to doubt the copies.
        doubts.end(connection, schema, "facts")
    connection.execute(f"vacuum (freeze, analyze) {schema}.stored_events")
    return copies * len(known)
