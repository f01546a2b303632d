"""A line to a server that is cut at a message: before it, in its middle, after it.

It knows where the messages of PostgreSQL, and the heads and bodies of HTTP, begin and end, and
nothing of what they say. While it is not armed it only passes on; armed, it counts the messages of
each direction over all its connections, and at the one that was named closes both ends of it.

Source: promises P2, P3 (`cut.py`).
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Direction = Literal["asked", "answered"]
How = Literal["before", "half", "after"]
HOWS: tuple[How, ...] = ("before", "half", "after")


class Cut(Struct, frozen=True, kw_only=True):
    """At which message: the number of it in its direction, from 0, since the line was armed."""

    direction: Direction
    message: int
    how: How

    def __str__(self) -> str:
        return f"{self.how} message {self.message} {self.direction}"


class Messages:
    """Bytes as they come, in whole messages: four bytes of length, after one of kind but for the
    first.
    """

    def __init__(self, *, first_is_bare: bool) -> None:
        self._head = 0 if first_is_bare else 1
        self._rest = b""

    def whole(self, more: bytes) -> Iterator[bytes]:
        """Every message that is complete now."""
        self._rest += more
        while len(self._rest) >= self._head + 4:
            length = int.from_bytes(self._rest[self._head : self._head + 4], "big")
            end = self._head + length
            if len(self._rest) < end:
                return
            yield self._rest[:end]
            self._rest, self._head = self._rest[end:], 1


class Parts:
    """An exchange of HTTP/1.1 in its parts: a head, and the body whose length it tells."""

    def __init__(self) -> None:
        self._rest = b""
        self._body = 0

    def whole(self, more: bytes) -> Iterator[bytes]:
        """Every head and every body that is complete now."""
        self._rest += more
        while self._rest:
            if self._body:
                if len(self._rest) < self._body:
                    return
                end, self._body = self._body, 0
            else:
                head, ended, _ = self._rest.partition(b"\r\n\r\n")
                if not ended:
                    return
                length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
                end, self._body = len(head) + len(ended), int(length[1]) if length else 0
            yield self._rest[:end]
            self._rest = self._rest[end:]


class Line:
    """Takes connections at `listener` and goes on to `server`, in whole messages."""

    def __init__(
        self,
        listener: socket.socket,
        server: Callable[[], socket.socket],
        messages: Callable[[Direction], Messages | Parts],
    ) -> None:
        self._server = server
        self._messages = messages
        self._lock = threading.Lock()
        self._cut: Cut | None = None
        self._instead: Callable[[], None] | None = None
        self._counted: dict[Direction, int] = {"asked": 0, "answered": 0}
        self._counting = False
        self.was_cut = False
        self._closed = threading.Event()
        self._listener = listener
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self) -> None:
        """Count from now on, and cut nothing."""
        self._set(None, None)

    def arm(self, cut: Cut, instead: Callable[[], None] | None = None) -> None:
        """Cut there, once; or do something else there `instead`, and go on."""
        self._set(cut, instead)

    def _set(self, cut: Cut | None, instead: Callable[[], None] | None) -> None:
        with self._lock:
            self._instead = instead
            self._counted = {"asked": 0, "answered": 0}
            self._counting, self._cut, self.was_cut = True, cut, False
            self._closed.clear()

    def wait_for_the_cut(self) -> None:
        """Until both ends know of it, where there was one."""
        if self.was_cut:
            self._closed.wait(10)

    def disarm(self) -> dict[Direction, int]:
        """Only pass on from now on; how many messages there were in each direction."""
        with self._lock:
            self._counting, self._cut = False, None
            return dict(self._counted)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._server()
            except OSError:
                client.close()
                continue
            for direction, source, sink in (
                ("asked", client, server),
                ("answered", server, client),
            ):
                threading.Thread(
                    target=self._pass_on, args=(direction, source, sink), daemon=True
                ).start()

    def _pass_on(self, direction: Direction, source: socket.socket, sink: socket.socket) -> None:
        messages = self._messages(direction)
        ours = False
        try:
            while more := source.recv(65536):
                whole = list(messages.whole(more))
                for n, message in enumerate(whole):
                    said = self._due(direction)
                    if said is None:
                        continue
                    ours = True
                    kept = {"before": 0, "half": len(message) // 2, "after": len(message)}[said]
                    sink.sendall(b"".join(whole[:n]) + message[:kept])
                    if self._instead is None:
                        return
                    self._instead()
                    self._closed.set()
                    whole = [message[kept:], *whole[n + 1 :]]
                    break
                sink.sendall(b"".join(whole))
        except OSError:
            pass
        finally:
            for each in (source, sink):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            if ours:
                self._closed.set()

    def _due(self, direction: Direction) -> How | None:
        """How this message is to be cut, if it is."""
        with self._lock:
            if not self._counting:
                return None
            number = self._counted[direction]
            self._counted[direction] += 1
            cut = self._cut
            if cut is None or (cut.direction, cut.message) != (direction, number):
                return None
            self.was_cut, self._cut = True, None
            return cut.how


@contextmanager
def line(dsn: str, folder: Path) -> Iterator[tuple[Line, str]]:
    """A line to the server of this DSN, which is one of a socket in a folder; and its own DSN."""
    where = conninfo_to_dict(dsn)
    port = str(where.get("port") or "5432")
    there = f"{where['host']}/.s.PGSQL.{port}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / f".s.PGSQL.{port}"))

    def server() -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.connect(there)
        return made

    made = Line(listener, server, lambda asked: Messages(first_is_bare=asked == "asked"))
    try:
        yield made, make_conninfo(dsn, host=str(folder), port=port)
    finally:
        made.close()


@contextmanager
def web_line(port: int) -> Iterator[tuple[Line, int]]:
    """A line to the web server of this port; and its own port."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Line(
        listener,
        lambda: socket.create_connection(("127.0.0.1", port), timeout=60),
        lambda direction: Parts(),
    )
    try:
        yield made, listener.getsockname()[1]
    finally:
        made.close()
