"""`permit-ledger simulate`: a believable history, through the same commands as anybody's.

Every life draws its chances from the seed and its own number alone, and the clock is a made-up one,
so that the same seed and the same last day give the same events, byte for byte. The lives are
merged in the order of their instants; whatever falls due between two of them is recorded then, as
the worker does it.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commands.handling import Sender
from ledger.refusals import NotFound, Refused
from ledger.scheme.schema import Scheme
from scripts.simulation.doing import Checking, Deed, Doing, Life, Outcome
from scripts.simulation.lives import life, property_ref
from scripts.upgrading import filled
from services.council import Council
from services.councils import open_councils
from services.worker import run_due

YEAR = timedelta(days=365.25)
DUE_EVERY = timedelta(days=1)
CATCH_UP_EVERY = 2000


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
) -> int:
    """Invent `years` up to `until` (an aware instant; the beginning of today, UTC, if None).

    Raises NotFound for a council without a live scheme, and whatever a server that cannot be had
    gives.
    """
    if households < 1 or years <= 0:
        sys.stderr.write("simulate: at least one household, and some time for it to live in\n")
        return 2
    ends = until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with open_councils(dsn, only={council}, commands_max=2, checks_max=1, grown=filled) as councils:
        hurry(councils[council])
        history = History(councils[council], households, seed, ends - YEAR * years, ends)
        with _progress(quiet) as progress:
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
        self, council: Council, households: int, seed: int, begins: datetime, ends: datetime
    ) -> None:
        self.council = council
        self.ends = ends
        self.begins = max(begins, council.editions.ordered[0].begins_at)
        self.totals = Totals()
        self._households = households
        self._seed = seed
        self._now = self.begins
        self._due_at = self.begins + DUE_EVERY
        council.clock = council.handler.clock = lambda: self._now

    @property
    def seconds(self) -> float:
        return max(0.0, (self.ends - self.begins).total_seconds())

    def live(self) -> Iterator[float]:
        """Do everything; yields now and then how many seconds of the past have gone."""
        council = self.council
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
            self._now = at
            sent[n] += 1
            outcome = self._do(deed, n, f"simulated/{self._seed}/{n}/{sent[n]}")
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
                council.catch_up()
        self._record_due(self.ends)
        council.catch_up()

    def _scheme(self) -> Scheme:
        return self.council.editions.latest

    def _record_due(self, at: datetime) -> None:
        """What fell due by then, once a day and at its own instant, as the worker records it."""
        while self._due_at <= at:
            self.totals.due += run_due(self.council, self._due_at, self._set)
            self._due_at += DUE_EVERY

    def _set(self, at: datetime) -> None:
        self._now = at

    def _do(self, deed: Deed, number: int, key: str) -> Outcome:
        match deed:
            case Doing():
                return self._command(deed, number, key)
            case Checking():
                return self._check(deed)

    def _command(self, deed: Doing, number: int, key: str) -> Outcome:
        stream = self.council.ledger.household_id(property_ref(self._seed, number))
        sender = Sender(by=deed.by, key=key, channel=deed.channel)
        try:
            answer = self.council.handle(stream, deed.command, sender)
        except Refused as refused:
            self.totals.refused += 1
            return Outcome(values={}, refused=refused.codes)
        except NotFound as error:
            self.totals.refused += 1
            return Outcome(values={}, refused=(f"not_found.{error.kind}",))
        self.totals.accepted += 1
        return Outcome(values=answer.values)

    def _check(self, deed: Checking) -> Outcome:
        try:
            self.council.check(
                typed=deed.typed,
                zone=deed.zone,
                at=None,
                known_at=None,
                bay="",
                officer=deed.officer,
                device=f"handheld-{deed.officer[-1]}",
            )
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
