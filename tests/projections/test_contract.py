"""The contract of every read model: inline, catching up and rebuilt give equal rows, at any moment.

One definition runs in three ways. Here each model, whichever way it lives, is run in all of them
over a varied history, and what its table held after each command is what a rebuild up to there
makes.
"""

import os
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledger.store.application import Ledger
from ledger.store.pool import open_pool
from ledger.store.rows import ReadModel
from projections.registry import CATCHING_UP, EVERY, INLINE
from replay.comparing import compare
from replay.folding import Folded, facts, snapshot
from replay.live import live_rows
from replay.rebuild import rebuild
from services.council import Council
from tests.replay.town import DAYS, Town, follow, town

CUTS = int(os.environ.get("PERMIT_LEDGER_CUTS", "48"))
Rows = dict[str, list[tuple[Any, ...]]]


def live(ledger: Ledger, models: tuple[ReadModel, ...]) -> Rows:
    """Every row of these models' tables as stored, sorted; columns that are no facts left out."""
    found: Rows = {}
    with snapshot(ledger) as connection:
        for model in models:
            for table in model.tables:
                kept = [n for n, name in enumerate(table.columns) if name not in table.kept]
                rows = live_rows(connection, ledger.schema, table)
                found[table.name] = sorted((tuple(row[n] for n in kept) for row in rows), key=repr)
    return found


def folded_to(ledger: Ledger, models: tuple[ReadModel, ...], position: int) -> Rows:
    """What a rebuild makes of the facts up to a position, in the form of `live`."""
    folded = Folded()
    with snapshot(ledger) as connection:
        for fact in facts(connection, ledger.schema, up_to=position):
            for model in models:
                model.apply(folded, fact)
    return {
        table.name: sorted(
            (
                tuple(_plain(row[name]) for name in table.columns if name not in table.kept)
                for row in folded.rows_of(table).by_key.values()
            ),
            key=repr,
        )
        for model in models
        for table in model.tables
    }


def _plain(value: object) -> object:
    """An instant is the same in whichever words its zone is told."""
    return value.astimezone(ZoneInfo("UTC")) if isinstance(value, datetime) else value


def end(ledger: Ledger) -> int:
    """The position of the last fact, readable by followers or not."""
    with ledger.pool.connection() as connection:
        row = connection.execute(
            f"select coalesce(max(notification_id), 0) from {ledger.schema}.stored_events"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_rebuild_up_to_any_position_is_what_was_live_there(database: str):
    """At every cut of three councils' histories, each inline model's rows (promise P7)."""
    seen: list[tuple[str, int, Rows]] = []
    for council, days in DAYS.items():
        with town(database, council) as made:
            for _ in days(made):
                ledger = made.council.ledger
                seen.append((council, end(ledger), live(ledger, INLINE)))
                assert compare(ledger, INLINE, at_position=seen[-1][1]) == []

    chosen = random.Random(CUTS).sample(seen, min(CUTS, len(seen)))
    assert len(chosen) >= 40
    for council, position, rows in chosen:
        with open_pool(database, 2, "cuts") as pool:
            ledger = Ledger(council, pool, INLINE)
            assert folded_to(ledger, INLINE, position) == rows, (council, position)


@pytest.fixture(params=list(DAYS))
def lived(request: pytest.FixtureRequest, database: str) -> Iterator[Town]:
    with town(database, request.param) as made:
        for _ in DAYS[request.param](made):
            pass
        yield made.catch_up()


def test_every_model_gives_equal_rows_inline_catching_up_and_rebuilt(lived: Town):
    """Emptied, and followed from the beginning in batches; then rebuilt: always the same rows."""
    council = lived.council
    asked = live(council.ledger, EVERY)
    assert compare(council.ledger, EVERY) == []
    assert all(asked[table] for table in expected_rows(council))

    with council.pool.connection() as connection:
        connection.execute(f"delete from {council.schema}.tracking")
        for model in EVERY:
            for table in model.tables:
                connection.execute(f"delete from {council.schema}.{table.name}")
    following = Ledger(council.id, council.pool, ())
    follow(following, EVERY)
    assert live(council.ledger, EVERY) == asked

    rebuild(council.ledger, EVERY)
    assert live(council.ledger, EVERY) == asked


def expected_rows(council: Council) -> set[str]:
    """Tables that the history has to fill, so that equal is not merely equally empty."""
    always = {"active_registrations", "receipts", "accounts", "payments", "deadlines"}
    always |= {"household_zones", "search_keys", "application_queue"}
    more = {
        "norwich-2015": {"allowances", "allowance_grants", "sightings"},
        "stevenage": {"allowances", "vehicle_facts", "sessions", "messages", "saved_visitors"},
        "gravesham": {"allowances", "messages"},
        "hampshire": {"allowances", "sessions", "messages"},
    }
    return always | more[council.id]


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_a_follower_gives_the_same_rows_whatever_its_batches(
    lived: Town, batch: int, monkeypatch: pytest.MonkeyPatch
):
    """Changes of one batch go in one statement; cut otherwise, they are the same changes."""
    council = lived.council
    monkeypatch.setattr("projections.catching_up.BATCH", batch)
    asked = live(council.ledger, EVERY)
    with council.pool.connection() as connection:
        connection.execute(f"delete from {council.schema}.tracking")
        for model in EVERY:
            for table in model.tables:
                connection.execute(f"delete from {council.schema}.{table.name}")

    follow(Ledger(council.id, council.pool, ()), EVERY)

    assert live(council.ledger, EVERY) == asked


def test_a_follower_that_is_behind_is_compared_at_its_own_place(lived: Town):
    """Its rows tell of the facts up to where it has read, and no later ones."""
    council = lived.council
    with council.pool.connection() as connection:
        connection.execute(f"delete from {council.schema}.tracking")
        for model in CATCHING_UP:
            for table in model.tables:
                connection.execute(f"delete from {council.schema}.{table.name}")

    assert compare(council.ledger, EVERY) == []
