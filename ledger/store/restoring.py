"""Positions after a restore, or after a move to another server: they never go backwards.

A position is made of the transaction's id, and ids may begin anew. So the ledger keeps where it is
at home: the server, its timeline, the database and the table. A base backup that is restored to a
moment, a replica that is promoted and a dump that is loaded are each another home: it is noticed at
the next start, the offset is raised by more than can have been lost, and the ledger has another
epoch, so that whoever followed it begins anew.

What cannot be seen so is a server's files put back as they were: the same home, at an earlier
moment. Ids that lie below positions already stored are refused; else whoever restores has to say
so. A node notices it by itself, as the last fact that it took is not there any more.

Source: promises.md, "Order" (restore or move to another server) and P19.
"""

import logging
from datetime import datetime

from msgspec import Struct
from psycopg import sql

from ledger.refusals import CorruptLedger
from ledger.store.mapper import decode
from ledger.store.pool import Connection

_log = logging.getLogger(__name__)
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


def notice_restored(connection: Connection, schema: str) -> Raised | None:
    """Raise the offset where the ledger is not where it was at home; None where it is, on a
    replica, and at the first start, which makes this its home.

    Raises CorruptLedger as raise_offset does. Two that start at once notice it once.
    """
    if _in_recovery(connection):
        return None
    offset = sql.Identifier(schema, "ledger_offset")
    with connection.transaction():
        row = connection.execute(sql.SQL("select home from {}").format(offset)).fetchone()
        assert row is not None, "a ledger has one offset"
        here = home(connection, schema)
        if row[0] == here:
            return None
        # Whoever else starts just now waits here, and finds it done.
        row = connection.execute(
            sql.SQL("select home from {} for update").format(offset)
        ).fetchone()
        assert row is not None, "a ledger has one offset"
        if row[0] is None:
            connection.execute(sql.SQL("update {} set home = %s").format(offset), (here,))
        if row[0] is None or row[0] == here:
            return None
        raised = raise_offset(connection, schema)
    _log.warning(
        "%s: the ledger was restored or moved (it was at home at %s, and is at %s): %d events are"
        " kept, the last at position %d; positions go on above %d, and whatever was given between"
        " them is lost; handhelds are to take their lists anew",
        schema,
        row[0],
        here,
        raised.events,
        raised.highest,
        raised.begins,
    )
    return raised


def _in_recovery(connection: Connection) -> bool:
    return connection.execute("select pg_is_in_recovery()").fetchone() == (True,)


def home(connection: Connection, schema: str) -> str:
    """Where positions are given: the server's identifier, its timeline, the database and the table.

    A server that does not tell its identifier is known by the others. Not for one in recovery.
    """
    row = connection.execute(
        "select has_function_privilege('pg_control_system()', 'execute'),"
        " left(pg_walfile_name(pg_current_wal_lsn()), 8)"
        " || '/' || (select oid from pg_database where datname = current_database())"
        " || '/' || (%s::regclass)::oid",
        (f"{schema}.stored_events",),
    ).fetchone()
    assert row is not None, "a row without a table"
    told, place = row
    server = (
        connection.execute("select system_identifier from pg_control_system()").fetchone()
        if told
        else None
    )
    return f"{server[0] if server else '-'}/{place}"


def is_lost(connection: Connection, schema: str, position: int) -> bool:
    """Whether a reader who read up to there may have read what a restore lost."""
    row = connection.execute(
        sql.SQL("select exists (select from {} where kept < %s and begins > %s)").format(
            sql.Identifier(schema, "lost_positions")
        ),
        (position, position),
    ).fetchone()
    return row == (True,)


def raise_offset(connection: Connection, schema: str, above: int = 0) -> Raised:
    """Have every position from now on lie above all that were ever given; writers are waited for.
    The ledger is at home here from now on, in another epoch.

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
            sql.SQL(
                "update {} set position_offset = %s, epoch = gen_random_uuid(), home = %s"
            ).format(offset),
            (begins - given, home(connection, schema)),
        )
        connection.execute(
            sql.SQL("insert into {} (begins, kept) values (%s, %s)").format(
                sql.Identifier(schema, "lost_positions")
            ),
            (begins, highest),
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
