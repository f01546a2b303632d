"""Checks while others wait: those of an event loop are coalesced, those of a thread go at once.

While a batch is on its way, what comes in waits and is the next batch: a server under load makes
few commits, and one without load answers at once. Connections are those for checks alone, and so
are the threads that fetch them: commands that wait for theirs hold no check up. More than
WAITING_MAX are turned away before they reach the database.

Source: design section 6; promises P6, P9.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from msgspec import Struct
from psycopg import errors
from psycopg.pq.abc import PGresult
from psycopg_pool import PoolTimeout, TooManyRequests

from ledger.refusals import LedgerError
from ledger.store.exchange import Sent, exchange, exchange_async, forget
from ledger.store.pool import Connection, Pool
from services.check_batch import Again, Answering, Request, Script, Shown, answering

LINES = 2
"""Batches on their way at once: one is committed while another is looked up."""
BATCH_MAX = 128
SECOND_LINE_FROM = 4
"""So many must wait before a second batch is sent beside the first."""
WAITING_MAX = 4_000
AT_HAND_SECONDS = 0.001
"""The longest that an event loop stands still for a connection that was there just now."""
T = TypeVar("T")


def check_at_once(pool: Pool, council: Answering, request: Request) -> list[Shown]:
    """The answers to one request, on record. Raises the LedgerError that its outcome is, psycopg's
    errors, and PoolTimeout.
    """
    with pool.connection() as connection:
        try:
            (outcome,) = _driven(connection, answering(council, [request]))
        except errors.InvalidSqlStatementName:
            recover(connection)
            (outcome,) = _driven(connection, answering(council, [request]))
    if isinstance(outcome, LedgerError):
        raise outcome
    return outcome


def recover(connection: Connection) -> None:
    """Out of a failed transaction, with every statement to be prepared anew.

    psycopg has the server forget all of them after a rollback, ours as well.
    """
    connection.rollback()
    connection.execute("deallocate all")
    forget(connection)


class CheckQueue:
    """The checks of one council that an event loop waits for."""

    def __init__(self, pool: Pool, council: Callable[[], Answering]) -> None:
        self._pool = pool
        self._council = council
        self._waiting: deque[_Waiting] = deque()
        self._lines: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads = ThreadPoolExecutor(LINES, thread_name_prefix="checks")

    async def ask(self, request: Request) -> list[Shown]:
        """The answers to one request, on record. Raises the LedgerError that its outcome is,
        psycopg's errors, PoolTimeout, and TooManyRequests where too many wait already.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # Nobody waits in a loop that has ended.
            self._loop = loop
            self._lines.clear()
            self._waiting.clear()
        if len(self._waiting) >= WAITING_MAX:
            raise TooManyRequests("too many checks are waiting")
        one = _Waiting(request, loop.create_future())
        self._waiting.append(one)
        self._open_lines(loop)
        return await one.future

    def _open_lines(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = len(self._waiting)
        lines = len(self._lines)
        if (waiting and not lines) or (waiting >= SECOND_LINE_FROM and lines < LINES):
            line = loop.create_task(self._line(loop))
            self._lines.add(line)
            line.add_done_callback(self._closed)

    def _closed(self, line: asyncio.Task[None]) -> None:
        self._lines.discard(line)
        self._open_lines(line.get_loop())

    async def _line(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer batch after batch until nobody waits; then the connection goes back."""
        try:
            connection = await self._connection(loop)
        except Exception as error:
            # Whatever it is, it is theirs who wait: nobody may wait for ever.
            self._fail([self._waiting.popleft() for _ in range(len(self._waiting))], error)
            return
        try:
            while self._waiting and not connection.closed:
                count = min(BATCH_MAX, len(self._waiting))
                await self._answer(connection, [self._waiting.popleft() for _ in range(count)])
        finally:
            self._pool.putconn(connection)

    async def _connection(self, loop: asyncio.AbstractEventLoop) -> Connection:
        """One that waits in the pool, at once; else a thread waits until there is one."""
        if self._pool.get_stats().get("pool_available"):
            try:
                return self._pool.getconn(AT_HAND_SECONDS)
            except PoolTimeout:
                # Somebody else took it in between.
                pass
        return await loop.run_in_executor(self._threads, self._pool.getconn)

    async def _answer(self, connection: Connection, batch: "list[_Waiting]") -> None:
        script = answering(self._council(), [each.request for each in batch])
        try:
            outcomes = await _driven_async(connection, script)
        except Exception as error:
            if connection.closed:
                # It may have been dead before: they are asked once more, on another connection.
                self._again(batch, error)
                return
            recover(connection)
            if isinstance(error, errors.InvalidSqlStatementName) and not batch[0].tried:
                self._again(batch, error)
                return
            if len(batch) == 1 or isinstance(error, psycopg.OperationalError):
                self._fail(batch, error)
                return
            # One of them may be at fault: each is asked by itself.
            for each in batch:
                await self._answer(connection, [each])
            return
        for each, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Again):
                self._waiting.append(each)
            elif isinstance(outcome, LedgerError):
                self._fail([each], outcome)
            elif not each.future.done():
                each.future.set_result(outcome)

    def _again(self, batch: "Sequence[_Waiting]", error: Exception) -> None:
        """To be asked once more, if this was the first time."""
        again = [each for each in batch if not each.tried]
        self._fail([each for each in batch if each.tried], error)
        for each in again:
            each.tried = True
        self._waiting.extendleft(reversed(again))

    def _fail(self, batch: "Sequence[_Waiting]", error: Exception) -> None:
        for each in batch:
            if not each.future.done():
                each.future.set_exception(error)


class _Waiting:
    """Somebody who waits, and whether they were asked on a connection that broke."""

    __slots__ = ("future", "request", "tried")

    def __init__(self, request: Request, future: "asyncio.Future[list[Shown]]") -> None:
        self.request = request
        self.future = future
        self.tried = False


class _Next(Struct, frozen=True):
    """The statements of a script's next exchange."""

    sent: Sequence[Sent]


def _driven(connection: Connection, script: Script[T]) -> T:
    """What the script comes to, with this thread waiting for each exchange."""
    step = _stepped(lambda: next(script))
    while isinstance(step, _Next):
        try:
            results = exchange(connection, step.sent)
        except psycopg.Error as error:
            step = _after_error(script, error)
        else:
            step = _after(script, results)
    return step  # type: ignore[no-any-return]


async def _driven_async(connection: Connection, script: Script[T]) -> T:
    """The same, with the event loop going on meanwhile."""
    step = _stepped(lambda: next(script))
    while isinstance(step, _Next):
        try:
            results = await exchange_async(connection, step.sent)
        except psycopg.Error as error:
            step = _after_error(script, error)
        else:
            step = _after(script, results)
    return step  # type: ignore[no-any-return]


def _after(script: Script[T], results: list[PGresult]) -> Any:
    return _stepped(lambda: script.send(results))


def _after_error(script: Script[T], error: psycopg.Error) -> Any:
    return _stepped(lambda: script.throw(error))


def _stepped(step: Callable[[], Sequence[Sent]]) -> Any:
    try:
        return _Next(step())
    except StopIteration as ended:
        return ended.value
