"""How soon each page is answered in a council of 10,000 households, beside the smallest page.

Few browsers at once, each of which waits for its answer: `page.<name>.p95` in milliseconds, over
households of many years' acts as well as short ones. `page.constant.p95` is the page with least on
it, of the same server, asked again and again between the others. A page that this council cannot
have is named on the error output.

Source: design section 10; issue "The pages", done when.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

from msgspec import Struct

from scripts.benches import asking_pages
from scripts.benches.asking_pages import Asking, Request
from scripts.benches.figures import Figure, figure
from scripts.benches.town import Town, town


class Sizes(Struct, frozen=True):
    """Households, notices, and how often each page is asked by each browser."""

    households: int
    notices: int
    times: int


QUICK = Sizes(1_000, 60, 10)
FULL = Sizes(10_000, 600, 30)
BROWSERS = 2
ADDRESSES_MAX = 8
"""Of one page, as many as are asked in turn."""
CONSTANT_EVERY = 8


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server."""
    sizes = QUICK if quick else FULL
    began = time.perf_counter()
    with town(dsn, sizes.households, sizes.notices) as made:
        _say(f"{sizes.households:,} households in {time.perf_counter() - began:.0f} s")
        with _server(made) as port:
            yield from _asked(made, port, sizes.times)


def _asked(made: Town, port: int, times: int) -> Iterator[Figure]:
    smallest = asking_pages.smallest(made).requests
    _timed(port, smallest, times)
    constant: list[float] = []
    found: list[tuple[str, float]] = []
    missing: list[str] = []
    with HTTPProbe(port) as probe:
        for n, asking in enumerate(asking_pages.every(made)):
            requests = probe.answered(asking)
            if not requests:
                missing.append(f"{asking.name} ({', '.join(map(str, sorted(probe.statuses)))})")
                continue
            if n % CONSTANT_EVERY == 0:
                constant += _timed(port, smallest, times)
            found.append((asking.name, _p95(_timed(port, requests, times))))
    yield (ours := figure("page.constant.p95", _p95(constant), "ms", None))
    for name, p95 in found:
        yield figure(f"page.{name}.p95", p95, "ms", ours)
    if missing:
        _say(f"not in this council: {', '.join(missing)}")


class HTTPProbe:
    """Asks each address once, so that only those that are answered with a page are timed."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.statuses: set[int] = set()

    def __enter__(self) -> "HTTPProbe":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def answered(self, asking: Asking) -> list[Request]:
        """The requests that are answered with 200, up to ADDRESSES_MAX."""
        good: list[Request] = []
        self.statuses = set()
        for request in asking.requests:
            status = _status(self._connection, request)
            self.statuses.add(status)
            if status == 200:
                good.append(request)
            if len(good) == ADDRESSES_MAX:
                break
        return good


def _timed(port: int, requests: Sequence[Request], times: int) -> list[float]:
    """How long each answer took, in ms: each browser asks so often, in turn of the addresses."""
    with ThreadPoolExecutor(BROWSERS) as browsers:
        every = browsers.map(
            lambda n: _browsing(port, requests, n, times), range(BROWSERS), timeout=300
        )
        return [took for each in every for took in each]


def _browsing(port: int, requests: Sequence[Request], first: int, times: int) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    try:
        for n in range(times):
            request = requests[(first + n * BROWSERS) % len(requests)]
            began = time.perf_counter()
            status = _status(connection, request)
            took.append((time.perf_counter() - began) * 1000)
            assert status == 200, f"{status} for {request.path.partition('?')[0]}"
    finally:
        connection.close()
    return took


def _status(connection: HTTPConnection, request: Request) -> int:
    connection.request(request.method, request.path, request.body or None, request.headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _p95(took: Sequence[float]) -> float:
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


@contextmanager
def _server(made: Town) -> Iterator[int]:
    """The port of the served program, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "scripts.benches.served", made.dsn, str(port), made.council.id]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            assert process.poll() is None, "the bench's server has ended"
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
