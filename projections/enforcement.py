"""The officer's check: one question, answered from the active registrations, and on record.

No answer leaves without its row in `lookups`, appended in the same moment: what was shown can be
read back byte for byte, whatever becomes true later.

Source: design sections 5 and 6; reference/enforcement-and-evidence.md; promises P6, P8, P9.
"""

from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

from ledger.refusals import Refused
from ledger.rules import covering
from ledger.rules.covering import Bay, Reason, Verdict
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.values import Mark, mark_refusal, near_keys, parse_mark
from projections import active_registrations

LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder


class RightShown(Struct, frozen=True, kw_only=True):
    """The right behind an answer, without a person: kind, holding, product, zone, period, event."""

    kind: str
    holding: str
    product: str
    zone: str
    covers_from: datetime
    covers_until: datetime
    household: str
    version: int


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """What the officer is told, in UTC. `until` and `earliest_pcn_at` are the first instant that is
    no longer covered, or protected.
    """

    mark: str
    zone: str
    at: datetime
    known_at: datetime
    covered: bool
    reason: Reason
    match: Literal["", "exact", "same_glyphs"]
    until: datetime | None
    near: list[str]
    earliest_pcn_at: datetime | None
    limit: str
    right: RightShown | None
    edition: str


class Question(Struct, frozen=True, kw_only=True):
    """A mark as typed, a zone, and the two instants: about when, and by what was known when."""

    typed: str
    zone: str
    at: datetime
    known_at: datetime
    bay: Bay = ""


def answer(connection: Connection, schema: str, scheme: Scheme, question: Question) -> CheckAnswer:
    """The answer to one question. Raises Refused with `vehicle.mark_invalid`."""
    mark = parse_mark(question.typed)
    refusal = mark_refusal(question.typed)
    if mark is None or refusal is not None:
        raise Refused([refusal] if refusal else [])
    found = _verdict(connection, schema, scheme, question, mark)
    near = [] if found.covered else near_marks(connection, schema, mark, question)
    return CheckAnswer(
        mark=mark.shown,
        zone=question.zone,
        at=question.at,
        known_at=question.known_at,
        covered=found.covered,
        reason=found.reason,
        match=found.match,
        until=found.until,
        near=near,
        earliest_pcn_at=found.earliest_pcn_at,
        limit=found.limit,
        right=_shown(found),
        edition=scheme.edition,
    )


def _verdict(
    connection: Connection, schema: str, scheme: Scheme, question: Question, mark: Mark
) -> Verdict:
    """First the rights that may hold now; only where none does, everything that ended before."""
    facts = active_registrations.facts(connection, schema, mark.glyphs, question.known_at)
    found = Verdict(covered=False, reason="no_right")
    for since in (question.at, LONG_AGO):
        rights = active_registrations.rights(
            connection, schema, mark.glyphs, question.known_at, since
        )
        found = covering.verdict(
            mark.shown, rights, facts, scheme, question.zone, question.at, question.bay
        )
        if found.covered or found.reason in ("vehicle_excluded", "suspended_bay"):
            break
    return found


def near_marks(connection: Connection, schema: str, mark: Mark, question: Question) -> list[str]:
    """Marks one edit or swap away that are covered here at that instant: advice, no permission."""
    return active_registrations.covered_marks(
        connection,
        schema,
        near_keys(mark.glyphs),
        question.zone,
        question.at,
        question.known_at,
    )


def _shown(found: Verdict) -> RightShown | None:
    right = found.right
    if right is None:
        return None
    return RightShown(
        kind=right.kind,
        holding=right.holding_id,
        product=right.product,
        zone=right.zone,
        covers_from=right.covers_from,
        covers_until=right.covers_until,
        household=right.household_id,
        version=right.version,
    )


def keep(
    connection: Connection,
    schema: str,
    *,
    answered: CheckAnswer,
    asked_at: datetime,
    officer: str,
    device: str,
) -> int:
    """Append the look-up: the exact answer, and the snapshot it came from. Its number."""
    text = _encoder.encode(answered)
    mark = parse_mark(answered.mark)
    assert mark is not None
    row = connection.execute(
        f"insert into {schema}.lookups (asked_at, about_at, known_at, device, officer, shown,"
        " glyphs, zone, snapshot, answer, answer_digest)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, pg_current_snapshot()::text, %s, %s)"
        " returning lookup_id",
        (
            asked_at,
            answered.at,
            answered.known_at,
            device,
            officer,
            answered.mark,
            mark.glyphs,
            answered.zone,
            text.decode(),
            sha256(text).digest(),
        ),
        prepare=True,
    ).fetchone()
    assert row is not None
    return int(row[0])


def shown(
    connection: Connection, schema: str, typed: str, asked_at: datetime
) -> CheckAnswer | None:
    """What an officer was answered of a mark, at or last before an instant; None: not asked."""
    mark = parse_mark(typed)
    if mark is None:
        return None
    row = connection.execute(
        f"select answer from {schema}.lookups where glyphs = %s and asked_at <= %s"
        " order by asked_at desc, lookup_id desc limit 1",
        (mark.glyphs, asked_at),
    ).fetchone()
    return None if row is None else _decoder(CheckAnswer).decode(row[0])


def database_now(connection: Connection) -> datetime:
    """The one clock of the council: the database's."""
    row = connection.execute("select clock_timestamp()", prepare=True).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now
