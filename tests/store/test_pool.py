"""Connections keep what was prepared on them by name, whatever psycopg gives up of its own."""

import pytest
from psycopg import errors

from ledger.store.exchange import TEXT, ask, statement
from ledger.store.pool import Connection, connect, open_pool
from tests.databases import eventually

NUMBER = statement("select %s::int", (TEXT,))


def _mixed(connection: Connection) -> None:
    ask(connection, (NUMBER, (b"1",)))
    connection.execute("select %s::int", (1,), prepare=True)


@pytest.mark.parametrize("undone", ["rollback", "drop"])
def test_a_statement_of_ours_outlives_what_psycopg_forgets(worker_database: str, undone: str):
    """psycopg gives up its statements after a rollback and after a drop; ours are not its own."""
    with connect(worker_database) as connection:
        _mixed(connection)

        if undone == "rollback":
            with pytest.raises(errors.DivisionByZero), connection.transaction():
                connection.execute("select 1 / 0")
        else:
            connection.execute("create temporary table passing (n int)")
            connection.execute("drop table passing")
        connection.execute("select 2")

        assert ask(connection, (NUMBER, (b"3",))).ntuples == 1
        left = connection.execute(
            "select count(*) from pg_prepared_statements where starts_with(name, '_pg3_')"
        ).fetchone()
        assert left == (0,), "psycopg has given up its own"


def test_connections_that_the_server_has_ended_are_not_handed_out(database: str) -> None:
    """After a restart nobody is told "unavailable" for what an idle connection has become (P3)."""
    with open_pool(database, 6, "ended") as pool, connect(database) as other:
        held = [pool.getconn() for _ in range(6)]
        pids = [connection.info.backend_pid for connection in held]
        for connection in held:
            pool.putconn(connection)
        other.execute("select pg_terminate_backend(pid) from unnest(%s::int[]) as t(pid)", (pids,))
        gone = "select count(*) from pg_stat_activity where pid = any(%s)"
        eventually(lambda: other.execute(gone, (pids,)).fetchone() == (0,))

        for _ in range(6):
            with pool.connection() as connection:
                assert connection.execute("select 1").fetchone() == (1,)
