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

Source: design, section 6; promises P5, P7, P10.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.events import Entry
from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.store.application import HOUSEHOLD_SHAPE, Ledger
from ledger.store.pool import Connection
from ledger.store.rows import ReadModel
from projections.registry import EVERY
from replay.comparing import Difference, compare_in
from replay.folding import PAGE, household_facts, snapshot

MOST = 100
PROGRESS_EVERY = 5_000
Step = Literal["events", "rows"]
Progress = Callable[[Step, int], None]
"""Told how far it is: events read of all, then events folded of all."""
Kind = Literal[
    "version",
    "position",
    "recorded_at",
    "unreadable",
    "bytes",
    "topic",
    "receipt",
    "snapshot",
    "row",
]


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where: household, version and position (0: not known)."""

    kind: Kind
    household_id: str = ""
    version: int = 0
    position: int = 0
    detail: str
    difference: Difference | None = None

    def __str__(self) -> str:
        place = [
            f"household {self.household_id}" if self.household_id else "",
            f"version {self.version}" if self.version else "",
            f"position {self.position}" if self.position else "",
        ]
        where = ", ".join(part for part in place if part)
        return f"{self.kind}: {where}: {self.detail}" if where else f"{self.kind}: {self.detail}"


class VerifyReport(Struct, frozen=True, kw_only=True):
    """What was found: `problems` in the order of the checks, at most MOST of them."""

    ok: bool
    problems: tuple[Problem, ...]
    households: int
    events: int


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
    unreadable: int = 0


_entries = msgspec.json.Decoder(Entry)
_tags = msgspec.json.Decoder(_Inside)
_encoder = msgspec.json.Encoder()


def verify(
    ledger: Ledger, models: Sequence[ReadModel] = EVERY, progress: Progress | None = None
) -> VerifyReport:
    """Check everything in one snapshot, while commands go on."""
    seen = _Seen()
    told = progress or _silent
    with snapshot(ledger) as connection:
        # A long ledger takes longer than an ordinary statement may.
        connection.execute("set local statement_timeout = 0")
        problems: list[Problem] = []
        for problem in _all(connection, ledger, tuple(models), seen, told):
            problems.append(problem)
            if len(problems) == MOST:
                break
    return VerifyReport(
        ok=not problems,
        problems=tuple(problems),
        households=seen.households,
        events=seen.events,
    )


def _silent(step: Step, events: int) -> None:
    """Nobody asked to be told."""


def _all(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    seen: _Seen,
    progress: Progress,
) -> Iterator[Problem]:
    yield from _streams(connection, ledger.schema, seen, progress)
    yield from _positions(connection, ledger.schema)
    if seen.unreadable:
        # What cannot be read cannot be folded: the rows would be told to be wrong for no reason.
        return
    yield from _receipts(connection, ledger.schema)
    yield from _snapshots(connection, ledger)
    for difference in compare_in(
        connection, ledger, models, progress=lambda told: progress("rows", told)
    ):
        yield Problem(
            kind="row",
            household_id=difference.household_id,
            version=difference.version,
            position=difference.position,
            detail=f"{difference.model}: {difference}",
            difference=difference,
        )


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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        seen.unreadable += 1
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


def _positions(connection: Connection, schema: str) -> Iterator[Problem]:
    found = connection.execute(
        "select notification_id, count(*), min(originator_id::text)"
        f" from {schema}.stored_events group by notification_id having count(*) > 1"
        " order by notification_id limit 100"
    ).fetchall()
    for position, times, household_id in found:
        yield Problem(
            kind="position",
            household_id=household_id,
            position=position,
            detail=f"{times} events have this position",
        )


def _receipts(connection: Connection, schema: str) -> Iterator[Problem]:
    found = connection.execute(
        "select key, count(*), min(household), max(version) from ("
        " select convert_from(state, 'UTF8')::json #>> '{receipt,key}' as key,"
        " originator_id::text as household, originator_version as version"
        f" from {schema}.stored_events) each"
        " where key is not null group by key having count(*) > 1 order by key limit 100"
    ).fetchall()
    for key, times, household_id, version in found:
        yield Problem(
            kind="receipt",
            household_id=household_id,
            version=version,
            detail=f"the key {key} has {times} receipts",
        )


def _snapshots(connection: Connection, ledger: Ledger) -> Iterator[Problem]:
    """A snapshot that tells otherwise than the facts would be decided upon."""
    found = connection.execute(
        f"select originator_id, originator_version from {ledger.schema}.snapshots"
        " where shape = %s order by originator_id",
        (HOUSEHOLD_SHAPE,),
    ).fetchall()
    for stream, version in found:
        row = connection.execute(
            f"select state from {ledger.schema}.snapshots where originator_id = %s", (stream,)
        ).fetchone()
        assert row is not None
        known = household_facts(connection, ledger.schema, str(stream))
        made = fold(Household(household_id=str(stream)), known[:version])
        try:
            same = msgspec.msgpack.decode(row[0], type=Household) == made
        except msgspec.DecodeError:
            same = False
        if not same or made.version != version:
            yield Problem(
                kind="snapshot",
                household_id=str(stream),
                version=version,
                detail="the snapshot is not what the facts up to it make",
            )
