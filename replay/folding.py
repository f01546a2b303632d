"""Facts in the order of their positions, and the rows that read models make of them in memory.

The fold is the read models' own; only what `put`, `patch` and `drop` do differs: here they change
dictionaries, at once and one by one, with the very effect that a table's SQL has.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import sql

from ledger.events import Recorded
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import CorruptLedger
from ledger.store.application import HOUSEHOLD_SHAPE, Ledger
from ledger.store.exchange import BINARY, TEXT, Statement, ask, statement
from ledger.store.mapper import decode, decode_folded
from ledger.store.pool import Connection
from ledger.store.rows import Changes, ReadModel, Row, Table
from ledger.values import FOREVER

PAGE = 2000
LAST_POSITION = 2**63 - 1
_BEFORE_ALL = (UUID(int=0), 0)


class Folded(Changes):
    """The rows of read models in memory: every put, patch and drop so far is done."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, TableRows] = {}

    def rows_of(self, table: Table) -> "TableRows":
        rows = self._rows.get(table.name)
        if rows is None:
            rows = self._rows[table.name] = TableRows(table)
        return rows

    def clear(self) -> None:
        """Forget every row: what comes next is another stream's."""
        for rows in self._rows.values():
            rows.clear()

    def put(self, table: Table, row: Row) -> None:
        self.rows_of(table).put(row)

    def patch(self, table: Table, match: Mapping[str, object], **values: object) -> None:
        self.rows_of(table).patch(match, values)

    def drop(self, table: Table, column: str, value: object) -> None:
        self.rows_of(table).drop(column, value)


class TableRows:
    """One table's rows by key: a column's value where the key is one column, else a tuple."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.by_key: dict[Any, Row] = {}
        self._key: Callable[[Mapping[str, object]], Any] = itemgetter(*table.key)
        self._match: Callable[[Mapping[str, object]], Any] = itemgetter(*table.match)
        # Only rows that a patch can still change; where it finds them by key, the rows themselves.
        self._open: dict[Any, dict[Any, Row]] | None = None if table.match == table.key else {}
        self._named: dict[tuple[str, object], set[Any]] = {}

    def clear(self) -> None:
        self.by_key = {}
        if self._open is not None:
            self._open = {}

    def put(self, row: Row) -> None:
        key = self._key(row)
        if self._open is not None:
            before = self.by_key.get(key)
            if before is not None:
                self._open.get(self._match(before), {}).pop(key, None)
            if self._is_open(row):
                self._open.setdefault(self._match(row), {})[key] = row
        self.by_key[key] = row
        for column in self.table.dropped_by:
            self._named.setdefault((column, row[column]), set()).add(key)

    def drop(self, column: str, value: object) -> None:
        assert column in self.table.dropped_by, f"{self.table.name}: {column}"
        assert not self.table.patched, f"{self.table.name}: its rows are dropped, never patched"
        for key in self._named.pop((column, value), ()):
            row = self.by_key.pop(key)
            for other in self.table.dropped_by:
                self._named.get((other, row[other]), set()).discard(key)

    def patch(self, match: Mapping[str, object], values: Mapping[str, object]) -> None:
        assert set(values) <= set(self.table.patched), f"{self.table.name}: {sorted(values)}"
        # As in SQL, None leaves a column as it is.
        changed = {name: value for name, value in values.items() if value is not None}
        wanted = self._match(match)
        if self._open is None:
            row = self.by_key.get(wanted)
            if row is not None and self._is_open(row):
                row.update(changed)
            return
        rows = self._open.get(wanted)
        if rows is None:
            return
        for row in rows.values():
            row.update(changed)
        if self.table.open_until in changed:
            still = {key: row for key, row in rows.items() if self._is_open(row)}
            if still:
                self._open[wanted] = still
            else:
                del self._open[wanted]

    def _is_open(self, row: Row) -> bool:
        return not self.table.open_until or row[self.table.open_until] == FOREVER


@contextmanager
def snapshot(ledger: Ledger) -> Iterator[Connection]:
    """One moment of the ledger and its read models together.

    It writes nothing, so it takes no transaction id: readers that follow are not held back by it.
    """
    with ledger.pool.connection() as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        yield connection


def horizon(connection: Connection, schema: str) -> int:
    """The last position below which nothing can appear any more, in this snapshot."""
    row = connection.execute(
        "select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12) + position_offset - 1"
        f" from {schema}.ledger_offset"
    ).fetchone()
    assert row is not None
    return int(row[0])


def facts(
    connection: Connection, schema: str, *, after: int = 0, up_to: int = LAST_POSITION
) -> Generator[Recorded, None, None]:
    """Every visible fact with a position in `(after, up_to]`, in order. Needs a transaction.

    Raises CorruptLedger, naming the fact, where one cannot be read or is of an unknown kind.
    """
    with connection.cursor("facts", binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute(
            "select originator_id, originator_version, notification_id, state"
            f" from {schema}.stored_events"
            " where notification_id > %s and notification_id <= %s order by notification_id",
            (after, up_to),
        )
        for stream, version, position, state in cursor:
            yield _fact(stream, version, position, state)


def stream_facts(
    connection: Connection,
    schema: str,
    *,
    up_to: int = LAST_POSITION,
    without: Collection[UUID] = (),
) -> Iterator[Iterator[Recorded]]:
    """The facts up to a position, a group for each stream, in order, but for streams that are left
    out. A group is read before the next is asked for.

    It reads page by page, each in a transaction of its own where the caller has begun none: below
    the horizon nothing changes any more, and no long transaction holds anybody back.

    Raises CorruptLedger, as facts does.
    """
    return (group for _, group in groupby(_pages(connection, schema, up_to, without), _stream_of))


_stream_of = attrgetter("originator_id")


def _pages(
    connection: Connection, schema: str, up_to: int, without: Collection[UUID]
) -> Iterator[Recorded]:
    # The page's size is part of the text, and positions are looked at here: a plan that knows the
    # one and nothing of the other follows the streams' index, and never sorts the whole table.
    page = sql.SQL(
        "select originator_id, originator_version, notification_id, state from {}"
        " where (originator_id, originator_version) > (%s, %s)"
        " order by originator_id, originator_version limit {}"
    ).format(sql.Identifier(schema, "stored_events"), PAGE)
    after = _BEFORE_ALL
    while True:
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(page, after).fetchall()
        for stream, version, position, state in rows:
            if position <= up_to and not (without and stream in without):
                yield _fact(stream, version, position, state)
        if len(rows) < PAGE:
            return
        after = rows[-1][:2]


def _fact(stream: UUID, version: int, position: int, state: bytes) -> Recorded:
    try:
        entry = decode(state)
    except CorruptLedger as error:
        place = f"household {stream}, version {version}, position {position}"
        raise CorruptLedger(f"{place}: {error}") from error
    return Recorded(
        originator_id=stream, originator_version=version, position=position, entry=entry
    )


def tracked(connection: Connection, schema: str) -> dict[str, int]:
    """How far each catching-up reader has read."""
    return dict(connection.execute(f"select reader, position from {schema}.tracking").fetchall())


def limits(
    ledger: Ledger, connection: Connection, models: tuple[ReadModel, ...]
) -> list[tuple[ReadModel, int]]:
    """Up to which position each model's live rows tell: inline ones all that is visible."""
    inline = {model.name for model in ledger.inline}
    read = tracked(connection, ledger.schema)
    return [
        (model, LAST_POSITION if model.name in inline else read.get(model.name, 0))
        for model in models
    ]


def household_facts(connection: Connection, schema: str, household_id: str) -> list[Recorded]:
    """Every fact of one household in this snapshot, in order. Raises CorruptLedger."""
    rows = connection.execute(
        "select originator_id, originator_version, notification_id, state"
        f" from {schema}.stored_events where originator_id = %s order by originator_version",
        (household_id,),
    ).fetchall()
    return [_fact(*row) for row in rows]


class _When(Struct, frozen=True):
    """When an entry was recorded; the rest of it is passed over."""

    recorded_at: datetime


_when = msgspec.json.Decoder(_When)
_household = msgspec.msgpack.Decoder(Household)


def household_as_at(
    connection: Connection, schema: str, stream: UUID, known_at: datetime
) -> Household:
    """The household as it was known at an instant, what was recorded at it included; version 0
    where nothing was.

    One statement. It begins at the household's snapshot where that was known then, and decodes
    nothing that was recorded later. Raises CorruptLedger for a fact that cannot be read, or a gap.
    """
    instant = known_at.isoformat().encode()
    found = ask(
        connection,
        (_as_at(schema), (stream.bytes, HOUSEHOLD_SHAPE.encode(), instant, stream.bytes)),
    )
    states = [found.get_value(n, 2) or b"" for n in range(found.ntuples)]
    household = Household(household_id=str(stream))
    if states and not int.from_bytes(found.get_value(0, 0) or b"", "big"):
        household = _from_snapshot(stream, states.pop(0))
    known = states[: bisect_right(states, known_at, key=_recorded_at)]
    if known:
        household.version += len(known)
        last = found.get_value(found.ntuples - len(states) + len(known) - 1, 1) or b""
        if household.version != int.from_bytes(last, "big"):
            raise CorruptLedger(f"household {stream} has a gap below version {household.version}")
    for fact in decode_folded(known):
        evolve(household, fact.event, fact.recorded_at)
        household.last_recorded_at = fact.recorded_at
    return household


@cache
def _as_at(schema: str) -> Statement:
    """The snapshot, where it was known at an instant, and every fact after it, in order."""
    return statement(
        f"with known as (select s.originator_version, s.state from {schema}.snapshots s"
        f" join {schema}.stored_events e using (originator_id, originator_version)"
        " where s.originator_id = %s::uuid and s.shape = %s and"
        " (convert_from(e.state, 'UTF8')::json ->> 'recorded_at')::timestamptz <= %s)"
        " select 0 as fact, originator_version, state from known union all"
        f" select 1, originator_version, state from {schema}.stored_events"
        " where originator_id = %s::uuid"
        " and originator_version > coalesce((select originator_version from known), 0)"
        " order by 2",
        (BINARY, TEXT, TEXT, BINARY),
    )


def _recorded_at(state: bytes) -> datetime:
    try:
        return _when.decode(state).recorded_at
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"a stored event cannot be read: {error}") from error


def _from_snapshot(stream: UUID, state: bytes) -> Household:
    try:
        return _household.decode(state)
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"the snapshot of household {stream} cannot be read") from error
