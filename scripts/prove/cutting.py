"""The line to PostgreSQL cut at every message of every kind of command, and the command sent again.

A life of real commands is led. Before each of them the tables are kept; then the command is done
once whole, and undone; then once for each place where the line can be cut: the cut, one retry with
the same key, and a look. The clock stands still and ids follow from keys, so that the retry's
answer and every row must be the very same as those of the command that was done whole.

Source: promises P1 to P3.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg_pool import PoolTimeout

from commands.base import Command
from commands.handling import Sender
from commands.registry import CASES, tag_of
from ledger.events import Answer
from ledger.scheme.editions import Editions, in_order
from ledger.scheme.loading import built_in, parse
from ledger.store.pool import Connection, connect, open_pool
from scripts.prove.proxy import HOWS, Cut, Direction, Line, line
from scripts.prove.reached import FAULTS_MAX, NotRun, Reached, time_left
from scripts.prove.servers import own_server, temporary
from services.council import Council
from services.postgres import in_database

FIRST_ROUND = 1_200
KINDS = len(CASES)
"""The lives have every kind of command: what a figure is shared by."""
LIVES = "tests.faults.lives"
DOUBTS = "doubts"
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)

Rows = Mapping[str, tuple[str, ...]]


def run(cases: int, until: float) -> Reached:
    """So many cuts, on a server of its own. Raises NotRun where the lives of the tests are not.

    In rounds that cut each kind ever more often: when time is up, every kind has had its turn.
    """
    found = Findings(cases, until)
    found.wanted = min(cases, FIRST_ROUND)
    with own_server() as server:
        while True:
            name = f"round_{found.wanted}"
            with connect(server.dsn) as connection:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            _lead(in_database(server.dsn, name), found)
            if not found.goes_on():
                return found.reached()
            found.wanted *= 4


def run_on(dsn: str, cases: int, until: float) -> Reached:
    """One round on a database that is there, in schemas of its councils' names."""
    found = Findings(cases, until)
    _lead(dsn, found)
    return found.reached()


def _lead(dsn: str, found: "Findings") -> None:
    try:
        lives = import_module(LIVES)
    except ModuleNotFoundError as error:
        raise NotRun("it needs the checkout's tests: their lives are cut") from error
    with temporary() as folder, line(dsn, folder) as (cuttable, through):
        for life in lives.LIVES:
            editions = built_in().editions(life.council)
            if life.values:
                file = built_in().file_of(life.council)
                editions = in_order([parse(file.text, file.file, life.values).scheme])
            with a_cut_town(dsn, through, cuttable, editions, lives.Town, found) as town:
                for _ in life.days(town):
                    if not found.goes_on():
                        break


class Findings:
    """What was done so far, and what was wrong. `wanted`: the figure that is shared by kinds."""

    def __init__(self, cases: int, until: float) -> None:
        self.wanted = cases
        self._cases = cases
        self._until = until
        self.chance = random.Random(cases)
        self.kinds: Counter[str] = Counter()
        self.came: Counter[str] = Counter()
        self.faults: list[str] = []

    @property
    def done(self) -> int:
        return sum(self.kinds.values())

    def goes_on(self) -> bool:
        return self.done < self._cases and self.in_time()

    def in_time(self) -> bool:
        return time_left(self._until) and len(self.faults) < FAULTS_MAX

    def quota(self, tag: str) -> int:
        """How many more cuts this kind may have, so that there are some left for the others."""
        return max(0, max(1, self.wanted // KINDS) - self.kinds[tag])

    def reached(self) -> Reached:
        left_out = [tag_of(kind) for kind, _ in CASES if tag_of(kind) not in self.kinds]
        told = ", ".join(f"{count:,} {what}" for what, count in sorted(self.came.items()))
        note = f"{len(self.kinds)} kinds of command; {told}"
        if left_out:
            note += f"; not cut: {', '.join(left_out)}"
        return Reached(reached=self.done, faults=tuple(self.faults), note=note)


class CutCouncil(Council):
    """A council whose commands all go through `handle_cut`."""

    handle_cut: Callable[[UUID, Command, Sender], Answer]

    def handle(self, stream: UUID, command: Command, sender: Sender) -> Answer:
        return self.handle_cut(stream, command, sender)


@contextmanager
def a_cut_town(
    dsn: str,
    through_dsn: str,
    cuttable: Line,
    editions: Editions,
    town: Callable[[Council], Any],
    found: Findings,
) -> Iterator[Any]:
    """A town of the tests, whose commands are cut."""
    holder: list[Any] = []
    council = editions.latest.id

    def clock() -> datetime:
        now: datetime = holder[0].now
        return now

    with (
        open_pool(dsn, 4, "direct") as pool,
        open_pool(dsn, 2, "checks") as checks,
        open_pool(through_dsn, 1, "cut") as through,
        connect(dsn) as keeper,
    ):
        direct = Council(council, pool, checks, editions, clock)
        cut = Council(council, through, checks, editions, clock)
        direct.migrate()
        made = CutCouncil(council, pool, checks, editions, clock)
        made.handle_cut = Cutter(direct, cut, cuttable, keeper, found).handle
        holder.append(town(made))
        yield holder[0]


class Whole(Struct, frozen=True):
    """A command that was done without a cut: its answer, the rows then, and its messages."""

    answer: Answer
    rows: Rows
    messages: Mapping[Direction, int]


class Cutter:
    """Cuts the commands of one council, and has each of them done in the end."""

    def __init__(
        self, direct: Council, cut: Council, cuttable: Line, keeper: Connection, found: Findings
    ) -> None:
        self._direct = direct
        self._cut = cut
        self._line = cuttable
        self._tables = Tables(keeper, direct.schema)
        self._found = found

    def handle(self, stream: UUID, command: Command, sender: Sender) -> Answer:
        """What the command is answered, after all its cuts. Raises what the command raises."""
        tag = tag_of(type(command))
        quota = self._found.quota(tag)
        if not (quota and self._found.goes_on()):
            return self._direct.handle(stream, command, sender)

        def send() -> Answer:
            return self._cut.handle(stream, command, sender)

        kept = self._tables.kept()
        whole = self._whole(send)
        touched = [name for name, rows in whole.rows.items() if rows != kept.rows.get(name, ())]
        every = [
            Cut(direction=direction, message=n, how=how)
            for direction, count in whole.messages.items()
            for n in range(count)
            for how in HOWS
        ]
        for cut in self._found.chance.sample(every, min(quota, len(every))):
            if not self._found.goes_on():
                break
            self._tables.restore(kept, touched)
            self._one(send, cut, whole, tag)
        self._tables.restore(kept, touched)
        return self._direct.handle(stream, command, sender)

    def _whole(self, send: Callable[[], Answer]) -> Whole:
        self._fresh()
        self._line.count()
        answer = send()
        return Whole(answer, self._tables.rows(), self._line.disarm())

    def _fresh(self) -> None:
        """A connection that is open, and on which nothing is prepared yet."""
        with self._cut.pool.connection() as used:
            _close(used)
        with self._cut.pool.connection():
            pass

    def _one(self, send: Callable[[], Answer], cut: Cut, whole: Whole, tag: str) -> None:
        """One cut, one retry, one look."""
        found = self._found
        self._fresh()
        before = self._tables.events()
        self._line.arm(cut)
        first: Answer | None = None
        with suppress(*_LOST):
            first = send()
        self._line.wait_for_the_cut()
        self._line.disarm()
        found.kinds[tag] += 1
        stored = self._tables.events() > before
        came = "answered" if first else "stored and not answered" if stored else "not stored"
        found.came[came if self._line.was_cut else "not reached"] += 1
        again = send()
        place = f"{tag}, {cut}"
        if again != whole.answer or first not in (None, whole.answer):
            found.faults.append(f"{place}: the retry was told something else ({came})")
        rows = self._tables.rows()
        wrong = [name for name, each in whole.rows.items() if rows[name] != each]
        if wrong:
            found.faults.append(f"{place}: {', '.join(wrong)} not as without a cut ({came})")


def _close(connection: Connection) -> None:
    connection.close()


class Kept(Struct, frozen=True):
    """Every row of every table, and the tables as they can be put back."""

    rows: Rows
    copies: Mapping[str, bytes]


class Tables:
    """The tables that commands write, of a council's schema: all their rows, kept and put back."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._names = [
            str(name)
            for (name,) in connection.execute(
                "select relname from pg_class where relnamespace = %s::regnamespace"
                " and relkind = 'r' and not relispartition order by 1",
                (schema,),
            ).fetchall()
        ]
        # A position is another one each time.
        each = sql.SQL(" union all ").join(
            sql.SQL("select {}, ({})::text from {} as t").format(
                sql.Literal(name),
                sql.SQL("row(t.originator_id, t.originator_version, t.topic, t.state)")
                if name == "stored_events"
                else sql.SQL("t.*"),
                sql.Identifier(schema, name),
            )
            for name in self._names
        )
        self._every = each.as_bytes(None)
        self._events = sql.SQL("select count(*) from {}").format(
            sql.Identifier(schema, "stored_events")
        )

    def events(self) -> int:
        row = self._connection.execute(self._events).fetchone()
        assert row is not None
        return int(row[0])

    def rows(self) -> Rows:
        """Every row, in an order of its own."""
        found: dict[str, list[str]] = {name: [] for name in self._names}
        for name, row in self._connection.execute(self._every).fetchall():
            found[name].append(row)
        return {name: tuple(sorted(rows)) for name, rows in found.items()}

    def kept(self) -> Kept:
        rows = self.rows()
        return Kept(rows, {name: self._copied(name) for name in self._names})

    def _copied(self, name: str) -> bytes:
        table = sql.Identifier(self._schema, name)
        with self._connection.cursor().copy(sql.SQL("copy {} to stdout").format(table)) as copy:
            return b"".join(bytes(each) for each in copy)

    def restore(self, kept: Kept, names: list[str]) -> None:
        """These tables as they were."""
        # The database doubts what others than the ledger change: that is taken back last.
        doubts = [name for name in self._names if name == DOUBTS]
        with self._connection.transaction():
            for name in [*(name for name in names if name != DOUBTS), *doubts]:
                table = sql.Identifier(self._schema, name)
                self._connection.execute(sql.SQL("delete from {}").format(table))
                with self._connection.cursor().copy(
                    sql.SQL("copy {} from stdin").format(table)
                ) as copy:
                    copy.write(kept.copies[name])
