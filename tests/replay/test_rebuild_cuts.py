"""Rebuilt to a position, a read model is what the live one was there, at every cut tried."""

import os
import random
from collections.abc import Callable

import pytest
from psycopg import sql

from ledger.events import Recorded
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Row, Table, apply_statement
from projections.registry import EVERY
from replay.folding import Folded, facts, snapshot, stream_facts
from replay.live import live_rows
from tests.replay.town import DAYS, Town, town

CUTS = int(os.environ.get("PERMIT_LEDGER_CUTS", "60"))
"""In each of four councils: 240 cuts in all."""
TABLES = tuple(table for model in EVERY for table in model.tables)


@pytest.mark.parametrize("council", list(DAYS))
def test_rebuilt_to_a_cut_is_live_at_the_cut(database: str, council: str):
    """At least 200 random cuts (issue: rebuild): the rows that a rebuild folds of the facts up to a
    position are those that the statements of live appending had made there, byte for byte.
    """
    chance = random.Random(council)
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        made.catch_up()
        with snapshot(made.council.ledger) as connection:
            every = list(facts(connection, made.council.schema))
        positions = [fact.position for fact in every]
        # Between two facts as well as on one; none, and all of them.
        cuts = sorted(chance.randint(positions[0] - 9, positions[-1] + 9) for _ in range(CUTS - 2))
        cuts = sorted({0, *cuts, *chance.choices(positions, k=CUTS), positions[-1]})
        with made.council.pool.connection() as connection:
            _emptied(connection, made.council.schema)
            tried, left = 0, list(every)
            for cut in cuts:
                while left and left[0].position <= cut:
                    _live(connection, made.council.schema, left.pop(0))
                assert _rebuilt(connection, made, cut) == _stored(connection, made.council.schema)
                tried += 1

    assert tried >= 50, "two hundred in all"


def _emptied(connection: Connection, schema: str) -> None:
    for table in TABLES:
        connection.execute(sql.SQL("truncate {}").format(sql.Identifier(schema, table.name)))


def _live(connection: Connection, schema: str, fact: Recorded) -> None:
    """One fact as an append writes it."""
    changes = Changes()
    for model in EVERY:
        model.apply(changes, fact)
    if changes.tables:
        statement = apply_statement(schema, changes.touched())
        connection.execute(statement, tuple(changes.parameters()))


def _rebuilt(connection: Connection, made: Town, cut: int) -> dict[str, list[str]]:
    rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    folded = Folded()
    for household in stream_facts(connection, made.council.schema, up_to=cut):
        for fact in household:
            for model in EVERY:
                model.apply(folded, fact)
        for table in TABLES:
            rows[table.name].extend(folded.rows_of(table).by_key.values())
        folded.clear()
    return {table.name: _sorted(table, lambda name: rows[name], table.columns) for table in TABLES}


def _sorted(table: Table, rows: Callable[[str], list[Row]], columns: tuple[str, ...]) -> list[str]:
    return sorted(repr([row[column] for column in columns]) for row in rows(table.name))


def _stored(connection: Connection, schema: str) -> dict[str, list[str]]:
    with connection.transaction():
        return {
            table.name: sorted(repr(list(row)) for row in live_rows(connection, schema, table))
            for table in TABLES
        }
