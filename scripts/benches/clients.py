"""Client processes of a bench, started once and given one task after another.

A web deployment has several worker processes, so a client here is a process with a connection of
its own, never a thread. All of them begin at one instant of the machine's monotonic clock.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from msgspec import Struct

Step = Callable[[], None]


class ByItself(Struct, frozen=True):
    """A client of another program: told when to begin and to end, it says how many steps it did."""

    until: Callable[[float, float], int]


Task = Callable[[str, int], AbstractContextManager[Step | ByItself]]
"""What a client does: given a DSN and its number, it prepares, then gives one step to repeat."""

WARM_UP_STEPS = 30
"""Of every client, before the clock runs; `emmett.mjs` takes as many."""
_START_IN_SECONDS = 0.05
_PREPARE_SECONDS_MAX = 120.0
_PRELOADED = ["services.council", "scripts.benches.append"]


class ClientFailed(Exception):
    """A client could not do its task; the message is its error."""


class _Client(Struct, frozen=True):
    process: BaseProcess
    end: Connection


class Clients:
    """Up to `most` processes. Leaving the context ends them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._clients: list[_Client] = []

    def __enter__(self) -> "Clients":
        starting = multiprocessing.get_context("forkserver")
        starting.set_forkserver_preload(_PRELOADED)
        for number in range(self._most):
            ours, theirs = starting.Pipe()
            process = starting.Process(target=_serve, args=(theirs, number), daemon=True)
            process.start()
            theirs.close()
            self._clients.append(_Client(process, ours))
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.end.close()
        for client in self._clients:
            client.process.join(5)
            if client.process.is_alive():
                client.process.kill()

    def rate(self, count: int, task: Task, dsn: str, seconds: float) -> float:
        """Steps a second of `count` clients together. Raises ClientFailed."""
        clients = self._clients[:count]
        assert len(clients) == count, "no more clients than were asked for"
        for client in clients:
            client.end.send((task, dsn))
        for client in clients:
            _told(client, _PREPARE_SECONDS_MAX)
        begins = time.monotonic() + _START_IN_SECONDS
        for client in clients:
            client.end.send((begins, begins + seconds))
        done = [_told(client, seconds + _PREPARE_SECONDS_MAX) for client in clients]
        return sum(done) / seconds


def _told(client: _Client, seconds: float) -> int:
    if not client.end.poll(seconds):
        raise ClientFailed(f"nothing heard of a client in {seconds:.0f} s")
    try:
        said = client.end.recv()
    except EOFError as error:
        raise ClientFailed("a client has died") from error
    if isinstance(said, str):
        raise ClientFailed(said)
    assert isinstance(said, int)
    return said


def _serve(end: Connection, number: int) -> None:
    """The life of a client: tasks until the bench closes its end."""
    while True:
        try:
            task, dsn = end.recv()
        except EOFError:
            return
        with _reported(end), task(dsn, number) as step:
            if not isinstance(step, ByItself):
                for _ in range(WARM_UP_STEPS):
                    step()
            end.send(0)
            begins, ends = end.recv()
            if isinstance(step, ByItself):
                end.send(step.until(begins, ends))
                continue
            time.sleep(max(0.0, begins - time.monotonic()))
            end.send(_repeated(step, ends))


def _repeated(step: Step, ends: float) -> int:
    """How many steps were over before that instant."""
    done = 0
    while True:
        step()
        if time.monotonic() >= ends:
            return done
        done += 1


@contextmanager
def _reported(end: Connection) -> Iterator[None]:
    """An error of a task is the bench's to raise: sent over, whatever it is."""
    try:
        yield
    except BaseException as error:
        end.send(f"{type(error).__name__}: {error}")
        raise
