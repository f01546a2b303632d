"""Facts as a read model is given them, and the rows it makes of them, without a database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.events import Actor, AnyEvent, Entry, Receipt, Recorded
from ledger.store.rows import Changes, ReadModel, Row, Table
from tests.given import instant

HOUSEHOLD = UUID("00000000-0000-0000-0000-000000000001")
AT = instant("2026-11-19 10:00")
LATER = instant("2026-11-20 10:00")


def fact(
    event: AnyEvent,
    version: int = 1,
    at: datetime = AT,
    by: str = "res",
    receipt: Receipt | None = None,
) -> Recorded:
    entry = Entry(
        recorded_at=at, by=Actor("resident", by), channel="website", event=event, receipt=receipt
    )
    return Recorded(originator_id=HOUSEHOLD, originator_version=version, position=0, entry=entry)


def rows(model: ReadModel, facts: Sequence[Recorded], table: Table | None = None) -> list[Row]:
    """The rows of a model's first table, or of another, after these facts in one batch."""
    changes = Changes()
    for each in facts:
        model.apply(changes, each)
    return list(changes.of(table or model.tables[0]).puts.values())


def patches(model: ReadModel, facts: Sequence[Recorded]) -> list[Row]:
    """What these facts ask of rows that are stored already."""
    changes = Changes()
    for each in facts:
        model.apply(changes, each)
    return list(changes.of(model.tables[0]).patches.values())
