"""The checks of what is stored that the server can make, and the snapshots; and what a check finds.

A check that the server itself cannot make, as what is stored is no text or no JSON, is a problem
like any other.

Source: promises P5, P7, P9, P18.
"""

from collections.abc import Collection, Iterator
from typing import Any, Literal
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.store.application import HOUSEHOLD_SHAPE
from ledger.store.pool import Connection
from projections import doubts
from replay.comparing import Difference
from replay.folding import household_facts

Kind = Literal[
    "version",
    "position",
    "recorded_at",
    "unreadable",
    "bytes",
    "topic",
    "receipt",
    "snapshot",
    "lookup",
    "folding",
    "doubt",
    "row",
]


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where: household, version and position (0: not known)."""

    kind: Kind
    household_id: str = ""
    version: int = 0
    position: int = 0
    detail: str
    difference: Difference | None = None

    def __str__(self) -> str:
        place = [
            f"household {self.household_id}" if self.household_id else "",
            f"version {self.version}" if self.version else "",
            f"position {self.position}" if self.position else "",
        ]
        where = ", ".join(part for part in place if part)
        return f"{self.kind}: {where}: {self.detail}" if where else f"{self.kind}: {self.detail}"


def asked_of_the_server(
    connection: Connection, kind: Kind, text: str
) -> tuple[list[tuple[Any, ...]], list[Problem]]:
    """The rows of a question; or that it could not be asked, and why."""
    try:
        with connection.transaction():
            return connection.execute(text.encode()).fetchall(), []
    except psycopg.DataError as error:
        return [], [Problem(kind=kind, detail=f"what is stored cannot be read: {_first(error)}")]


def _first(error: psycopg.Error) -> str:
    """What the server says of it; what it was about may be somebody's, and is left out."""
    return error.diag.message_primary or type(error).__name__


def positions(connection: Connection, schema: str) -> Iterator[Problem]:
    """Events that share a position."""
    found, wrong = asked_of_the_server(
        connection,
        "position",
        "select notification_id, count(*), min(originator_id::text)"
        f" from {schema}.stored_events group by notification_id having count(*) > 1"
        " order by notification_id",
    )
    yield from wrong
    for position, times, household_id in found:
        yield Problem(
            kind="position",
            household_id=household_id,
            position=position,
            detail=f"{times} events have this position",
        )


def receipts(connection: Connection, schema: str) -> Iterator[Problem]:
    """Keys that had an effect more than once."""
    found, wrong = asked_of_the_server(
        connection,
        "receipt",
        "select key, count(*), min(household), max(version) from ("
        " select convert_from(state, 'UTF8')::json #>> '{receipt,key}' as key,"
        " originator_id::text as household, originator_version as version"
        f" from {schema}.stored_events) each"
        " where key is not null group by key having count(*) > 1 order by key",
    )
    yield from wrong
    for key, times, household_id, version in found:
        yield Problem(
            kind="receipt",
            household_id=household_id,
            version=version,
            detail=f"the key {key} has {times} receipts",
        )


def lookups(connection: Connection, schema: str) -> Iterator[Problem]:
    """Answers whose bytes no longer have their digest, or that are about something else."""
    found, wrong = asked_of_the_server(
        connection,
        "lookup",
        "select lookup_id, sha256(convert_to(answer, 'UTF8')) = answer_digest"
        f" from {schema}.lookups where sha256(convert_to(answer, 'UTF8')) <> answer_digest"
        " or shown is distinct from answer::json ->> 'mark'"
        " or zone is distinct from answer::json ->> 'zone'"
        " or about_at is distinct from (answer::json ->> 'at')::timestamptz"
        " order by lookup_id",
    )
    yield from wrong
    for number, same in found:
        what = "its row tells of another question" if same else "its bytes were changed"
        yield Problem(kind="lookup", detail=f"receipt {number}: {what}")


def snapshots(connection: Connection, schema: str, without: Collection[UUID]) -> Iterator[Problem]:
    """A snapshot that tells otherwise than the facts would be decided upon."""
    found = connection.execute(
        f"select originator_id, originator_version from {schema}.snapshots"
        " where shape = %s order by originator_id",
        (HOUSEHOLD_SHAPE,),
    ).fetchall()
    for stream, version in found:
        if stream in without:
            continue
        row = connection.execute(
            f"select state from {schema}.snapshots where originator_id = %s", (stream,)
        ).fetchone()
        assert row is not None
        if not _is_made(household_facts(connection, schema, str(stream)), stream, version, row[0]):
            yield Problem(
                kind="snapshot",
                household_id=str(stream),
                version=version,
                detail="the snapshot is not what the facts up to it make",
            )


def _is_made(known: list[Any], stream: UUID, version: int, state: bytes) -> bool:
    try:
        stored = msgspec.msgpack.decode(state, type=Household)
        made = fold(Household(household_id=str(stream)), known[: max(version, 0)])
    except Exception:
        # Facts that read well and were never true may break a fold anywhere.
        return False
    return stored == made and made.version == version


def facts_in_doubt(connection: Connection, schema: str) -> Iterator[Problem]:
    """Households whose facts the server has seen altered, since somebody said they are right."""
    told = set()
    for each in doubts.standing(connection, schema):
        if each.about == "facts" and each.household_id not in told:
            told.add(each.household_id)
            yield Problem(kind="doubt", household_id=each.household_id or "", detail=each.why)
