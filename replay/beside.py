"""Tables beside the live ones: made like them, filled, indexed, and put in their place.

A table and its indexes keep their names: a unique index's name is what a command's refusal knows
it by.
"""

from functools import cache
from typing import Any, LiteralString

from msgspec import Struct
from msgspec.structs import replace
from psycopg import sql

from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table, TableChanges

SUFFIX = "__rebuilt"
NAME_BYTES_MAX = 63


class Beside(Changes):
    """Changes that go to the tables beside, not to the live ones."""

    def of(self, table: Table) -> TableChanges:
        return super().of(beside(table))


class Index(Struct, frozen=True):
    """An index of a live table: its name, and what follows `using` in its definition."""

    name: str
    unique: bool
    primary: bool
    using: LiteralString


@cache
def beside(table: Table) -> Table:
    """The table that takes a live one's place."""
    return replace(table, name=_name(table.name))


def _name(live: str) -> str:
    name = live + SUFFIX
    assert len(name.encode()) <= NAME_BYTES_MAX, name
    return name


def drop_beside(connection: Connection, schema: str, tables: tuple[Table, ...]) -> None:
    """Drop what an earlier rebuild left behind when it was killed."""
    for table in tables:
        connection.execute(
            sql.SQL("drop table if exists {}").format(sql.Identifier(schema, beside(table).name))
        )


def make_beside(connection: Connection, schema: str, table: Table) -> None:
    """An empty table like the live one, without its indexes: those are quicker made afterwards."""
    connection.execute(
        sql.SQL("create table {} (like {} including all excluding indexes)").format(
            sql.Identifier(schema, beside(table).name), sql.Identifier(schema, table.name)
        )
    )


def types_beside(connection: Connection, schema: str, table: Table) -> dict[str, int]:
    """The type of each column of the new table, by the server's number for it."""
    return dict(
        connection.execute(
            "select attname, atttypid::bigint from pg_attribute"
            " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0",
            (schema, beside(table).name),
        ).fetchall()
    )


def finish_beside(connection: Connection, schema: str, table: Table) -> None:
    """Give it the live one's indexes, under names of their own, and statistics."""
    target = sql.Identifier(schema, beside(table).name)
    for index in indexes(connection, schema, table):
        name = sql.Identifier(_name(index.name))
        connection.execute(
            sql.SQL("create {} index {} on {} using {}").format(
                sql.SQL("unique" if index.unique else ""),
                name,
                target,
                # The server's own words for the live index.
                sql.SQL(index.using),
            )
        )
        if index.primary:
            connection.execute(
                sql.SQL("alter table {} add constraint {} primary key using index {}").format(
                    target, name, name
                )
            )
    connection.execute(sql.SQL("analyze {}").format(target))


def indexes(connection: Connection, schema: str, table: Table) -> list[Index]:
    """The indexes of a live table, by name."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "select c.relname, i.indisunique, i.indisprimary, pg_get_indexdef(i.indexrelid)"
        " from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where i.indrelid = format('%%I.%%I', %s::text, %s::text)::regclass order by c.relname",
        (schema, table.name),
    ).fetchall()
    return [
        Index(name, unique, primary, definition.partition(" USING ")[2])
        for name, unique, primary, definition in rows
    ]


def put_in_place(connection: Connection, schema: str, table: Table) -> None:
    """Drop the live table, and let the one beside it take its name and its indexes' names.

    The caller's transaction holds the live table for itself.
    """
    new, live = sql.Identifier(schema, beside(table).name), sql.Identifier(schema, table.name)
    names = [index.name for index in indexes(connection, schema, table)]
    if table.kept:
        connection.execute(_keep(new, live, table))
    connection.execute(sql.SQL("drop table {}").format(live))
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(new, sql.Identifier(table.name))
    )
    for name in names:
        connection.execute(
            sql.SQL("alter index {} rename to {}").format(
                sql.Identifier(schema, _name(name)), sql.Identifier(name)
            )
        )
    if table.watched:
        # Triggers are not copied with a table: and who altered rows may have taken them off.
        connection.execute(
            sql.SQL("select {}(%s)").format(sql.Identifier(schema, "watch")), (table.name,)
        )


def _keep(new: sql.Identifier, live: sql.Identifier, table: Table) -> sql.Composed:
    """Columns that are no facts are taken over from the live rows."""
    columns = [sql.Identifier(column) for column in table.kept]
    return sql.SQL("update {} n set {} from {} l where {} and ({})").format(
        new,
        sql.SQL(", ").join(sql.SQL("{0} = l.{0}").format(column) for column in columns),
        live,
        sql.SQL(" and ").join(
            sql.SQL("n.{0} = l.{0}").format(sql.Identifier(column)) for column in table.key
        ),
        sql.SQL(" or ").join(sql.SQL("l.{} is not null").format(column) for column in columns),
    )
