"""The last work of each kind that a page began, and what came of it, whichever server began it.

Whoever does the work holds a lock of a session of its own as long as it lasts, and the lock goes
with the session: work that stands as running while nobody holds its lock did not finish.

Source: issue "The pages", items 4 and 5.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from psycopg.rows import dict_row

from ledger.store.pool import Connection, connect

State = Literal["running", "done", "failed"]
UNFINISHED = "It did not finish: it was stopped before it was done. Begin it again."


class Work(Struct, frozen=True, kw_only=True):
    """One piece of work. `about` tells apart what it is about; `done` of `whole` steps.

    `failed` says why there is no result, and is empty otherwise.
    """

    kind: str
    about: str
    by: str
    began_at: datetime
    state: State
    done: int = 0
    whole: int = 0
    result: dict[str, Any] = {}
    failed: str = ""

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.whole) if self.whole else 0


class Holding:
    """The right to do one kind of work of a council: until it is let go, or this process ends."""

    def __init__(self, connection: Connection, schema: str, kind: str) -> None:
        self._connection = connection
        self._schema = schema
        self._kind = kind

    def progressed(self, done: int, whole: int) -> None:
        """So many of so many steps are done."""
        self._connection.execute(
            f"update {self._schema}.background_work set done = %s, whole = %s where kind = %s",
            (done, whole, self._kind),
        )

    def ended(self, result: dict[str, Any], failed: str) -> None:
        """What came of it is kept, until the next of its kind begins."""
        self._connection.execute(
            f"update {self._schema}.background_work set state = %s, result = %s, failed = %s"
            " where kind = %s",
            (
                "failed" if failed else "done",
                msgspec.json.encode(result).decode(),
                failed,
                self._kind,
            ),
        )

    def let_go(self) -> None:
        """What has not ended by now did not finish."""
        self._connection.close()


def begin(dsn: str, schema: str, *, kind: str, about: str, by: str, at: datetime) -> Holding | None:
    """Begin work on a connection of its own; None where work of its kind is under way somewhere."""
    connection = connect(dsn)
    row = connection.execute(
        "select pg_try_advisory_lock(hashtextextended(%s, 0))", (_lock(schema, kind),)
    ).fetchone()
    if row != (True,):
        connection.close()
        return None
    connection.execute(
        f"insert into {schema}.background_work (kind, about, begun_by, began_at, state)"
        " values (%s, %s, %s, %s, 'running') on conflict (kind) do update set"
        " about = excluded.about, begun_by = excluded.begun_by, began_at = excluded.began_at,"
        " state = excluded.state, done = 0, whole = 0, result = '{}', failed = ''",
        (kind, about, by, at),
    )
    return Holding(connection, schema, kind)


def latest(connection: Connection, schema: str, kind: str) -> Work | None:
    """The latest of its kind; None where there was none."""
    found = _row(connection, schema, kind)
    if found is None or found.state != "running" or _held(connection, schema, kind):
        return found
    # It may have ended between the two looks.
    again = _row(connection, schema, kind)
    if again is None or again.state != "running":
        return again
    return msgspec.structs.replace(again, state="failed", failed=UNFINISHED)


def _row(connection: Connection, schema: str, kind: str) -> Work | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select kind, about, begun_by as by, began_at, state, done, whole, result, failed"
            f" from {schema}.background_work where kind = %s",
            (kind,),
        ).fetchone()
    if row is None:
        return None
    result = msgspec.json.decode(row.pop("result"), type=dict[str, Any])
    return Work(**row, result=result)


def _held(connection: Connection, schema: str, kind: str) -> bool:
    row = connection.execute(
        "select exists (select from pg_locks where locktype = 'advisory' and granted"
        " and database = (select oid from pg_database where datname = current_database())"
        " and objsubid = 1 and ((classid::bigint << 32) | objid::bigint)"
        " = hashtextextended(%s, 0))",
        (_lock(schema, kind),),
    ).fetchone()
    return row == (True,)


def _lock(schema: str, kind: str) -> str:
    return f"work of {schema}: {kind}"
