"""What staff found of each proof: it serves, or another is asked for, with the reason.

The decision itself is the application's; this is what it rests on, document by document.

Source: STV-060 to 062; issue "Pages", item 2.
"""

from datetime import datetime

from msgspec import Struct
from psycopg.rows import class_row

from ledger.household.state import Application
from ledger.store.pool import Connection


class Finding(Struct, frozen=True, kw_only=True):
    """`why` is for the resident, and empty where the proof serves."""

    document_id: str
    serves: bool
    why: str
    found_at: datetime
    name: str


def keep(
    connection: Connection,
    schema: str,
    *,
    application: str,
    document: str,
    serves: bool,
    why: str,
    name: str,
    at: datetime,
) -> None:
    """Keep a finding; a later one of the same document replaces it."""
    connection.execute(
        f"insert into {schema}.proof_findings"
        " (document_id, application_id, serves, why, found_at, name)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (document_id) do update set"
        " serves = excluded.serves, why = excluded.why, found_at = excluded.found_at,"
        " name = excluded.name",
        (document, application, serves, why, at, name),
    )


def wrong_with_last(connection: Connection, schema: str, application: Application) -> str:
    """Why staff ask for another proof of one that waits for them; empty where they do not, or
    where another came since.
    """
    if application.state != "awaiting_decision" or not application.documents:
        return ""
    last = found(connection, schema, application.application_id).get(application.documents[-1])
    return "" if last is None else last.why


def found(connection: Connection, schema: str, application: str) -> dict[str, Finding]:
    """What was found of an application's proofs, by document."""
    with connection.cursor(row_factory=class_row(Finding)) as cursor:
        rows = cursor.execute(
            f"select document_id, serves, why, found_at, name from {schema}.proof_findings"
            " where application_id = %s",
            (application,),
        ).fetchall()
    return {each.document_id: each for each in rows}
