"""Rows on their way into a ledger: written to files as they come, and copied in one transaction."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import IO, Any

from psycopg import sql
from psycopg.abc import Buffer
from psycopg.copy import Copy, Writer

from ledger.refusals import ConcurrentChange
from ledger.store.pool import Connection
from services.council import Council

BLOCK_BYTES = 1 << 20
EVENTS = {
    "originator_id": "uuid",
    "originator_version": "int8",
    "notification_id": "int8",
    "topic": "text",
    "state": "bytea",
}
ATTEMPTS = {
    "attempted_at": "timestamptz",
    "household_id": "uuid",
    "command_key": "text",
    "body_digest": "text",
    "command": "text",
    "role": "text",
    "actor": "text",
    "channel": "text",
    "codes": "text[]",
    "details": "text[]",
}
LOOKUPS = {
    "lookup_id": "int8",
    "kind": "text",
    "asked_at": "timestamptz",
    "about_at": "timestamptz",
    "known_at": "timestamptz",
    "device": "text",
    "officer": "text",
    "typed": "text",
    "shown": "text",
    "glyphs": "text",
    "zone": "text",
    "seen_low": "int8",
    "seen_high": "int8",
    "seen_not": "int8[]",
    "answer": "text",
    "answer_digest": "bytea",
}
SNAPSHOTS = {
    "originator_id": "uuid",
    "originator_version": "int8",
    "shape": "text",
    "state": "bytea",
}


class _ToFile(Writer):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: Buffer) -> None:
        self._file.write(data)


class Spool:
    """One table's rows, in a file without a name. `columns`: each with its type."""

    def __init__(self, connection: Connection, table: str, columns: dict[str, str]) -> None:
        self.table = table
        self.columns = columns
        self.rows = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._copy = Copy(connection.cursor(), binary=True, writer=_ToFile(self._file))
        self._copy.set_types(tuple(columns.values()))

    def write(self, row: tuple[Any, ...]) -> None:
        self._copy.write_row(row)
        self.rows += 1

    def copied(self, connection: Connection, schema: str) -> None:
        """Copy everything into the table, in the caller's transaction."""
        if not self.rows:
            return
        self._copy.finish(None)
        self._file.seek(0)
        into = sql.SQL("copy {} ({}) from stdin (format binary)").format(
            sql.Identifier(schema, self.table),
            sql.SQL(", ").join(sql.Identifier(column) for column in self.columns),
        )
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            while block := self._file.read(BLOCK_BYTES):
                copy.write(block)

    def close(self) -> None:
        self._file.close()


class Spools:
    """The rows of a whole history."""

    def __init__(self, connection: Connection) -> None:
        self.events = Spool(connection, "stored_events", EVENTS)
        self.attempts = Spool(connection, "refused_attempts", ATTEMPTS)
        self.snapshots = Spool(connection, "snapshots", SNAPSHOTS)
        self._lookups = Spool(connection, "lookups", LOOKUPS)
        self._months: dict[tuple[int, int], datetime] = {}

    def looked_up(self, at: datetime, row: tuple[Any, ...]) -> None:
        self._months.setdefault((at.year, at.month), at)
        self._lookups.write(row)

    def store(self, council: Council, following: int) -> None:
        """Everything at once; positions go on at `following` or above. Raises ConcurrentChange
        where the ledger has facts; nothing is stored then."""
        schema = council.schema
        with council.pool.connection() as connection, _unbounded(connection):
            with connection.transaction():
                connection.execute(
                    sql.SQL("lock table {} in share row exclusive mode").format(
                        sql.Identifier(schema, "stored_events")
                    )
                )
                refuse_facts(connection, schema)
                # Said of every append: what else changes these tables is doubted.
                connection.execute("select set_config('permit_ledger.appending', 'on', true)")
                connection.execute(
                    sql.SQL("update {} set position_offset = greatest(position_offset, %s)").format(
                        sql.Identifier(schema, "ledger_offset")
                    ),
                    (following,),
                )
                for at in self._months.values():
                    connection.execute(
                        sql.SQL("select {}(%s)").format(
                            sql.Identifier(schema, "make_lookup_month")
                        ),
                        (at,),
                    )
                for each in (self.events, self.attempts, self.snapshots, self._lookups):
                    each.copied(connection, schema)
                if self._lookups.rows:
                    connection.execute(
                        "select setval(%s, %s)", (f"{schema}.lookup_ids", self._lookups.rows)
                    )
            connection.execute(
                sql.SQL("analyze {}").format(sql.Identifier(schema, "stored_events"))
            )

    def close(self) -> None:
        for each in (self.events, self.attempts, self.snapshots, self._lookups):
            each.close()


@contextmanager
def spools(connection: Connection) -> Iterator[Spools]:
    """Files for a history, gone afterwards. The connection only knows how values are written."""
    with ExitStack() as kept:
        made = Spools(connection)
        kept.callback(made.close)
        yield made


def has_facts(connection: Connection, schema: str) -> bool:
    """Whether anything ever happened at that council, or was looked up."""
    row = connection.execute(
        sql.SQL(
            "select exists (select from {}) or exists (select from {}) or exists (select from {})"
        ).format(
            sql.Identifier(schema, "stored_events"),
            sql.Identifier(schema, "refused_attempts"),
            sql.Identifier(schema, "lookups"),
        )
    ).fetchone()
    assert row is not None, "a row without a table"
    return bool(row[0])


def refuse_facts(connection: Connection, schema: str) -> None:
    """Raise ConcurrentChange where the council is not as new as it was found."""
    if has_facts(connection, schema):
        raise ConcurrentChange(f"{schema} was given facts meanwhile; nothing was stored")


@contextmanager
def _unbounded(connection: Connection) -> Iterator[None]:
    """Without the time-outs of ordinary statements: a million rows take longer."""
    connection.execute("set statement_timeout = 0")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("reset statement_timeout")
