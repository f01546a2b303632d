"""How far a replica on this machine is behind: idle, and while commands are appended.

`lag.idle`: from a probe's being on the primary's disk to its being seen on the replica, the median;
`lag.loaded`: the same while clients append as fast as they are answered, and `lag.loaded.worst`, of
every probe. `append.replicated`: commands a second of those clients, beside `append.alone`, the
same clients before there was a replica.

Source: promises P5; services.md section 8.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from threading import Event

from ledger.calendar import local_date
from ledger.store.pool import new_pool
from scripts.benches.figures import Figure, figure
from scripts.benches.households import Bookers, bench_council
from services.postgres import EmbeddedPostgres
from services.postgres.replica import Replica

PLACE = Path(".data") / "bench-replica"
CLIENTS = 8
QUICK_SECONDS, SECONDS = 4.0, 20.0
HOUSEHOLDS_A_CLIENT = 4


def figures(dsn: str, quick: bool) -> Iterator[Figure]:
    """On a server and a replica of the bench's own, whatever `dsn` names."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with _placed() as (primary, replica):
        with _clients(primary.start()) as clients:
            alone, _ = clients(seconds, None)
            replica.start()
            idle = figure("lag.idle", median(_probed(replica, seconds)), "ms", None)
            replicated, probes = clients(seconds, replica)
        yield idle
        yield figure("lag.loaded", median(probes), "ms", idle)
        yield figure("lag.loaded.worst", max(probes), "ms", idle)
        first = figure("append.alone", alone, "commands/s", None)
        yield first
        yield figure("append.replicated", replicated, "commands/s", first)


@contextmanager
def _placed() -> Iterator[tuple[EmbeddedPostgres, Replica]]:
    """A server and its replica to be; both are gone afterwards."""
    primary, replica = EmbeddedPostgres(PLACE), Replica(PLACE)
    try:
        yield primary, replica
    finally:
        data = primary.status().data
        replica.stop()
        primary.stop()
        if data is not None:
            shutil.rmtree(Path(data).parent)


@contextmanager
def _clients(dsn: str) -> Iterator[Callable[[float, Replica | None], tuple[float, list[float]]]]:
    """What lets the clients append for so many seconds: commands a second, and the probes of the
    replica meanwhile."""
    pool = new_pool(dsn, CLIENTS, "replicated")
    try:
        council = bench_council(pool, pool)
        council.migrate()
        with pool.connection() as connection:
            today = local_date(council.now(connection), council.editions.latest.tz)
        start = f"{today + timedelta(days=1)}T10:00"
        homes = [
            [Bookers(council, f"{n}/{k}", start) for k in range(HOUSEHOLDS_A_CLIENT)]
            for n in range(CLIENTS)
        ]

        def run(seconds: float, replica: Replica | None) -> tuple[float, list[float]]:
            over = Event()
            with ThreadPoolExecutor(CLIENTS) as threads:
                began = time.monotonic()
                running = [threads.submit(_append, each, over) for each in homes]
                try:
                    probes = _probed(replica, seconds) if replica else []
                    time.sleep(max(0.0, began + seconds - time.monotonic()))
                finally:
                    over.set()
                done = sum(each.result() for each in running)
                return done / (time.monotonic() - began), probes

        yield run
    finally:
        pool.close()


def _append(homes: list[Bookers], over: Event) -> int:
    chance, done = Random(1), 0
    while not over.is_set():
        chance.choice(homes).step()
        done += 1
    return done


def _probed(replica: Replica, seconds: float) -> list[float]:
    """The lags of so many seconds, in milliseconds."""
    until, lags = time.monotonic() + seconds, list[float]()
    while not lags or time.monotonic() < until:
        lags += replica.lag_milliseconds()
    return lags
