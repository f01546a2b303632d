"""Connections: one pool a server for all its councils, and one of their own for the officers'
checks.

Time-outs bound every transaction: one left open anywhere holds tailing readers back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = ConnectionPool[Connection]

_BOUNDS = (
    "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=15s "
    "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c jit=off"
)


def connect(dsn: str, *, bounded: bool = True) -> Connection:
    """One connection in autocommit mode; `bounded` gives it the time-outs of the pool."""
    options = _BOUNDS if bounded else "-c timezone=UTC"
    return psycopg.connect(dsn, autocommit=True, options=options)


@contextmanager
def open_pool(dsn: str, size: int, name: str) -> Iterator[Pool]:
    """At most `size` connections, opened when first needed; closed with the context."""
    pool = new_pool(dsn, size, name)
    try:
        yield pool
    finally:
        pool.close()


def new_pool(dsn: str, size: int, name: str) -> Pool:
    """As open_pool, for callers that close it themselves."""
    return ConnectionPool(
        dsn,
        min_size=0,
        max_size=size,
        kwargs={"autocommit": True, "options": _BOUNDS, "prepare_threshold": 2},
        name=name,
        open=True,
        timeout=30.0,
        check=None,
    )
