"""A PostgreSQL server of a proof's own, which may be killed, filled, copied and broken.

It is made in a folder that is thrown away, never the one that tests or a council use.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.postgres import EmbeddedPostgres
from services.postgres.accounts import run_as, server_account
from services.postgres.places import PRIVATE_ROOT, Home, existing_home
from services.postgres.processes import is_postmaster, wait_until_ended
from services.postgres.programs import usable_programs


class OwnServer:
    """A running server. `dsn` stays the same however often it is killed and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._embedded = EmbeddedPostgres(folder / "postgres")
        self.dsn = self._embedded.start()
        home = existing_home((folder / "postgres").resolve(), PRIVATE_ROOT)
        assert home is not None, "it was started"
        self.home: Home = home
        self.account = server_account("", home.cluster)
        self.programs = usable_programs(self.account, home)

    @property
    def pid(self) -> int | None:
        return self._embedded.status().pid

    @property
    def running(self) -> bool:
        return self._embedded.status().state == "running"

    def start(self) -> None:
        """Returns once it takes commands again; recovery is waited for."""
        self._embedded.start()

    def stop(self) -> None:
        self._embedded.stop()

    def kill(self) -> bool:
        """SIGKILL of the server itself; False where it was not alive."""
        pid = self.pid
        if pid is None or not is_postmaster(pid, self.home.data):
            return False
        os.kill(pid, signal.SIGKILL)
        wait_until_ended(pid, self.home.data)
        return True

    def superuser(self, dsn: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the cluster's owner, in autocommit mode."""
        return psycopg.connect(dsn or self.dsn, user="postgres", autocommit=True)

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """One of PostgreSQL's own programs, as the server's user: its status and what it said."""
        done = run_as(self.account, [str(self.programs / program), *arguments])
        return done.returncode, done.stdout

    def where(self, *, database: bool = False) -> list[str]:
        """How PostgreSQL's own programs are told to connect."""
        parts = conninfo_to_dict(self.dsn)
        named = ["-h", str(parts["host"]), "-p", str(parts["port"]), "-U", "postgres"]
        return [*named, "-d", str(parts["dbname"])] if database else named

    def damage(self) -> list[str]:
        """What amcheck finds in tables and indexes of the running server."""
        with self.superuser() as connection:
            connection.execute("create extension if not exists amcheck")
        status, said = self.run("pg_amcheck", *self.where(database=True), "--heapallindexed")
        return [] if status == 0 else [f"amcheck: {line}" for line in said.splitlines()[:5]]

    def broken_pages(self) -> list[str]:
        """What checksums say of every page. Ends the server first."""
        self.stop()
        status, said = self.run("pg_checksums", "--check", "-D", str(self.home.data))
        return [] if status == 0 else [f"checksums: {line}" for line in said.splitlines()[:5]]


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that every user may enter, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="permit-prove-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A new server, ended and removed afterwards."""
    with temporary() as folder:
        server = OwnServer(folder)
        try:
            yield server
        finally:
            server.stop()
