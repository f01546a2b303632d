"""Where histories are lived on PostgreSQL: a server of their own, and a line to it that is cut.

Every history has a database of its own, a copy of an empty one: officers are answered from all the
households of a council.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from ledger.store.migrating import migrate
from ledger.store.pool import connect, open_pool
from scripts.prove.proxy import Line, line
from scripts.prove.servers import OwnServer, own_server, temporary
from services.council import MIGRATIONS, Council
from services.postgres import in_database
from services.postgres.scratch import drop_database
from tests.simulation.worlds import editions

COUNCILS = ("first", "second", "third")
"""As many as a history has at most; each is of whichever world its households are."""
EMPTY = "empty"
GONE_SECONDS = 20.0


class Place:
    """A database of one history. `now` is its clock."""

    def __init__(self, field: "Field", dsn: str, worlds: tuple[int, ...]) -> None:
        self.field = field
        self.now = datetime(2024, 1, 1, tzinfo=UTC)
        self.open = ExitStack()
        through = in_database(field.through, str(sql_name(dsn)))
        self.pool = self.open.enter_context(open_pool(dsn, 2, "direct"))
        self.checks = self.open.enter_context(open_pool(dsn, 1, "checks"))
        self.cut = self.open.enter_context(open_pool(through, 1, "cut"))
        self.direct: dict[int, Council] = {}
        self.through: dict[int, Council] = {}
        for name, world in zip(COUNCILS, sorted(set(worlds)), strict=False):
            known = editions(world)
            self.direct[world] = Council(name, self.pool, self.checks, known, self.clock)
            self.through[world] = Council(name, self.cut, self.checks, known, self.clock)

    def clock(self) -> datetime:
        return self.now

    def backend(self) -> int:
        """The process that serves the line now."""
        with self.cut.connection() as connection:
            return connection.info.backend_pid

    def wait_until_gone(self, backend: int) -> None:
        """Until nothing is done any more for a client that went away."""
        ends = time.monotonic() + GONE_SECONDS
        while time.monotonic() < ends:
            with self.pool.connection() as connection:
                asked = "select 1 from pg_stat_activity where pid = %s"
                if connection.execute(asked, (backend,)).fetchone() is None:
                    return
            time.sleep(0.002)
        raise AssertionError("a process of the server went on without its client")


def sql_name(dsn: str) -> str:
    """The database's name."""
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


class Field:
    """A running server, a line to it, and an empty ledger of each council to copy."""

    def __init__(self, server: OwnServer, cuttable: Line, through: str) -> None:
        self.server = server
        self.line = cuttable
        self.through = through
        self._made = 0
        self._do("create database {}", EMPTY)
        with connect(in_database(server.dsn, EMPTY)) as connection:
            for name in COUNCILS:
                migrate(connection, name, MIGRATIONS)

    @contextmanager
    def place(self, worlds: tuple[int, ...]) -> Iterator[Place]:
        """A database for one history, dropped afterwards."""
        self._made += 1
        name = f"history_{self._made}"
        self.server.start()
        self._do("create database {} template {} strategy wal_log", name, EMPTY)
        place = Place(self, in_database(self.server.dsn, name), worlds)
        try:
            with place.open:
                yield place
        finally:
            self.server.start()
            with connect(self.server.dsn) as connection:
                drop_database(connection, name)

    def end_backend(self, backend: int) -> None:
        """As an administrator would; returns once it has ended."""
        with self.server.superuser() as connection:
            connection.execute("select pg_terminate_backend(%s, 5000)", (backend,))

    def kill(self) -> None:
        """SIGKILL of the whole server. It stays down until `server.start`."""
        self.server.kill()

    def _do(self, statement: str, *names: str) -> None:
        with connect(self.server.dsn) as connection:
            identifiers = [sql.Identifier(name) for name in names]
            connection.execute(sql.SQL(statement).format(*identifiers))


@contextmanager
def a_field() -> Iterator[Field]:
    """A new server and its line, ended and removed afterwards."""
    with own_server() as server, temporary() as folder, line(server.dsn, folder) as (cut, through):
        yield Field(server, cut, through)
