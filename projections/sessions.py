"""Booked sessions: a resident's list, latest start first, with search, period and pages. Catching
up.

Source: STV-106 to 121; X-011, X-012.
"""

from datetime import datetime

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import (
    BookingAmended,
    BookingCancelled,
    CoverCorrected,
    HoldingEnded,
    Recorded,
    ResidentMovedOut,
    VoucherBooked,
)
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

SESSIONS = Table(
    name="sessions",
    columns=(
        "booking_id",
        "version",
        "household_id",
        "resident_id",
        "holding_id",
        "product",
        "zone",
        "shown",
        "glyphs",
        "name",
        "covers_from",
        "covers_until",
        "pence",
        "booked_at",
        "cancelled_at",
    ),
    key=("booking_id",),
    match=("booking_id",),
    patched=("shown", "glyphs", "covers_from", "covers_until", "cancelled_at"),
)


class Session(Struct, frozen=True, kw_only=True):
    """One booked visit, over `[covers_from, covers_until)`."""

    booking_id: str
    holding_id: str
    product: str
    zone: str
    shown: str
    name: str
    covers_from: datetime
    covers_until: datetime
    pence: int
    booked_at: datetime

    def changeable(self, at: datetime, scheme: Scheme) -> bool:
        """True until the visit begins, where the scheme lets it be changed (STV-111)."""
        product = scheme.product(self.product)
        fixed = product is not None and not (product.change.cancel or product.change.amend)
        return at < self.covers_from and not fixed


class Sessions:
    """The fold: booked, amended, cancelled, void because of a move."""

    name = "sessions"
    tables = (SESSIONS,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case VoucherBooked() as event:
                cover = event.covers[0]
                changes.put(
                    SESSIONS,
                    {
                        "booking_id": event.booking_id,
                        "version": recorded.originator_version,
                        "household_id": recorded.household_id,
                        "resident_id": event.resident_id,
                        "holding_id": event.holding_id,
                        "product": event.product,
                        "zone": cover.zone,
                        "shown": cover.shown,
                        "glyphs": cover.glyphs,
                        "name": event.name,
                        "covers_from": cover.covers_from,
                        "covers_until": cover.covers_until,
                        "pence": event.pence,
                        "booked_at": recorded.recorded_at,
                        "cancelled_at": None,
                    },
                )
            case BookingAmended() | CoverCorrected() as event if event.booking_id:
                cover = event.covers[0]
                changes.patch(
                    SESSIONS,
                    {"booking_id": event.booking_id},
                    shown=cover.shown,
                    glyphs=cover.glyphs,
                    covers_from=cover.covers_from,
                    covers_until=cover.covers_until,
                )
            case BookingCancelled() as event:
                _cancelled(changes, event.booking_id, recorded.recorded_at)
            case HoldingEnded() as event:
                for booking_id in event.void_bookings:
                    _cancelled(changes, booking_id, event.ended_at)
            case ResidentMovedOut() as event:
                for booking_id in event.void_bookings:
                    _cancelled(changes, booking_id, event.moved_out_at)
            case _:
                pass


def _cancelled(changes: Changes, booking_id: str, at: datetime) -> None:
    changes.patch(SESSIONS, {"booking_id": booking_id}, cancelled_at=at)


def page(
    connection: Connection,
    schema: str,
    household_id: str,
    *,
    since: datetime,
    search: str,
    scheme: Scheme,
    number: int,
    resident_id: str | None = None,
) -> tuple[list[Session], int]:
    """One page (from 1) of the sessions booked or parked since an instant, and how many there are.

    `search` is text in the location (the zone or its name), the mark (spaces aside) or the date
    (20/11/2026, 2026-11-20, 20 November 2026 or 20 Nov 2026), as the scheme names them in its
    view. `resident_id` narrows the list to one resident's own.
    """
    text = f"%{_literal(search.strip())}%"
    mark = f"%{_literal(''.join(search.split()).replace('-', '').upper())}%"
    matches = {
        "location": "zone ilike %(text)s or zone = any(%(named)s)",
        "vrm": "shown like %(mark)s",
        "date": "to_char(covers_from at time zone %(zone)s,"
        " 'DD/MM/YYYY YYYY-MM-DD FMDD FMMonth YYYY FMDD Mon YYYY') ilike %(text)s",
        "name": "name ilike %(text)s",
    }
    wanted = (
        " or ".join(matches[field] for field in scheme.view.search_fields)
        if search.strip()
        else "true"
    )
    where = (
        "household_id = %(household)s and cancelled_at is null"
        " and (%(resident)s::text is null or resident_id = %(resident)s::text)"
        f" and greatest(booked_at, covers_from) >= %(since)s and ({wanted})"
    )
    values = {
        "household": household_id,
        "resident": resident_id,
        "since": since,
        "text": text,
        "mark": mark,
        "named": [zone.id for zone in scheme.zones if search.strip().lower() in zone.name.lower()],
        "zone": scheme.timezone,
        "limit": scheme.view.page_size,
        "offset": (number - 1) * scheme.view.page_size,
    }
    total = connection.execute(f"select count(*) from {schema}.sessions where {where}", values)
    row = total.fetchone()
    assert row is not None
    with connection.cursor(row_factory=class_row(Session)) as cursor:
        found = cursor.execute(
            "select booking_id, holding_id, product, zone, shown, name, covers_from, covers_until,"
            f" pence, booked_at from {schema}.sessions where {where}"
            " order by covers_from desc, booked_at desc, version"
            " limit %(limit)s offset %(offset)s",
            values,
        ).fetchall()
    return found, int(row[0])


def _literal(text: str) -> str:
    """The text with the wildcards of `like` made plain."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
