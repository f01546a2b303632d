"""The library's recorder, without its table lock.

The library orders events by locking the table until each commit. Ours gives every event a
position made
of its transaction's id, taken after the household's lock, and lets a reader take only positions
below
the xmin of its own snapshot: nothing can appear later beneath what it has read, and writers of
different households never wait for each other. Positions rise within a stream; gaps mean nothing.
"""

from collections.abc import Sequence
from threading import Thread
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
    Subscription,
)
from psycopg import sql

from ledger.store.direct import Shape, direct_parameters, direct_parts, shape
from ledger.store.exchange import (
    BINARY,
    BYTEA_OID,
    TEXT,
    TEXT_OID,
    Sent,
    Statement,
    array,
    exchange,
    statement,
)
from ledger.store.pool import Connection, Pool
from ledger.store.rows import Changes, Table, parts

EVENTS_A_COMMAND_MAX = 4095
EVENTS_DIRECT_MAX = 4
POLL_SECONDS = 0.05


class PositionRecorder(ApplicationRecorder):
    """Stores and reads one council's events."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self.pool = pool
        self.schema = schema
        self._appends: dict[object, Statement] = {}
        self._readable = (
            "notification_id < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)"
            f" + (select position_offset from {schema}.ledger_offset)"
        )

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Append with the changes of rows in one statement, in the caller's transaction if it has
        begun one, and send `then` after it.

        `connection` holds the household's lock; `changes` are the inline read models'. Raises
        psycopg's UniqueViolation where a version or a key is taken: nothing of it is stored then.
        """
        connection: Connection = kwargs["connection"]
        changes: Changes = kwargs["changes"]
        then: Sequence[Sent] = kwargs.get("then", ())
        assert 0 < len(stored_events) <= EVENTS_A_COMMAND_MAX
        direct = len(stored_events) <= EVENTS_DIRECT_MAX and shape(changes)
        exchange(
            connection,
            [
                self._directly(stored_events, changes, direct)
                if isinstance(direct, tuple)
                else self._in_bulk(stored_events, changes),
                *then,
            ],
        )

    def _directly(
        self, stored_events: Sequence[StoredEvent], changes: Changes, shaped: Shape
    ) -> Sent:
        """Every value is a parameter of its own. The statement is kept by its shape."""
        key = (len(stored_events), shaped)
        found = self._appends.get(key)
        if found is None:
            text, formats = direct_append(self.schema, len(stored_events), changes)
            found = self._appends[key] = statement(text, formats)
        first = stored_events[0]
        values = direct_parameters(changes)
        values += (
            first.originator_id.bytes,  # type: ignore[union-attr]
            b"%d" % (first.originator_version - 1),
        )
        for stored in stored_events:
            values += (stored.topic.encode(), stored.state)
        return found, values

    def _in_bulk(self, stored_events: Sequence[StoredEvent], changes: Changes) -> Sent:
        """Any number of events and rows, in arrays and JSON. It is kept by its tables."""
        key = tuple(changes.tables)
        found = self._appends.get(key)
        if found is None:
            text = append_statement(self.schema, changes.touched())
            formats = (TEXT,) * (text.count(b"%s") - 4) + (BINARY, TEXT, BINARY, BINARY)
            found = self._appends[key] = statement(text, formats)
        first = stored_events[0]
        return found, (
            *(parameter.encode() for parameter in changes.parameters()),
            first.originator_id.bytes,  # type: ignore[union-attr]
            b"%d" % (first.originator_version - 1),
            array(TEXT_OID, [stored.topic.encode() for stored in stored_events]),
            array(BYTEA_OID, [stored.state for stored in stored_events]),
        )

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        direction = "desc" if desc else "asc"
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select originator_id, originator_version, topic, state, notification_id"
                f" from {self.schema}.stored_events"
                " where originator_id = %s and originator_version > %s"
                " and originator_version <= coalesce(%s, 9223372036854775807)"
                f" order by originator_version {direction} limit %s",
                (originator_id, gt or 0, lte, limit),
            ).fetchall()
        return [_notification(row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events in position order, none of them above what this snapshot may read."""
        with self.pool.connection() as connection:
            return self.read_from(
                connection,
                (start or 0) - (1 if inclusive_of_start and start is not None else 0),
                limit,
                stop=stop,
                topics=topics,
            )

    def read_from(
        self,
        connection: Connection,
        after: int,
        limit: int,
        *,
        stop: int | None = None,
        topics: Sequence[str] = (),
    ) -> Sequence[Notification]:
        """At most `limit` events with positions above `after`, on the caller's connection."""
        rows = connection.execute(
            "select originator_id, originator_version, topic, state, notification_id"
            f" from {self.schema}.stored_events where notification_id > %s"
            f" and notification_id <= coalesce(%s, 9223372036854775807) and {self._readable}"
            " and (%s::text[] is null or topic = any(%s::text[]))"
            " order by notification_id limit %s",
            (after, stop, list(topics) or None, list(topics) or None, limit),
        ).fetchall()
        return [_notification(row) for row in rows]

    def max_notification_id(self) -> int | None:
        """The highest position that a reader may take now; None in an empty ledger."""
        with self.pool.connection() as connection:
            row = connection.execute(
                f"select max(notification_id) from {self.schema}.stored_events"
                f" where {self._readable}"
            ).fetchone()
        assert row is not None
        return None if row[0] is None else int(row[0])

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return PollingSubscription(recorder=self, gt=gt, topics=topics)


class PollingSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Wakes the library's subscription every 50 ms: a NOTIFY in each commit would cost as much as
    a lock.
    """

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._waker = Thread(target=self._wake, daemon=True)
        self._waker.start()

    def _wake(self) -> None:
        from time import sleep

        while not self._has_been_stopped and not self._thread_error:
            self._has_been_notified.set()
            sleep(POLL_SECONDS)


def append_statement(schema: str, tables: tuple[Table, ...]) -> bytes:
    """Events, rows and receipt in one statement: one round trip, all or nothing."""
    events = sql.SQL("unnest(%s::text[], %s::bytea[]) with ordinality as e(topic, state, n)")
    return _append(schema, events, [parts(schema, tables)] if tables else [])


def direct_append(schema: str, count: int, changes: Changes) -> tuple[bytes, tuple[int, ...]]:
    """The same for so many events and changes of one shape, and the format of each parameter."""
    each = sql.SQL("(%s::text, %s::bytea, {})")
    events = sql.SQL("(values {}) as e(topic, state, n)").format(
        sql.SQL(", ").join(each.format(sql.Literal(n)) for n in range(1, count + 1))
    )
    text = _append(schema, events, list(direct_parts(schema, changes)))
    formats = (BINARY, TEXT) + (TEXT, BINARY) * count
    return text, (TEXT,) * (text.count(b"%s") - len(formats)) + formats


def _append(schema: str, events: sql.Composable, changing: Sequence[sql.Composable]) -> bytes:
    statement = sql.SQL(
        "{changing}insert into {stored_events}"
        " (originator_id, originator_version, notification_id, topic, state)"
        " select %s::uuid, %s::bigint + e.n,"
        " (pg_current_xact_id()::text::bigint << 12 | e.n)"
        # Rows that no append puts are doubted (migration 0013): this statement says that it is one.
        " + (select position_offset from {offset}"
        " where set_config('permit_ledger.appending', 'on', true) = 'on'), e.topic, e.state"
        " from {events}"
    ).format(
        stored_events=sql.Identifier(schema, "stored_events"),
        offset=sql.Identifier(schema, "ledger_offset"),
        events=events,
        changing=sql.SQL("with {} ").format(sql.SQL(", ").join(changing))
        if changing
        else sql.SQL(""),
    )
    return statement.as_bytes(None)


def _notification(row: tuple[Any, ...]) -> Notification:
    return Notification(
        originator_id=row[0],
        originator_version=row[1],
        topic=row[2],
        state=row[3],
        id=row[4],
    )
