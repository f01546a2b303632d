"""A database for one run alone: made, used, dropped.

While it is used an advisory lock is held whose number is in its name, so that what a killed run
has left behind is known by nobody holding it, and the next run drops it.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql

from ledger.store.pool import Connection, connect
from services.postgres import in_database

# The first number of the advisory lock's two: what the second is about.
_CLASS = 1_886_745_452
_DROPS = 5
_NAME = re.compile(r"permit_ledger_scratch_([0-9a-f]{8})")


@contextmanager
def scratch_database(dsn: str) -> Iterator[str]:
    """The DSN of a new, empty database on that server; gone afterwards, whoever is still connected.

    Raises psycopg.Error where the login may not make databases.
    """
    # Unbounded: it does nothing for as long as the run lasts, and dropping may take long.
    with connect(dsn, bounded=False) as connection:
        _drop_stale(connection)
        number = _own_number(connection)
        name = f"permit_ledger_scratch_{number:08x}"
        _do(connection, "create database {}", name)
        try:
            yield in_database(dsn, name)
        finally:
            drop_database(connection, name)


def _own_number(connection: Connection) -> int:
    while True:
        number = secrets.randbits(31)
        if not _holder(connection, number):
            connection.execute("select pg_advisory_lock(%s, %s)", (_CLASS, number))
            return number


def _drop_stale(connection: Connection) -> None:
    rows = connection.execute("select datname from pg_database").fetchall()
    for match in filter(None, (_NAME.fullmatch(name) for (name,) in rows)):
        if not _holder(connection, int(match[1], 16)):
            drop_database(connection, match[0])


def drop_database(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    """Drop it, whoever is connected; nothing where there is none.

    The server's own vacuuming is nobody's that `force` may end, and a plain drop ends it.
    """
    for _ in range(_DROPS):
        try:
            return _do(connection, "drop database if exists {} with (force)", name)
        except psycopg.errors.InsufficientPrivilege:
            with suppress(psycopg.errors.ObjectInUse):
                return _do(connection, "drop database if exists {}", name)
    return _do(connection, "drop database if exists {} with (force)", name)


def _holder(connection: Connection, number: int) -> bool:
    """Whether a run lives. An advisory lock is its database's own, and trying it from another one
    would succeed: so the locks of the whole server are looked at."""
    row = connection.execute(
        "select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 2"
        " and classid = %s and objid = %s",
        (_CLASS, number),
    ).fetchone()
    return row is not None


def _do(connection: psycopg.Connection[tuple[Any, ...]], statement: str, name: str) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
