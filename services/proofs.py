"""Proofs that residents sent, kept apart from the facts: what was made of the file, until its day.

The ledger knows that a document was accepted, of which type and date. What it shows is here, for
the parking team alone: each look is kept. A resident is never shown it again.

Source: STV-060 to 062; reference/promises.md (privacy, insiders).
"""

from datetime import date, datetime
from secrets import token_hex
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from ledger.refusals import NotFound
from ledger.store.pool import Connection
from services.proof_fitting import Fitted


class Received(Struct, frozen=True, kw_only=True):
    """That a file was received, and no more."""

    document_id: str
    media_type: str
    received_at: datetime


class ProofFile(Struct, frozen=True, kw_only=True):
    """The file itself. `content` None: it was removed when its time was over."""

    file_id: str
    media_type: str
    content: bytes | None
    received_at: datetime
    keep_until: date


def keep(
    connection: Connection,
    schema: str,
    file: Fitted,
    *,
    household: UUID,
    resident: str,
    application: str,
    at: datetime,
    keep_until: date,
) -> str:
    """Keep a file before the ledger is asked to take it; its id. It is nobody's until `belongs`."""
    file_id = token_hex(16)
    connection.execute(
        f"insert into {schema}.proof_files (file_id, household_id, resident_id, application_id,"
        " media_type, content, digest, size_bytes, received_at, keep_until)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            file_id,
            household,
            resident,
            application,
            file.media_type,
            file.content,
            file.digest,
            len(file.content),
            at,
            keep_until,
        ),
    )
    return file_id


def belongs(connection: Connection, schema: str, file_id: str, document: str) -> None:
    """The ledger took it as that document. Where it has its file already, this one is dropped."""
    connection.execute(
        f"update {schema}.proof_files set document_id = %s where file_id = %s"
        f" and not exists (select from {schema}.proof_files where document_id = %s)",
        (document, file_id, document),
    )
    drop(connection, schema, file_id)


def drop(connection: Connection, schema: str, file_id: str) -> None:
    """Forget a file that is no document: the ledger refused it."""
    connection.execute(
        f"delete from {schema}.proof_files where file_id = %s and document_id is null", (file_id,)
    )


def received(connection: Connection, schema: str, application: str) -> list[Received]:
    """What was received for an application, in order."""
    with connection.cursor(row_factory=class_row(Received)) as cursor:
        return cursor.execute(
            f"select document_id, media_type, received_at from {schema}.proof_files"
            " where application_id = %s and document_id is not null order by received_at",
            (application,),
            prepare=True,
        ).fetchall()


def look_at(
    connection: Connection, schema: str, document: str, *, role: str, name: str, at: datetime
) -> ProofFile:
    """The file of a document, for somebody of the council: the look is kept. Raises NotFound."""
    with connection.transaction(), connection.cursor(row_factory=class_row(ProofFile)) as cursor:
        found = cursor.execute(
            "select file_id, media_type, content, received_at, keep_until"
            f" from {schema}.proof_files where document_id = %s",
            (document,),
        ).fetchone()
        if found is None:
            raise NotFound("document")
        connection.execute(
            f"insert into {schema}.proof_looks (file_id, looked_at, role, name)"
            " values (%s, %s, %s, %s)",
            (found.file_id, at, role, name),
        )
    return found


def remove_due(connection: Connection, schema: str, today: date, at: datetime) -> int:
    """Remove the content of every file whose time is over, and files the ledger never took.

    How many. That a file was there, and who looked at it, stays.
    """
    removed = connection.execute(
        f"update {schema}.proof_files set content = null, removed_at = %s"
        " where removed_at is null and keep_until < %s",
        (at, today),
    )
    connection.execute(
        f"delete from {schema}.proof_files where document_id is null"
        " and received_at < %s - interval '1 day'",
        (at,),
    )
    return removed.rowcount
