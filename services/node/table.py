"""The officers' read model in memory: what is known now of every plate, by its glyph key.

Only what a check about now can ask for is held: covers as they are known now, and those that ended
within `REMEMBERED`. A right that ended earlier is told as no right at all; both are uncovered, and
its ten minutes of grace are long over. What has no end is never forgotten.

One thread changes it, others read: `lock` is held for each change and for each answer.

Source: design section 6; reference/promises.md, section 6 (marks in clear while valid, and 28 days
more).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from sys import intern
from threading import Lock
from typing import Any, cast

from msgspec import Struct

from ledger.rules.covering import Right, VehicleFacts
from ledger.store.rows import Changes, Row, TableChanges
from ledger.values import FOREVER, near_text
from projections.active_registrations import FACT_FIELDS, REGISTRATIONS, VEHICLE_FACTS
from projections.checking import Further
from projections.near import HOUSEHOLD_ZONES, SAVED_VISITORS

REMEMBERED = timedelta(days=28)
TABLES = (REGISTRATIONS, VEHICLE_FACTS, SAVED_VISITORS, HOUSEHOLD_ZONES)
_NO_FACTS = VehicleFacts()


class Held(Struct, frozen=True, gc=False):
    """A cover as it is known now."""

    cover_id: str
    glyphs: str
    right: Right


class Visitor(Struct, frozen=True, gc=False):
    """A visitor that a household has saved: no name, only the mark."""

    visitor_id: str
    household_id: str
    shown: str
    glyphs: str


class Registrations:
    """Every plate's covers, what is known of its vehicle, and saved visitors' marks."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._plates: dict[str, tuple[Held, ...]] = {}
        self._covers: dict[str, Held] = {}
        self._facts: dict[str, VehicleFacts] = {}
        self._visitors: dict[str, Visitor] = {}
        self._saved: dict[str, tuple[Visitor, ...]] = {}
        self._lists: dict[str, set[str]] = {}
        self._zones: dict[str, str] = {}

    def __len__(self) -> int:
        """How many covers are held."""
        return len(self._covers)

    # What a check asks.

    def rights(self, glyphs: str, at: datetime) -> list[Right]:
        """Every right of a plate that has not ended by then, in the order of the read model's own
        query: the latest end first.
        """
        held = self._plates.get(glyphs, ())
        return [each.right for each in held if each.right.covers_until > at]

    def facts(self, glyphs: str) -> VehicleFacts:
        """What is known of the vehicle; all None where nothing is."""
        return self._facts.get(glyphs, _NO_FACTS)

    def further(self, glyphs: str, zone: str, at: datetime) -> tuple[Further, list[str]]:
        """The right that ended last in the zone, and marks one slip away: those covered there, and
        those that a household of the zone has saved.
        """
        own = self._plates.get(glyphs, ())
        ended = (e.right for e in own if e.right.covers_until <= at and e.right.zone == zone)
        near: set[str] = set()
        saved: set[str] = set()
        # Hundreds of keys, of which hardly one is there: looked for in one call.
        keys = near_text(glyphs).split()
        for key in (self._plates.keys() & keys) - {glyphs}:
            rights = (each.right for each in self._plates[key])
            near.update(r.shown for r in rights if r.zone == zone and r.holds(at))
        # A saved mark of the same plate looks like it as well; `keys` has the plate's own.
        for key in self._saved.keys() & keys:
            saved |= self._saved_in(zone, key)
        return Further(next(ended, None), sorted(near)), sorted(saved)

    def _saved_in(self, zone: str, glyphs: str) -> set[str]:
        visitors = self._saved.get(glyphs, ())
        return {each.shown for each in visitors if self._zones.get(each.household_id) == zone}

    # What the ledger says.

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows of that table as they are stored. For one that is still empty."""
        put = {each.name: each for each in TABLES}[table]
        for row in rows:
            self._put(put.name, row)

    def apply(self, changes: Changes) -> None:
        """What a batch of facts changes. Hold the lock."""
        for each in changes.tables.values():
            self._take_away(each)
            for row in each.puts.values():
                self._put(each.table.name, row)

    def _take_away(self, changes: TableChanges) -> None:
        """A patch ends what was known of a cover or a vehicle; a drop forgets visitors."""
        for patch in changes.patches.values():
            if changes.table is REGISTRATIONS:
                self._remove(str(patch["cover_id"]))
            else:
                self._facts.pop(str(patch["glyphs"]), None)
        for drop in changes.drops:
            ((column, value),) = drop.items()
            gone = self._lists.get(str(value), ()) if column == "household_id" else (str(value),)
            for visitor_id in tuple(gone):
                self._forget_visitor(visitor_id)

    def _put(self, table: str, row: Row) -> None:
        match table:
            case REGISTRATIONS.name:
                if row["known_until"] == FOREVER:
                    self._add(_held(row))
            case VEHICLE_FACTS.name:
                if row["known_until"] == FOREVER:
                    facts = {name: cast(Any, row[name]) for name in FACT_FIELDS}
                    self._facts[str(row["glyphs"])] = VehicleFacts(**facts)
            case SAVED_VISITORS.name:
                self._save(row)
            case _:
                self._zones[str(row["household_id"])] = intern(str(row["zone"]))

    def _add(self, held: Held) -> None:
        self._remove(held.cover_id)
        self._covers[held.cover_id] = held
        every = [*self._plates.get(held.glyphs, ()), held]
        if len(every) > 1:
            # As `order by covers_until desc, covers_from desc, cover_id, version` has them.
            every.sort(key=lambda each: (each.cover_id, each.right.version))
            every.sort(key=_period, reverse=True)
        self._plates[held.glyphs] = tuple(every)

    def _remove(self, cover_id: str) -> None:
        held = self._covers.pop(cover_id, None)
        if held is None:
            return
        left = tuple(each for each in self._plates[held.glyphs] if each is not held)
        if left:
            self._plates[held.glyphs] = left
        else:
            del self._plates[held.glyphs]

    def _save(self, row: Row) -> None:
        shown = str(row["shown"])
        # The whole key is the longest of what may be left of a mark.
        glyphs = max(cast(list[str], row["remainders"]), key=len)
        visitor = Visitor(str(row["visitor_id"]), str(row["household_id"]), shown, glyphs)
        self._forget_visitor(visitor.visitor_id)
        self._visitors[visitor.visitor_id] = visitor
        self._lists.setdefault(visitor.household_id, set()).add(visitor.visitor_id)
        self._saved[glyphs] = (*self._saved.get(glyphs, ()), visitor)

    def _forget_visitor(self, visitor_id: str) -> None:
        visitor = self._visitors.pop(visitor_id, None)
        if visitor is None:
            return
        listed = self._lists[visitor.household_id]
        listed.remove(visitor_id)
        if not listed:
            del self._lists[visitor.household_id]
        left = tuple(e for e in self._saved[visitor.glyphs] if e.visitor_id != visitor_id)
        if left:
            self._saved[visitor.glyphs] = left
        else:
            del self._saved[visitor.glyphs]

    def forget(self, now: datetime) -> int:
        """Drop what ended before `REMEMBERED`; how many. For the thread that changes the table."""
        since = now - REMEMBERED
        old = [i for i, held in self._covers.items() if held.right.covers_until <= since]
        for cover_id in old:
            with self.lock:
                self._remove(cover_id)
        return len(old)


def _period(held: Held) -> tuple[datetime, datetime]:
    return held.right.covers_until, held.right.covers_from


def _held(row: Row) -> Held:
    values = cast(dict[str, Any], row)
    shown, glyphs = str(values["shown"]), str(values["glyphs"])
    right = Right(
        kind=intern(values["kind"]),
        holding_id=str(values["holding_id"]),
        product=intern(values["product"]),
        shown=shown,
        zone=intern(values["zone"]),
        covers_from=values["covers_from"],
        covers_until=values["covers_until"],
        household_id=str(values["household_id"]),
        version=values["version"],
    )
    return Held(str(values["cover_id"]), shown if glyphs == shown else glyphs, right)
