"""Deadlines: what the worker has to record, and when it falls due.

Source: HAN-019, X-028, X-036.
"""

from datetime import datetime

from ledger.events import (
    ApplicationDeclined,
    ApplicationRefused,
    HoldingEnded,
    HoldingExpired,
    HoldingIssued,
    OfferLapsed,
    OfferMade,
    Recorded,
    ResidentMovedOut,
)
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

DEADLINES = Table(
    name="deadlines",
    columns=("kind", "subject", "household_id", "due_at", "done"),
    key=("kind", "subject"),
    match=("kind", "subject"),
    patched=("done",),
)


class Deadlines:
    """The fold: a holding lapses at its end, an offer when it is not taken up; each once."""

    name = "deadlines"
    tables = (DEADLINES,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case HoldingIssued() as event:
                _due(changes, recorded, "holding", event.holding_id, event.in_force_until)
                _done(changes, "offer", event.application_id)
            case OfferMade() as event if event.lapses_at:
                _due(changes, recorded, "offer", event.application_id, event.lapses_at)
            case HoldingExpired() | HoldingEnded() as event:
                _done(changes, "holding", event.holding_id)
            case ResidentMovedOut() as event:
                for holding_id in event.ended_holdings:
                    _done(changes, "holding", holding_id)
            case OfferLapsed() | ApplicationDeclined() | ApplicationRefused() as event:
                _done(changes, "offer", event.application_id)
            case _:
                pass


def _due(changes: Changes, recorded: Recorded, kind: str, subject: str, at: datetime) -> None:
    changes.put(
        DEADLINES,
        {
            "kind": kind,
            "subject": subject,
            "household_id": recorded.household_id,
            "due_at": at,
            "done": False,
        },
    )


def _done(changes: Changes, kind: str, subject: str) -> None:
    changes.patch(DEADLINES, {"kind": kind, "subject": subject}, done=True)


def due(
    connection: Connection, schema: str, until: datetime, limit: int
) -> list[tuple[str, str, str, datetime]]:
    """(kind, subject, household, due at) of what is due at or before an instant, earliest first."""
    return connection.execute(
        f"select kind, subject, household_id::text, due_at from {schema}.deadlines"
        " where not done and due_at <= %s order by due_at, kind, subject limit %s",
        (until, limit),
    ).fetchall()
