"""A load of HTTP requests from one process: so many connections, each sending when it is answered.

A client as plain as can be, so that on few cores the server has most of them: requests are bytes
made beforehand, and of an answer only its length and status are read.
"""

import asyncio
import sys
import time
from collections.abc import Sequence

import msgspec
from msgspec import Struct

CONNECTIONS = 24
"""As many officers and cameras as ask at one instant of a busy day."""


class Load(Struct, frozen=True):
    """What came of it: answers a second, and how long they took, in milliseconds."""

    rate: float
    p50: float
    p99: float


class _Client(asyncio.Protocol):
    def __init__(self, load: "_Loading", turn: int) -> None:
        self._load = load
        self._turn = turn
        self._held = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        requests = self._load.requests
        self._transport.write(requests[self._turn % len(requests)])
        self._turn += CONNECTIONS
        self._sent = time.perf_counter()

    def data_received(self, received: bytes) -> None:
        self._held += received
        head = self._held.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._held.lower().find(b"content-length:", 0, head)
        length = int(self._held[at + 15 : self._held.find(b"\r\n", at)])
        if len(self._held) < head + 4 + length:
            return
        if not self._held.startswith(b"HTTP/1.1 200"):
            self._load.ended.set_exception(RuntimeError(self._held[:400].decode(errors="replace")))
            return
        self._held = b""
        now = time.perf_counter()
        if self._load.counting:
            self._load.times.append(now - self._sent)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._load.ended.done():
            self._load.ended.set_exception(ConnectionError("the server hung up"))


class _Loading:
    def __init__(self, requests: Sequence[bytes]) -> None:
        self.requests = requests
        self.times: list[float] = []
        self.counting = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()


async def loaded(port: int, requests: Sequence[bytes], seconds: float) -> Load:
    """What the server on that port does with these requests, in turn, after a warm-up."""
    load = _Loading(requests)
    loop = asyncio.get_running_loop()
    for n in range(CONNECTIONS):
        await loop.create_connection(lambda n=n: _Client(load, n), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait([load.ended], timeout=seconds / 4)
    load.counting = True
    begun = time.perf_counter()
    await asyncio.wait([load.ended], timeout=seconds)
    took = time.perf_counter() - begun
    load.counting = False
    if load.ended.done():
        load.ended.result()
    load.ended.cancel()
    times = sorted(load.times)
    assert times, "nothing was answered"
    return Load(
        len(times) / took, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    )


def main() -> int:
    """Seconds, port and requests on standard input, as JSON; what came of it on standard output."""
    port, seconds, requests = msgspec.json.decode(
        sys.stdin.buffer.read(), type=tuple[int, float, list[bytes]]
    )
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(loaded(port, requests, seconds))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
