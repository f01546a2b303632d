"""Penalty charge notices that were noted, and the checks that they follow from.

A notice names its check by receipt. Where it does not, it follows from the last check of its mark
within half an hour before it: the officer's own, or else anybody's. That is found when it is asked
for, so that a check an officer's device sends in later is found as well.

Source: reference/enforcement-and-evidence.md D5, D6, E2; promises P8, P9.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from psycopg.rows import class_row, dict_row

from ledger.events import NoticeCancelled, NoticeNoted, Recorded
from ledger.rules.notices import CHECKED_WITHIN
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table
from projections.lookups import SEEN, LookupSeen

NOTICES = Table(
    name="notices",
    columns=(
        "notice_id",
        "number",
        "typed",
        "shown",
        "glyphs",
        "zone",
        "issued_at",
        "contravention",
        "officer",
        "lookup_id",
        "noted_at",
        "cancelled_at",
        "cancelled_why",
    ),
    key=("notice_id",),
    match=("notice_id",),
    patched=("cancelled_at", "cancelled_why"),
)


class Notices:
    """The fold: a notice is noted once, and may be withdrawn."""

    name = "notices"
    tables = (NOTICES,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case NoticeNoted() as event:
                changes.put(
                    NOTICES,
                    {
                        "notice_id": recorded.household_id,
                        "number": event.number,
                        "typed": event.typed,
                        "shown": event.shown,
                        "glyphs": event.glyphs,
                        "zone": event.zone,
                        "issued_at": event.issued_at,
                        "contravention": event.contravention,
                        "officer": event.officer,
                        "lookup_id": event.lookup_id,
                        "noted_at": recorded.recorded_at,
                        "cancelled_at": None,
                        "cancelled_why": "",
                    },
                )
            case NoticeCancelled() as event:
                changes.patch(
                    NOTICES,
                    {"notice_id": recorded.household_id},
                    cancelled_at=recorded.recorded_at,
                    cancelled_why=event.reason_code,
                )
            case _:
                pass


class NoticeSeen(Struct, frozen=True, kw_only=True):
    """A notice as it is known. `receipt` is the check its sender named."""

    number: str
    mark: str
    glyphs: str
    zone: str
    issued_at: datetime
    contravention: str
    officer: str
    receipt: int | None
    noted_at: datetime
    cancelled_at: datetime | None
    cancelled_why: str


_NOTICE = (
    "number, shown as mark, glyphs, zone, issued_at, contravention, officer,"
    " lookup_id as receipt, noted_at, cancelled_at, cancelled_why"
)


def notice(connection: Connection, schema: str, number: str) -> NoticeSeen | None:
    """The notice of that number; None where none was noted."""
    if not number.isprintable():
        return None  # a database takes no NUL in a text
    with connection.cursor(row_factory=class_row(NoticeSeen)) as cursor:
        return cursor.execute(
            f"select {_NOTICE} from {schema}.notices where number = %s", (number,)
        ).fetchone()


def issued(
    connection: Connection, schema: str, since: datetime, until: datetime, after: str, limit: int
) -> list[NoticeSeen]:
    """Notices issued in `[since, until)`, in the order of their numbers above `after`."""
    with connection.cursor(row_factory=class_row(NoticeSeen)) as cursor:
        return cursor.execute(
            f"select {_NOTICE} from {schema}.notices where issued_at >= %s and issued_at < %s"
            " and number > %s order by number limit %s",
            (since, until, after, limit),
        ).fetchall()


def of_mark(
    connection: Connection, schema: str, glyphs: str, since: datetime, until: datetime
) -> list[NoticeSeen]:
    """A plate's notices issued in `[since, until)`, oldest first."""
    with connection.cursor(row_factory=class_row(NoticeSeen)) as cursor:
        return cursor.execute(
            f"select {_NOTICE} from {schema}.notices where glyphs = %s and issued_at >= %s"
            " and issued_at < %s order by issued_at, number",
            (glyphs, since, until),
        ).fetchall()


def checks_behind(
    connection: Connection, schema: str, found: Sequence[NoticeSeen]
) -> dict[str, LookupSeen]:
    """The check that each notice follows from, by the notice's number; none where none is known.

    One statement for all of them: a list of notices costs what one does.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select q.number, l.*"
            " from unnest(%s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[])"
            " as q(number, named, plate, issued_at, by)"
            f" cross join lateral ((select {SEEN} from {schema}.lookups"
            " where q.named is not null and lookup_id = q.named limit 1)"
            f" union all (select {SEEN} from {schema}.lookups where q.named is null"
            " and glyphs = q.plate and asked_at > q.issued_at - %s and asked_at <= q.issued_at"
            " order by officer = q.by desc, asked_at desc, lookup_id desc limit 1)) l",
            (
                [each.number for each in found],
                [each.receipt for each in found],
                [each.glyphs for each in found],
                [each.issued_at for each in found],
                [each.officer for each in found],
                CHECKED_WITHIN,
            ),
        ).fetchall()
    return {row.pop("number"): LookupSeen(**row) for row in rows}
