"""Looking people up at the counter: so often an hour, and each look on record.

What is kept is who looked, by which kind of key, how many were found and whose page was opened;
what was typed is not.

Source: promises section 4 (insider: looks up an acquaintance), P9; scheme-wide, no council's term.
"""

from datetime import datetime, timedelta
from uuid import UUID

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
) -> None:
    """Count one look and keep it. `household` is whose page was opened. Raises TooMany.

    On a connection that commits by itself.
    """
    limits.count(connection, schema, "people", name, at, WINDOW, LOOKS_AN_HOUR)
    connection.execute(
        f"insert into {schema}.people_looked_up (looked_at, role, name, kind, found, household_id)"
        " values (%s, %s, %s, %s, %s, %s)",
        (at, role, name, kind, found, household),
    )
