"""Whatever is written over what is stored, verify says where, and goes on to the end.

Source: promises P10, P18; `permit-ledger verify`.
"""

import random
from collections.abc import Iterator

import pytest
from psycopg import sql

from ledger.store.pool import Connection
from ledger.store.rows import ReadModel, Table
from projections.registry import EVERY
from replay.comparing import MOST
from replay.live import column_types
from replay.verify import VerifyReport, verify
from tests.replay.town import DAYS, Town, town

NONSENSE: dict[str, tuple[str, ...]] = {
    "timestamp with time zone": ("infinity", "4000-01-01 00:00:00+00 BC"),
    "date": ("-infinity", "20000-01-01"),
    "text": ("☃ nonsense",),
    "integer": ("-2147483648",),
    "bigint": ("-9223372036854775808",),
    "uuid": ("00000000-0000-0000-0000-000000000000",),
    "boolean": ("not",),
    "text[]": ("{}", "{{a,b},{c,NULL}}"),
}
TABLES = [(model, table) for model in EVERY for table in model.tables]


@pytest.fixture(scope="module")
def lived(worker_database: str) -> Iterator[Town]:
    with town(worker_database, "stevenage") as made:
        for _ in DAYS["stevenage"](made):
            pass
        made.catch_up()
        yield made


def bare(connection: Connection, table: str) -> None:
    """Without what would keep nonsense out, and without a watch."""
    connection.execute("set local search_path to stevenage")
    names = connection.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'p')"
        " order by contype",
        (table,),
    ).fetchall()
    for (name,) in names:
        connection.execute(f"alter table {table} drop constraint {name}".encode())
    indexes = connection.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass"
        " and indisunique",
        (table,),
    ).fetchall()
    for (name,) in indexes:
        connection.execute(f"drop index {name}".encode())
    connection.execute(f"alter table {table} disable trigger user".encode())


def reported(town: Town, models: tuple[ReadModel, ...]) -> VerifyReport:
    report = verify(town.council.ledger, models)
    assert report.ok == (not report.problems)
    assert report.found >= len(report.problems)
    return report


@pytest.mark.parametrize(("model", "table"), TABLES, ids=[table.name for _, table in TABLES])
def test_nonsense_in_any_column_of_a_read_model_is_named(
    lived: Town, model: ReadModel, table: Table
):
    """An instant of infinity is no instant to Python: it is named like any other value."""
    with lived.council.pool.connection() as connection:
        types = column_types(connection, "stevenage", table)
        count = connection.execute(f"select count(*) from stevenage.{table.name}".encode())
        if count.fetchone() == (0,):
            pytest.skip("no row")
        with connection.transaction():
            bare(connection, table.name)
            connection.execute(f"create table kept as table {table.name}".encode())
    unnamed = []
    for column in table.columns:
        if column in table.kept:
            continue
        for value in NONSENSE.get(types[column], ("null",)):
            if not written(lived, table.name, column, value):
                continue
            found = reported(lived, (model,)).problems
            if not any(each.difference and each.difference.table == table.name for each in found):
                unnamed.append((column, value))
            put_back(lived, table.name)
    with lived.council.pool.connection() as connection:
        connection.execute("drop table stevenage.kept")

    assert unnamed == []
    assert reported(lived, (model,)).ok


def written(town: Town, table: str, column: str, value: str) -> bool:
    """The value into one row, where it is another one."""
    with town.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local search_path to stevenage")
        setting = {"not": "not {0}", "null": "null"}.get(value, "%(value)s")
        text = sql.SQL("update {1} set {0} = {2} where ctid = (select min(ctid) from {1})").format(
            sql.Identifier(column),
            sql.Identifier(table),
            sql.SQL(setting).format(sql.Identifier(column)),  # type: ignore[arg-type]
        )
        before = connection.execute(f"select {column}::text from {table}".encode()).fetchall()
        connection.execute(text, {"value": value})
        after = connection.execute(f"select {column}::text from {table}".encode()).fetchall()
        return sorted(map(str, before)) != sorted(map(str, after))


def put_back(town: Town, table: str) -> None:
    with town.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local search_path to stevenage")
        connection.execute(f"truncate {table}".encode())
        connection.execute(f"insert into {table} table kept".encode())


@pytest.fixture
def altered(database: str) -> Iterator[Town]:
    with town(database) as made:
        for _ in DAYS["stevenage"](made):
            pass
        made.catch_up()
        yield made


STATES = (
    "''",
    "'\\x00'",
    "'null'",
    "'[]'",
    "'{}'",
    "'\\xff'",
    "convert_to(repeat('[', 100000), 'UTF8')",
    "convert_to(replace(convert_from(state, 'UTF8'), '2026-11', '9999-99'), 'UTF8')",
    "convert_to(replace(convert_from(state, 'UTF8'), '\"key\":\"', '\"key\":\"\\u0000'), 'UTF8')",
)


@pytest.mark.parametrize("state", STATES)
def test_nonsense_in_a_stored_fact_is_named_and_the_rest_is_looked_at(altered: Town, state: str):
    """Another household's altered row is found all the same."""
    with altered.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local search_path to stevenage")
        connection.execute("alter table stored_events disable trigger user")
        first = "(select originator_id from active_registrations order by 1 limit 1)"
        done = connection.execute(
            f"update stored_events set state = {state} where originator_id = {first}".encode()
        )
        assert done.rowcount
        connection.execute(
            "insert into deadlines select 'holding', 'none', gen_random_uuid(), now(), false"
        )

    problems = reported(altered, EVERY).problems

    assert {each.kind for each in problems} & {"unreadable", "bytes", "receipt"}
    assert [each.difference.table for each in problems if each.difference][-1] == "deadlines"


def test_a_byte_flipped_anywhere_ends_no_look(altered: Town):
    """One after another, in facts drawn at random: every look ends, and finds something."""
    drawn = random.Random(18)
    for _ in range(15):
        with altered.council.pool.connection() as connection:
            connection.execute(
                "update stevenage.stored_events set state = set_byte(state,"
                " (%s * length(state))::int, %s) where ctid = (select ctid from"
                " stevenage.stored_events order by notification_id offset %s limit 1)",
                (drawn.random() * 0.999, drawn.randrange(256), drawn.randrange(20)),
            )
        assert not reported(altered, EVERY).ok


def test_more_problems_than_are_named_are_counted(altered: Town):
    """At most a hundred are told, and how many there are."""
    with altered.council.pool.connection() as connection:
        connection.execute(
            "insert into stevenage.deadlines select 'holding', 'none-' || n, gen_random_uuid(),"
            " 'infinity', false from generate_series(1, 250) n"
        )

    report = reported(altered, EVERY)

    assert len(report.problems) == MOST
    assert report.found == 250
