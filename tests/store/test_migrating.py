"""Numbered files, once each, in order; and nothing else than what the files say."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.store.migrating import (
    BadMigrationFolder,
    BadSchemaName,
    MigrationFailed,
    MigrationMismatch,
    migrate,
    pending,
    schema_name,
)

Connection = psycopg.Connection[Any]

FIRST = "create table parked (vrm text primary key);\ninsert into parked values ('AB12CDE');\n"
SECOND = "alter table parked add column zone text not null default 'A';\n"
_numbers = count(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return files(tmp_path / "migrations", {"0001_parked.sql": FIRST, "0002_zone.sql": SECOND})


@pytest.fixture
def connection(worker_database: str) -> Iterator[Connection]:
    with psycopg.connect(worker_database, autocommit=True) as connected:
        yield connected


@pytest.fixture
def schema() -> str:
    """A schema of the test's own in the worker's database."""
    return f"migrating_{next(_numbers)}"


def files(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def applied(connection: Connection, schema: str) -> list[tuple[int, str]]:
    query = f'select number, name from "{schema}".schema_migrations order by number'
    return connection.execute(query.encode()).fetchall()


def exists(connection: Connection, name: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
    assert row is not None
    return bool(row[0])


def has_schema(connection: Connection, schema: str) -> bool:
    row = connection.execute("select from pg_namespace where nspname = %s", [schema])
    return row.fetchone() is not None


def test_a_new_schema_is_made_and_gets_every_file_in_order(
    connection: Connection, schema: str, folder: Path
) -> None:
    assert migrate(connection, schema, folder) == [1, 2]

    assert applied(connection, schema) == [(1, "parked"), (2, "zone")]
    rows = connection.execute(f"select vrm, zone from {schema}.parked".encode()).fetchall()
    assert rows == [("AB12CDE", "A")]


def test_a_second_run_applies_nothing(connection: Connection, schema: str, folder: Path) -> None:
    migrate(connection, schema, folder)

    assert migrate(connection, schema, folder) == []


def test_a_later_file_is_applied_alone(connection: Connection, schema: str, folder: Path) -> None:
    migrate(connection, schema, folder)
    files(folder, {"0003_bay.sql": "create table bay (id int);"})

    assert pending(connection, schema, folder) == [3]
    assert migrate(connection, schema, folder) == [3]
    assert pending(connection, schema, folder) == []


def test_asking_what_is_pending_makes_nothing(
    connection: Connection, schema: str, folder: Path
) -> None:
    assert pending(connection, schema, folder) == [1, 2]

    assert not has_schema(connection, schema)


def test_two_councils_in_one_database_do_not_meet(
    connection: Connection, schema: str, folder: Path
) -> None:
    migrate(connection, f"{schema}_a", folder)
    migrate(connection, f"{schema}_b", folder)
    connection.execute(f"delete from {schema}_a.parked".encode())

    left = connection.execute(f"select count(*) from {schema}_b.parked".encode()).fetchone()
    assert left == (1,)


def test_a_schema_may_be_named_as_a_word_of_sql(connection: Connection, folder: Path) -> None:
    assert migrate(connection, "order", folder) == [1, 2]
    assert applied(connection, "order") == [(1, "parked"), (2, "zone")]


def test_an_edited_file_is_refused_and_later_files_are_not_run(
    connection: Connection, schema: str, folder: Path
) -> None:
    migrate(connection, schema, folder)
    files(folder, {"0002_zone.sql": SECOND + "-- a remark\n", "0003_bay.sql": "select 1"})

    with pytest.raises(MigrationMismatch, match="edited since schema") as caught:
        migrate(connection, schema, folder)

    assert caught.value.file == "0002_zone.sql"
    assert applied(connection, schema) == [(1, "parked"), (2, "zone")]
    with pytest.raises(MigrationMismatch):
        pending(connection, schema, folder)


def test_a_file_that_the_ledger_has_and_the_program_lacks_is_refused(
    connection: Connection, schema: str, folder: Path
) -> None:
    """A newer program has been here: an older one must not write."""
    migrate(connection, schema, folder)
    (folder / "0002_zone.sql").unlink()

    with pytest.raises(MigrationMismatch, match="does not have it") as caught:
        migrate(connection, schema, folder)

    assert caught.value.file == "0002_zone.sql"


def test_a_renamed_file_is_refused(connection: Connection, schema: str, folder: Path) -> None:
    migrate(connection, schema, folder)
    (folder / "0002_zone.sql").rename(folder / "0002_area.sql")

    with pytest.raises(MigrationMismatch, match=r"0002_zone.sql: .*does not have it"):
        migrate(connection, schema, folder)


def test_a_record_with_a_hole_is_refused(connection: Connection, schema: str, folder: Path) -> None:
    migrate(connection, schema, folder)
    connection.execute(f"delete from {schema}.schema_migrations where number = 1".encode())

    with pytest.raises(MigrationMismatch, match="without number 0001"):
        migrate(connection, schema, folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("0004_bay.sql", "0004_bay.sql: a gap: number 0003 comes next"),
        ("0002_bay.sql", "0002_zone.sql: number 0002 is 0002_bay.sql's"),
        ("0000_bay.sql", "0000_bay.sql: a gap: number 0001 comes next"),
        ("3_bay.sql", "3_bay.sql: a migration is named NNNN_name.sql"),
        ("0003-bay.sql", "0003-bay.sql: a migration is named NNNN_name.sql"),
        ("0003_Bay.sql", "0003_Bay.sql: a migration is named NNNN_name.sql"),
    ],
)
def test_a_folder_that_is_not_one_to_n_is_refused(
    connection: Connection, schema: str, folder: Path, name: str, said: str
) -> None:
    files(folder, {name: "create table bay (id int);"})

    with pytest.raises(BadMigrationFolder) as caught:
        migrate(connection, schema, folder)

    assert str(caught.value).startswith(said)
    assert not has_schema(connection, schema)


def test_a_missing_folder_is_refused(connection: Connection, schema: str, tmp_path: Path) -> None:
    with pytest.raises(BadMigrationFolder, match="no folder of migrations"):
        migrate(connection, schema, tmp_path / "nowhere")


def test_other_files_of_the_folder_are_left_alone(
    connection: Connection, schema: str, folder: Path
) -> None:
    files(folder, {"README.md": "how to write one"})

    assert migrate(connection, schema, folder) == [1, 2]


def test_bytes_that_are_not_utf8_are_refused(
    connection: Connection, schema: str, folder: Path
) -> None:
    (folder / "0003_bay.sql").write_bytes(b"select '\xff'")

    with pytest.raises(BadMigrationFolder, match=r"0003_bay.sql: not UTF-8 at byte 8"):
        migrate(connection, schema, folder)


def test_a_file_that_fails_leaves_nothing_and_says_its_line(
    connection: Connection, schema: str, folder: Path
) -> None:
    """Files before it stay applied; the whole of it is undone."""
    files(folder, {"0003_bay.sql": "create table bay (id int);\n\ninsert into bays values (1);\n"})

    with pytest.raises(MigrationFailed) as caught:
        migrate(connection, schema, folder)

    assert str(caught.value) == '0003_bay.sql: line 3: relation "bays" does not exist (42P01)'
    assert applied(connection, schema) == [(1, "parked"), (2, "zone")]
    assert not exists(connection, f"{schema}.bay")

    files(folder, {"0003_bay.sql": "create table bay (id int);"})
    assert migrate(connection, schema, folder) == [3]


@pytest.mark.parametrize("ending", ["commit;", "rollback;", "commit; begin;", "commit; select 1;"])
def test_a_file_that_ends_its_own_transaction_is_never_recorded(
    connection: Connection, schema: str, folder: Path, ending: str
) -> None:
    files(folder, {"0003_bay.sql": f"create table bay (id int); {ending}"})

    with pytest.raises(MigrationFailed, match=r"0003_bay.sql: it ends its own transaction"):
        migrate(connection, schema, folder)

    assert applied(connection, schema) == [(1, "parked"), (2, "zone")]


def test_a_failed_file_lets_go_of_the_lock(
    connection: Connection, worker_database: str, schema: str, folder: Path
) -> None:
    bad = files(folder, {"0003_bay.sql": "not sql"})
    with pytest.raises(MigrationFailed):
        migrate(connection, schema, bad)

    (folder / "0003_bay.sql").write_text("create table bay (id int);")
    with psycopg.connect(worker_database, autocommit=True) as another:
        assert migrate(another, schema, folder) == [3]


def test_names_resolve_in_the_councils_schema_alone(
    connection: Connection, schema: str, folder: Path
) -> None:
    connection.execute("create table public.only_in_public (id int)")
    files(folder, {"0003_bay.sql": "select * from only_in_public"})

    with pytest.raises(MigrationFailed, match="only_in_public"):
        migrate(connection, schema, folder)
    row = connection.execute("show search_path").fetchone()
    assert row == ('"$user", public',)
    connection.execute("drop table public.only_in_public")


def test_processes_that_migrate_at_once_apply_each_file_once(
    worker_database: str, schema: str, folder: Path
) -> None:
    files(folder, {"0001_parked.sql": "select pg_sleep(0.2);\n" + FIRST})
    together = threading.Barrier(3)
    done: list[list[int]] = []

    def run() -> None:
        with psycopg.connect(worker_database, autocommit=True) as connected:
            together.wait()
            done.append(migrate(connected, schema, folder))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [[], [], [1, 2]]


def test_the_time_outs_of_a_connection_do_not_cut_a_migration_short(
    worker_database: str, schema: str, folder: Path
) -> None:
    files(folder, {"0003_slow.sql": "select pg_sleep(0.3)"})
    options = "-c statement_timeout=100ms -c lock_timeout=50ms"

    with psycopg.connect(worker_database, autocommit=True, options=options) as bounded:
        assert migrate(bounded, schema, folder) == [1, 2, 3]


def test_a_connection_without_autocommit_ends_outside_a_transaction(
    worker_database: str, schema: str, folder: Path
) -> None:
    with psycopg.connect(worker_database) as plain:
        assert pending(plain, schema, folder) == [1, 2]
        assert migrate(plain, schema, folder) == [1, 2]
        assert plain.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_callers_open_transaction_is_a_mistake(
    worker_database: str, schema: str, folder: Path
) -> None:
    with psycopg.connect(worker_database) as plain:
        plain.execute("select 1")
        with pytest.raises(AssertionError, match="inside a transaction"):
            migrate(plain, schema, folder)


@pytest.mark.parametrize(
    ("council", "schema"),
    [("stevenage", "stevenage"), ("windsor-maidenhead", "windsor_maidenhead")],
)
def test_a_councils_schema_is_its_id_with_underscores(council: str, schema: str) -> None:
    assert schema_name(council) == schema


@pytest.mark.parametrize(
    "council",
    ["", "Stevenage", "1st", "-a", "a_b", "a b", 'a"b', "a;drop", "é", "a" * 64, "a\n"],
)
def test_what_cannot_be_a_council_is_refused(council: str) -> None:
    """`a_b` too: `a-b` has that schema already."""
    with pytest.raises(BadSchemaName):
        schema_name(council)


@pytest.mark.parametrize("council", ["pg-a", "public", "information-schema"])
def test_a_schema_of_postgresql_itself_is_no_councils(council: str) -> None:
    with pytest.raises(BadSchemaName, match="PostgreSQL's own"):
        schema_name(council)


def test_the_longest_council_id_has_a_schema() -> None:
    assert schema_name("a" * 63) == "a" * 63


@pytest.mark.parametrize("bad", ["Stevenage", "a-b", "public", "pg_toast", 'a"', ""])
def test_a_bad_schema_name_never_reaches_the_database(
    connection: Connection, folder: Path, bad: str
) -> None:
    with pytest.raises(BadSchemaName):
        migrate(connection, bad, folder)
    with pytest.raises(BadSchemaName):
        pending(connection, bad, folder)
