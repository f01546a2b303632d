"""Rows of a read model, as changes: what a fold asks for, and the SQL that does it.

A read model never reads its table. It says `put` (this row, whole) or `patch` (these columns of
the rows
that match), and the same two words work on a dictionary in memory, in the statement that appends
the events, and in a catching-up batch. `Changes` keeps at most one change a row, so that one
statement can carry them all.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol

import msgspec
from msgspec import Struct
from psycopg import sql

from ledger.events import Recorded
from ledger.values import FOREVER

Row = dict[str, object]
Key = tuple[object, ...]


class Table(Struct, frozen=True, kw_only=True):
    """A read model's table. `match` are the columns a patch finds rows by; `patched` those it sets.

    `open_until`: a column of the end of what is known; a patch changes only rows in which it is
    FOREVER, so that what was known earlier stays as it was. `kept`: columns that are no facts (a
    sender marks what it sent); a rebuild leaves them as they are. `dropped_by`: columns by any of
    which rows are dropped; a row of such a table is put once, and never again under its key.
    `watched`: a row that no append put, changed or took is doubted by the database itself.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    match: tuple[str, ...]
    patched: tuple[str, ...] = ()
    open_until: str = ""
    kept: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    dropped_by: tuple[str, ...] = ()
    watched: bool = False


class ReadModel(Protocol):
    """A pure fold from facts to changes of rows."""

    @property
    def name(self) -> str: ...

    @property
    def tables(self) -> tuple[Table, ...]: ...

    def apply(self, changes: "Changes", recorded: Recorded) -> None: ...


class TableChanges:
    """The changes of one table: rows to put, by key; patches, by what they match; what to drop."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.puts: dict[Key, Row] = {}
        self.patches: dict[Key, Row] = {}
        self.drops: list[Row] = []
        self._by_match: dict[Key, list[Row]] = {}

    def put(self, row: Row) -> None:
        table = self.table
        whole = tuple(row) == table.columns or row.keys() == set(table.columns)
        assert whole, f"{table.name}: {sorted(row)}"
        self.puts[tuple([row[name] for name in table.key])] = row
        self._by_match.setdefault(tuple([row[name] for name in table.match]), []).append(row)

    def patch(self, match: Mapping[str, object], values: Row) -> None:
        table = self.table
        key = tuple([match[name] for name in table.match])
        for row in self._by_match.get(key, ()):
            if self._is_open(row):
                row.update(values)
        if table.open_until and key in self.patches:
            return
        self.patches.setdefault(key, dict(match)).update(values)

    def drop(self, column: str, value: object) -> None:
        assert column in self.table.dropped_by, f"{self.table.name}: {column}"
        self.puts = {key: row for key, row in self.puts.items() if row[column] != value}
        self.drops.append({column: value})

    def _is_open(self, row: Row) -> bool:
        return not self.table.open_until or row[self.table.open_until] == FOREVER


class Changes:
    """What a batch of facts changes, table by table."""

    def __init__(self) -> None:
        self.tables: dict[str, TableChanges] = {}

    def of(self, table: Table) -> TableChanges:
        changes = self.tables.get(table.name)
        if changes is None:
            changes = self.tables[table.name] = TableChanges(table)
        return changes

    def put(self, table: Table, row: Row) -> None:
        """This row, whole; it replaces one with the same key."""
        self.of(table).put(row)

    def patch(self, table: Table, match: Mapping[str, object], **values: object) -> None:
        """These columns of the rows that match, whether put in this batch or stored before it."""
        self.of(table).patch(match, values)

    def drop(self, table: Table, column: str, value: object) -> None:
        """Rows with this value are gone, whether put in this batch or stored before it."""
        self.of(table).drop(column, value)

    def touched(self) -> tuple[Table, ...]:
        return tuple(changes.table for changes in self.tables.values())

    def parameters(self) -> Iterator[str]:
        """One JSON array for each statement part of `parts`, in the same order."""
        for changes in self.tables.values():
            yield msgspec.json.encode(list(changes.patches.values())).decode()
            yield msgspec.json.encode(list(changes.puts.values())).decode()
            if changes.table.dropped_by:
                yield msgspec.json.encode(changes.drops).decode()


def names(columns: tuple[str, ...], prefix: str = "") -> sql.Composed:
    """Column names, with a table alias before each where one is given."""
    identifiers = [sql.Identifier(prefix, c) if prefix else sql.Identifier(c) for c in columns]
    return sql.SQL(", ").join(identifiers)


@lru_cache(maxsize=256)
def parts(schema: str, tables: tuple[Table, ...]) -> sql.Composed:
    """The data-modifying parts of a `with` statement: two for each table, three where its rows are
    dropped, each with one parameter.
    """
    return sql.SQL(", ").join(part for table in tables for part in _parts(schema, table))


def _parts(schema: str, table: Table) -> Iterator[sql.Composed]:
    target = sql.Identifier(schema, table.name)
    rows = sql.SQL("jsonb_populate_recordset(null::{}, %s::jsonb)").format(target)
    if table.patched:
        settings = sql.SQL(", ").join(
            sql.SQL("{0} = coalesce(p.{0}, t.{0})").format(sql.Identifier(column))
            for column in table.patched
        )
        wheres = [sql.SQL("t.{0} = p.{0}").format(sql.Identifier(column)) for column in table.match]
        if table.open_until:
            wheres.append(sql.SQL("t.{} = {}").format(sql.Identifier(table.open_until), FOREVER))
        yield sql.SQL("{} as (update {} t set {} from {} p where {})").format(
            sql.Identifier(f"patch_{table.name}"),
            target,
            settings,
            rows,
            sql.SQL(" and ").join(wheres),
        )
    else:
        yield sql.SQL("{} as (select %s::jsonb)").format(sql.Identifier(f"patch_{table.name}"))
    others = tuple(column for column in table.columns if column not in table.key)
    settings = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in others
    )
    on_conflict = sql.SQL("do update set {}").format(settings) if others else sql.SQL("do nothing")
    yield sql.SQL("{} as (insert into {} ({}) select {} from {} p on conflict ({}) {})").format(
        sql.Identifier(f"put_{table.name}"),
        target,
        names(table.columns),
        names(table.columns, "p"),
        rows,
        names(table.key),
        on_conflict,
    )
    if table.dropped_by:
        # Rows that are put in the same statement have keys of their own: it does not see them.
        named = [sql.SQL("t.{0} = p.{0}").format(sql.Identifier(c)) for c in table.dropped_by]
        yield sql.SQL("{} as (delete from {} t using {} p where {})").format(
            sql.Identifier(f"drop_{table.name}"), target, rows, sql.SQL(" or ").join(named)
        )


@lru_cache(maxsize=256)
def apply_statement(schema: str, tables: tuple[Table, ...]) -> bytes:
    """The same changes in a statement of their own, for readers that catch up."""
    return sql.SQL("with {} select 1").format(parts(schema, tables)).as_bytes(None)
