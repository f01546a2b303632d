"""A disk that is full: the data folder on a file system of a few megabytes, filled under commands.

A command is refused cleanly or done; what was acknowledged is there after room was made and the
server was started again, and the next command is answered.

Source: promises P1 (disk full).
"""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psycopg
from psycopg_pool import PoolTimeout

from commands.base import Command
from commands.handling import Sender
from commands.save_visitor import SaveVisitor
from ledger.events import Answer, VisitorSaved
from ledger.refusals import ConcurrentChange
from replay.verify import verify
from scripts.benches.households import Bookers
from scripts.prove.killing import day_after_tomorrow
from scripts.prove.reached import FAULTS_MAX, NotRun, Reached, time_left
from scripts.prove.servers import OwnServer, temporary
from scripts.prove.writers import a_council
from services.council import Council
from services.councils import open_councils

MEGABYTES = 256
LEFT = 96 * 1024
"""How much is left free when the commands go on: some of them are done, and some are not."""
COMMANDS_MAX = 4000
BACK_SECONDS = 60.0
WAIT_SECONDS = 3.0
During = Literal["append", "segment", "checkpoint"]
DURING: tuple[During, ...] = ("append", "segment", "checkpoint")
_REFUSED = (psycopg.Error, PoolTimeout, ConcurrentChange)


def run(fills: int, until: float) -> Reached:
    """Fill it so often: during appends, a switch of the WAL's segment, a checkpoint, in turn."""
    faults: list[str] = []
    done = acknowledged = refused = restarts = 0
    with temporary() as folder, small_disk(folder / "disk") as disk:
        server = OwnServer(disk)
        try:
            name = a_council()
            with open_councils(server.dsn, [name], commands_max=2, checks_max=1) as councils:
                filler = Filler(server, councils[name], disk)
                while done < fills and time_left(until) and not faults:
                    faults += filler.fill(DURING[done % len(DURING)])
                    done += 1
                faults += filler.lost()
                faults += [str(each) for each in verify(councils[name].ledger).problems]
            acknowledged, refused = len(filler.known), filler.refused
            restarts = filler.restarts
            faults += server.damage()
            faults += server.broken_pages()
        finally:
            server.stop()
    note = (
        f"{acknowledged:,} acknowledged, {refused:,} not, the server ended itself {restarts} times"
    )
    return Reached(reached=done, faults=tuple(faults[:FAULTS_MAX]), note=note)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system in memory with little room. Raises NotRun where none may be mounted."""
    folder.mkdir(mode=0o755)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise NotRun("only root may mount a small file system")
    size = f"size={MEGABYTES}m,mode=0755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        raise NotRun(f"a small file system cannot be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


class Filler:
    """Commands of one household, and a file that leaves no room for them."""

    def __init__(self, server: OwnServer, council: Council, disk: Path) -> None:
        self._server = server
        self._council = council
        self._stone = disk / "stone"
        self._chance = random.Random(1)
        self._home = Bookers(council, "home", day_after_tomorrow(council))
        self._keys = 0
        self.known: dict[str, tuple[Command, Answer]] = {}
        self._unknown: dict[str, Command] = {}
        self.refused = self.restarts = 0
        # Of a server that has ended itself nobody waits for half a minute here.
        council.pool.timeout = WAIT_SECONDS

    def fill(self, during: During) -> list[str]:
        """No room; commands until one is not answered; room again, and all are answered."""
        for _ in range(20):
            self._send()
        if not self.known:
            return ["no command was answered before the disk was full"]
        self._fill_up(LEFT + self._chance.randrange(LEFT))
        before = self.refused
        for n in range(COMMANDS_MAX):
            if self.refused > before:
                break
            if during == "checkpoint" and n == 0:
                self._ask("checkpoint")
            if during == "segment":
                # Segments that are kept for reuse are used up first.
                self._ask("select pg_switch_wal()")
            self._send()
        if self.refused == before:
            return [f"{COMMANDS_MAX} commands found room on a full disk"]
        if self._server.running:
            for _ in range(3):
                self._send()
        self._stone.unlink()
        return self._back()

    def _fill_up(self, left: int) -> None:
        """Take all room but so many bytes."""
        with self._stone.open("wb") as stone:
            found = os.statvfs(self._stone)
            free = found.f_bavail * found.f_frsize
            os.posix_fallocate(stone.fileno(), 0, max(1, free - left))

    def _ask(self, statement: str) -> None:
        try:
            with self._server.superuser() as connection:
                connection.execute(statement.encode())
        except psycopg.Error:
            return

    def _send(self) -> None:
        """One command under a key of its own."""
        self._keys += 1
        mark = f"AB{self._chance.randrange(10, 99)}CDE"
        name = "a" * self._chance.randrange(1, 60)
        self._settle(f"fill/{self._keys}", SaveVisitor(vehicle=mark, name=name))

    def _settle(self, key: str, command: Command) -> None:
        """What it is answered, or that it is not known."""
        try:
            self.known[key] = command, self._handled(key, command)
            self._unknown.pop(key, None)
        except _REFUSED:
            self._unknown[key] = command
            self.refused += 1

    def _handled(self, key: str, command: Command) -> Answer:
        return self._council.handle(
            self._home.household, command, Sender(by=self._home.by, key=key)
        )

    def _back(self) -> list[str]:
        """The server runs again, and whoever was not answered is, by the same key."""
        pid = self._server.pid
        self._server.start()
        self.restarts += self._server.pid != pid
        given_up = time.monotonic() + BACK_SECONDS
        while self._unknown and time.monotonic() < given_up:
            for key, command in list(self._unknown.items()):
                self._settle(key, command)
        return [f"{len(self._unknown)} commands were not answered in a minute of room"][
            : len(self._unknown)
        ]

    def lost(self) -> list[str]:
        """Each command is there once, and is told again what it was told."""
        saved = sum(
            isinstance(fact.event, VisitorSaved)
            for fact in self._council.ledger.facts(self._home.household)
        )
        faults = []
        if saved != len(self.known):
            faults.append(f"{len(self.known)} commands were acknowledged, and {saved} are stored")
        for key, (command, answer) in self.known.items():
            if self._handled(key, command) != answer:
                faults.append("an acknowledged command is told something else")
        return faults
