"""One council's ledger: the library's Application over our recorder, mapper and connection pool.

A council is a tenant: a PostgreSQL schema, a ledger and keys of its own. The command path opens a
transaction here, reads the household under its lock, and appends; nothing else writes events.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid5

import msgspec
import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType
from msgspec import Struct
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from ledger.events import Entry, Recorded
from ledger.household.evolve import evolve, fold
from ledger.household.state import Household
from ledger.refusals import CorruptLedger
from ledger.store.exchange import (
    BEGIN,
    BINARY,
    COMMIT,
    TEXT,
    Sent,
    exchange,
    forget,
    instant,
    integer,
    rows,
    statement,
)
from ledger.store.mapper import EntryMapper, decode_folded
from ledger.store.migrating import schema_name
from ledger.store.pool import Connection, Pool
from ledger.store.recorder import PositionRecorder
from ledger.store.rows import Changes, ReadModel

NAMESPACE = UUID("5f0d0a3e-6c1b-5d0e-9a53-5b5b0c7e6a10")
SNAPSHOT_EVERY = 16
"""Storing a snapshot costs as much as folding thirty facts or more: rarer is dearer to read, and
more often is dearer to write."""
# The plan of an append is kept for as long as its connection lives. Made while the tables are small
# it would scan them whole for ever, so that in a command no table is scanned.
_LOCK = statement(
    "select pg_advisory_xact_lock(%s), set_config('enable_seqscan', 'off', true)", (TEXT,)
)
# The instant, the receipt or the refusal of the key, the snapshot, and the facts above it.
_READ = (
    "with known as (select originator_version, state from {schema}.snapshots"
    " where originator_id = %s and shape = %s)"
    " select 0::smallint, 0::bigint, clock_timestamp(), null::text, null::bytea"
    " union all select 1::smallint, version, null, body_digest, convert_to(answer, 'UTF8')"
    " from {schema}.receipts where command_key = %s"
    " union all select 2::smallint, attempt_id, attempted_at, body_digest,"
    " convert_to(jsonb_build_array(to_jsonb(codes), to_jsonb(details))::text, 'UTF8')"
    " from {schema}.refused_attempts where command_key = %s"
    " union all select 3::smallint, originator_version, null, null, state from known"
    " union all (select 4::smallint, originator_version, null, null, state"
    " from {schema}.stored_events where originator_id = %s"
    " and originator_version > coalesce((select originator_version from known), 0)"
    " order by originator_version)"
)
_state_encoder = msgspec.msgpack.Encoder()
_state_decoder = msgspec.msgpack.Decoder(Household)


def _shape(kind: type[Any]) -> str:
    """A digest of a Struct's fields, all the way down: a snapshot of another shape is not read."""
    schema, definitions = msgspec.json.schema_components([kind])
    return blake2b(msgspec.json.encode([schema, definitions]), digest_size=8).hexdigest()


HOUSEHOLD_SHAPE = _shape(Household)


class Earlier(Struct, frozen=True):
    """What came of an earlier command with the same key: an answer, or the refusals."""

    body: str
    answer: bytes | None
    refused: list[list[str]] | None


class Opened(Struct, frozen=True):
    """A household under its lock: the one instant of this command, and what is known."""

    connection: Connection
    at: datetime
    household: Household
    earlier: Earlier | None


class _NoFactory(InfrastructureFactory[TrackingRecorder]):
    """The library would open a pool a council; ours is given one. Only its store is asked of it."""

    def aggregate_recorder(self, purpose: str = "events") -> PositionRecorder:
        raise NotImplementedError(purpose)

    def application_recorder(self) -> ApplicationRecorder:
        raise NotImplementedError

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        raise NotImplementedError

    def process_recorder(self) -> Any:
        raise NotImplementedError


class Ledger(Application[UUID]):
    """Everything that one council's households did."""

    def __init__(self, council: str, pool: Pool, inline: tuple[ReadModel, ...]) -> None:
        self.council = council
        self.schema = schema_name(council)
        self.pool = pool
        self.inline = inline
        self._read = statement(
            _READ.replace("{schema}", self.schema), (BINARY, TEXT, TEXT, TEXT, BINARY)
        )
        self._snapshot = statement(
            f"insert into {self.schema}.snapshots values (%s, %s, %s, %s)"
            " on conflict (originator_id) do update set originator_version ="
            " excluded.originator_version, shape = excluded.shape, state = excluded.state",
            (BINARY, TEXT, TEXT, BINARY),
        )
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        return Environment(name, dict(env or {}))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        return _NoFactory(env)

    def construct_mapper(self) -> Mapper[UUID]:
        return EntryMapper()

    def construct_recorder(self) -> ApplicationRecorder:
        return PositionRecorder(self.pool, self.schema)

    @property
    def positions(self) -> PositionRecorder:
        assert isinstance(self.recorder, PositionRecorder)
        return self.recorder

    def household_id(self, property_ref: str) -> UUID:
        """The stream of a property; the same for ever, so that it needs no register of its own."""
        return uuid5(NAMESPACE, f"{self.council}/property/{property_ref}")

    def vehicle_id(self, glyphs: str) -> UUID:
        """The stream of what is known of a vehicle itself."""
        return uuid5(NAMESPACE, f"{self.council}/vehicle/{glyphs}")

    def notice_id(self, number: str) -> UUID:
        """The stream of a penalty charge notice and its cases."""
        return uuid5(NAMESPACE, f"{self.council}/notice/{number}")

    def outages_id(self) -> UUID:
        """The stream of the register of outages."""
        return uuid5(NAMESPACE, f"{self.council}/outages")

    def lock_key(self, stream: UUID) -> int:
        """The advisory lock of a household: 64 bits of its id and its council's name."""
        digest = blake2b(self.schema.encode() + stream.bytes, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    @contextmanager
    def opened(self, stream: UUID, key: str) -> Iterator[Opened]:
        """A transaction that holds the household's lock. What `append` has not committed by then
        is committed when the block ends well, and leaves nothing where it does not.
        """
        with self._connected() as connection:
            try:
                found = self._begun(connection, stream, key)
            except errors.InvalidSqlStatementName:
                connection.rollback()
                forget(connection)
                found = self._begun(connection, stream, key)
            yield _opened(connection, stream, found)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """As the pool's own, which asks for a commit also where there is nothing to commit."""
        connection = self.pool.getconn()
        try:
            yield connection
            if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                connection.commit()
        except BaseException:
            if not connection.closed:
                with suppress(psycopg.Error):
                    connection.rollback()
            raise
        finally:
            self.pool.putconn(connection)

    def _begun(self, connection: Connection, stream: UUID, key: str) -> PGresult:
        """The rows of `_READ`. The lock is a statement of its own: what is read after it sees all
        that was stored before it was given.
        """
        known, shape = key.encode(), HOUSEHOLD_SHAPE.encode()
        _, _, found = exchange(
            connection,
            [
                (BEGIN, ()),
                (_LOCK, (b"%d" % self.lock_key(stream),)),
                (self._read, (stream.bytes, shape, known, known, stream.bytes)),
            ],
        )
        return found

    def append(
        self, connection: Connection, household: Household, entries: Sequence[Entry]
    ) -> list[Recorded]:
        """Append the facts that made the household what it is now, with every inline read model's
        rows, and commit.

        `household` is folded already: its version is that of the last entry.
        """
        stream = UUID(household.household_id)
        before = household.version - len(entries)
        facts = [
            Recorded(originator_id=stream, originator_version=before + n, position=0, entry=entry)
            for n, entry in enumerate(entries, start=1)
        ]
        then: list[Sent] = [(COMMIT, ())]
        if before // SNAPSHOT_EVERY != household.version // SNAPSHOT_EVERY:
            then.insert(0, self.snapshot_of(household))
        self.events.put(facts, connection=connection, changes=self.changes_of(facts), then=then)
        return facts

    def changes_of(self, facts: Sequence[Recorded]) -> Changes:
        """What these facts change in the inline read models."""
        changes = Changes()
        for fact in facts:
            for model in self.inline:
                model.apply(changes, fact)
        return changes

    def household(self, stream: UUID) -> Household:
        """The household as it is now; version 0 where nothing is known of it. Takes no lock."""
        return fold(Household(household_id=str(stream)), self.facts(stream))

    def facts(self, stream: UUID) -> Iterator[Recorded]:
        """Every fact of a household, in order."""
        return self.events.get(stream)  # type: ignore[return-value]

    def snapshot_of(self, household: Household) -> Sent:
        """The statement that stores where the household's next fold begins."""
        return self._snapshot, (
            UUID(household.household_id).bytes,
            b"%d" % household.version,
            HOUSEHOLD_SHAPE.encode(),
            _state_encoder.encode(household),
        )


def _opened(connection: Connection, stream: UUID, found: PGresult) -> Opened:
    """What `_READ` found: rows of (kind, version, at, code, state), facts last, in order."""
    household = Household(household_id=str(stream))
    earlier: Earlier | None = None
    at: datetime | None = None
    first = found.ntuples
    for n, (kind, _, when, code, state) in enumerate(rows(found)):
        match integer(kind or b""):
            case 0:
                at = instant(when or b"")
            case 1:
                earlier = Earlier((code or b"").decode(), state, None)
            case 2:
                refused = msgspec.json.decode(state or b"")
                earlier = earlier or Earlier((code or b"").decode(), None, refused)
            case 3:
                household = _of_snapshot(stream, state or b"")
            case _:
                first = n
                break
    assert at is not None, "the instant comes first"
    states: list[bytes] = []
    for n in range(first, found.ntuples):
        # Looked at first: a fold of facts that do not follow each other ends anywhere.
        household.version += 1
        if integer(found.get_value(n, 1) or b"") != household.version:
            raise CorruptLedger(f"household {stream} has a gap at version {household.version}")
        states.append(found.get_value(n, 4) or b"")
    for fact in decode_folded(states):
        evolve(household, fact.event, fact.recorded_at)
        household.last_recorded_at = fact.recorded_at
    return Opened(connection, at, household, earlier)


def _of_snapshot(stream: UUID, state: bytes) -> Household:
    try:
        return _state_decoder.decode(state)
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"the snapshot of household {stream} cannot be read") from error
