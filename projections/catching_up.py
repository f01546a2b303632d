"""Readers that follow the ledger: they read on from where they were, rows and place together.

A reader takes only positions below its snapshot's xmin, so it can never be overtaken from beneath.
"""

from time import monotonic, sleep

from ledger.events import Recorded
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.reading import recorded
from ledger.store.rows import Changes, ReadModel, apply_statement

BATCH = 500
POLL_SECONDS = 0.02


def catch_up(ledger: Ledger, models: tuple[ReadModel, ...]) -> int:
    """Bring these models to the end of what may be read now. How many facts were applied."""
    return sum(_catch_up_one(ledger, model) for model in models)


def caught_up(ledger: Ledger, models: tuple[ReadModel, ...], within_seconds: float) -> bool:
    """Bring these models to all that is stored now; False where that did not come about in time.

    A transaction that began earlier, in whichever database of the server, holds readers back for
    as long as it lasts: this waits for it.
    """
    end = _end(ledger)
    until = monotonic() + within_seconds
    while True:
        catch_up(ledger, models)
        if all(_place(ledger, model) >= end for model in models):
            return True
        if monotonic() >= until:
            return False
        sleep(POLL_SECONDS)


def _end(ledger: Ledger) -> int:
    """The position of the last fact, whether it may be read yet or not."""
    with ledger.pool.connection() as connection:
        row = connection.execute(
            f"select coalesce(max(notification_id), 0) from {ledger.schema}.stored_events"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _place(ledger: Ledger, model: ReadModel) -> int:
    with ledger.pool.connection() as connection:
        row = connection.execute(
            f"select position from {ledger.schema}.tracking where reader = %s", (model.name,)
        ).fetchone()
    return int(row[0]) if row else 0


def _catch_up_one(ledger: Ledger, model: ReadModel) -> int:
    applied = 0
    while _behind(ledger, model):
        with ledger.pool.connection() as connection, connection.transaction():
            facts = _next(ledger, connection, model)
            if not facts:
                return applied
            changes = Changes()
            for fact in facts:
                model.apply(changes, fact)
            if changes.tables:
                connection.execute(
                    apply_statement(ledger.schema, changes.touched()), tuple(changes.parameters())
                )
            connection.execute(
                f"update {ledger.schema}.tracking set position = %s where reader = %s",
                (facts[-1].position, model.name),
            )
            applied += len(facts)
    return applied


def _behind(ledger: Ledger, model: ReadModel) -> bool:
    """Asked without the lock: locking its row writes, and a follower mostly has nothing to do."""
    with ledger.pool.connection() as connection:
        row = connection.execute(
            f"select position from {ledger.schema}.tracking where reader = %s", (model.name,)
        ).fetchone()
        return bool(ledger.positions.read_from(connection, int(row[0]) if row else 0, 1))


def _next(ledger: Ledger, connection: Connection, model: ReadModel) -> list[Recorded]:
    """The next facts for this reader. Its row of `tracking` is locked: one process at a time."""
    connection.execute(
        f"insert into {ledger.schema}.tracking values (%s, 0) on conflict do nothing", (model.name,)
    )
    row = connection.execute(
        f"select position from {ledger.schema}.tracking where reader = %s for update", (model.name,)
    ).fetchone()
    assert row is not None
    found = ledger.positions.read_from(connection, int(row[0]), BATCH)
    return [recorded(ledger, notification) for notification in found]
