"""The stored events a pack speaks of: read to the byte, and given short names.

Names go by position, so that `E3` was recorded before `E4`. Only events that were recorded by the
pack's instant are ever read.

Source: promises P8, P10.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

from msgspec import Struct

from ledger.events import Recorded, tag_of
from ledger.refusals import CorruptLedger
from ledger.store.mapper import decode
from ledger.store.pool import Connection
from replay.evidence.pack import CitedEvent

Place = tuple[str, int]
"""A household and a version in it."""
Whose = Literal["this household", "another household", "the notice", "the register of outages"]


class Stored(Struct, frozen=True):
    """A fact, and the SHA-256 of its stored bytes."""

    fact: Recorded
    digest: str

    @property
    def place(self) -> Place:
        return self.fact.household_id, self.fact.originator_version


def household_facts(
    connection: Connection, schema: str, household_id: str, as_of: datetime
) -> list[Stored]:
    """Every fact of a household recorded by `as_of`, in order. Raises CorruptLedger."""
    rows = connection.execute(
        "select originator_id, originator_version, notification_id, state"
        f" from {schema}.stored_events where originator_id = %s order by originator_version",
        (household_id,),
    ).fetchall()
    return [each for each in map(_stored, rows) if each.fact.recorded_at <= as_of]


def facts_at(connection: Connection, schema: str, places: Iterable[Place]) -> list[Stored]:
    """The facts at these places, in the order of their positions. Raises CorruptLedger."""
    wanted = sorted(set(places))
    rows = connection.execute(
        "select originator_id, originator_version, notification_id, state"
        f" from {schema}.stored_events join unnest(%s::uuid[], %s::bigint[])"
        " as wanted(household, version)"
        " on originator_id = wanted.household and originator_version = wanted.version"
        " order by notification_id",
        ([household for household, _ in wanted], [version for _, version in wanted]),
    ).fetchall()
    return [_stored(row) for row in rows]


def _stored(row: tuple[UUID, int, int, bytes]) -> Stored:
    stream, version, position, state = row
    try:
        entry = decode(state)
    except CorruptLedger as error:
        place = f"household {stream}, version {version}, position {position}"
        raise CorruptLedger(f"{place}: {error}") from error
    fact = Recorded(
        originator_id=stream, originator_version=version, position=position, entry=entry
    )
    return Stored(fact, sha256(state).hexdigest())


class Citations:
    """The events that a pack cites, by place: their facts and their names."""

    def __init__(self, stored: Iterable[Stored], streams: Mapping[str, Whose]) -> None:
        """`streams` says whose each stream is that may be named."""
        every = {each.place: each for each in stored}
        self._stored = dict(sorted(every.items(), key=lambda each: each[1].fact.position))
        self._names = {place: f"E{n}" for n, place in enumerate(self._stored, start=1)}
        self._streams = streams

    def fact(self, place: Place) -> Recorded:
        return self._stored[place].fact

    def name(self, place: Place) -> str:
        """`E7`; empty for an event that is not cited."""
        return self._names.get(place, "")

    def events(self) -> tuple[CitedEvent, ...]:
        """All of them; the id of another household is not told, its position and digest are."""
        return tuple(
            CitedEvent(
                name=self._names[place],
                whose=self._streams.get(place[0], "another household"),
                stream=place[0] if place[0] in self._streams else "",
                version=place[1],
                position=each.fact.position,
                recorded_at=each.fact.recorded_at,
                tag=tag_of(each.fact.event),
                digest=each.digest,
            )
            for place, each in self._stored.items()
        )
