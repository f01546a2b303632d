"""Databases for tests: clones of a migrated template, on one server that all test processes share.

A template is named for the content of the migrations, so that a changed file makes a new one. What
a run has made is known by an advisory lock that the run holds for as long as it lives: whatever
nobody holds is the leavings of a dead run, and the next one drops it, on whichever machine either
ran.
"""

import hashlib
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import sleep
from types import TracebackType

import psycopg
from psycopg import sql

from ledger.store.migrating import migrate, read_migrations
from services.postgres import EmbeddedPostgres, in_database

SCHEMAS = ("stevenage", "gravesham", "hampshire")

_OURS = re.compile(r"permit_test_(?P<kind>run|template)_(?P<key>[0-9a-f]{8})(_[0-9a-z]+)?")
# The first of the two numbers of an advisory lock: what its second number is about.
_CLASSES = {"run": 1_886_745_449, "template": 1_886_745_450}
_BUILDING = 1_886_745_451


class Databases:
    """What one test process has: a connection that holds its locks, and the clones it makes.

    Leaving the context drops what this process made, the shared template excepted.
    """

    def __init__(self, dsn: str, migrations: Path, schemas: tuple[str, ...] = SCHEMAS) -> None:
        self._dsn = dsn
        self._migrations = migrations
        self._schemas = schemas
        self._numbers = count(1)
        self._template: str | None = None

    def __enter__(self) -> "Databases":
        self._connection = psycopg.connect(self._dsn, autocommit=True)
        self._run = secrets.randbits(31)
        while not self._asked("select pg_try_advisory_lock(%s, %s)", _CLASSES["run"], self._run):
            self._run = secrets.randbits(31)
        self._drop_stale()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing lets go of every lock; a clone a failed test left is then stale for the next run.
        self._connection.close()

    @contextmanager
    def clone(self) -> Iterator[str]:
        """The DSN of a fresh, migrated database; dropped afterwards, whoever is still connected."""
        name = self._new_name(str(next(self._numbers)))
        self._do("create database {} template {} strategy wal_log", name, self.template())
        try:
            yield in_database(self._dsn, name)
        finally:
            self._drop(name)

    def template(self) -> str:
        """The name of the migrated template, made by the first process that needs it."""
        if self._template is None:
            key = self._template_key()
            # Held to the end of the run, so that nobody takes it for stale.
            self._asked("select pg_advisory_lock_shared(%s, %s)", _CLASSES["template"], key)
            name = f"permit_test_template_{key:08x}"
            self._asked("select pg_advisory_lock(%s, %s)", _BUILDING, key)
            try:
                if not self._asked("select count(*) from pg_database where datname = %s", name):
                    self._build(name)
            finally:
                self._asked("select pg_advisory_unlock(%s, %s)", _BUILDING, key)
            self._template = name
        return self._template

    def _template_key(self) -> int:
        parts = [f"{each.file} {each.sha256}" for each in read_migrations(self._migrations)]
        digest = hashlib.sha256("\n".join([*parts, *self._schemas]).encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1

    def _build(self, name: str) -> None:
        """Made as a database of this run and renamed when whole: a killed run leaves no half
        template."""
        unfinished = self._new_name("template")
        self._do("create database {}", unfinished)
        try:
            with psycopg.connect(in_database(self._dsn, unfinished), autocommit=True) as connection:
                for schema in self._schemas:
                    migrate(connection, schema, self._migrations)
        except BaseException:
            self._drop(unfinished)
            raise
        # Cloning waits for nobody to be connected: so that nobody ever is.
        self._do("alter database {} allow_connections false", unfinished)
        self._do("alter database {} rename to {}", unfinished, name)

    def _drop_stale(self) -> None:
        rows = self._connection.execute(
            "select datname from pg_database where datname like 'permit\\_test\\_%'"
        )
        for (name,) in rows.fetchall():
            match = _OURS.fullmatch(name)
            if match is None:
                continue
            lock = _CLASSES[match["kind"]], int(match["key"], 16)
            if self._asked("select pg_try_advisory_lock(%s, %s)", *lock):
                self._drop(name)
                self._asked("select pg_advisory_unlock(%s, %s)", *lock)

    def _drop(self, name: str) -> None:
        """Drop it, whoever is connected. An autovacuum worker may be ended by nobody but the
        server, so that it is waited for."""
        for _ in range(300):
            try:
                self._do("drop database if exists {} with (force)", name)
            except psycopg.errors.InsufficientPrivilege:
                sleep(0.1)
            else:
                return
        raise AssertionError(f"{name} is never free")

    def _new_name(self, last: str) -> str:
        return f"permit_test_run_{self._run:08x}_{last}"

    def _asked(self, question: str, *values: object) -> object:
        row = self._connection.execute(question.encode(), values).fetchone()
        assert row is not None, "a question of one row"
        return row[0]

    def _do(self, statement: str, *names: str) -> None:
        identifiers = [sql.Identifier(name) for name in names]
        self._connection.execute(sql.SQL(statement).format(*identifiers))


@contextmanager
def a_place() -> Iterator[Path]:
    """A folder that every user may enter, for servers of a test's own: ended and removed after
    it.
    """
    folder = Path(tempfile.mkdtemp(prefix="permit-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for cluster in folder.glob("**/postgres-18"):
            EmbeddedPostgres(cluster.parent).stop()
        shutil.rmtree(folder)


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@contextmanager
def appended(file: Path, text: str) -> Iterator[None]:
    """A file of the server's with more text at its end, for as long as the context lasts."""
    before = file.read_text()
    file.write_text(before + text)
    try:
        yield
    finally:
        file.write_text(before)
