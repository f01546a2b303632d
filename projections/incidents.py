"""The register of outages, as it was known and when, and the notices that an outage touches.

A notice is touched where it was issued while a service failed, or so soon after that whoever could
not book may not have been able to yet. What speaks for its vehicle: attempts of its household that
were refused or failed meanwhile, and a booking of its mark soon after the notice.

Source: reference/enforcement-and-evidence.md D5, D6, E16.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import OutageCorrected, OutageDeclared, OutageWithdrawn, Recorded, Service
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table
from ledger.values import FOREVER

OUTAGES = Table(
    name="outages",
    columns=(
        "outage_id",
        "version",
        "services",
        "failed_from",
        "failed_until",
        "found_how",
        "reason",
        "known_from",
        "known_until",
    ),
    key=("outage_id", "version"),
    match=("outage_id",),
    patched=("known_until",),
    open_until="known_until",
)


class Incidents:
    """The fold: what is known of an outage closes with each later fact about it."""

    name = "incidents"
    tables = (OUTAGES,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        event, at = recorded.event, recorded.recorded_at
        if not isinstance(event, OutageDeclared | OutageCorrected | OutageWithdrawn):
            return
        changes.patch(OUTAGES, {"outage_id": event.outage_id}, known_until=at)
        if isinstance(event, OutageWithdrawn):
            return
        changes.put(
            OUTAGES,
            {
                "outage_id": event.outage_id,
                "version": recorded.originator_version,
                "services": list(event.services),
                "failed_from": event.failed_from,
                "failed_until": event.failed_until,
                "found_how": event.found_how,
                "reason": event.reason,
                "known_from": at,
                "known_until": FOREVER,
            },
        )


class OutageSeen(Struct, frozen=True, kw_only=True):
    """An outage over `[failed_from, failed_until)`, None: it goes on; known since `known_from`."""

    outage_id: str
    services: list[Service]
    failed_from: datetime
    failed_until: datetime | None
    found_how: str
    reason: str
    known_from: datetime


_OUTAGE = "outage_id, services, failed_from, failed_until, found_how, reason, known_from"


def outages(
    connection: Connection,
    schema: str,
    *,
    since: datetime,
    until: datetime,
    known_at: datetime | None = None,
    outage_id: str = "",
) -> list[OutageSeen]:
    """Outages that overlap `[since, until)`, as known at an instant (None: now), oldest first."""
    if not outage_id.isprintable():
        return []  # a database takes no NUL in a text
    with connection.cursor(row_factory=class_row(OutageSeen)) as cursor:
        return cursor.execute(
            f"select {_OUTAGE} from {schema}.outages"
            " where failed_from < %(until)s and (failed_until is null or failed_until > %(since)s)"
            " and case when %(known)s::timestamptz is null then known_until = %(forever)s"
            " else known_from <= %(known)s and known_until > %(known)s end"
            " and (%(outage)s = '' or outage_id = %(outage)s)"
            " order by failed_from, outage_id",
            {
                "since": since,
                "until": until,
                "known": known_at,
                "forever": FOREVER,
                "outage": outage_id,
            },
        ).fetchall()


class TriedThen(Struct, frozen=True, kw_only=True):
    """An attempt of the notice's household that was refused or failed."""

    attempted_at: datetime
    command: str
    channel: str
    codes: list[str]


class NoticeTouched(Struct, frozen=True, kw_only=True):
    """A notice issued while a service failed, or within the margin after it.

    `booked_at`: when the first cover of its mark after the notice was recorded, within the margin
    after the outage; `attempts`: of households that ever had cover for the mark, oldest first.
    """

    number: str
    mark: str
    zone: str
    issued_at: datetime
    cancelled: bool
    booked_at: datetime | None
    attempts: list[TriedThen]


class _Touched(Struct, frozen=True, kw_only=True):
    number: str
    mark: str
    zone: str
    issued_at: datetime
    cancelled: bool
    booked_at: datetime | None
    households: list[str]


_TOUCHED = """
select n.number, n.shown as mark, n.zone, n.issued_at, n.cancelled_at is not null as cancelled,
    (select min(a.known_from) from {schema}.active_registrations a
        where a.glyphs = n.glyphs and a.kind <> 'listed'
            and a.known_from > n.issued_at and a.known_from < %(until)s) as booked_at,
    array(select distinct a.household_id::text from {schema}.active_registrations a
        where a.glyphs = n.glyphs order by 1) as households
from {schema}.notices n
where n.issued_at >= %(since)s and n.issued_at < %(until)s
order by n.issued_at, n.number
limit 1000
"""
_ATTEMPTS = """
select household_id::text as household, attempted_at, command, channel, codes
from {schema}.refused_attempts
where household_id = any(%(households)s::uuid[])
    and attempted_at >= %(since)s and attempted_at < %(until)s
order by attempted_at, attempt_id
"""


def touched(
    connection: Connection, schema: str, outage: OutageSeen, margin: timedelta, now: datetime
) -> list[NoticeTouched]:
    """The notices that an outage touches, oldest first, at most 1,000."""
    span = {
        "since": outage.failed_from,
        "until": min((outage.failed_until or now) + margin, FOREVER),
    }
    with connection.cursor(row_factory=class_row(_Touched)) as cursor:
        found = cursor.execute(_TOUCHED.format(schema=schema).encode(), span).fetchall()
    every = sorted({household for each in found for household in each.households})
    tried: dict[str, list[TriedThen]] = {}
    for household, attempted_at, command, channel, codes in connection.execute(
        _ATTEMPTS.format(schema=schema).encode(), {**span, "households": every}
    ).fetchall():
        tried.setdefault(household, []).append(
            TriedThen(attempted_at=attempted_at, command=command, channel=channel, codes=codes)
        )
    return [
        NoticeTouched(
            number=each.number,
            mark=each.mark,
            zone=each.zone,
            issued_at=each.issued_at,
            cancelled=each.cancelled,
            booked_at=each.booked_at,
            attempts=sorted(
                (one for household in each.households for one in tried.get(household, ())),
                key=lambda one: one.attempted_at,
            ),
        )
        for each in found
    ]
