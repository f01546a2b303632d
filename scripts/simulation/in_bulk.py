"""A history decided in memory, and stored at once: for a council that has none yet.

Every command is decided by its own `decide`, in the order in which things happen, as the handler
does it; what is left out is the database between two of them. The households, the officers' read
model and what is to fall due are held in memory; what comes of the commands goes to files, and from
there into the ledger in one transaction, which finds it empty or stores nothing. Then every read
model is made of the facts, by the rebuild. The facts are, byte for byte, those that the same
commands leave one by one (`tests/scripts/test_simulating.py`); a position is made of the number of
the command instead of a transaction's id.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from heapq import heappop, heappush
from typing import cast
from uuid import UUID

from commands import excluded
from commands.base import Command, Values
from commands.handling import Sender, context_of, decided, digests, evolved, kept, tag_of_command
from commands.lapse import Lapse
from commands.registry import USE_CASES
from ledger.events import (
    AnyEvent,
    Entry,
    MobileLinked,
    Recorded,
    ResidentMovedOut,
    ResidentRegistered,
    tag_of,
)
from ledger.household.state import Household
from ledger.refusals import NotFound, Refusal, Refused
from ledger.rules.covering import VehicleFacts
from ledger.store.application import HOUSEHOLD_SHAPE, SNAPSHOT_EVERY
from ledger.store.mapper import encode
from ledger.store.rows import Changes
from projections import enforcement
from projections.active_registrations import ActiveRegistrations
from projections.checking import Looked, Seen
from projections.deadlines import DEADLINES, Deadlines
from projections.enforcement import Question
from projections.near import SavedVisitors
from projections.registry import EVERY
from replay.rebuild import rebuild
from scripts.simulation.doing import Checking
from scripts.simulation.spool import Spools
from services.council import Council, working_days
from services.node.table import Registrations
from services.worker import SYSTEM

Due = tuple[datetime, str, str, str]
"""When, the kind, the subject, the household: in the order in which the worker takes them."""


class InBulk:
    """A council's whole history, in memory until `end`."""

    def __init__(self, council: Council, spools: Spools) -> None:
        self.council = council
        self._spools = spools
        self._households: dict[UUID, Household] = {}
        self._snapshots: dict[UUID, tuple[int, bytes]] = {}
        self._table = Registrations()
        self._registrations = (ActiveRegistrations(), SavedVisitors())
        self._deadlines = _Deadlines()
        self._mobiles = _Mobiles()
        self._refused: dict[str, Refused] = {}
        self._commands = 0
        self._lookups = 0

    def command(self, at: datetime, stream: UUID, command: Command, sender: Sender) -> Values:
        """What came of it. Raises Refused, NotFound."""
        key, body = digests(stream, command, sender)
        if key in self._refused:
            raise self._refused[key]
        household = self._households.get(stream) or Household(household_id=str(stream))
        editions = self.council.editions
        context = context_of(household, sender, at, key, editions, working_days())
        try:
            events = decided(command, household, context)
        except Refused as refused:
            if sender.by == SYSTEM:
                self._refused[key] = refused
            self._attempted(context.at, stream, command, sender, key, body, refused)
            raise
        self._mobiles.take(events)
        evolved(household, events, context)
        self._households[stream] = household
        values = USE_CASES[type(command)].answer(household, events, context)
        values = excluded.warned(
            values, events, context, lambda glyphs, _: self._table.facts(glyphs)
        )
        answer, entries = kept(command, household, events, context, key, body, values)
        self._append(stream, household, entries)
        return answer.values

    def _known(self, glyphs: str, at: datetime) -> VehicleFacts:
        return self._table.facts(glyphs)

    def _append(self, stream: UUID, household: Household, entries: Sequence[Entry]) -> None:
        self._commands += 1
        before = household.version - len(entries)
        changes = Changes()
        for n, entry in enumerate(entries, start=1):
            position = self._commands << 12 | n
            self._spools.events.write(
                (stream, before + n, position, tag_of(entry.event), encode(entry))
            )
            fact = Recorded(
                originator_id=stream,
                originator_version=before + n,
                position=position,
                entry=entry,
            )
            for model in self._registrations:
                model.apply(changes, fact)
            self._deadlines.take(fact)
        self._table.apply(changes)
        if before // SNAPSHOT_EVERY != household.version // SNAPSHOT_EVERY:
            _, stored = self.council.ledger.snapshot_of(household)
            self._snapshots[stream] = household.version, stored[-1] or b""

    def _attempted(
        self,
        at: datetime,
        stream: UUID,
        command: Command,
        sender: Sender,
        key: str,
        body: str,
        refused: Refused,
    ) -> None:
        who = (tag_of_command(command), sender.by.role, sender.by.name, sender.channel)
        why = (list(refused.codes), [refusal.detail for refusal in refused.refusals])
        self._spools.attempts.write((at, stream, key, body, *who, *why))

    def check(self, at: datetime, asked: Checking) -> None:
        """Answer an officer, and keep the answer. Raises Refused."""
        question = Question(typed=asked.typed, zone=asked.zone, at=None, known_at=None)
        mark = enforcement.mark_of(question)
        scheme = self.council.editions.in_force_at(at)
        seen = Seen(low=(self._commands + 1) << 12, high=(self._commands + 1) << 12)
        table = self._table
        looked = Looked(at, at, seen, table.rights(mark.glyphs, at), table.facts(mark.glyphs))
        further, saved = None, list[str]()
        found = enforcement.verdict(scheme, question, mark, looked, None)
        if not found.covered:
            further, saved = table.further(mark.glyphs, asked.zone, at)
            found = enforcement.verdict(scheme, question, mark, looked, further)
        self._lookups += 1
        told = enforcement.told(
            scheme, question, mark, looked, found, further, self._lookups, saved
        )
        text = enforcement.in_bytes(told)
        about = (self._lookups, "live", at, told.at, told.known_at, asked.device, asked.officer)
        what = (asked.typed, told.mark, mark.glyphs, told.zone, seen.low, seen.high, list[int]())
        self._spools.looked_up(at, (*about, *what, text.decode(), sha256(text).digest()))

    def due(self, until: datetime) -> int:
        """Record what fell due by then, each at its own instant; how many."""
        done = 0
        while (found := self._deadlines.first(until)) is not None:
            due_at, kind, subject, household_id = found
            lapse = Lapse(kind=kind, subject=subject)  # type: ignore[arg-type]
            sender = Sender(by=SYSTEM, key=f"lapse/{kind}/{subject}/{due_at.isoformat()}")
            try:
                self.command(due_at, UUID(household_id), lapse, sender)
            except (Refused, NotFound):
                # The worker would be told the same each day.
                continue
            done += 1
        return done

    def follow(self) -> None:
        """Nobody follows what is not stored yet."""

    def end(self) -> None:
        """Store everything, and make every read model. Raises ConcurrentChange where the ledger is
        no longer empty; nothing is stored then."""
        for stream, (version, state) in self._snapshots.items():
            self._spools.snapshots.write((stream, version, HOUSEHOLD_SHAPE, state))
        self._spools.store(self.council, self._commands + 1 << 12)
        rebuild(self.council.ledger, EVERY)


class _Deadlines:
    """What is to fall due: the read model of deadlines, as its own fold makes it."""

    def __init__(self) -> None:
        self._model = Deadlines()
        self._ahead: list[Due] = []
        self._open: dict[tuple[str, str], datetime] = {}

    def take(self, fact: Recorded) -> None:
        changes = Changes()
        self._model.apply(changes, fact)
        if not changes.tables:
            return
        found = changes.of(DEADLINES)
        for kind, subject in found.patches:
            self._open.pop((str(kind), str(subject)), None)
        for row in found.puts.values():
            if not row["done"]:
                kind, subject = str(row["kind"]), str(row["subject"])
                due_at = cast(datetime, row["due_at"])
                self._open[kind, subject] = due_at
                heappush(self._ahead, (due_at, kind, subject, str(row["household_id"])))

    def first(self, until: datetime) -> Due | None:
        """The next that is due by then, taken away; None where there is none."""
        while self._ahead and self._ahead[0][0] <= until:
            found = heappop(self._ahead)
            if self._open.pop((found[1], found[2]), None) == found[0]:
                return found
        return None


class _Mobiles:
    """Which account a number speaks for: one alone, as the table's unique index has it."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._number: dict[str, str] = {}

    def take(self, events: Sequence[AnyEvent]) -> None:
        """What these facts link and let go. Raises Refused with `message.number_in_use`, in the
        handler's words; nothing is taken then."""
        for event in events:
            match event:
                case ResidentRegistered(resident_id=resident, mobile=mobile) if mobile:
                    self._link(resident, mobile)
                case MobileLinked(resident_id=resident, mobile=mobile):
                    self._link(resident, mobile)
                case ResidentMovedOut(resident_id=resident) if resident in self._number:
                    del self._of[self._number.pop(resident)]
                case _:
                    pass

    def _link(self, resident: str, mobile: str) -> None:
        if self._of.get(mobile, resident) != resident:
            raise Refused(
                [Refusal("message.number_in_use", "this number is linked to another account")]
            )
        if resident in self._number:
            del self._of[self._number[resident]]
        self._of[mobile], self._number[resident] = resident, mobile
