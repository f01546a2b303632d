"""A node's knowledge: read once in one snapshot, then followed, look after look.

A look takes the facts below its snapshot's xmin, so that nothing can appear later beneath what it
has taken; what it sees above is left for a later look. So the node knows as of the last look of
which every fact that was visible has been applied since, and while an older transaction holds
readers back its knowledge grows older: it says so, and does not guess.

A replica is behind by what it has not replayed. It is as fresh as the last transaction that it
replayed, or as the last message of its primary, where all of that is replayed. An idle primary
sends one when it is asked: `wal_receiver_timeout` of the replica, in seconds, is to be at most the
age limit, and then it is asked at half of that.

After a lost connection the last fact that was taken must be there still, and the ledger in the
epoch in which it was read, else everything is read anew: another server may have been restored, or
promoted without it. It is read anew as well once rows that were in doubt have been made anew: it
may hold what was altered.

Source: promises.md, "Order", P5, P6; services.md, section 8.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row, tuple_row

from ledger.events import Recorded
from ledger.refusals import CorruptLedger, LedgerError
from ledger.store.mapper import decode
from ledger.store.pool import Connection, connect
from ledger.store.rows import Changes, ReadModel
from ledger.values import FOREVER
from projections.active_registrations import ActiveRegistrations
from projections.doubts import Held, held
from projections.near import SavedVisitors
from services.node.admitted import Admitted, admitted
from services.node.table import REMEMBERED, TABLES, Registrations

MODELS: tuple[ReadModel, ...] = (ActiveRegistrations(), SavedVisitors())
BATCH = 500
LOOK_SECONDS = 0.05
TOKENS_SECONDS = 1.0
FORGET_SECONDS = 600.0
AGAIN_SECONDS = 0.25
_LOOKS_MAX = 2_000
_logger = logging.getLogger(__name__)
# A server that is gone without a word is noticed in about five seconds.
_LINE: dict[str, str | int] = {
    "application_name": "permit-ledger node",
    "connect_timeout": 5,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.NotSupportedError)
"""The line, or what was prepared on it (a migration may change a table): another one is opened."""
_FRESH = (
    "select statement_timestamp(), pg_is_in_recovery(),"
    " greatest(pg_last_xact_replay_timestamp(), (select last_msg_send_time"
    " from pg_stat_wal_receiver"
    " where status = 'streaming' and latest_end_lsn <= pg_last_wal_replay_lsn()))"
)


class Knowledge(Struct, frozen=True, kw_only=True):
    """What a node knows: every fact below `horizon` and none from there on, as of `known_at`.

    `read_at`: the server's clock at the last look, which was at `moment` of the node's own.
    """

    horizon: int
    known_at: datetime
    read_at: datetime
    moment: float

    @property
    def position(self) -> int:
        """Every fact up to here is known."""
        return self.horizon - 1


class OutOfStep(Exception):
    """The server's ledger does not go on from what is held: read it anew."""


class _Look(Struct, frozen=True):
    """A look: as of when, and the last position that was visible, whether it was taken or not."""

    as_of: datetime
    newest: int


class _Place(Struct):
    """How far the ledger was taken, since it was read anew.

    `last` is the last fact taken; `looks` those of which not all that was visible has been taken.
    """

    loaded: bool = False
    horizon: int = 0
    offset: int = 0
    epoch: UUID | None = None
    doubts_ended: int = 0
    last: Recorded | None = None
    looks: list[_Look] = []
    as_of: datetime | None = None

    @property
    def after(self) -> int:
        return 0 if self.last is None else self.last.position


class Follower:
    """One council's registrations in memory. `run` keeps them up; others read.

    `failure` is why it stopped for good: a fact that this program does not know, a schema that is
    none. `clock` replaces the server's for what is held in memory, in tests.
    """

    def __init__(
        self, council: str, schema: str, dsn: str, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.council = council
        self.schema = schema
        self.table = Registrations()
        self.known: Knowledge | None = None
        self.tokens: Mapping[bytes, Admitted] = {}
        self.doubts = Held(0, {})
        self.failure: Exception | None = None
        self._dsn = make_conninfo(dsn, **_LINE)
        self._clock = clock
        self._connection: Connection | None = None
        self._place = _Place()
        self._tokens_moment = self._forgot_moment = float("-inf")
        self._next = _next(schema)

    def run(self, stop: Event) -> None:
        """Load, and look again and again, until told to stop or unable to go on.

        Whatever ends it but `stop` is in `failure`, and is raised.
        """
        try:
            while not stop.is_set():
                try:
                    more = self.look()
                except _LOST as error:
                    _logger.warning("%s: no look: %s", self.council, str(error).strip())
                    self.hang_up()
                    stop.wait(AGAIN_SECONDS)
                except OutOfStep as error:
                    _logger.warning("%s: read anew: %s", self.council, error)
                    self._forget_everything()
                else:
                    if not more:
                        stop.wait(LOOK_SECONDS)
        except Exception as error:
            # Nobody is to be answered from a table that is no longer kept up.
            self.failure = error
            raise
        finally:
            self.hang_up()

    def look(self) -> bool:
        """Take what may be taken now; True where there is more at once.

        Raises psycopg's errors, OutOfStep, and CorruptLedger for a fact that is not known.
        """
        connection = self._connected()
        if not self._place.loaded:
            self._load(connection)
        moment = monotonic()
        row = connection.execute(_FRESH, prepare=True).fetchone()
        assert row is not None
        now, recovering, fresh = row
        if moment - self._tokens_moment >= TOKENS_SECONDS:
            self.tokens = admitted(connection, self.schema)
            self._tokens_moment = moment
        doubts = held(connection, self.schema)
        place = self._place
        if doubts.ended != place.doubts_ended:
            raise OutOfStep("rows that were in doubt have been made anew")
        self.doubts = doubts
        rows = connection.execute(self._next, (place.after, BATCH), prepare=True).fetchall()
        horizon, newest, offset, epoch = rows[0][:4]
        if epoch != place.epoch:
            raise OutOfStep("the ledger was restored or moved: it is another epoch of it")
        if offset != place.offset or horizon < place.horizon:
            raise OutOfStep(f"positions go on from {horizon}, with an offset of {offset}")
        facts = [_fact(*row[4:]) for row in rows if row[4] is not None]
        more = len(facts) == BATCH
        if not recovering:
            fresh = now
        if fresh is not None and len(place.looks) < _LOOKS_MAX:
            place.looks.append(_Look(min(fresh, now), newest))
        self._take(facts, facts[-1].position + 1 if more else horizon, now, moment)
        if moment - self._forgot_moment >= FORGET_SECONDS:
            self.table.forget(self._clock() if self._clock else now)
            self._forgot_moment = moment
        return more

    def go_to(self, dsn: str) -> None:
        """Follow the ledger on another server: the next look makes sure that it goes on there."""
        self.hang_up()
        self._dsn = make_conninfo(dsn, **_LINE)

    def hang_up(self) -> None:
        """Close the connection; the next look opens another, and makes sure of its place."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take(self, facts: list[Recorded], horizon: int, now: datetime, moment: float) -> None:
        """Apply facts and say how far that is, in one step for those who read."""
        place = self._place
        changes = Changes()
        for fact in facts:
            for model in MODELS:
                model.apply(changes, fact)
        with self.table.lock:
            self.table.apply(changes)
            place.horizon = horizon
            while place.looks and place.looks[0].newest < horizon:
                as_of = place.looks.pop(0).as_of
                place.as_of = as_of if place.as_of is None else max(as_of, place.as_of)
            if place.as_of is not None:
                self.known = Knowledge(
                    horizon=horizon, known_at=place.as_of, read_at=now, moment=moment
                )
        if facts:
            place.last = facts[-1]

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = connect(self._dsn)
            self._connection = connection
            # Plans are kept: one made while a table is small would scan it whole for ever.
            connection.execute("set enable_seqscan = off")
            connection.execute("set default_transaction_read_only = on")
            if self._place.loaded and not self._goes_on(connection):
                raise OutOfStep("the last fact that was taken is not there")
        return self._connection

    def _goes_on(self, connection: Connection) -> bool:
        """Whether this server's ledger has the last fact that was taken, at the same place."""
        last = self._place.last
        if last is None or self.known is None:
            # The first snapshot may hold more than was taken since: that would not be compared.
            return False
        row = connection.execute(
            "select notification_id, originator_id, originator_version, state from"
            f" {self.schema}.stored_events where notification_id = %s",
            (last.position,),
        ).fetchone()
        # Not its place alone: what was lost in a restore may be another fact there now.
        return row is not None and _fact(*row) == last

    def _forget_everything(self) -> None:
        """Nothing is known: whoever asks is refused until it is read again."""
        with self.table.lock:
            self.known = None
            self.table = Registrations()
        self._place = _Place()

    def _load(self, connection: Connection) -> None:
        """Everything, in one snapshot. It may hold facts above its own xmin: those come again, and
        nothing is known before the last of them has.
        """
        before = self._tables(connection)
        table = Registrations()
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read, read only")
            connection.execute("set local statement_timeout = 0")
            connection.execute("set local enable_seqscan = on")
            row = connection.execute(
                "select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)"
                " + position_offset, position_offset, statement_timestamp(), epoch"
                f" from {self.schema}.ledger_offset"
            ).fetchone()
            assert row is not None
            horizon, offset, now, epoch = row
            doubts = held(connection, self.schema)
            since = (self._clock() if self._clock else now) - REMEMBERED
            self._load_tables(connection, table, since)
            found = connection.execute(
                "select notification_id, originator_id, originator_version, state from"
                f" {self.schema}.stored_events where notification_id < %s"
                " order by notification_id desc limit 1",
                (horizon,),
            ).fetchone()
        if self._tables(connection) != before:
            # A rebuilt table that was put in place meanwhile is empty to an older snapshot.
            raise OutOfStep("a table was replaced while it was read")
        self._place = _Place(
            loaded=True,
            horizon=horizon,
            offset=offset,
            epoch=epoch,
            doubts_ended=doubts.ended,
            last=None if found is None else _fact(*found),
        )
        self.table = table
        self._forgot_moment = monotonic()
        _logger.info("%s: %d registrations read at %d", self.council, len(table), horizon - 1)

    def _load_tables(self, connection: Connection, held: Registrations, since: datetime) -> None:
        for table in TABLES:
            wheres = [
                *([f"{table.open_until} = %(forever)s"] if table.open_until else []),
                *(["covers_until > %(since)s"] if "covers_until" in table.columns else []),
            ]
            condition = f" where {' and '.join(wheres)}" if wheres else ""
            text = f"select {', '.join(table.columns)} from {self.schema}.{table.name}{condition}"
            with connection.cursor("load", row_factory=dict_row) as cursor:
                cursor.itersize = 5_000
                cursor.execute(text.encode(), {"forever": FOREVER, "since": since})
                held.load(table.name, cursor)

    def _tables(self, connection: Connection) -> list[tuple[Any, ...]]:
        """Which tables these names mean now."""
        names = [f"{self.schema}.{table.name}" for table in TABLES]
        with connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(
                "select n.name, n.name::regclass::oid, pg_relation_filenode(n.name::regclass)"
                " from unnest(%s::text[]) as n(name) order by n.name",
                (names,),
            ).fetchall()


def _fact(position: int, stream: Any, version: int, state: bytes) -> Recorded:
    """Raises CorruptLedger, with the position, for a fact that this program does not know."""
    try:
        entry = decode(bytes(state))
    except LedgerError as error:
        raise CorruptLedger(f"position {position}, version {version}: {error}") from error
    return Recorded(
        originator_id=stream, originator_version=version, position=position, entry=entry
    )


def _next(schema: str) -> str:
    """How far may be read, what there is, and the next facts, in one snapshot."""
    return (
        "select c.horizon, c.newest, c.added, c.epoch,"
        " e.notification_id, e.originator_id, e.originator_version, e.state"
        " from (select (pg_snapshot_xmin(s.seen)::text::bigint << 12) + o.position_offset"
        " as horizon, o.position_offset as added, o.epoch,"
        f" coalesce((select max(notification_id) from {schema}.stored_events), 0) as newest"
        " from (select pg_current_snapshot() as seen offset 0) s,"
        f" {schema}.ledger_offset o offset 0) c"
        " left join lateral (select f.notification_id, f.originator_id, f.originator_version,"
        f" f.state from {schema}.stored_events f"
        " where f.notification_id > %s and f.notification_id < c.horizon"
        " order by f.notification_id limit %s) e on true order by e.notification_id"
    )
