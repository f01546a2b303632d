"""Rebuilt rows against live ones, value by value, in one snapshot of the ledger.

Inline rows commit with their facts: in one snapshot they tell of every fact that is visible, also
of those that a follower may not read yet. The rows of a follower tell of the facts up to its place.

Households are folded one after another, and the live rows with the same keys are asked for, some
thousands at a time: memory does not grow with the ledger. Rows that no fact gives show in the
table's count; only then are all keys remembered, by their hashes, to find them.

Whatever is stored, it is compared: a value that no fact could give (an instant of infinity) differs
like any other, and of a household whose facts cannot be folded nothing is said but that.

Source: design, section 6; promise P7.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from psycopg import DataError, sql
from psycopg.types.string import TextLoader

from ledger.refusals import CorruptLedger
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.rows import ReadModel, Row, Table, names
from replay.folding import Folded, household_facts, limits, snapshot, stream_facts
from replay.live import column_types, live_rows, storable, take_anything

MOST = 100
ROWS_A_LOOK = 5_000
Progress = Callable[[int], None]
Key = tuple[object, ...]


class Compared(Struct, frozen=True, kw_only=True):
    """What a comparison found: at most MOST differences a table, and how many there are of each.

    `unfolded`: households whose facts make no rows, and why.
    """

    differences: list["Difference"]
    counts: dict[str, int]
    unfolded: dict[str, str]


class Difference(Struct, frozen=True, kw_only=True):
    """One row that is not what the facts say.

    `missing`: the facts give it, and it is not there. `extra`: it is there, and no fact gives it.
    `changed`: `columns` differ. `version` and `position` are of the fact that told the row last; of
    an extra row the version is what it says itself. 0 where none is known.
    """

    model: str
    table: str
    kind: Literal["missing", "extra", "changed"]
    key: dict[str, object]
    household_id: str
    version: int
    position: int = 0
    columns: tuple[str, ...]
    rebuilt: dict[str, object]
    live: dict[str, object]

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        where = f"{self.table} ({key})"
        match self.kind:
            case "missing":
                return f"{where}: the facts give this row, and it is not there"
            case "extra":
                return f"{where}: this row is there, and no fact gives it"
            case "changed":
                told = "; ".join(
                    f"{name} is {self.live[name]}, by the facts {self.rebuilt[name]}"
                    for name in self.columns
                )
                return f"{where}: {told}"


def compare(
    ledger: Ledger, models: Sequence[ReadModel], at_position: int | None = None
) -> list[Difference]:
    """How live rows differ from rebuilt ones, at most MOST a table; empty where all are equal.

    `at_position` folds no fact above it, for live rows that are known to stand there.
    Raises CorruptLedger for a fact that cannot be read.
    """
    with snapshot(ledger) as connection:
        return compare_in(connection, ledger, tuple(models), at_position)


def compare_in(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    at_position: int | None = None,
    progress: Progress | None = None,
) -> list[Difference]:
    """As compare, in the caller's repeatable-read transaction. `progress` is told the facts folded
    so far.
    """
    found = compared_in(connection, ledger, models, at_position, progress)
    for household_id, why in found.unfolded.items():
        raise CorruptLedger(f"household {household_id}: its facts cannot be folded: {why}")
    return found.differences


def compared_in(
    connection: Connection,
    ledger: Ledger,
    models: tuple[ReadModel, ...],
    at_position: int | None = None,
    progress: Progress | None = None,
    without: Collection[UUID] = (),
) -> Compared:
    """As compare_in, for a ledger of which nothing is believed. Raises nothing for what is stored.

    `without`: households of which a fact cannot be read; their rows are not looked at.
    """
    comparing = _Comparing(connection, ledger, models, at_position, without)
    for told in comparing.look():
        if progress is not None:
            progress(told)
    tables = [(model, table) for model in models for table in model.tables]
    return Compared(
        differences=[
            difference
            for model, table in tables
            for difference in comparing.of_table(model, table).differences
        ],
        counts={table.name: comparing.of_table(model, table).differing for model, table in tables},
        unfolded=comparing.unfolded,
    )


class _Table:
    """One table's look at the live rows."""

    def __init__(self, model: ReadModel, table: Table, types: dict[str, str]) -> None:
        self.model = model
        self.table = table
        self.key_types = [types[column] for column in table.key]
        self.key_of: Callable[[Row], Any] = (
            itemgetter(*table.key) if len(table.key) > 1 else lambda row: (row[table.key[0]],)
        )
        self.values_of = itemgetter(*table.columns)
        self.waiting: dict[Key, tuple[str, Row]] = {}
        self.found = 0
        self.differing = 0
        self.differences: list[Difference] = []


class _Comparing:
    """One comparison: the tables, and what was found so far."""

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        models: tuple[ReadModel, ...],
        at_position: int | None,
        without: Collection[UUID],
    ) -> None:
        self.connection = connection
        self.schema = ledger.schema
        self.without = frozenset(without)
        self.unfolded: dict[str, str] = {}
        self.until = limits(ledger, connection, models)
        self.last = max((limit for _, limit in self.until), default=0)
        if at_position is not None:
            self.last = min(self.last, at_position)
        self.tables = [
            _Table(model, table, column_types(connection, self.schema, table))
            for model in models
            for table in model.tables
        ]

    def of_table(self, model: ReadModel, table: Table) -> _Table:
        return next(each for each in self.tables if each.model is model and each.table is table)

    def look(self) -> Iterator[int]:
        """Compare everything; yields now and then how many facts were folded."""
        told = 0
        for stream, folded, facts in self._folded():
            told += facts
            for each in self.tables:
                for row in folded.rows_of(each.table).by_key.values():
                    each.waiting[each.key_of(row)] = (stream, row)
                if len(each.waiting) >= ROWS_A_LOOK:
                    self._compare(each)
            yield told
        for each in self.tables:
            self._compare(each)
        self._find_extra([each for each in self.tables if self._count(each) > each.found])
        yield told

    def _folded(self) -> Iterator[tuple[str, Folded, int]]:
        """Each stream's id, the rows that its facts make, and how many facts there were."""
        folded = Folded()
        for facts in stream_facts(
            self.connection, self.schema, up_to=self.last, without=self.without
        ):
            stream, count = "", 0
            for fact in facts:
                stream, count = fact.household_id if not count else stream, count + 1
                if stream in self.unfolded:
                    continue
                try:
                    for model, limit in self.until:
                        if fact.position <= limit:
                            model.apply(folded, fact)
                except Exception as error:
                    # A fact that reads well and was never true may break a fold anywhere.
                    self.unfolded[stream] = f"version {fact.originator_version}: {error!r}"
            if stream in self.unfolded:
                folded.clear()
            yield stream, folded, count
            folded.clear()

    def _compare(self, each: _Table) -> None:
        """The waiting rows against the live ones of their keys."""
        table, left = each.table, each.waiting
        each.waiting = {}
        for values in self._live(each, [key for key in left if storable(key)]):
            live = dict(zip(table.columns, values, strict=True))
            stream, row = left.pop(each.key_of(live), ("", {}))
            if not row:
                # Equal to the server alone: it is found as one that is missing, and one too many.
                continue
            each.found += 1
            if each.values_of(row) != values and (unlike := _unlike(table, row, live)):
                self._differs(each, "changed", stream, row, row, live, unlike)
        for stream, row in left.values():
            self._differs(each, "missing", stream, row, row, {})

    def _live(self, each: _Table, keys: list[Key]) -> list[tuple[Any, ...]]:
        if not keys:
            return []
        table = each.table
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in table.key)
        arrays = sql.SQL(", ").join(
            # The server's own name of the type of the live column.
            sql.SQL("%s::{}[]").format(sql.SQL(kind))
            for kind in each.key_types
        )
        text = sql.SQL("select {} from unnest({}) as k({}) join {} t using ({})").format(
            names(table.columns, "t"),
            arrays,
            columns,
            sql.Identifier(self.schema, table.name),
            columns,
        )
        asked = [list(values) for values in zip(*keys, strict=True)]
        with self.connection.cursor() as cursor:
            cursor.adapters.register_loader("uuid", TextLoader)
            cursor.execute(text, asked)
            try:
                return cursor.fetchall()
            except DataError:
                # A value that Python has none for: read once more, and slower, it is a text.
                take_anything(cursor.adapters)
        with self.connection.cursor() as cursor:
            cursor.adapters.register_loader("uuid", TextLoader)
            take_anything(cursor.adapters)
            return cursor.execute(text, asked).fetchall()

    def _count(self, each: _Table) -> int:
        row = self.connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(self.schema, each.table.name))
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _find_extra(self, tables: list[_Table]) -> None:
        """Name the live rows of these tables that no fact gives."""
        if not tables:
            return
        given: list[set[int]] = [set() for _ in tables]
        for _, folded, _ in self._folded():
            for each, keys in zip(tables, given, strict=True):
                rows = folded.rows_of(each.table).by_key.values()
                keys.update(hash(each.key_of(row)) for row in rows)
        for each, keys in zip(tables, given, strict=True):
            for values in live_rows(self.connection, self.schema, each.table):
                live = dict(zip(each.table.columns, values, strict=True))
                if hash(each.key_of(live)) not in keys:
                    stream = str(live.get("household_id") or "")
                    if self._left_out(stream):
                        continue
                    self._differs(each, "extra", stream, live, {}, live)

    def _left_out(self, stream: str) -> bool:
        """Whether a row may well be of facts that nothing can be told of."""
        if not (self.without or self.unfolded):
            return False
        return not stream or stream in self.unfolded or stream in map(str, self.without)

    def _differs(
        self,
        each: _Table,
        kind: Literal["missing", "extra", "changed"],
        stream: str,
        row: Row,
        rebuilt: Row,
        live: Row,
        columns: tuple[str, ...] = (),
    ) -> None:
        each.differing += 1
        if len(each.differences) >= MOST:
            return
        table = each.table
        said = row.get("version", 0)
        difference = Difference(
            model=each.model.name,
            table=table.name,
            kind=kind,
            key={name: row[name] for name in table.key},
            household_id=stream,
            version=said if isinstance(said, int) else 0,
            columns=columns,
            rebuilt=rebuilt,
            live=live,
        )
        if kind != "extra":
            version, position = self._told_by(each, stream, each.key_of(row))
            difference = replace(difference, version=version, position=position)
        each.differences.append(difference)

    def _told_by(self, each: _Table, stream: str, key: Key) -> tuple[int, int]:
        """Version and position of the last fact that made this row what it is."""
        folded = Folded()
        place, before = (0, 0), None
        for fact in household_facts(self.connection, self.schema, stream):
            if fact.position > self.last:
                break
            each.model.apply(folded, fact)
            rows = folded.rows_of(each.table).by_key
            row = rows.get(key if len(key) > 1 else key[0])
            if row is not None and row != before:
                place, before = (fact.originator_version, fact.position), dict(row)
        return place


def _unlike(table: Table, row: Row, live: Row) -> tuple[str, ...]:
    return tuple(
        name for name in table.columns if name not in table.kept and row[name] != live[name]
    )
