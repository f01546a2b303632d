"""kill -9 of the server, a backend, the worker and a web server of two, under commands that go on.

What was acknowledged is stored, what is stored was attempted, nothing is stored twice, and each
answer is the one that its event gives again. Readers follow all the time, and miss nothing.

Source: promises P1 (and P2, P3, P5 after a crash).
"""

import os
import queue
import random
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import msgspec
import psycopg
from psycopg_pool import PoolTimeout

from ledger.calendar import local_date
from ledger.events import Recorded
from ledger.refusals import LedgerError
from replay.folding import facts, snapshot
from replay.verify import verify
from scripts.prove.programs import Program, free_port, wait_for_web
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from scripts.prove.servers import OwnServer, own_server
from scripts.prove.tails import Tail, missed, stored_places, wrong_order
from scripts.prove.writers import Home, Writer, a_council, new_home
from services.council import Council
from services.councils import open_councils
from web.commanding import in_utc

WRITERS, READERS, SERVERS = 8, 2, 2
HOMES_WAITING = 16
VICTIMS = ("server", "backend", "worker", "web")
AMCHECK_EVERY = 20
PROGRESS_SECONDS = 60.0
_encoder = msgspec.json.Encoder(order="deterministic")


def run(kills: int, until: float) -> Reached:
    """Kill as often as asked for, one after the other in turn."""
    with own_server() as server, ExitStack() as open_things:
        name = a_council()
        council = open_things.enter_context(open_councils(server.dsn, [name]))[name]
        field = Field(server, council, server.folder / "program.log")
        try:
            done, faults = field.kill_many(kills, until)
        finally:
            told = field.end()
        faults += told
        faults += field.judged()
        acknowledged = field.acknowledged
        stored = field.stored
        open_things.close()
        faults += server.broken_pages()
    lost = (
        f"{acknowledged:,} acknowledged, {stored:,} stored, slowest recovery {field.slowest:.1f} s"
    )
    return Reached(reached=done, faults=tuple(faults[:FAULTS_MAX]), note=lost)


class Field:
    """Everything that runs: the server, the program's processes, writers and readers."""

    def __init__(self, server: OwnServer, council: Council, log: Path) -> None:
        self._server = server
        self._council = council
        self._ports = tuple(free_port() for _ in range(SERVERS))
        self._webs = tuple(
            Program(server.dsn, log, "serve", "--port", str(port)) for port in self._ports
        )
        self._webs_killed = 0
        self._worker = Program(server.dsn, log, "work")
        self._chance = random.Random(self._ports[0])
        self._over, self._read = Event(), Event()
        self._homes: queue.Queue[Home] = queue.Queue()
        self._made = 0
        self._start = day_after_tomorrow(council)
        self.slowest = 0.0
        self.stored = 0
        self._fill()
        for web, port in zip(self._webs, self._ports, strict=True):
            if not wait_for_web(web, port):
                raise AssertionError(f"the web server never answered; see {log}")
        self._tails = [Tail(server.dsn, council.id) for _ in range(READERS)]
        self._writers = [Writer(council.id, self._ports, self._homes, n) for n in range(WRITERS)]
        self._threads = ThreadPoolExecutor(WRITERS + READERS)
        self._writing = [self._threads.submit(each.run, self._over) for each in self._writers]
        self._reading = [self._threads.submit(each.run, self._read) for each in self._tails]

    @property
    def acknowledged(self) -> int:
        return sum(each.acknowledged for each in self._writers)

    def kill_many(self, kills: int, until: float) -> tuple[int, list[str]]:
        """How many there were, and what did not come back after one."""
        faults: list[str] = []
        done = 0
        while done < kills and time_left(until) and not faults:
            time.sleep(self._chance.uniform(0.05, 0.4))
            victim = VICTIMS[done % len(VICTIMS)]
            self._kill(victim)
            done += 1
            if not self._goes_on():
                faults.append(f"nothing was acknowledged for a minute after a kill of {victim}")
            self._fill()
            if done % AMCHECK_EVERY == 0:
                faults += self._server.damage()
        return done, faults

    def _kill(self, victim: str) -> None:
        match victim:
            case "server":
                self._server.kill()
                self._server.start()
            case "backend":
                self._kill_backend()
                self._server.start()
            case "worker":
                self._worker.kill()
                self._worker.start()
            case "web":
                web = self._webs[self._webs_killed % SERVERS]
                self._webs_killed += 1
                web.kill()
                web.start()

    def _kill_backend(self) -> None:
        """One that works for the web server; the server then ends all the others itself."""
        with self._server.superuser() as connection:
            found = connection.execute(
                "select pid from pg_stat_activity where backend_type = 'client backend'"
                " and pid <> pg_backend_pid() order by state = 'active' desc, random() limit 1"
            ).fetchone()
        if found is not None:
            assert isinstance(found[0], int)
            os.kill(found[0], signal.SIGKILL)
            # Else the dying server still says that it is well.
            time.sleep(0.05)

    def _goes_on(self) -> bool:
        """Until a command is acknowledged that was sent after the kill."""
        began = time.monotonic()
        before = self.acknowledged
        while self.acknowledged < before + WRITERS:
            if time.monotonic() - began > PROGRESS_SECONDS:
                return False
            time.sleep(0.01)
            self._fill()
            for program in (*self._webs, self._worker):
                program.start()
        self.slowest = max(self.slowest, time.monotonic() - began)
        return True

    def _fill(self) -> None:
        """Households for the writers, as long as the server lets us."""
        while self._homes.qsize() < HOMES_WAITING:
            self._made += 1
            try:
                self._homes.put(new_home(self._council, f"home-{self._made}", self._start))
            except (psycopg.Error, PoolTimeout, LedgerError):
                return

    def end(self) -> list[str]:
        """Writers and processes end, readers read to the end; what the writers found wrong."""
        self._over.set()
        faults = [fault for each in self._writing for fault in each.result().faults]
        for program in (*self._webs, self._worker):
            # One that has only just been started does not listen yet.
            if program.stop() not in (0, -signal.SIGTERM):
                faults.append("a process did not end well when told to stop")
        self._read.set()
        for reading in self._reading:
            reading.result()
        self._threads.shutdown()
        return faults

    def judged(self) -> list[str]:
        """What the ledger says, beside what its clients know."""
        known: dict[str, bytes | None] = {}
        for each in self._writers:
            known |= each.told.commands
        ledger = self._council.ledger
        self._council.pool.check()
        with snapshot(ledger) as connection:
            every = list(facts(connection, ledger.schema))
        faults = list(wrong_answers(known, every))
        with self._council.pool.connection() as connection:
            places = stored_places(connection, ledger.schema)
        faults += wrong_order(places)
        for n, tail in enumerate(self._tails):
            tail.read_to_the_end(len(places))
            faults += missed(tail.seen, places, n)
            tail.close()
        faults += [str(each) for each in verify(ledger).problems]
        self.stored = len(every)
        return faults + self._server.damage()


def wrong_answers(known: Mapping[str, bytes | None], stored: Sequence[Recorded]) -> Iterator[str]:
    """Where the clients' knowledge and the ledger differ.

    `known`: by the digest of each key that was sent, the digest of its answer, None without one.
    Keys of nobody's are those by which the households were made.
    """
    told: dict[str, bytes] = {}
    for fact in stored:
        receipt = fact.entry.receipt
        if receipt is None:
            continue
        if receipt.key in told:
            yield f"a key took effect twice, the second time at position {fact.position}"
        told[receipt.key] = sha256(_encoder.encode(in_utc(receipt.answer))).digest()
        ours = fact.entry.by.role == "resident" and receipt.answer.command in _SENT
        if ours and receipt.key not in known:
            yield f"position {fact.position} holds a command that nobody sent"
    for key, answer in known.items():
        if answer is None:
            continue
        if key not in told:
            yield "an acknowledged command is not in the ledger"
        elif told[key] != answer:
            yield "an acknowledged answer is not the one that the ledger gives again"


_SENT = frozenset({"book_voucher", "amend_booking", "cancel_booking"})


def day_after_tomorrow(council: Council) -> str:
    """Ten o'clock the day after tomorrow, local time: it has not begun when the proof ends."""
    with council.pool.connection() as connection:
        today = local_date(council.now(connection), council.editions.latest.tz)
    return f"{today + timedelta(days=2)}T10:00"
