"""How fast a node answers from memory, beside an address of the same server that is a constant.

`node.http`: checks over HTTP, token, journal on disk and all, by connections that each wait for
their answer; one mark in ten is covered by nothing, so that its look-alikes are searched too.
`node.check`: the same questions in one process, without HTTP and without the journal. `node.load`:
reading everything from the database. `node.rss`: all the memory of the process that then has it;
`node.empty`: and before.

`python -m scripts.benches.node DSN PORT FOLDER` is the node that is measured.

Source: design.md sections 6 and 10; services.md, section 8 (b).
"""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import msgspec
import psycopg

from ledger.store.migrating import schema_name
from ledger.store.pool import connect, new_pool
from projections.enforcement import Question
from scripts.benches.figures import Figure, figure
from scripts.benches.households import bench_council, bench_editions
from scripts.benches.loading import Load
from scripts.benches.registrations import load, plate
from scripts.benches.served import CONSTANT, constant
from services.identity.tokens import make_token
from services.node.answering import Node, NodeRequest
from services.node.following import Follower
from services.node.journal import Journal
from services.postgres import in_database
from services.postgres.scratch import drop_database
from web.node import create_node_app
from web.serving import serve_app

QUICK_PLATES, PLATES = 50_000, 200_000
QUICK_SECONDS, SECONDS = 1.2, 8.0
ROUNDS = 3
ASKED = 997
_START_SECONDS = 60.0
_HOST = "Host: 127.0.0.1\r\n"


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """Every figure, in a database of its own on that server."""
    plates = QUICK_PLATES if quick else PLATES
    seconds = QUICK_SECONDS if quick else SECONDS
    with _database(dsn, plates) as own, TemporaryDirectory() as folder:
        yield from _in_memory(own, Path(folder) / "own", plates, seconds)
        yield from _over_http(own, Path(folder) / "served", plates, seconds)


def _in_memory(dsn: str, folder: Path, plates: int, seconds: float) -> Iterator[Figure]:
    yield (empty := figure("node.empty", _rss_mb(), "MB", None))
    begun = time.perf_counter()
    follower = Follower(bench_editions().latest.id, _schema(), dsn)
    while follower.known is None:
        follower.look()
    took = time.perf_counter() - begun
    assert len(follower.table) == plates
    yield figure("node.load", took * 1000, "ms", None)
    yield figure("node.rss", _rss_mb(), "MB", empty)
    journal = Journal(folder)
    node = Node(follower, bench_editions(), journal, age_limit=3600.0)
    requests = [
        NodeRequest(
            questions=(Question(typed=mark, zone=zone, at=None, known_at=None),),
            officer="bench",
            device="bench",
        )
        for mark, zone in _asked(plates)
    ]
    done, ends = 0, time.perf_counter() + seconds
    for request in cycle(requests):
        node.answered(request)
        done += 1
        if time.perf_counter() >= ends:
            break
    follower.hang_up()
    journal.close()
    yield figure("node.check", done / seconds, "checks/s", None)


def _over_http(dsn: str, folder: Path, plates: int, seconds: float) -> Iterator[Figure]:
    plain = [f"GET {CONSTANT} HTTP/1.1\r\n{_HOST}\r\n".encode()]
    checks = _requests(dsn, plates)
    with _server(dsn, folder) as port:
        share = seconds / ROUNDS
        # In turn, so that a machine with other work slows both alike.
        pairs = [(_loaded(port, plain, share), _loaded(port, checks, share)) for _ in range(ROUNDS)]
    rates = [sum(pair[n].rate for pair in pairs) / ROUNDS for n in (0, 1)]
    # The constant of this server: that of the checks' own bench is another.
    against = figure("http.constant", rates[0], "requests/s", None)
    yield figure("node.http", rates[1], "checks/s", against)
    yield figure("node.http.p50", sorted(pair[1].p50 for pair in pairs)[ROUNDS // 2], "ms", None)
    slowest = figure("http.constant.p99", max(pair[0].p99 for pair in pairs), "ms", None)
    yield figure("node.http.p99", max(pair[1].p99 for pair in pairs), "ms", slowest)


def _asked(plates: int) -> Iterator[tuple[str, str]]:
    """Marks from all over the table with their zones; every tenth is nobody's."""
    zones = [zone.id for zone in bench_editions().latest.zones]
    for n in range(ASKED):
        number = n * plates // ASKED
        mark = plate(plates + n) if n % 10 == 9 else plate(number)
        yield mark, zones[number % len(zones)]


def _requests(dsn: str, plates: int) -> list[bytes]:
    council = bench_editions().latest.id
    with connect(dsn) as connection:
        token = make_token(connection, _schema(), "officer", "bench")
    requests = []
    for mark, zone in _asked(plates):
        body = msgspec.json.encode({"mark": mark, "zone": zone})
        head = (
            f"POST /api/v1/{council}/node/checks HTTP/1.1\r\n{_HOST}"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"X-Device: bench\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def _loaded(port: int, requests: Sequence[bytes], seconds: float) -> Load:
    asked = msgspec.json.encode((port, seconds, requests))
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benches.loading"], input=asked, capture_output=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return msgspec.json.decode(done.stdout, type=Load)


@contextmanager
def _server(dsn: str, folder: Path) -> Iterator[int]:
    """The port of the node, while it runs and once it would answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "scripts.benches.node", dsn, str(port), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _is_well(port):
            assert process.poll() is None, "the node has ended"
            if time.monotonic() > deadline:
                raise TimeoutError("the node does not answer")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _is_well(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            line.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return line.recv(64).startswith(b"HTTP/1.0 200")
    except OSError:
        return False


@contextmanager
def _database(dsn: str, plates: int) -> Iterator[str]:
    """A database of this run alone, with a right that holds now for each plate."""
    name = f"permit_bench_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            own = in_database(dsn, name)
            pool = new_pool(own, 1, "bench")
            try:
                bench_council(pool, pool).migrate()
            finally:
                pool.close()
            zones = [zone.id for zone in bench_editions().latest.zones]
            with connect(own, bounded=False) as connection:
                load(connection, _schema(), range(plates), range(1), zones, datetime.now(UTC))
            yield own
        finally:
            drop_database(server, name)


def _schema() -> str:
    return schema_name(bench_editions().latest.id)


def _rss_mb() -> float:
    """What this process has in memory."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (held,) = islice((line for line in lines if line.startswith("VmRSS:")), 1)
    return int(held.split()[1]) / 1024


def main(arguments: list[str]) -> int:
    dsn, port, folder = arguments
    name = bench_editions().latest.id
    follower = Follower(name, _schema(), dsn)
    stop = Event()
    Thread(target=follower.run, args=(stop,), daemon=True).start()
    journal = Journal(Path(folder))
    app = create_node_app({name: Node(follower, bench_editions(), journal)})
    app.register(constant)
    serve_app(app, "127.0.0.1", int(port))
    stop.set()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
