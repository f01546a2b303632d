"""The few rows of one command, each value a parameter of its own.

JSON that the server takes apart serves any number of rows, and costs it more than all the rest of
an append. One command changes a handful of rows, so that its statement is made for just so many
and kept; more than ROWS_MAX, or rows to drop, go the other way (`ledger.store.rows.parts`). Both
leave the same rows.
"""

from collections.abc import Iterator
from datetime import date

import msgspec
from psycopg import errors, sql

from ledger.store.rows import Changes, Table, names
from ledger.values import FOREVER

ROWS_MAX = 8

Shape = tuple[tuple[str, int, int], ...]
"""What a statement is made for: each table's name, how many patches and how many rows."""


def shape(changes: Changes) -> Shape | None:
    """The shape of these changes; None where they are too many for a statement of their own, or
    drop rows.
    """
    rows = 0
    found = []
    for name, each in changes.tables.items():
        if each.drops:
            return None
        patches, puts = len(each.patches), len(each.puts)
        rows += patches + puts
        found.append((name, patches, puts))
    return tuple(found) if rows <= ROWS_MAX else None


def direct_parts(schema: str, changes: Changes) -> Iterator[sql.Composed]:
    """The data-modifying parts of a `with` statement, for changes of this shape."""
    for each in changes.tables.values():
        table = each.table
        if table.patched:
            for n in range(len(each.patches)):
                yield _patch(schema, table, n)
        if each.puts:
            yield _put(schema, table, len(each.puts))


def direct_parameters(changes: Changes) -> list[bytes | None]:
    """The values of `direct_parts`, in the same order, as text. Raises psycopg's DataError."""
    found: list[bytes | None] = []
    for each in changes.tables.values():
        table = each.table
        if table.patched:
            for row in each.patches.values():
                found += [_text(row.get(column)) for column in table.patched]
                found += [_text(row[column]) for column in table.match]
        for row in each.puts.values():
            found += [_text(row[column]) for column in table.columns]
    return found


def _patch(schema: str, table: Table, n: int) -> sql.Composed:
    settings = sql.SQL(", ").join(
        sql.SQL("{0} = coalesce(%s, t.{0})").format(sql.Identifier(each)) for each in table.patched
    )
    wheres = [sql.SQL("t.{} = %s").format(sql.Identifier(column)) for column in table.match]
    if table.open_until:
        wheres.append(sql.SQL("t.{} = {}").format(sql.Identifier(table.open_until), FOREVER))
    return sql.SQL("{} as (update {} t set {} where {})").format(
        sql.Identifier(f"patch_{n}_{table.name}"),
        sql.Identifier(schema, table.name),
        settings,
        sql.SQL(" and ").join(wheres),
    )


def _put(schema: str, table: Table, count: int) -> sql.Composed:
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.SQL("%s")] * len(table.columns)))
    others = tuple(column for column in table.columns if column not in table.key)
    settings = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in others
    )
    on_conflict = sql.SQL("do update set {}").format(settings) if others else sql.SQL("do nothing")
    return sql.SQL("{} as (insert into {} ({}) values {} on conflict ({}) {})").format(
        sql.Identifier(f"put_{table.name}"),
        sql.Identifier(schema, table.name),
        names(table.columns),
        sql.SQL(", ").join([row] * count),
        names(table.key),
        on_conflict,
    )


def _text(value: object) -> bytes | None:
    """A value as PostgreSQL reads it. A text with a NUL is refused, as it is in JSON: what comes
    after it would be lost.
    """
    match value:
        case None:
            return None
        case str():
            encoded = value.encode()
            if b"\0" in encoded:
                raise errors.UntranslatableCharacter("a text with a NUL character")
            return encoded
        case bool():
            return b"t" if value else b"f"
        case int():
            return b"%d" % value
        case date():
            return value.isoformat().encode()
        case list() | tuple():
            return b"{%s}" % b",".join(_quoted(str(item)) for item in value)
        case _:
            return msgspec.json.encode(value)


def _quoted(item: str) -> bytes:
    text = _text(item)
    assert text is not None
    return b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
