"""Rebuild read models from the facts, beside the live tables, and put them in place in one moment.

Fold one household after another, COPY into fresh tables, index them, follow what was appended
meanwhile; then, in one short transaction, take the last facts and swap. Doubts about rows end with
the rows. Memory: one household's rows, and those that wait to be copied. Commands go on throughout:
they wait only while the last facts are taken. Killed at any point it leaves the live tables as they
were; its own leavings are dropped by the next rebuild.

Source: design, section 6; promise P7.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import errors, sql

from ledger.events import Recorded
from ledger.refusals import ConcurrentChange
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.rows import Changes, ReadModel, Row, Table, apply_statement, names
from projections import doubts
from replay.beside import (
    Beside,
    beside,
    drop_beside,
    finish_beside,
    make_beside,
    put_in_place,
    types_beside,
)
from replay.comparing import Difference, compare
from replay.folding import Folded, facts, horizon, stream_facts

COPY_ROWS = 20_000
UUID_OID = 2950
FOLLOW_EVENTS = 2_000
PROGRESS_EVERY = 5_000
# How long one attempt waits for a lock, in milliseconds: less than the second after which the
# server looks for deadlocks, so that it is always the rebuild that gives way.
PATIENCE_MS = (100, 200, 400, *(800,) * 30)

Progress = Callable[[int], None]

__all__ = ["Difference", "Rebuilt", "compare", "rebuild"]


class Rebuilt(Struct, frozen=True, kw_only=True):
    """A model's new tables: how many rows each was copied with, from how many facts, and the
    position up to which they told when they were put in place (a follower reads on from there).
    """

    model: str
    rows: dict[str, int]
    events: int
    position: int


def rebuild(
    ledger: Ledger, models: Sequence[ReadModel], progress: Progress | None = None
) -> list[Rebuilt]:
    """Rebuild these models while commands go on. `progress` is told the facts folded so far.

    Raises CorruptLedger for a fact that cannot be read or is of an unknown kind; ConcurrentChange
    where another rebuild is under way, or the tables were never free: nothing is changed then.
    """
    rebuilding = _Rebuilding(ledger, tuple(models), progress or _silent)
    with ledger.pool.connection() as connection, _alone(connection, ledger.schema):
        try:
            return rebuilding.run(connection)
        finally:
            if not connection.closed:
                drop_beside(connection, ledger.schema, rebuilding.tables)


def _silent(events: int) -> None:
    """Nobody asked to be told."""


class _Rebuilding:
    """One rebuild: what it rebuilds, and how far it has come."""

    def __init__(self, ledger: Ledger, models: tuple[ReadModel, ...], progress: Progress) -> None:
        self.schema = ledger.schema
        self.models = models
        self.tables = tuple(table for model in models for table in model.tables)
        inline = {model.name for model in ledger.inline}
        self.inline = tuple(model for model in models if model.name in inline)
        self.following = tuple(model for model in models if model.name not in inline)
        self.progress = progress
        self.events = 0
        self.position = 0

    def run(self, connection: Connection) -> list[Rebuilt]:
        drop_beside(connection, self.schema, self.tables)
        for table in self.tables:
            make_beside(connection, self.schema, table)
        rows = self._fold(connection)
        for table in self.tables:
            finish_beside(connection, self.schema, table)
        self._follow(connection)
        self._swap(connection)
        return [
            Rebuilt(
                model=model.name,
                rows={table.name: rows[table.name] for table in model.tables},
                events=self.events,
                position=self.position,
            )
            for model in self.models
        ]

    def _fold(self, connection: Connection) -> dict[str, int]:
        """Fold and copy all that is below the horizon; how many rows went into each table."""
        with connection.transaction():
            last = horizon(connection, self.schema)
        copying = [_Copying(connection, self.schema, table) for table in self.tables]
        folded = Folded()
        for household in stream_facts(connection, self.schema, up_to=last):
            for fact in household:
                for model in self.models:
                    model.apply(folded, fact)
                self.events += 1
                if self.events % PROGRESS_EVERY == 0:
                    self.progress(self.events)
            for each in copying:
                each.take(folded.rows_of(each.table).by_key.values())
            folded.clear()
        for each in copying:
            each.flush()
        self.progress(self.events)
        self.position = last
        return {each.table.name: each.rows for each in copying}

    def _next(self, connection: Connection, limit: int) -> Iterator[Recorded]:
        """The next facts, all of them below what could still appear; each moves the position."""
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read, read only")
            last = horizon(connection, self.schema)
            with closing(facts(connection, self.schema, after=self.position, up_to=last)) as found:
                for fact in islice(found, limit):
                    self.position = fact.position
                    self.events += 1
                    yield fact

    def _follow(self, connection: Connection) -> None:
        """Take what was appended meanwhile, until next to nothing is left."""
        before = self.events - FOLLOW_EVENTS
        while self.events - before == FOLLOW_EVENTS:
            before = self.events
            changes = Beside()
            for fact in self._next(connection, FOLLOW_EVENTS):
                for model in self.models:
                    model.apply(changes, fact)
            _apply(connection, self.schema, changes)

    def _swap(self, connection: Connection) -> None:
        for patience in PATIENCE_MS:
            try:
                with connection.transaction():
                    position = self._swap_now(connection, patience)
            except (errors.LockNotAvailable, errors.DeadlockDetected):
                self._follow(connection)
            else:
                self.position = position
                return
        raise ConcurrentChange("the tables were never free; nothing was changed")

    def _swap_now(self, connection: Connection, patience: int) -> int:
        """The position that the new tables tell of, for followers.

        All in the caller's transaction, which is rolled back where a lock is not to be had.

        The order of locks is that of a command: it reads receipts first, then appends.
        """
        connection.execute(sql.SQL("set local lock_timeout = {}").format(patience))
        self._stop_followers(connection)
        first = tuple(table for table in self.tables if table.name == "receipts")
        rest = tuple(table for table in self.tables if table.name != "receipts")
        _lock(connection, self.schema, first, "access exclusive")
        if self.inline:
            connection.execute(
                sql.SQL("lock table {} in share mode").format(
                    sql.Identifier(self.schema, "stored_events")
                )
            )
        # A follower may be told only what it may read; inline rows tell everything that is stored.
        # No append is under way now, so that nothing can appear beneath what is read here.
        last, position = horizon(connection, self.schema), self.position
        changes = Beside()
        for fact in facts(connection, self.schema, after=self.position):
            position = fact.position if fact.position <= last else position
            for model in self.models if fact.position <= last else self.inline:
                model.apply(changes, fact)
        _apply(connection, self.schema, changes)
        _lock(connection, self.schema, rest, "access exclusive")
        for table in self.tables:
            put_in_place(connection, self.schema, table)
        if any(table.watched for table in self.tables):
            doubts.end(connection, self.schema, "rows")
        for model in self.following:
            connection.execute(
                f"update {self.schema}.tracking set position = %s where reader = %s",
                (position, model.name),
            )
        return position

    def _stop_followers(self, connection: Connection) -> None:
        """Hold each follower's place, so that none writes its old table while it is replaced."""
        for model in sorted(self.following, key=lambda model: model.name):
            connection.execute(
                f"insert into {self.schema}.tracking values (%s, 0) on conflict do nothing",
                (model.name,),
            )
            connection.execute(
                f"select position from {self.schema}.tracking where reader = %s for update",
                (model.name,),
            )


def _apply(connection: Connection, schema: str, changes: Changes) -> None:
    if changes.tables:
        connection.execute(apply_statement(schema, changes.touched()), tuple(changes.parameters()))


def _lock(
    connection: Connection, schema: str, tables: Iterable[Table], mode: LiteralString
) -> None:
    for table in tables:
        connection.execute(
            sql.SQL("lock table {} in {} mode").format(
                sql.Identifier(schema, table.name),
                sql.SQL(mode),
            )
        )


class _Copying:
    """Copies rows into a new table, some at a time: a long transaction would hold readers back."""

    def __init__(self, connection: Connection, schema: str, table: Table) -> None:
        self.table = table
        self.rows = 0
        self._connection = connection
        self._waiting: list[Row] = []
        self._target = sql.SQL("copy {} ({}) from stdin (format binary)").format(
            sql.Identifier(schema, beside(table).name), names(table.columns)
        )
        types = types_beside(connection, schema, table)
        self._types = [types[column] for column in table.columns]
        self._ids = [c for c in table.columns if types[c] == UUID_OID]

    def take(self, rows: Iterable[Row]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= COPY_ROWS:
            self.flush()

    def flush(self) -> None:
        values: Callable[[Row], tuple[Any, ...]] = itemgetter(*self.table.columns)
        with self._connection.cursor() as cursor, cursor.copy(self._target) as copy:
            copy.set_types(self._types)
            for row in self._waiting:
                for column in self._ids:
                    # A household's id is text in facts and a uuid in tables.
                    row[column] = _uuid(row[column])
                copy.write_row(values(row))
        self.rows += len(self._waiting)
        self._waiting = []


@lru_cache(maxsize=64)
def _uuid(written: object) -> UUID | None:
    return UUID(str(written)) if written is not None else None


@contextmanager
def _alone(connection: Connection, schema: str) -> Iterator[None]:
    """One rebuild of a council at a time, without the time-out of ordinary statements."""
    key = f"rebuild/{schema}"
    row = connection.execute(
        "select pg_try_advisory_lock(hashtextextended(%s, 7))", (key,)
    ).fetchone()
    if not (row and row[0]):
        raise ConcurrentChange("another rebuild is under way")
    try:
        connection.execute("set statement_timeout = 0")
        yield
    finally:
        if not connection.closed:
            connection.execute("reset statement_timeout")
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 7))", (key,))
