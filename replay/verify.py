"""Is the ledger whole? Everything that can be told from what is stored, told again from nothing.

A loop of its own, not the appending path's: it reads the table in the order of its streams with a
decoder of its own, and believes no index, constraint or topic. Then every read model is rebuilt
and compared. Memory: a page of facts, and some thousands of rows.

- versions of a household are 1, 2, 3, ... without a gap
- positions are unique, and rise within a household
- `recorded_at` never goes back within a household
- a stored state is an entry, of the kind that its topic names, and encodes to the very same bytes
- a receipt's key occurs once, and its answer names the household and version it is stored at
- a snapshot is what the facts up to it make
- every read model's rows are what the facts make
- what an officer was answered still has its digest
- no fact was seen to be altered

Whatever is stored, it ends: what cannot be read is named and counted, and the rest is looked at.
The plates that it concerns are marked (`replay.marking`).

Source: design, section 6; promises P5, P7, P10, P18.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.events import Entry
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.rows import ReadModel
from projections.registry import EVERY
from replay import verifying
from replay.comparing import compared_in
from replay.folding import PAGE, snapshot
from replay.marking import WATCHED, Marking
from replay.verifying import Kind, Problem

__all__ = ["MOST", "Kind", "Problem", "Step", "VerifyReport", "verify"]

MOST = 100
PROGRESS_EVERY = 5_000
Step = Literal["events", "rows"]
Progress = Callable[[Step, int], None]
"""Told how far it is: events read of all, then events folded of all."""


class VerifyReport(Struct, frozen=True, kw_only=True):
    """What was found: `problems` in the order of the checks, at most MOST of them, of `found`.

    `in_doubt`: how many plates are answered as unknown now; None where this server takes no writes,
    so that nothing could be marked.
    """

    ok: bool
    problems: tuple[Problem, ...]
    found: int
    households: int
    events: int
    in_doubt: int | None


class _Inside(Struct):
    """The tag in a stored state, read without the events' own types."""

    event: "_Tag"


class _Tag(Struct):
    type: str


class _Seen(Struct):
    """Where the loop stands in a household, and what it has counted."""

    household_id: str = ""
    version: int = 0
    position: int = 0
    recorded_at: datetime | None = None
    households: int = 0
    events: int = 0
    unreadable: set[UUID] = set()
    rows_more: int = 0


_entries = msgspec.json.Decoder(Entry)
_tags = msgspec.json.Decoder(_Inside)
_encoder = msgspec.json.Encoder()


def verify(
    ledger: Ledger, models: Sequence[ReadModel] = EVERY, progress: Progress | None = None
) -> VerifyReport:
    """Check everything in one snapshot, while commands go on; mark what cannot be trusted."""
    seen = _Seen()
    told = progress or _silent
    marking = Marking()
    problems: list[Problem] = []
    found = 0
    with snapshot(ledger) as connection:
        # A long ledger takes longer than an ordinary statement may.
        connection.execute("set local statement_timeout = 0")
        for problem in _all(connection, ledger, tuple(models), seen, told, marking):
            found += 1
            marking.heard(problem)
            if len(problems) < MOST:
                problems.append(problem)
    in_doubt = marking.mark(ledger)
    return VerifyReport(
        ok=not problems,
        problems=tuple(problems),
        found=found + seen.rows_more,
        households=seen.households,
        events=seen.events,
        in_doubt=in_doubt,
    )


def _silent(step: Step, events: int) -> None:
    """Nobody asked to be told."""


def _all(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    seen: _Seen,
    progress: Progress,
    marking: Marking,
) -> Iterator[Problem]:
    schema = ledger.schema
    yield from _streams(connection, schema, seen, progress)
    yield from verifying.positions(connection, schema)
    if not seen.unreadable:
        yield from verifying.receipts(connection, schema)
    yield from verifying.lookups(connection, schema)
    # What cannot be read cannot be folded: their rows would be told to be wrong for no reason.
    yield from verifying.snapshots(connection, schema, seen.unreadable)
    compared = compared_in(
        connection,
        ledger,
        models,
        progress=lambda told: progress("rows", told),
        without=seen.unreadable,
    )
    for household_id, why in compared.unfolded.items():
        yield Problem(
            kind="folding", household_id=household_id, detail=f"its facts make no rows: {why}"
        )
    for difference in compared.differences:
        yield Problem(
            kind="row",
            household_id=difference.household_id,
            version=difference.version,
            position=difference.position,
            detail=f"{difference.model}: {difference}",
            difference=difference,
        )
    seen.rows_more = sum(compared.counts.values()) - len(compared.differences)
    marking.unnamed = sum(
        max(count - MOST, 0) for table, count in compared.counts.items() if table in WATCHED
    )
    # Said of those alone of which nothing else was found: an altered fact may look like any other.
    for problem in verifying.facts_in_doubt(connection, schema):
        if problem.household_id not in marking.named:
            yield problem


def _streams(
    connection: Connection, schema: str, seen: _Seen, progress: Progress
) -> Iterator[Problem]:
    with connection.cursor("verify", binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute(
            "select originator_id::text, originator_version, notification_id, topic, state"
            f" from {schema}.stored_events order by originator_id, originator_version,"
            " notification_id"
        )
        for row in cursor:
            yield from _event(row, seen)
            if seen.events % PROGRESS_EVERY == 0:
                progress("events", seen.events)
    progress("events", seen.events)


def _event(row: tuple[Any, ...], seen: _Seen) -> Iterator[Problem]:
    household_id, version, position, topic, state = row

    def wrong(kind: Kind, detail: str) -> Problem:
        return Problem(
            kind=kind, household_id=household_id, version=version, position=position, detail=detail
        )

    if household_id != seen.household_id:
        seen.household_id, seen.version, seen.position = household_id, 0, 0
        seen.recorded_at = None
        seen.households += 1
    seen.events += 1
    if version != seen.version + 1:
        yield wrong("version", f"version {version} follows version {seen.version}")
    if position <= seen.position:
        yield wrong("position", f"position {position} follows position {seen.position}")
    seen.version, seen.position = version, position
    try:
        entry = _entries.decode(state)
        tag = _tags.decode(state).event.type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        seen.unreadable.add(UUID(household_id))
        yield wrong("unreadable", f"the stored state is no entry: {error}")
        return
    if tag != topic:
        yield wrong("topic", f"stored as {topic}, and it is {tag}")
    if _encoder.encode(entry) != state:
        yield wrong("bytes", "the stored state does not encode to the same bytes")
    if seen.recorded_at is not None and entry.recorded_at < seen.recorded_at:
        yield wrong(
            "recorded_at",
            f"recorded at {entry.recorded_at.isoformat()},"
            f" after one of {seen.recorded_at.isoformat()}",
        )
    seen.recorded_at = entry.recorded_at
    if entry.receipt is not None:
        answer = entry.receipt.answer
        if (answer.household_id, answer.version) != (household_id, version):
            yield wrong(
                "receipt", f"its answer names {answer.household_id}, version {answer.version}"
            )
