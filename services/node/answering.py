"""A check answered from memory: the same question, rules and answer as the ledger's own.

What is found in memory is given to `projections.enforcement`, which judges and tells it, so that
there is one place of judgement. What is more in the answer: which node it is from, its number in
the node's journal, the position answered from, and how old that knowledge was. `known_at` is as of
when every fact was known. Nothing is answered from older knowledge than the limit: unknown is never
"no permit".

Source: services.md, section 8 (b); promises P8, P9, P18.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic

from msgspec import Struct

from ledger.refusals import LedgerError, Refusal, Refused
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.values import Mark
from projections import enforcement
from projections.checking import Looked, Seen
from projections.enforcement import CheckAnswer, Question
from services.check_batch import Shown
from services.node.admitted import Admitted
from services.node.following import Follower, Knowledge
from services.node.journal import Entry, Journal, JournalQueue
from services.node.table import Registrations

AGE_LIMIT = 5.0
"""Seconds: a booking that was made earlier than that is in every answer."""
_COMMON = CheckAnswer.__struct_fields__


class NodeAnswer(CheckAnswer, frozen=True, kw_only=True):
    """An answer as an officer's check has it, from a node's memory.

    `receipt` is None: its record is `number` of the journal of `node`, and later a look-up. Every
    fact up to `position` was known, and none after it; `age_seconds` is from `known_at` to `at`.
    """

    node: str
    number: int
    position: int
    age_seconds: float


class KnowledgeTooOld(LedgerError):
    """What is known is older than the limit, or nothing is known yet. `age` is in seconds."""

    def __init__(self, age: float | None, limit: float) -> None:
        self.age = age
        self.limit = limit
        known = "nothing is known yet" if age is None else f"{age:.1f} seconds old"
        super().__init__(f"{known}, at most {limit:g} are allowed")


class NodeRequest(Struct, frozen=True, kw_only=True):
    """Checks of one sender, in order. `device_at` is the device's own clock."""

    questions: tuple[Question, ...]
    officer: str
    device: str
    device_at: datetime | None = None


class Node:
    """One council's checks, from what its follower knows, onto its journal.

    `age_limit` is in seconds. `clock` replaces the server's, in tests.
    """

    def __init__(
        self,
        follower: Follower,
        editions: Editions,
        journal: Journal,
        age_limit: float = AGE_LIMIT,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.follower = follower
        self.editions = editions
        self.journal = journal
        self.age_limit = age_limit
        self._clock = clock
        self._queue = JournalQueue(journal)

    async def check(self, request: NodeRequest) -> list[Shown]:
        """The answers, on disk. Raises KnowledgeTooOld, JournalFailed."""
        shown, entries = self.answered(request)
        if entries:
            await self._queue.keep(entries)
        return shown

    def check_at_once(self, request: NodeRequest) -> list[Shown]:
        """As check, for one thread by itself."""
        shown, entries = self.answered(request)
        if entries:
            self.journal.append(entries)
        return shown

    def admitted(self, digest: bytes) -> Admitted | None:
        """Whose token has that digest, where it is good now. Raises KnowledgeTooOld."""
        known = self._fresh(self.follower.known, monotonic())
        found = self.follower.tokens.get(digest)
        if found is None or found.expires_at is None:
            return found
        return found if found.expires_at > self._now(known, monotonic()) else None

    def age(self) -> float | None:
        """How old what is known is, in seconds; None where nothing is."""
        known = self.follower.known
        return None if known is None else _age(known, monotonic())

    def answered(self, request: NodeRequest) -> tuple[list[Shown], list[Entry]]:
        """What is to be said, and to be kept before it is. Raises KnowledgeTooOld."""
        shown: list[Shown] = []
        entries: list[Entry] = []
        table = self.follower.table
        with table.lock:
            moment = monotonic()
            known = self._fresh(self.follower.known, moment)
            now = self._now(known, moment)
            age = _age(known, moment)
            scheme = self.editions.in_force_at(now)
            doubts = self.follower.doubts
            for question in request.questions:
                try:
                    mark = enforcement.mark_of(question)
                    _refuse_unknown_zone(scheme, question.zone)
                except Refused as refused:
                    shown.append(Shown(b"", refused.refusals[0]))
                    continue
                doubt = doubts.of(mark.glyphs)
                found = _found(table, scheme, question, mark, now, known, doubt)
                told = self._told(found, known, now - timedelta(seconds=age), age)
                text = enforcement.in_bytes(told)
                shown.append(Shown(text, None, told))
                entries.append(_entry(request, question, mark, told, text))
        return shown, entries

    def _fresh(self, known: Knowledge | None, moment: float) -> Knowledge:
        if known is None or self.follower.failure is not None:
            raise KnowledgeTooOld(None, self.age_limit)
        age = _age(known, moment)
        if age > self.age_limit:
            raise KnowledgeTooOld(age, self.age_limit)
        return known

    def _now(self, known: Knowledge, moment: float) -> datetime:
        """The server's clock, as of the last look and what has passed since."""
        if self._clock:
            return self._clock()
        return known.read_at + timedelta(seconds=moment - known.moment)

    def _told(
        self, found: CheckAnswer, known: Knowledge, known_at: datetime, age: float
    ) -> NodeAnswer:
        common = {name: getattr(found, name) for name in _COMMON}
        common["known_at"] = known_at
        return NodeAnswer(
            **common,
            node=self.journal.node,
            number=self.journal.next_number(),
            position=known.position,
            age_seconds=round(age, 3),
        )


def _age(known: Knowledge, moment: float) -> float:
    behind = (known.read_at - known.known_at).total_seconds()
    return behind + moment - known.moment


def _refuse_unknown_zone(scheme: Scheme, zone: str) -> None:
    """A slip in the zone would read "no right": refused instead, where the zones are known."""
    if scheme.zones and scheme.zone(zone) is None:
        raise Refused([Refusal("eligibility.zone", "the scheme has no such zone")])


def _found(
    table: Registrations,
    scheme: Scheme,
    question: Question,
    mark: Mark,
    now: datetime,
    known: Knowledge,
    doubt: str,
) -> CheckAnswer:
    """The answer, from what the table holds. The table's lock is held."""
    seen = Seen(low=known.horizon, high=known.horizon)
    rights, facts = table.rights(mark.glyphs, now), table.facts(mark.glyphs)
    looked = Looked(now, now, seen, rights, facts, doubt)
    found = enforcement.verdict(scheme, question, mark, looked, None)
    if found.covered:
        return enforcement.told(scheme, question, mark, looked, found, None, None)
    further, saved = table.further(mark.glyphs, question.zone, now)
    found = enforcement.verdict(scheme, question, mark, looked, further)
    return enforcement.told(scheme, question, mark, looked, found, further, None, saved)


def _entry(
    request: NodeRequest, question: Question, mark: Mark, told: NodeAnswer, text: bytes
) -> Entry:
    return Entry(
        number=told.number,
        at=told.at,
        known_at=told.known_at,
        position=told.position,
        officer=request.officer,
        device=request.device,
        device_at=request.device_at,
        typed=question.typed,
        shown=mark.shown,
        glyphs=mark.glyphs,
        zone=question.zone,
        digest=sha256(text).hexdigest(),
        answer=text.decode(),
    )
