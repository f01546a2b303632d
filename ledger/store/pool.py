"""Connections: one pool a server for all its councils, and one of their own for the officers'
checks.

Time-outs bound every transaction: one left open anywhere holds tailing readers back. After a
rollback psycopg has the server forget every prepared statement of the connection, those of
`ledger.store.exchange` with its own; here it forgets its own alone.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg._preparing import PrepareManager
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = ConnectionPool[Connection]

_BOUNDS = (
    "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=15s "
    "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c jit=off"
)


class _OwnStatements(PrepareManager):
    """What psycopg prepared, given up by name: it would say `deallocate all`."""

    def clear(self) -> bool:
        self._counts.clear()
        self._to_flush.extend(self._names.values())
        self._names.clear()
        return bool(self._to_flush)


def _keep_what_is_not_psycopgs(connection: Connection) -> None:
    own = _OwnStatements()
    own.prepare_threshold = connection.prepare_threshold
    connection._prepared = own


def _has_ended(connection: Connection) -> bool:
    """Whether the server has ended this idle connection: it says so on the line, which is silent
    otherwise. Asking the system costs microseconds, and asking the server would cost a round trip.
    """
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


def connect(dsn: str, *, bounded: bool = True) -> Connection:
    """One connection in autocommit mode; `bounded` gives it the time-outs of the pool."""
    options = _BOUNDS if bounded else "-c timezone=UTC"
    connection: Connection = psycopg.connect(dsn, autocommit=True, options=options)
    _keep_what_is_not_psycopgs(connection)
    return connection


@contextmanager
def open_pool(dsn: str, size: int, name: str) -> Iterator[Pool]:
    """At most `size` connections, opened when first needed; closed with the context."""
    pool = new_pool(dsn, size, name)
    try:
        yield pool
    finally:
        pool.close()


def new_pool(dsn: str, size: int, name: str) -> Pool:
    """As open_pool, for callers that close it themselves.

    A connection that the server has ended is not handed out, and once there is one the others are
    looked at: a server that was restarted has ended them all.
    """

    def refuse_what_has_ended(connection: Connection) -> None:
        if _has_ended(connection):
            connection.close()
            pool.check()
            raise psycopg.OperationalError("the server has ended this connection")

    pool: Pool = ConnectionPool(
        dsn,
        min_size=0,
        max_size=size,
        kwargs={"autocommit": True, "options": _BOUNDS, "prepare_threshold": 2},
        name=name,
        configure=_keep_what_is_not_psycopgs,
        open=True,
        timeout=30.0,
        check=refuse_what_has_ended,
    )
    return pool
