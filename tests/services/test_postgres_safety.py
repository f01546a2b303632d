"""The embedded server keeps what it acknowledges, and a server that may not is refused."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.postgres import EmbeddedPostgres, UnsafeServer, refuse_unsafe_server
from services.postgres.accounts import run_as, server_account
from services.postgres.places import Home
from services.postgres.programs import usable_programs
from tests.databases import appended

SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


def setting(connection: psycopg.Connection[tuple[str]], name: str) -> str:
    row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return row[0]


def started_by_hand(folder: Path, *options: str) -> str:
    """The DSN of a server over a stopped cluster of ours, with an operator's own options."""
    home = Home(folder=folder, private=folder / "private")
    account = server_account("", home.cluster)
    pg_ctl = usable_programs(account, home) / "pg_ctl"
    given = f"-k {home.socket_folder} -c listen_addresses= {' '.join(options)}"
    command = [str(pg_ctl), "start", "-w", "-D", str(home.data), "-l", str(home.log), "-o", given]
    assert run_as(account, command).returncode == 0
    return EmbeddedPostgres(folder).start()


def test_the_embedded_server_is_safe_and_as_described(shared_cluster: Path) -> None:
    """promises.md, section 7; the collation does not depend on the machine's own."""
    with psycopg.connect(EmbeddedPostgres(shared_cluster).start()) as connection:
        refuse_unsafe_server(connection)
        found = {
            name: setting(connection, name)
            for name in (*SETTINGS, "data_checksums", "max_connections", "listen_addresses")
        }
        extensions = connection.execute("select extname from pg_extension order by 1").fetchall()
        role = connection.execute(
            "select rolsuper, rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()
        collation = connection.execute(
            "select datlocprovider, datlocale, pg_encoding_to_char(encoding) from pg_database"
            " where datname = current_database()"
        ).fetchone()

    assert found == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "max_connections": "200",
        "listen_addresses": "",
    }
    assert ("pg_stat_statements",) in extensions
    assert role == (False, True)
    assert collation == ("b", "C.UTF-8", "UTF8")


def test_the_extensions_the_ledger_may_want_can_be_made_by_its_own_role(database: str) -> None:
    with psycopg.connect(database) as connection:
        for name in ("btree_gist", "pg_trgm"):
            connection.execute(f"create extension {name} with schema public".encode())


def test_a_setting_in_the_servers_own_files_does_not_make_it_unsafe(shared_cluster: Path) -> None:
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    server.stop()
    off = "".join(f"{name} = off\n" for name in SETTINGS)

    with appended(shared_cluster / "postgres-18" / "data" / "postgresql.conf", off):
        dsn = server.start()
        with psycopg.connect(dsn) as connection:
            refuse_unsafe_server(connection)
        server.stop()


@pytest.mark.parametrize("names", [[name] for name in SETTINGS] + [list(SETTINGS)])
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(
    shared_cluster: Path, names: list[str]
) -> None:
    """It lives and is ours, so it is used as it is found: the boot says no."""
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    server.stop()
    dsn = started_by_hand(shared_cluster, *(f"-c {name}=off" for name in names))

    try:
        with psycopg.connect(dsn) as connection, pytest.raises(UnsafeServer) as caught:
            refuse_unsafe_server(connection)
    finally:
        server.stop()

    assert caught.value.settings == dict.fromkeys(names, "off")
    for name in names:
        assert f"{name} = off" in str(caught.value)


def test_commits_that_wait_for_the_disk_of_this_server_are_safe(database: str) -> None:
    with psycopg.connect(database) as connection:
        for value in ("local", "remote_write", "remote_apply"):
            connection.execute(f"set synchronous_commit = {value}".encode())
            refuse_unsafe_server(connection)


def test_one_role_that_does_not_wait_is_seen_on_its_own_connection(database: str) -> None:
    options = "-c synchronous_commit=off"
    with (
        psycopg.connect(database, options=options) as connection,
        pytest.raises(UnsafeServer, match="synchronous_commit = off"),
    ):
        refuse_unsafe_server(connection)


@pytest.fixture
def without_checksums(shared_cluster: Path) -> Iterator[str]:
    """The DSN of a running server whose pages have none."""
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    server.stop()
    home = Home(folder=shared_cluster, private=shared_cluster / "private")
    account = server_account("", home.cluster)
    program = str(usable_programs(account, home) / "pg_checksums")
    changing = [program, "--no-sync", "-D", str(home.data)]
    assert run_as(account, [*changing, "--disable"]).returncode == 0
    yield server.start()
    server.stop()
    assert run_as(account, [*changing, "--enable"]).returncode == 0


def test_a_server_that_would_not_notice_a_changed_page_is_refused(without_checksums: str) -> None:
    """Promise P1: what a disk has changed is never read as if it were right."""
    with (
        psycopg.connect(without_checksums) as connection,
        pytest.raises(UnsafeServer, match="data_checksums = off"),
    ):
        refuse_unsafe_server(connection)
