"""What an officer decided off line, put on record when the device has a line again.

A decision is a look-up like any other, and besides it is kept with the device's own times, the
list it was made from, and what the ledger says to the same question from what was known when that
list was read. Where the two differ, that is seen, and nothing is changed.

Source: reference/enforcement-and-evidence.md, E.17; promises P6 and P9.
"""

from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct, structs
from psycopg import errors

from ledger.refusals import Refusal, Refused
from ledger.rules.covering import Bay, Reason
from ledger.store.pool import Connection
from ledger.values import glyph_key
from projections import enforcement
from projections.enforcement import CheckAnswer, Question
from services.checking import recover
from services.council import Council
from services.handhelds.lists import Reader


class Decision(Struct, frozen=True, kw_only=True):
    """What a device showed, under an id that the device gave it: sent again, it is the same one.

    `position` is the list's; `decided_at` and `sent_at` are by the device's own clock.
    """

    decision_id: str
    zone: str
    typed: str
    position: int
    decided_at: datetime
    sent_at: datetime
    covered: bool
    reason: Reason
    bay: Bay = ""


class Kept(Struct, frozen=True, kw_only=True):
    """A decision as it is on record.

    `list_read_at` is None where no list of that position was given out for the zone; then
    `ledger_covered` is of what was known when the decision was made; it is None where what is
    stored of the mark is in doubt. `clock_seconds` is how far the
    device's clock was ahead of the ledger's when it sent this, its time on the way included.
    """

    decision: str
    lookup: int
    received_at: datetime
    clock_seconds: float
    list_read_at: datetime | None
    ledger_covered: bool | None
    ledger_reason: Reason
    agrees: bool


_encoder = msgspec.json.Encoder()


def keep(council: Council, decision: Decision, reader: Reader) -> Kept:
    """Put a decision on record, or find it there.

    Raises Refused: `vehicle.mark_invalid`, or `key.reused_for_another_command` where the officer
    sent something else under the same id.
    """
    with council.pool.connection() as connection:
        try:
            return _kept(connection, council, decision, reader)
        except errors.InvalidSqlStatementName:
            # A rollback on this connection had the server forget what was prepared.
            recover(connection)
            return _kept(connection, council, decision, reader)


def _kept(connection: Connection, council: Council, decision: Decision, reader: Reader) -> Kept:
    digest = sha256(_encoder.encode(decision)).digest()
    schema = council.schema
    with connection.transaction():
        connection.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 11))",
            (f"{schema}/{reader.officer}/{decision.decision_id}",),
        )
        before = _found(connection, schema, decision.decision_id, reader.officer, digest)
        if before is not None:
            return before
        now = council.now(connection)
        given = _list(connection, schema, decision)
        known_at = decision.decided_at if given is None else given[1]
        by_ledger = enforcement.answer(
            connection,
            schema,
            council.scheme_at(decision.decided_at),
            Question(
                typed=decision.typed,
                zone=decision.zone,
                at=decision.decided_at,
                known_at=known_at,
                bay=decision.bay,
            ),
        )
        lookup = enforcement.keep(
            connection,
            schema,
            answered=_shown(by_ledger, decision),
            asked_at=now,
            officer=reader.officer,
            device=reader.device,
            kind="offline",
            device_at=decision.decided_at,
        )
        kept = Kept(
            decision=decision.decision_id,
            lookup=lookup,
            received_at=now,
            clock_seconds=(decision.sent_at - now).total_seconds(),
            list_read_at=None if given is None else given[1],
            ledger_covered=by_ledger.covered,
            ledger_reason=by_ledger.reason,
            agrees=by_ledger.covered == decision.covered,
        )
        list_id = None if given is None else given[0]
        _store(connection, schema, decision, kept, by_ledger, digest, list_id, reader)
    return kept


def _shown(by_ledger: CheckAnswer, decision: Decision) -> CheckAnswer:
    """The answer as the officer saw it: the device's, where that was another."""
    if (by_ledger.covered, by_ledger.reason) == (decision.covered, decision.reason):
        return by_ledger
    return structs.replace(
        by_ledger,
        covered=decision.covered,
        reason=decision.reason,
        match="",
        until=None,
        near=[],
        earliest_pcn_at=None,
        limit="",
        right=None,
        rule=enforcement.RULES[decision.reason],
        hint="",
    )


def _found(
    connection: Connection, schema: str, decision_id: str, officer: str, digest: bytes
) -> Kept | None:
    row = connection.execute(
        f"select body_digest, answer from {schema}.offline_decisions"
        " where officer = %s and decision_id = %s",
        (officer, decision_id),
    ).fetchone()
    if row is None:
        return None
    if row[0] != digest:
        raise Refused(
            [Refusal("key.reused_for_another_command", "this id was used for another decision")]
        )
    return msgspec.json.decode(row[1], type=Kept)


def _list(connection: Connection, schema: str, decision: Decision) -> tuple[int, datetime] | None:
    """The last list of that zone and position that was given out: its number, and when."""
    row = connection.execute(
        f"select list_id, given_at from {schema}.handheld_lists"
        " where zone = %s and position = %s order by list_id desc limit 1",
        (decision.zone, decision.position),
    ).fetchone()
    return None if row is None else (int(row[0]), row[1])


def _store(
    connection: Connection,
    schema: str,
    decision: Decision,
    kept: Kept,
    by_ledger: CheckAnswer,
    digest: bytes,
    list_id: int | None,
    reader: Reader,
) -> None:
    connection.execute(
        f"insert into {schema}.offline_decisions (officer, decision_id, lookup_id, body_digest,"
        " received_at, sent_at, decided_at, device, zone, shown, glyphs, position, list_id,"
        " covered, answer) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            reader.officer,
            decision.decision_id,
            kept.lookup,
            digest,
            kept.received_at,
            decision.sent_at,
            decision.decided_at,
            reader.device,
            decision.zone,
            by_ledger.mark,
            glyph_key(decision.typed),
            decision.position,
            list_id,
            decision.covered,
            _encoder.encode(kept).decode(),
        ),
    )
