"""A database for one run alone, among other runs."""

import psycopg

from services.postgres import in_database
from services.postgres.scratch import scratch_database


def answers(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_a_run_begun_from_another_database_leaves_a_living_runs_alone(database: str) -> None:
    """Each council may have a database of its own on one server."""
    with scratch_database(database) as first:
        with scratch_database(in_database(database, "postgres")) as second:
            assert first != second
            assert answers(first)
            assert answers(second)
        assert answers(first)
        assert not answers(second)


def test_what_a_dead_run_left_behind_is_dropped_by_the_next(database: str) -> None:
    """Known by nobody holding its lock."""
    left = "permit_ledger_scratch_00000001"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"create database {left}")

    with scratch_database(database):
        pass

    assert not answers(in_database(database, left))
