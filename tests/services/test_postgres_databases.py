"""Test databases: each its own, made from one template for each content of the migrations."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.postgres import EmbeddedPostgres
from tests.databases import Databases, a_place, eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """Not the server of the other tests: the leavings of runs are looked for here."""
    with a_place() as place:
        yield EmbeddedPostgres(place / "data").start()


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_parked.sql").write_text("create table parked (vrm text);")
    return folder


def named(dsn: str, like: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select datname from pg_database where datname ~ %s order by 1", [like]
        )
        return [name for (name,) in rows]


def one(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_a_clone_has_every_council_and_shares_nothing(own_server: str, migrations: Path) -> None:
    with (
        Databases(own_server, migrations) as databases,
        databases.clone() as first,
        databases.clone() as second,
    ):
        with psycopg.connect(first) as connection:
            connection.execute("insert into gravesham.parked values ('AB12CDE')")
        assert one(first, "select count(*) from gravesham.parked") == 1
        for schema in ("stevenage", "gravesham", "hampshire"):
            assert one(second, f"select count(*) from {schema}.parked") == 0


def test_a_clone_is_dropped_after_use_even_while_somebody_is_connected(
    own_server: str, migrations: Path
) -> None:
    with Databases(own_server, migrations) as databases:
        with databases.clone() as dsn:
            forgotten = psycopg.connect(dsn)
        assert named(own_server, "^permit_test_run_") == []
        forgotten.close()


def test_a_template_is_made_once_for_each_content(own_server: str, migrations: Path) -> None:
    with Databases(own_server, migrations) as first, Databases(own_server, migrations) as second:
        assert first.template() == second.template()

        (migrations / "0002_zone.sql").write_text("create table zone (id text);")
        with Databases(own_server, migrations) as changed:
            assert changed.template() != first.template()
            with changed.clone() as dsn:
                assert one(dsn, "select count(*) from hampshire.zone") == 0
            # Others still use the older one.
            assert len(named(own_server, "^permit_test_template_")) == 2


def test_a_template_nobody_uses_any_more_is_dropped(own_server: str, migrations: Path) -> None:
    with Databases(own_server, migrations) as databases:
        old = databases.template()
    (migrations / "0002_zone.sql").write_text("create table zone (id text);")

    with Databases(own_server, migrations) as databases:
        assert named(own_server, "^permit_test_template_") == []
        assert databases.template() != old


def test_a_file_that_fails_leaves_no_template(own_server: str, migrations: Path) -> None:
    (migrations / "0002_zone.sql").write_text("not sql")
    with Databases(own_server, migrations) as databases:
        with pytest.raises(Exception, match=r"0002_zone.sql: line 1"):
            databases.template()

        assert named(own_server, "^permit_test_") == []


CLONES_AND_WAITS = """
import sys, time
from pathlib import Path
from tests.databases import Databases
with Databases(sys.argv[1], Path(sys.argv[2])) as databases, databases.clone() as dsn:
    print("ready", flush=True)
    time.sleep(600)
"""


def test_only_a_dead_runs_databases_are_dropped(own_server: str, migrations: Path) -> None:
    command = [sys.executable, "-c", CLONES_AND_WAITS, own_server, str(migrations)]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with Databases(own_server, migrations):
            assert len(named(own_server, "^permit_test_run_")) == 1
    finally:
        process.kill()
        process.communicate()

    def all_dropped() -> bool:
        """Once the server has seen that the run's connection is gone, which takes it a moment."""
        with Databases(own_server, migrations):
            return named(own_server, "^permit_test_run_") == []

    eventually(all_dropped)


def test_processes_that_need_the_template_at_once_make_it_once(
    own_server: str, migrations: Path
) -> None:
    (migrations / "0002_slow.sql").write_text("select pg_sleep(0.2);")
    command = [sys.executable, "-c", CLONES_AND_WAITS, own_server, str(migrations)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        with Databases(own_server, migrations) as databases:
            assert named(own_server, "^permit_test_template_") == [databases.template()]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
