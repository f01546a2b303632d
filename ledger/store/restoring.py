"""Positions after a restore, or after a move to another server: they never go backwards.

A position is made of the transaction's id, and ids may begin anew. Two things can be seen from the
database itself: ids that lie below positions already stored, which is refused; and nothing at all,
where a server was restored to a moment and gives again what was given, and lost, after it. So that
whoever restores says so, and the offset is raised by more than can have been lost.

Source: promises.md, "Order" (restore or move to another server) and P19.
"""

from datetime import datetime

from msgspec import Struct
from psycopg import sql

from ledger.refusals import CorruptLedger
from ledger.store.mapper import decode
from ledger.store.pool import Connection

STRIDE = 1 << 44
"""The positions of 2**32 transactions: more than a server gives between two backups. There is room
for half a million restores."""


class Raised(Struct, frozen=True, kw_only=True):
    """What was kept, and from where positions go on: whatever was given above `highest` and below
    `begins` is lost. `highest` is 0 and `recorded_at` None where the ledger is empty."""

    events: int
    highest: int
    recorded_at: datetime | None
    begins: int


def refuse_repeated_positions(connection: Connection, schema: str) -> None:
    """Raise CorruptLedger where the next position would not lie above every one that is stored."""
    row = connection.execute(
        sql.SQL(
            "select max(notification_id),"
            " (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12)"
            " + (select position_offset from {offset}) from {stored}"
        ).format(
            offset=sql.Identifier(schema, "ledger_offset"),
            stored=sql.Identifier(schema, "stored_events"),
        )
    ).fetchone()
    assert row is not None, "an aggregate is one row"
    highest, following = row
    if highest is not None and highest >= following:
        raise CorruptLedger(
            f"the ledger of {schema} has position {highest}, and this server would give"
            f" {following} next: it was restored or moved; run `permit-ledger database restored`"
        )


def has_ledger(connection: Connection, schema: str) -> bool:
    """Whether there is a council of this schema in the database."""
    row = connection.execute("select to_regclass(%s)", (f"{schema}.ledger_offset",)).fetchone()
    return row is not None and row[0] is not None


def raise_offset(connection: Connection, schema: str, above: int = 0) -> Raised:
    """Have every position from now on lie above all that were ever given; writers are waited for.

    Raises CorruptLedger where the last event cannot be read. `above` is a position that is known
    to have been given, where more than STRIDE may be lost.
    """
    offset = sql.Identifier(schema, "ledger_offset")
    stored = sql.Identifier(schema, "stored_events")
    with connection.transaction():
        connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(stored))
        row = connection.execute(
            sql.SQL(
                "select count(*), coalesce(max(notification_id), 0),"
                " pg_current_xact_id()::text::bigint << 12,"
                " (select position_offset from {}) from {}"
            ).format(offset, stored)
        ).fetchone()
        assert row is not None, "an aggregate is one row"
        events, highest, given, before = row
        begins = (max(highest, given + before, above) + STRIDE) >> 12 << 12
        connection.execute(
            sql.SQL("update {} set position_offset = %s").format(offset), (begins - given,)
        )
        last = connection.execute(
            sql.SQL("select state from {} where notification_id = %s").format(stored), (highest,)
        ).fetchone()
    return Raised(
        events=events,
        highest=highest,
        recorded_at=None if last is None else decode(last[0]).recorded_at,
        begins=begins,
    )
