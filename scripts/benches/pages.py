"""How soon each page is answered in a council of 10,000 households, beside the smallest page.

Few browsers at once, each of which waits for its answer: `page.<name>.p95` in milliseconds, over
households of many years' acts as well as short ones. `page.constant.p95` is the page with least on
it, of the same server, asked again and again between the others. `page.<name>.processor` is what an
answer costs the server and its PostgreSQL in processor time, on average: a busy machine does not
alter it. `page.<name>.first` is how long its very first answer took. A page that this council
cannot have is named on the error output.

Source: design section 10; issue "The pages", done when.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from msgspec import Struct

from scripts.benches import asking_pages
from scripts.benches.asking_pages import Asking, Request
from scripts.benches.figures import Figure, figure
from scripts.benches.town import Town, town


class Sizes(Struct, frozen=True):
    """Households, notices, and how often each page is asked by each browser.

    `lives` are the households that lived by commands, the others are their copies. `addresses`: of
    one page, as many as are asked in turn.
    """

    lives: int
    households: int
    notices: int
    times: int
    addresses: int


QUICK = Sizes(8, 1_000, 40, 5, 3)
FULL = Sizes(20, 10_000, 600, 30, 8)
BROWSERS = 2
CONSTANT_EVERY = 8


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of the bench's own on that server."""
    sizes = QUICK if quick else FULL
    began = time.perf_counter()
    with town(dsn, sizes.lives, sizes.households, sizes.notices) as made:
        _say(f"{sizes.households:,} households in {time.perf_counter() - began:.0f} s")
        with _server(made) as served:
            yield from _asked(made, served, sizes)


class Served(Struct, frozen=True):
    """The bench's server: its port and its process."""

    port: int
    process: int


class Took(Struct, frozen=True):
    """How long a page's answers took in ms, the first apart; `processor` is the mean of each."""

    name: str
    first: float
    times: list[float]
    processor: float


def _asked(made: Town, served: Served, sizes: Sizes) -> Iterator[Figure]:
    times = sizes.times
    smallest = asking_pages.smallest(made).requests
    _timed(served.port, smallest, times)
    constant: list[Took] = []
    found: list[Took] = []
    missing: list[str] = []
    with HTTPProbe(served.port) as probe:
        for n, asking in enumerate(asking_pages.every(made)):
            requests = probe.answered(asking, sizes.addresses)
            if not requests:
                missing.append(f"{asking.name} ({', '.join(map(str, sorted(probe.statuses)))})")
                continue
            if n % CONSTANT_EVERY == 0:
                constant.append(_took(made, served, "constant", smallest, times, 0))
            found.append(_took(made, served, asking.name, requests, times, probe.first))
    every = [each for took in constant for each in took.times]
    yield (p95 := figure("page.constant.p95", _p95(every), "ms", None))
    processor = sum(each.processor for each in constant) / len(constant)
    yield (cost := figure("page.constant.processor", processor, "ms", None))
    for took in found:
        yield figure(f"page.{took.name}.p95", _p95(took.times), "ms", p95)
        yield figure(f"page.{took.name}.processor", took.processor, "ms", cost)
        yield figure(f"page.{took.name}.first", took.first, "ms", p95)
    if missing:
        _say(f"not in this council: {', '.join(missing)}")


def _took(
    made: Town, served: Served, name: str, requests: Sequence[Request], times: int, first: float
) -> Took:
    processes = [served.process, *_backends(made)]
    before = _processor_ms(processes)
    took = _timed(served.port, requests, times)
    spent = _processor_ms(processes) - before
    return Took(name, first, took, spent / len(took))


def _backends(made: Town) -> list[int]:
    """The server's connections to its database, each a process on this machine."""
    with made.council.pool.connection() as connection:
        rows = connection.execute(
            "select pid from pg_stat_activity where datname = current_database()"
        ).fetchall()
    return [row[0] for row in rows]


def _processor_ms(processes: Sequence[int]) -> float:
    """What these processes have used so far; those that have ended count for nothing."""
    ticks = 0
    for each in processes:
        try:
            after_name = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


class HTTPProbe:
    """Asks each address once, so that only those that are answered with a page are timed."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.statuses: set[int] = set()
        self.first = 0.0

    def __enter__(self) -> "HTTPProbe":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def answered(self, asking: Asking, most: int) -> list[Request]:
        """The requests that are answered with 200, up to so many; `first` took so long in ms."""
        good: list[Request] = []
        self.statuses = set()
        # Idle while the last page was timed, it may have been given up by the server.
        self._connection.close()
        for request in asking.requests:
            began = time.perf_counter()
            status = _status(self._connection, request)
            self.statuses.add(status)
            if status == 200:
                self.first = self.first if good else (time.perf_counter() - began) * 1000
                good.append(request)
            if len(good) == most:
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
def _server(made: Town) -> Iterator[Served]:
    """The served program, while it runs."""
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
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
