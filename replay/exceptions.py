"""The exceptions report: what staff did that a second look is worth, in order.

What was dated back, what took a second person, what was granted or set aside, money that staff
gave back, notices withdrawn, and every attempt to act where one lives or to approve one's own act.
From facts alone.

Source: E10; promises section 4 (insider: clerk).
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import Literal

from msgspec import Struct
from psycopg import sql

from ledger.events import (
    AllowanceGranted,
    CoverCorrected,
    EligibilityOverridden,
    HoldingRefunded,
    NoticeCancelled,
    Recorded,
    ResidentMovedOut,
)
from ledger.store.application import Ledger
from ledger.store.mapper import decode
from ledger.store.pool import Connection
from replay.folding import snapshot
from replay.wording import money

Kind = Literal[
    "corrected",
    "granted",
    "overridden",
    "refunded",
    "moved_out_before",
    "notice_withdrawn",
    "attempted",
]
_TOPICS: tuple[type, ...] = (
    CoverCorrected,
    AllowanceGranted,
    EligibilityOverridden,
    HoldingRefunded,
    ResidentMovedOut,
    NoticeCancelled,
)
WATCHED = ("correction.own_household", "correction.same_person")
"""Refusals that are worth a look by themselves."""


class Exceptional(Struct, frozen=True, kw_only=True):
    """One act, or one attempt. `back_seconds`: how long before it was recorded it takes effect."""

    at: datetime
    kind: Kind
    by: str
    role: str
    approver: str
    household: str
    version: int
    back_seconds: int
    reason: str
    codes: list[str]


def exceptions(ledger: Ledger, since: datetime, until: datetime) -> Iterator[Exceptional]:
    """What is worth a second look of `[since, until)`, oldest first. Raises CorruptLedger."""
    with snapshot(ledger) as connection:
        acts = _acts(connection, ledger.schema, since, until)
        attempts = _attempts(connection, ledger.schema, since, until)
        yield from merge(acts, attempts, key=lambda each: each.at)


def _acts(
    connection: Connection, schema: str, since: datetime, until: datetime
) -> Iterator[Exceptional]:
    found = connection.execute(_stored(schema))
    told = [
        _told(
            Recorded(
                originator_id=row[0],
                originator_version=row[1],
                position=row[2],
                entry=decode(bytes(row[3])),
            )
        )
        for row in found
    ]
    inside = (each for each in told if each is not None and since <= each.at < until)
    # Positions and instants may differ for what was recorded side by side.
    yield from sorted(inside, key=lambda each: each.at)


def _stored(schema: str) -> sql.Composed:
    """The topics are written out: of a parameter the server does not know that its index of just
    these serves, and reads the whole ledger.
    """
    tags = [str(kind.__struct_config__.tag) for kind in _TOPICS]  # type: ignore[attr-defined]
    return sql.SQL(
        "select originator_id, originator_version, notification_id, state"
        " from {} where topic in ({}) order by notification_id"
    ).format(sql.Identifier(schema, "stored_events"), sql.SQL(", ").join(map(sql.Literal, tags)))


def _told(fact: Recorded) -> Exceptional | None:
    match fact.event:
        case CoverCorrected() as event:
            begins = min(cover.covers_from for cover in event.covers)
            why = f"{event.reason_code}: {event.reason}" if event.reason_code else event.reason
            return _act(fact, "corrected", event.approver, why, begins)
        case AllowanceGranted() as event:
            return _act(fact, "granted", event.approver, event.reason, None)
        case EligibilityOverridden() as event:
            return _act(fact, "overridden", event.approver, event.reason, None)
        case HoldingRefunded() as event if fact.entry.by.role != "resident":
            return _act(fact, "refunded", "", money(event.pence), None)
        case NoticeCancelled() as event:
            why = f"{event.reason_code}: {event.reason}"
            return _act(fact, "notice_withdrawn", "", why, None)
        case ResidentMovedOut() as event if event.moved_out_at < fact.recorded_at:
            return _act(fact, "moved_out_before", "", "", event.moved_out_at)
        case _:
            return None


def _act(
    fact: Recorded, kind: Kind, approver: str, reason: str, begins: datetime | None
) -> Exceptional:
    back = 0 if begins is None else int((fact.recorded_at - begins).total_seconds())
    return Exceptional(
        at=fact.recorded_at,
        kind=kind,
        by=fact.entry.by.name,
        role=fact.entry.by.role,
        approver=approver,
        household=fact.household_id,
        version=fact.originator_version,
        back_seconds=max(0, back),
        reason=reason,
        codes=[],
    )


def _attempts(
    connection: Connection, schema: str, since: datetime, until: datetime
) -> Iterator[Exceptional]:
    found = connection.execute(
        "select attempted_at, actor, role, coalesce(household_id::text, ''), command, codes"
        f" from {schema}.refused_attempts where codes && %s and attempted_at >= %s"
        " and attempted_at < %s order by attempted_at, attempt_id",
        (list(WATCHED), since, until),
    )
    for at, actor, role, household, command, codes in found:
        yield Exceptional(
            at=at,
            kind="attempted",
            by=actor,
            role=role,
            approver="",
            household=household,
            version=0,
            back_seconds=0,
            reason=command,
            codes=codes,
        )
