"""Rebuilt rows against live ones, value by value, in one snapshot of the ledger.

Inline rows commit with their facts: in one snapshot they tell of every fact that is visible, also
of those that a follower may not read yet. The rows of a follower tell of the facts up to its place.

Source: design, section 6; promise P7.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Literal

from msgspec import Struct
from psycopg import sql
from psycopg.types.string import TextLoader

from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.rows import ReadModel, Row, Table, names
from replay.folding import PAGE, Folded, TableRows, facts, limits, snapshot

MOST = 100


class Difference(Struct, frozen=True, kw_only=True):
    """One row that is not what the facts say.

    `missing`: the facts give it, and it is not there. `extra`: it is there, and no fact gives it.
    `changed`: `columns` differ. `version` is 0 where the row names none.
    """

    model: str
    table: str
    kind: Literal["missing", "extra", "changed"]
    key: dict[str, object]
    household_id: str
    version: int
    columns: tuple[str, ...]
    rebuilt: dict[str, object]
    live: dict[str, object]

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        where = f"{self.table} ({key})"
        match self.kind:
            case "missing":
                return f"{where}: the facts give this row, and it is not there"
            case "extra":
                return f"{where}: this row is there, and no fact gives it"
            case "changed":
                told = "; ".join(
                    f"{name} is {self.live[name]}, by the facts {self.rebuilt[name]}"
                    for name in self.columns
                )
                return f"{where}: {told}"


def compare(
    ledger: Ledger, models: Sequence[ReadModel], at_position: int | None = None
) -> list[Difference]:
    """How live rows differ from rebuilt ones, at most MOST a table; empty where all are equal.

    `at_position` folds no fact above it, for live rows that are known to stand there.
    Raises CorruptLedger for a fact that cannot be read.
    """
    with snapshot(ledger) as connection:
        return compare_in(connection, ledger, tuple(models), at_position)


def compare_in(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    at_position: int | None = None,
) -> list[Difference]:
    """As compare, in the caller's repeatable-read transaction."""
    folded = fold_live(connection, ledger, models, at_position)
    return [
        difference
        for model in models
        for table in model.tables
        for difference in islice(
            _differences(connection, ledger.schema, model.name, folded.rows_of(table)), MOST
        )
    ]


def fold_live(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    at_position: int | None = None,
) -> Folded:
    """What the live rows of these models have to be, in this snapshot."""
    folded = Folded()
    until = limits(ledger, connection, models)
    last = max((limit for _, limit in until), default=0)
    if at_position is not None:
        last = min(last, at_position)
    for fact in facts(connection, ledger.schema, up_to=last):
        for model, limit in until:
            if fact.position <= limit:
                model.apply(folded, fact)
    return folded


def live_rows(connection: Connection, schema: str, table: Table) -> Iterator[tuple[Any, ...]]:
    """A table's rows as they are stored, in the order of its columns. Needs a transaction."""
    with connection.cursor(f"live_{table.name}") as cursor:
        # A household's id is text in facts and a uuid in tables.
        cursor.adapters.register_loader("uuid", TextLoader)
        cursor.itersize = PAGE
        cursor.execute(
            sql.SQL("select {} from {}").format(
                names(table.columns), sql.Identifier(schema, table.name)
            )
        )
        yield from cursor


def _differences(
    connection: Connection, schema: str, model: str, rebuilt: TableRows
) -> Iterator[Difference]:
    table = rebuilt.table
    columns = itemgetter(*table.columns)
    key_of = itemgetter(*table.key)
    left = dict(rebuilt.by_key)
    for values in live_rows(connection, schema, table):
        live = dict(zip(table.columns, values, strict=True))
        row = left.pop(key_of(live), None)
        if row is None:
            yield _difference(model, table, "extra", live, {}, live)
        elif columns(row) != values and (unlike := _unlike(table, row, live)):
            yield _difference(model, table, "changed", row, row, live, unlike)
    for row in left.values():
        yield _difference(model, table, "missing", row, row, {})


def _unlike(table: Table, row: Row, live: Row) -> tuple[str, ...]:
    return tuple(
        name for name in table.columns if name not in table.kept and row[name] != live[name]
    )


def _difference(
    model: str,
    table: Table,
    kind: Literal["missing", "extra", "changed"],
    row: Row,
    rebuilt: Row,
    live: Row,
    columns: tuple[str, ...] = (),
) -> Difference:
    version = row.get("version", 0)
    return Difference(
        model=model,
        table=table.name,
        kind=kind,
        key={name: row[name] for name in table.key},
        household_id=str(row.get("household_id", "")),
        version=version if isinstance(version, int) else 0,
        columns=columns,
        rebuilt=rebuilt,
        live=live,
    )
