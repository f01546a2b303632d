"""Rows of read models as they are stored, whatever they hold.

Source: design, section 6; promises P7, P18.
"""

from collections.abc import Iterator
from typing import Any

from psycopg import DataError, sql
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import DateLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

from ledger.store.pool import Connection
from ledger.store.rows import Table, names
from replay.folding import PAGE


def column_types(connection: Connection, schema: str, table: Table) -> dict[str, str]:
    """The type of each column of a live table, in the server's words."""
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0",
            (schema, table.name),
        ).fetchall()
    )


def live_rows(connection: Connection, schema: str, table: Table) -> Iterator[tuple[Any, ...]]:
    """A table's rows as they are stored, in the order of its columns. Needs a transaction."""
    with connection.cursor(f"live_{table.name}") as cursor:
        # A household's id is text in facts and a uuid in tables.
        cursor.adapters.register_loader("uuid", TextLoader)
        take_anything(cursor.adapters)
        cursor.itersize = PAGE
        cursor.execute(
            sql.SQL("select {} from {}").format(
                names(table.columns), sql.Identifier(schema, table.name)
            )
        )
        yield from cursor


class _AnyInstant(TimestamptzLoader):
    """An instant, or the server's words for what Python has none for (infinity, BC, 10000)."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


class _AnyDate(DateLoader):
    """As _AnyInstant, for a date."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


def take_anything(adapters: AdaptersMap) -> None:
    """Have this cursor read whatever a column can hold."""
    adapters.register_loader("timestamptz", _AnyInstant)
    adapters.register_loader("date", _AnyDate)


def storable(key: tuple[object, ...]) -> bool:
    """A text with a NUL is in no table, and cannot be asked for."""
    return not any(isinstance(value, str) and "\0" in value for value in key)
