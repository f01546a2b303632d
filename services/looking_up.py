"""Looking people up at the counter: so often an hour, and each look on record.

What is kept is who looked, by which kind of key, how many were found and whose page was opened, and
why where that is asked; what was typed is not.

Source: promises section 4 (insider: looks up an acquaintance), P9; scheme-wide, no council's term.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from ledger.store.pool import Connection
from services.identity import limits

LOOKS_AN_HOUR = 300
WINDOW = timedelta(hours=1)
TOLD = f"You have looked up {LOOKS_AN_HOUR} within an hour, and that is the most. Wait a while."


def record(
    connection: Connection,
    schema: str,
    *,
    role: str,
    name: str,
    kind: str,
    found: int,
    at: datetime,
    household: UUID | None = None,
    reason: str = "",
) -> None:
    """Count one look and keep it. `household` is whose page was opened. Raises TooMany.

    On a connection that commits by itself.
    """
    limits.count(connection, schema, "people", name, at, WINDOW, LOOKS_AN_HOUR)
    connection.execute(
        f"insert into {schema}.people_looked_up (looked_at, role, name, kind, found, household_id,"
        " reason) values (%s, %s, %s, %s, %s, %s, %s)",
        (at, role, name, kind, found, household, reason),
    )


class Look(Struct, frozen=True, kw_only=True):
    """One look: by which kind of key; `household` is empty where no page was opened."""

    looked_at: datetime
    role: str
    name: str
    kind: str
    found: int
    household: str
    reason: str


def looks(
    connection: Connection, schema: str, since: datetime, until: datetime, most: int
) -> list[Look]:
    """Who looked people up in `[since, until)`, the latest first."""
    with connection.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(
            "select looked_at, role, name, kind, found,"
            " coalesce(household_id::text, '') as household, reason"
            f" from {schema}.people_looked_up where looked_at >= %s and looked_at < %s"
            " order by looked_at desc, look_id desc limit %s",
            (since, until, most),
        ).fetchall()
