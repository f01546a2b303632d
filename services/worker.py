"""The worker: what falls due is recorded, followers catch up, and one process alone does it.

Leadership is an advisory lock of the council, held for as long as the worker lives. Every job is
idempotent: its key is made of what lapsed, so that a job that runs twice has one effect. Jobs run
in UTC.

Source: design sections 5 and 7; services.md section 1 (schedule).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from commands.handling import Sender
from commands.lapse import Lapse
from ledger.events import Actor
from ledger.refusals import ConcurrentChange, NotFound, Refused
from ledger.store.pool import Connection
from services.council import Council

SYSTEM = Actor("system", "worker")


def run_due(
    council: Council, until: datetime, before_each: Callable[[datetime], None] | None = None
) -> int:
    """Record everything that fell due at or before an instant, in order of its due time. How many.

    `before_each` is told the due time first: scenarios set their clock to it.
    """
    done = 0
    passed: set[tuple[str, str]] = set()
    while True:
        found = council.next_due(until, passed)
        if found is None:
            return done
        kind, subject, household_id, due_at = found
        if before_each is not None:
            before_each(due_at)
        try:
            council.handle(
                UUID(household_id),
                Lapse(kind=cast(Literal["holding", "offer"], kind), subject=subject),
                Sender(by=SYSTEM, key=f"lapse/{kind}/{subject}/{due_at.isoformat()}"),
            )
            done += 1
        except (Refused, NotFound, ConcurrentChange):
            # Not lapsed after all, recorded by somebody else, or a household that is busy: looked
            # at once, then left for the next run, so that it holds nobody else up.
            passed.add((kind, subject))


def lead(connection: Connection, council: Council) -> bool:
    """True where this process is the council's worker now, and for as long as the connection
    lives."""
    row = connection.execute(
        "select pg_try_advisory_lock(hashtextextended(%s, 7))", (f"worker/{council.schema}",)
    ).fetchone()
    return bool(row and row[0])
