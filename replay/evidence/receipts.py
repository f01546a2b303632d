"""What officers' devices were shown of the mark, and of marks nearly the same, that day.

Each receipt is read as it was kept, and its bytes are digested again. A decision that was made off
line belongs to the day on which it was made, and names the list that the device held.

Source: promises P8 (c), P9; enforcement-and-evidence.md E17.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from psycopg.rows import dict_row

from ledger.calendar import local_date, next_day, start_of_day
from ledger.refusals import CorruptLedger
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.values import FOREVER, Mark, near_keys, parse_mark
from projections.enforcement import CheckAnswer, of_bytes
from replay.evidence.asked import Opened
from replay.evidence.pack import ShownAnswer
from replay.evidence.redacting import Redactor, pattern

Row = dict[str, Any]

_QUERY = (
    "select k.lookup_id, k.kind, k.asked_at, k.device_at, k.about_at, k.known_at, k.device,"
    " k.officer, k.shown, k.glyphs, k.zone, k.seen_low, k.seen_high, k.seen_not, k.answer,"
    " encode(k.answer_digest, 'hex') as digest, d.position as list_position,"
    " l.given_at as list_given_at"
    " from {0}.lookups k"
    " left join {0}.offline_decisions d on k.kind = 'offline' and d.lookup_id = k.lookup_id"
    " left join {0}.handheld_lists l on l.list_id = d.list_id"
    " where k.glyphs = any(%(glyphs)s) and k.asked_at >= %(begins)s and k.asked_at <= %(as_of)s"
    " and (k.asked_at < %(ends)s or k.kind = 'offline' and k.about_at < %(ends)s)"
    " order by k.about_at, k.asked_at, k.lookup_id"
)


def rows(connection: Connection, schema: str, opened: Opened, scheme: Scheme) -> list[Row]:
    """The receipts of the local day of the instant, by the instant they are about."""
    day = local_date(opened.at, scheme.tz)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _QUERY.format(schema),
            {
                "glyphs": [opened.mark.glyphs, *near_keys(opened.mark.glyphs)],
                "begins": start_of_day(day, scheme.tz),
                "ends": start_of_day(next_day(day), scheme.tz),
                "as_of": opened.as_of,
            },
        ).fetchall()


def zone_checked(found: list[Row], opened: Opened) -> str:
    """The zone of the last check of the plate up to the instant; empty where there was none."""
    zones = [
        str(row["zone"])
        for row in found
        if row["glyphs"] == opened.mark.glyphs and row["about_at"] <= opened.at
    ]
    return zones[-1] if zones else ""


def shown(
    found: list[Row], mark: Mark, own_near: Collection[str], redactor: Redactor
) -> tuple[ShownAnswer, ...]:
    """As they are told: another household's plate is a pattern. Raises CorruptLedger."""
    return tuple(_shown(row, mark, own_near, redactor) for row in found)


def _shown(row: Row, mark: Mark, own_near: Collection[str], redactor: Redactor) -> ShownAnswer:
    answered = _answer(row)
    same = row["glyphs"] == mark.glyphs
    told = str(row["shown"])
    redactor.count("answer")
    if not same and row["glyphs"] not in own_near:
        other = parse_mark(told)
        assert other is not None, "what was looked up is a mark"
        told = pattern(mark, other)
        redactor.count("near")
    until = answered.until
    # What a node had seen is in its answer; its row tells of the sending in.
    node = row["kind"] == "node"
    return ShownAnswer(
        receipt=row["lookup_id"],
        kind=row["kind"],
        relation="same" if same else "near",
        mark=told,
        zone=row["zone"],
        asked_at=row["asked_at"],
        device_at=row["device_at"],
        about_at=row["about_at"],
        known_at=min(row["known_at"], row["asked_at"]),
        officer=row["officer"],
        device=row["device"],
        covered=answered.covered,
        reason=answered.reason,
        until=None if until is None or until >= FOREVER else until,
        earliest_pcn_at=answered.earliest_pcn_at,
        seen_low=answered.seen.low if node else row["seen_low"],
        seen_high=answered.seen.high if node else row["seen_high"],
        seen_not=() if node else tuple(row["seen_not"]),
        digest=row["digest"],
        intact=sha256(str(row["answer"]).encode()).hexdigest() == row["digest"],
        list_position=row["list_position"],
        list_given_at=row["list_given_at"],
    )


def _answer(row: Row) -> CheckAnswer:
    try:
        return of_bytes(row["answer"])
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"receipt {row['lookup_id']} holds no answer: {error}") from error


NEARLY_THEN = timedelta(minutes=10)
"""A check so near the instant speaks of it, whatever end it told."""


def speaks_of(each: ShownAnswer, opened_zone: str, at: datetime) -> bool:
    """True where a receipt tells of this plate, in this zone, at that very time."""
    if each.relation != "same" or each.zone != opened_zone:
        return False
    if abs(each.about_at - at) <= NEARLY_THEN:
        return True
    return bool(each.covered) and each.about_at <= at and (each.until is None or at < each.until)
