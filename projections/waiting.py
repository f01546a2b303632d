"""How every application stands, for those who decide: what waits, until when, and what is offered.

Inline, so that what a colleague has just decided is not shown as waiting.

Source: issue "Pages", item 2; scheme TOML `flow`; X-028, X-029.
"""

from datetime import date, datetime

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import (
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationRefused,
    ApplicationSubmitted,
    HoldingIssued,
    OccupancyChecked,
    OfferLapsed,
    OfferMade,
    PaymentAuthorised,
    ProofReused,
    ProofUploaded,
    Recorded,
)
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

APPLICATION_QUEUE = Table(
    name="application_queue",
    columns=(
        "application_id",
        "household_id",
        "number",
        "resident_id",
        "product",
        "state",
        "submitted_at",
        "target_on",
        "lapses_at",
    ),
    key=("application_id",),
    match=("application_id",),
    patched=("state", "target_on", "lapses_at"),
)


class Waiting:
    """The fold: sent, proved, offered, approved, refused, cancelled, lapsed, paid, issued."""

    name = "waiting"
    tables = (APPLICATION_QUEUE,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case ApplicationSubmitted():
                _put(changes, recorded, event)
            case ProofUploaded() | ProofReused() | OccupancyChecked():
                _now(changes, event.application_id, event.state)
                if event.target_on is not None:
                    _patch(changes, event.application_id, target_on=event.target_on)
            case OfferMade():
                _now(changes, event.application_id, "offered")
                if event.lapses_at is not None:
                    _patch(changes, event.application_id, lapses_at=event.lapses_at)
            case ApplicationApproved():
                _now(changes, event.application_id, event.state)
            case ApplicationRefused():
                _now(changes, event.application_id, "refused")
            case ApplicationDeclined():
                _now(changes, event.application_id, "declined")
            case OfferLapsed():
                _now(changes, event.application_id, "lapsed")
            case PaymentAuthorised():
                for each in event.applications:
                    _now(changes, each, event.state)
            case HoldingIssued() if event.application_id:
                _now(changes, event.application_id, "issued")
            case _:
                pass


def _now(changes: Changes, application: str, state: str) -> None:
    _patch(changes, application, state=state)


def _patch(changes: Changes, application: str, **values: object) -> None:
    changes.patch(APPLICATION_QUEUE, {"application_id": application}, **values)


def _put(changes: Changes, recorded: Recorded, event: ApplicationSubmitted) -> None:
    changes.put(
        APPLICATION_QUEUE,
        {
            "application_id": event.application_id,
            "household_id": recorded.household_id,
            "number": event.number,
            "resident_id": event.resident_id,
            "product": event.lines[0].product,
            "state": event.state,
            "submitted_at": recorded.recorded_at,
            "target_on": event.target_on,
            "lapses_at": None,
        },
    )


class Queued(Struct, frozen=True, kw_only=True):
    """An application that waits for a decision, or whose offer waits to be taken up."""

    application_id: str
    household_id: str
    number: str
    product: str
    submitted_at: datetime
    target_on: date | None
    lapses_at: datetime | None


class Counts(Struct, frozen=True, kw_only=True):
    """How many wait for a decision, and how many of them are late; open offers, and the lapsing."""

    waiting: int
    overdue: int
    offered: int
    lapsing: int


_COLUMNS = "application_id, household_id::text, number, product, submitted_at, target_on, lapses_at"


def to_decide(connection: Connection, schema: str, after: str, most: int) -> list[Queued]:
    """What waits for a decision: the longest overdue first, what has no target last.

    `after` is the application that a page ended with: it may be decided by now. An id that is none
    begins anew.
    """
    with connection.cursor(row_factory=class_row(Queued)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.application_queue"
            " where state = 'awaiting_decision' and (not exists (select"
            f" from {schema}.application_queue where application_id = %(after)s) or"
            " (coalesce(target_on, 'infinity'), submitted_at, application_id)"
            " > (select coalesce(target_on, 'infinity'), submitted_at, application_id"
            f" from {schema}.application_queue where application_id = %(after)s))"
            " order by target_on nulls last, submitted_at, application_id limit %(most)s",
            {"after": after, "most": most},
            prepare=True,
        ).fetchall()


def offered(
    connection: Connection, schema: str, at: datetime, after: str, most: int
) -> list[Queued]:
    """Offers that can still be taken up: the next to lapse first. `after`, as to_decide has it."""
    with connection.cursor(row_factory=class_row(Queued)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.application_queue"
            " where state = 'offered' and (lapses_at is null or lapses_at > %(at)s)"
            " and (not exists (select"
            f" from {schema}.application_queue where application_id = %(after)s) or"
            " (coalesce(lapses_at, 'infinity'), application_id)"
            " > (select coalesce(lapses_at, 'infinity'), application_id"
            f" from {schema}.application_queue where application_id = %(after)s))"
            " order by lapses_at nulls last, application_id limit %(most)s",
            {"at": at, "after": after, "most": most},
            prepare=True,
        ).fetchall()


def counts(
    connection: Connection, schema: str, *, today: date, at: datetime, lapsing_before: datetime
) -> Counts:
    """The figures of the first page of staff, and of the list of decisions."""
    row = connection.execute(
        "select count(*) filter (where state = 'awaiting_decision'),"
        " count(*) filter (where state = 'awaiting_decision' and target_on < %s),"
        " count(*) filter (where state = 'offered' and (lapses_at is null or lapses_at > %s)),"
        " count(*) filter (where state = 'offered' and lapses_at > %s and lapses_at < %s)"
        f" from {schema}.application_queue where state in ('awaiting_decision', 'offered')",
        (today, at, at, lapsing_before),
    ).fetchone()
    assert row is not None
    return Counts(waiting=row[0], overdue=row[1], offered=row[2], lapsing=row[3])
