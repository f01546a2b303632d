"""Messages to send: what residents are told, once each. Catching up; the sender marks them sent.

Source: STV-074, STV-093, GRV-024; A-001, A-039.
"""

from datetime import datetime

from ledger.events import BookingCancelled, HoldingIssued, PinSent, Recorded, VoucherBooked
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

MESSAGES = Table(
    name="messages",
    columns=("message_id", "household_id", "resident_id", "kind", "subject", "due_at", "sent_at"),
    key=("message_id",),
    match=("message_id",),
    kept=("sent_at",),
)


class Messages:
    """The fold: a message where the fact says that one is sent."""

    name = "messages"
    tables = (MESSAGES,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case HoldingIssued(tell=True) as event:
                _put(changes, recorded, "issued", event.holding_id, event.resident_id)
            case VoucherBooked(tell=True) as event:
                _put(changes, recorded, "booked", event.booking_id, event.resident_id)
            case BookingCancelled(tell=True) as event:
                _put(changes, recorded, "cancelled", event.booking_id, recorded.entry.by.name)
            case PinSent() as event:
                _put(changes, recorded, "pin", "", event.resident_id)
            case _:
                pass


def _put(changes: Changes, recorded: Recorded, kind: str, subject: str, resident_id: str) -> None:
    changes.put(
        MESSAGES,
        {
            "message_id": f"{recorded.household_id}/{recorded.originator_version}",
            "household_id": recorded.household_id,
            "resident_id": resident_id,
            "kind": kind,
            "subject": subject,
            "due_at": recorded.recorded_at,
            "sent_at": None,
        },
    )


def counts(connection: Connection, schema: str, household_id: str) -> dict[str, int]:
    """How many messages of each kind a household was sent."""
    rows = connection.execute(
        f"select kind, count(*)::int from {schema}.messages where household_id = %s group by kind",
        (household_id,),
    ).fetchall()
    return dict(rows)


def latest(
    connection: Connection, schema: str, household_id: str, most: int
) -> list[tuple[str, datetime]]:
    """The last messages that a household was to be sent: their kind and when; the newest first."""
    rows = connection.execute(
        f"select kind, due_at from {schema}.messages where household_id = %s"
        " order by due_at desc, message_id limit %s",
        (household_id, most),
    ).fetchall()
    return [(kind, due_at) for kind, due_at in rows]
