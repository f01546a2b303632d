"""Clients that send at the very same moment, from processes of their own.

Every process has its own pools, as two servers of one council have. What each client asked and was
told is kept with the moments at which it did, on the machine's one monotonic clock.
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from threading import local
from uuid import UUID

from msgspec import Struct

from commands.base import Command
from commands.handling import Sender
from ledger.events import Actor, Answer
from ledger.refusals import LedgerError, Refused
from ledger.scheme.editions import Editions
from ledger.store.pool import open_pool
from projections.enforcement import Question
from services.check_batch import Request
from services.checking import check_at_once
from services.council import Council

PROCESSES = 2
CONNECTIONS = 12
_SOON = 0.03
_spawning = multiprocessing.get_context("spawn")


class Look(Struct, frozen=True, kw_only=True):
    """An officer's look at several marks at once."""

    marks: tuple[str, ...]
    zone: str


class Act(Struct, frozen=True, kw_only=True):
    """What one client does. `at` is what its process's clock says; None is the database's."""

    stream: UUID
    does: Command | Look
    by: Actor
    key: str
    at: datetime | None = None


class Done(Struct, frozen=True, kw_only=True):
    """What came of it: an answer, the codes of a refusal, which marks are covered, or an error."""

    asked_at: float
    told_at: float
    answer: Answer | None = None
    codes: tuple[str, ...] = ()
    covered: tuple[str, ...] | None = None
    error: str = ""


class Crowd:
    """The processes, which do what they are given all at once."""

    def __init__(self, pipes: Sequence[Pipe]) -> None:
        self._pipes = pipes

    def at_once(self, acts: Sequence[Act]) -> list[Done]:
        """What came of each, in the order of the acts."""
        return [told for (told,) in self.in_turn([[each] for each in acts])]

    def in_turn(self, courses: Sequence[Sequence[Act]]) -> list[list[Done]]:
        """As at_once, for clients that each do several things, one after another."""
        begins = time.monotonic() + _SOON
        of = len(self._pipes)
        for n, pipe in enumerate(self._pipes):
            pipe.send((begins, [list(each) for each in courses[n::of]]))
        shares = [pipe.recv() for pipe in self._pipes]
        return [shares[n % of][n // of] for n in range(len(courses))]


@contextmanager
def crowd(
    dsn: str, editions: Editions, clients: int, processes: int = PROCESSES
) -> Iterator[Crowd]:
    """So many clients of one council, shared out to processes; ended with the context."""
    ours, running = [], []
    threads = -(-clients // processes)
    for _ in range(processes):
        mine, theirs = _spawning.Pipe()
        process = _spawning.Process(target=_run, args=(theirs, dsn, editions, threads), daemon=True)
        process.start()
        theirs.close()
        ours.append(mine)
        running.append(process)
    try:
        for pipe in ours:
            assert pipe.recv() == "ready"
        yield Crowd(ours)
    finally:
        for pipe in ours:
            pipe.close()
        for process in running:
            process.join(20)
            if process.is_alive():
                process.kill()


class Clocks(local):
    """The instant that a client's own server takes for now."""

    at: datetime | None = None

    def now(self) -> datetime:
        return self.at or datetime.now(UTC)


def _run(pipe: Pipe, dsn: str, editions: Editions, threads: int) -> None:
    """One process: does what comes through the pipe, until it is closed."""
    clocks = Clocks()
    name = editions.latest.id
    with (
        open_pool(dsn, CONNECTIONS, "crowd") as pool,
        open_pool(dsn, CONNECTIONS // 2, "crowd-checks") as checks,
        ThreadPoolExecutor(threads) as executor,
    ):
        real = Council(name, pool, checks, editions)
        set_ = Council(name, pool, checks, editions, clocks.now)
        # Connections are there before the first of them counts.
        for each in (pool, checks):
            for connection in [each.getconn() for _ in range(each.max_size)]:
                each.putconn(connection)
        pipe.send("ready")
        while True:
            try:
                begins, courses = pipe.recv()
            except EOFError:
                return

            def run(course: Sequence[Act], begins: float = begins) -> list[Done]:
                time.sleep(max(0.0, begins - time.monotonic()))
                return [_done(set_ if act.at else real, clocks, act) for act in course]

            pipe.send(list(executor.map(run, courses)))


def _done(council: Council, clocks: Clocks, act: Act) -> Done:
    clocks.at = act.at
    asked_at = time.monotonic()
    try:
        if isinstance(act.does, Look):
            covered = _covered(council, act.does)
            return Done(asked_at=asked_at, told_at=time.monotonic(), covered=covered)
        answer = council.handle(act.stream, act.does, Sender(by=act.by, key=act.key))
    except Refused as refused:
        return Done(asked_at=asked_at, told_at=time.monotonic(), codes=refused.codes)
    except LedgerError as error:
        return Done(asked_at=asked_at, told_at=time.monotonic(), error=type(error).__name__)
    return Done(asked_at=asked_at, told_at=time.monotonic(), answer=answer)


def _covered(council: Council, look: Look) -> tuple[str, ...]:
    questions = tuple(
        Question(typed=mark, zone=look.zone, at=None, known_at=None) for mark in look.marks
    )
    request = Request(questions=questions, officer="officer-1", device="race")
    shown = check_at_once(council.checks, council.answering(), request)
    return tuple(
        mark
        for mark, each in zip(look.marks, shown, strict=True)
        if each.answer is not None and each.answer.covered
    )
