"""A batch of checks: looked up in one snapshot, put on record, and committed together.

It is a script: it yields the statements of one exchange after another and is sent their results,
so that a thread and an event loop can both drive it. The snapshot is taken after its last request
came in: what was acknowledged before is in every answer. The answers are made, between two
exchanges, by the rules that decide everything else; their rows are then appended and committed,
and only then does any answer leave.

Source: design section 6 (coalescing); promises P6, P8, P9.
"""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import TypeVar

from msgspec import Struct
from psycopg import errors
from psycopg.pq.abc import PGresult

from ledger.refusals import LedgerError, NotFound, Refusal, Refused
from ledger.rules.covering import Verdict
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.store.exchange import COMMIT, Sent, Statement, statement
from ledger.values import Mark
from projections import checking, enforcement, lookups, near
from projections.checking import Further, Looked
from projections.enforcement import CheckAnswer, Question
from projections.lookups import Earlier, Kept, KeptKey
from services.identity import tokens
from services.identity.tokens import Token

TRIES = 4
RECOUNT_SECONDS = 10.0
_BEGIN = statement("begin isolation level repeatable read")
_ROLLBACK = statement("rollback")
# A kept plan made while a table is small would scan it whole for ever.
_BY_INDEX = statement("set local enable_seqscan = off")
_REUSED = Refusal("key.reused_for_another_command", "this key was used for something else")
T = TypeVar("T")
Script = Generator[Sequence[Sent], list[PGresult], T]


class NotAdmitted(LedgerError):
    """No good token, or one that may not ask this: whoever serves the request says which."""


class TooManyLookups(LedgerError):
    """The officer has looked up as many marks within the hour as the limit allows."""


class Request(Struct, frozen=True, kw_only=True):
    """Checks of one sender, in order, under one key or none.

    The officer is named; or is whoever's token has the digest `secret`, if `admits` lets them.
    `device_at` is the device's own clock. `key` is already the sender's own. `zones_known`: a zone
    that the scheme has not is refused, for an officer's slip is not a motorist's offence.
    """

    questions: tuple[Question, ...]
    device: str
    officer: str = ""
    secret: bytes = b""
    admits: Callable[[Token], bool] | None = None
    device_at: datetime | None = None
    key: str = ""
    body_digest: str = ""
    zones_known: bool = False


class Shown(Struct, frozen=True):
    """One answer, in the bytes that are on record; or why there is none."""

    text: bytes
    refused: Refusal | None = None
    answer: CheckAnswer | None = None
    """None where it was refused, or repeated from the record."""


Outcome = list[Shown] | LedgerError


class Watch:
    """How many look-ups each officer made within the hour, as far as this process has heard.

    `most` 0: there is no limit. Recounted from the record every ten seconds, so that several
    servers hear of each other's.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: dict[str, tuple[int, float]] = {}

    def refuses(self, officer: str, more: int) -> bool:
        """True where so many more would pass the limit; else they are counted."""
        if not self.most:
            return False
        count, at = self._counts.get(officer, (0, -RECOUNT_SECONDS))
        if count + more > self.most:
            return True
        self._counts[officer] = (count + more, at)
        return False

    def stale(self, officers: Sequence[str]) -> list[str]:
        """Those whose count is old."""
        if not self.most:
            return []
        old = monotonic() - RECOUNT_SECONDS
        return [
            each for each in dict.fromkeys(officers) if self._counts.get(each, (0, old))[1] <= old
        ]

    def counted(self, found: dict[str, int]) -> None:
        if len(self._counts) > 10_000:
            self._counts.clear()
        self._counts.update((officer, (count, monotonic())) for officer, count in found.items())


class Answering(Struct, frozen=True, kw_only=True):
    """What answers need to know of a council. `clock` None: the database's."""

    schema: str
    editions: Editions
    clock: Callable[[], datetime] | None
    watch: Watch


class _Asked(Struct, kw_only=True):
    """A question of a batch on its way to an answer. `request` and `place` say whose it is."""

    request: int
    place: int
    question: Question
    mark: Mark
    receipt: int = 0
    looked: Looked
    scheme: Scheme
    found: Verdict
    further: Further | None = None
    saved: list[str] = []


def answering(council: Answering, requests: Sequence[Request]) -> Script[list[Outcome]]:
    """The outcome of each request, in order, all of them on record. Raises psycopg's errors."""
    for _ in range(TRIES):
        batch = _Batch(council, requests)
        try:
            return (yield from _one_transaction(batch))
        except errors.CheckViolation:
            # The first look-up of a month: its table is made, and the batch begun anew.
            yield [(_ROLLBACK, ())]
            assert batch.now is not None, "what is put on record was looked up"
            yield [lookups.make_month(council.schema, batch.now)]
        except (errors.SerializationFailure, errors.UniqueViolation):
            # Somebody else has just been answered under the same key.
            yield [(_ROLLBACK, ())]
    return (yield from _one_transaction(_Batch(council, requests)))


def _one_transaction(batch: "_Batch") -> Script[list[Outcome]]:
    batch.heard((yield batch.opening()))
    wider = [each for each in batch.asked if not each.found.covered]
    if wider:
        batch.heard_further(wider, (yield batch.look_further(wider)))
    batch.closed((yield batch.closing()))
    return batch.outcomes()


class _Batch:
    """One snapshot, and everything that is asked of it."""

    def __init__(self, council: Answering, requests: Sequence[Request]) -> None:
        self.council = council
        self.requests = requests
        self.schema = council.schema
        self.now = council.clock() if council.clock else None
        self.outcome: dict[int, Outcome] = {}
        self.officers: dict[int, str] = {}
        self.shown: list[list[Shown | None]] = [[None] * len(r.questions) for r in requests]
        self.asked: list[_Asked] = []
        self.schemes: dict[datetime, Scheme] = {}
        # (request, place, question, mark) of all that may be looked up.
        self.marks: list[tuple[int, int, Question, Mark]] = []
        self.secrets = list(dict.fromkeys(r.secret for r in requests if r.secret))
        self.keys = list(dict.fromkeys(r.key for r in requests if r.key))
        for n, request in enumerate(requests):
            for place, question in enumerate(request.questions):
                try:
                    if request.zones_known:
                        self._refuse_unknown_zone(question)
                    self.marks.append((n, place, question, enforcement.mark_of(question)))
                except Refused as refused:
                    self.shown[n][place] = Shown(b"", refused.refusals[0])
                except NotFound as error:
                    self.outcome[n] = error

    def _refuse_unknown_zone(self, question: Question) -> None:
        editions = self.council.editions
        scheme = editions.latest if question.at is None else editions.in_force_at(question.at)
        if scheme.zones and scheme.zone(question.zone) is None:
            raise Refused([Refusal("eligibility.zone", "the scheme has no such zone")])

    def opening(self) -> list[Sent]:
        """Everything that is read at first."""
        sent: list[Sent] = [
            (_BEGIN, ()),
            # A table that a rebuild has just put in place is empty to a snapshot taken before:
            # so first the lock, then the snapshot.
            (_lock(self.schema), ()),
            (_BY_INDEX, ()),
            checking.look(
                self.schema,
                self.now,
                [(mark.glyphs, asked.at, asked.known_at) for _, _, asked, mark in self.marks],
            ),
            lookups.numbers(self.schema, len(self.marks)),
        ]
        if self.secrets:
            sent.append(tokens.find_tokens(self.schema, self.secrets, self.now))
        if self.keys:
            sent.append(lookups.earlier(self.schema, self.keys))
        return sent

    def heard(self, results: Sequence[PGresult]) -> None:
        """Who asks, what was answered before, and what the rules say of what was found."""
        _, _, _, looked, numbers, *others = results
        found = tokens.tokens_found(others.pop(0)) if self.secrets else {}
        earlier = lookups.earlier_found(others.pop(0)) if self.keys else {}
        self._admit(found)
        self._repeat(earlier)
        for at, receipt, (n, place, question, mark) in zip(
            checking.looked(looked), lookups.numbered(numbers), self.marks, strict=True
        ):
            self.now = at.now
            if n in self.outcome:
                continue
            try:
                scheme = self._scheme_at(at.at)
            except NotFound as error:
                self.outcome[n] = error
                continue
            self.asked.append(
                _Asked(
                    request=n,
                    place=place,
                    question=question,
                    mark=mark,
                    receipt=receipt,
                    looked=at,
                    scheme=scheme,
                    found=enforcement.verdict(scheme, question, mark, at, None),
                )
            )
        self.asked = [each for each in self.asked if each.request not in self.outcome]

    def _scheme_at(self, at: datetime) -> Scheme:
        """The scheme in force: nearly all of a batch ask about one instant. Raises NotFound."""
        if at not in self.schemes:
            self.schemes[at] = self.council.editions.in_force_at(at)
        return self.schemes[at]

    def _admit(self, found: dict[bytes, Token]) -> None:
        for n, request in enumerate(self.requests):
            officer = request.officer
            if request.secret:
                token = found.get(request.secret)
                if token is None or (request.admits is not None and not request.admits(token)):
                    self.outcome[n] = NotAdmitted()
                    continue
                officer = token.name
            self.officers[n] = officer

    def _repeat(self, earlier: dict[str, Earlier]) -> None:
        """What has a key that was answered before; and, of those that have not, who is counted."""
        first: dict[str, int] = {}
        for n, request in enumerate(self.requests):
            if n in self.outcome:
                continue
            before = earlier.get(request.key) if request.key else None
            if before is not None:
                self.outcome[n] = (
                    [Shown(text or b"", refused) for text, refused in before.answers]
                    if before.body_digest == request.body_digest
                    else Refused([_REUSED])
                )
            elif request.key and first.setdefault(request.key, n) != n:
                # Twice in one batch: the second is sent again once the first is on record.
                self.outcome[n] = Again()
            elif self.council.watch.refuses(self.officers[n], len(request.questions)):
                self.outcome[n] = TooManyLookups()

    def look_further(self, wider: Sequence[_Asked]) -> list[Sent]:
        further = checking.look_further(
            self.schema,
            [(e.mark.glyphs, e.question.zone, e.looked.at, e.question.known_at) for e in wider],
        )
        saved = near.look(
            self.schema,
            [(e.mark.glyphs if e.question.live else "", e.question.zone) for e in wider],
        )
        return [further, saved]

    def heard_further(self, wider: Sequence[_Asked], results: Sequence[PGresult]) -> None:
        found, like = results
        for each, further, saved in zip(
            wider, checking.looked_further(found), near.looked(like), strict=True
        ):
            each.further = further
            each.saved = saved
            each.found = enforcement.verdict(
                each.scheme, each.question, each.mark, each.looked, further
            )

    def closing(self) -> list[Sent]:
        """Everything that is put on record, and the commit."""
        sent: list[Sent] = []
        kept = [self._kept(each) for each in self.asked]
        if kept:
            sent.append(lookups.keep(self.schema, kept))
        receipts = {(each.request, each.place): each.receipt for each in self.asked}
        for n, request in enumerate(self.requests):
            if request.key and n not in self.outcome and self.now is not None:
                sent.append(lookups.keep_key(self.schema, self._key(n, request, receipts)))
        officers = [self.officers[each.request] for each in self.asked]
        stale = self.council.watch.stale(officers)
        self.counting = bool(stale and self.now)
        if stale and self.now:
            sent.append(lookups.counts(self.schema, self.now, stale))
        return [*sent, (COMMIT, ())]

    def closed(self, results: Sequence[PGresult]) -> None:
        if self.counting:
            self.council.watch.counted(lookups.counted(results[-2]))

    def _kept(self, each: _Asked) -> Kept:
        told = enforcement.told(
            each.scheme,
            each.question,
            each.mark,
            each.looked,
            each.found,
            each.further,
            each.receipt,
            each.saved,
        )
        text = enforcement.in_bytes(told)
        self.shown[each.request][each.place] = Shown(text, None, told)
        request = self.requests[each.request]
        return Kept(
            lookup_id=each.receipt,
            kind="live",
            asked_at=each.looked.now,
            device_at=request.device_at,
            about_at=told.at,
            known_at=told.known_at,
            device=request.device,
            officer=self.officers[each.request],
            typed=each.question.typed,
            shown=told.mark,
            glyphs=each.mark.glyphs,
            zone=told.zone,
            answer=text,
        )

    def _key(self, n: int, request: Request, receipts: dict[tuple[int, int], int]) -> KeptKey:
        assert self.now is not None
        refused = [each.refused if each else None for each in self.shown[n]]
        return KeptKey(
            lookup_key=request.key,
            body_digest=request.body_digest,
            asked_at=self.now,
            receipts=[receipts.get((n, place), 0) for place in range(len(request.questions))],
            refused=[[each.code, each.detail] if each else [] for each in refused],
        )

    def outcomes(self) -> list[Outcome]:
        every: list[Outcome] = []
        for n, shown in enumerate(self.shown):
            outcome = self.outcome.get(n)
            every.append([each for each in shown if each] if outcome is None else outcome)
        return every


class Again(LedgerError):
    """The same key came twice in one batch: this one is to be asked again."""


@lru_cache(maxsize=256)
def _lock(schema: str) -> Statement:
    return statement(
        f"lock table {schema}.active_registrations, {schema}.vehicle_facts,"
        f" {schema}.saved_visitors, {schema}.household_zones in access share mode"
    )
