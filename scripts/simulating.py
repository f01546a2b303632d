"""`permit-ledger simulate`: a believable history, through the same commands as anybody's.

Every life draws its chances from the seed and its own number alone, and the clock is a made-up one,
so that the same seed and the same last day give the same events, byte for byte. The lives are
merged in the order of their instants; whatever falls due between two of them is recorded then, as
the worker does it.

A council that has no facts yet gets its history in bulk: the same decisions, stored at once
(`scripts.simulation.in_bulk`). Otherwise every command goes the way of anybody's.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commands.base import Command, Values
from commands.handling import Sender
from ledger.refusals import NotFound, Refused
from ledger.scheme.schema import Scheme
from scripts.simulation.doing import Checking, Deed, Doing, Life, Outcome
from scripts.simulation.in_bulk import InBulk
from scripts.simulation.lives import life, property_ref
from scripts.simulation.one_by_one import OneByOne
from scripts.simulation.spool import has_facts, spools
from scripts.upgrading import filled
from services.council import Council
from services.councils import open_councils

YEAR = timedelta(days=365.25)
DUE_EVERY = timedelta(days=1)
CATCH_UP_EVERY = 2000


class Recorder(Protocol):
    """What a history is recorded by."""

    def command(self, at: datetime, stream: UUID, command: Command, sender: Sender) -> Values: ...

    def check(self, at: datetime, asked: Checking) -> None: ...

    def due(self, until: datetime) -> int: ...

    def follow(self) -> None: ...

    def end(self) -> None: ...


class Totals(Struct, kw_only=True):
    """What was done: accepted commands, refused ones, checks, and what fell due."""

    accepted: int = 0
    refused: int = 0
    checks: int = 0
    due: int = 0


def main(
    council: str,
    households: int,
    years: float,
    seed: int,
    dsn: str,
    quiet: bool = False,
    until: datetime | None = None,
    one_by_one: bool = False,
) -> int:
    """Invent `years` up to `until` (an aware instant; the beginning of today, UTC, if None).

    Raises NotFound for a council without a live scheme, ConcurrentChange where somebody else gives
    it facts meanwhile, and whatever a server that cannot be had gives.
    """
    if households < 1 or years <= 0:
        sys.stderr.write("simulate: at least one household, and some time for it to live in\n")
        return 2
    ends = until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with open_councils(dsn, only={council}, commands_max=2, checks_max=1, grown=filled) as councils:
        hurry(councils[council])
        with _recorder(councils[council], one_by_one) as recorder, _progress(quiet) as progress:
            history = History(
                councils[council], households, seed, ends - YEAR * years, ends, recorder
            )
            task = progress.add_task(f"{council}: {households} households", total=history.seconds)
            for gone in history.live():
                progress.update(task, completed=gone)
            progress.update(task, completed=history.seconds)
    done = history.totals
    if not quiet:
        print(
            f"{done.accepted} commands, {done.refused} refused, {done.checks} checks,"
            f" {done.due} things that fell due"
        )
    return 0


@contextmanager
def _recorder(council: Council, one_by_one: bool) -> Iterator[Recorder | None]:
    """In bulk, where nothing happened at that council yet; None is one by one."""
    with council.pool.connection() as connection:
        if one_by_one or has_facts(connection, council.schema):
            yield None
            return
        with spools(connection) as files:
            yield InBulk(council, files)


def hurry(council: Council) -> None:
    """Do not wait for the disk at each commit: the server writes within a second all the same, and
    what a crash took of an invented history is invented again.
    """
    for pool in (council.pool, council.checks):
        with pool.connection() as connection:
            connection.execute("set synchronous_commit = off")


class History:
    """Many lives at one council, in the order in which things happen."""

    def __init__(
        self,
        council: Council,
        households: int,
        seed: int,
        begins: datetime,
        ends: datetime,
        recorder: Recorder | None = None,
    ) -> None:
        self.council = council
        self.ends = ends
        self.begins = max(begins, council.editions.ordered[0].begins_at)
        self.totals = Totals()
        self._households = households
        self._seed = seed
        self._recorder = recorder or OneByOne(council, self.begins)
        self._due_at = self.begins + DUE_EVERY

    @property
    def seconds(self) -> float:
        return max(0.0, (self.ends - self.begins).total_seconds())

    def live(self) -> Iterator[float]:
        """Do everything; yields now and then how many seconds of the past have gone."""
        lives = [
            life(self._scheme(), self._seed, n, self.begins, self.ends)
            for n in range(self._households)
        ]
        ahead = [(deed.at, n, deed) for n, deed in _firsts(lives)]
        heapify(ahead)
        sent = [0] * self._households
        done = 0
        while ahead:
            at, n, deed = heappop(ahead)
            if at >= self.ends:
                continue
            self._record_due(at)
            sent[n] += 1
            outcome = self._do(at, deed, n, f"simulated/{self._seed}/{n}/{sent[n]}")
            try:
                following = lives[n].send(outcome)
            except StopIteration:
                pass
            else:
                heappush(ahead, (max(following.at, at), n, following))
            done += 1
            if done % 50 == 0:
                yield (at - self.begins).total_seconds()
            if done % CATCH_UP_EVERY == 0:
                self._recorder.follow()
        self._record_due(self.ends)
        self._recorder.end()

    def _scheme(self) -> Scheme:
        return self.council.editions.latest

    def _record_due(self, at: datetime) -> None:
        """What fell due by then, once a day and at its own instant, as the worker records it."""
        while self._due_at <= at:
            self.totals.due += self._recorder.due(self._due_at)
            self._due_at += DUE_EVERY

    def _do(self, at: datetime, deed: Deed, number: int, key: str) -> Outcome:
        match deed:
            case Doing():
                return self._command(at, deed, number, key)
            case Checking():
                return self._check(at, deed)

    def _command(self, at: datetime, deed: Doing, number: int, key: str) -> Outcome:
        stream = self.council.ledger.household_id(property_ref(self._seed, number))
        sender = Sender(by=deed.by, key=key, channel=deed.channel)
        try:
            values = self._recorder.command(at, stream, deed.command, sender)
        except Refused as refused:
            self.totals.refused += 1
            return Outcome(values={}, refused=refused.codes)
        except NotFound as error:
            self.totals.refused += 1
            return Outcome(values={}, refused=(f"not_found.{error.kind}",))
        self.totals.accepted += 1
        return Outcome(values=values)

    def _check(self, at: datetime, deed: Checking) -> Outcome:
        try:
            self._recorder.check(at, deed)
        except Refused as refused:
            return Outcome(values={}, refused=refused.codes)
        self.totals.checks += 1
        return Outcome(values={})


def _firsts(lives: list[Life]) -> Iterator[tuple[int, Deed]]:
    for n, each in enumerate(lives):
        yield n, next(each)


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
