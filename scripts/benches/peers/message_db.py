"""message-db: its own SQL, as its package brings it, and one call of `write_message` an append.

The role it makes for others to log in as, and their grants, are left out: they are the server's,
and the bench is its database's owner. So is pgcrypto: what it was for is PostgreSQL's own now.

Called by the same client as our own append, with a
statement that is prepared once, a stream that is its own, and the version that it expects.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg

from ledger.store.pool import connect
from scripts.benches.clients import Step
from scripts.benches.peers.installing import PLACE

SQL = Path("node_modules", "@eventide", "message-db", "database")
_FUNCTIONS = (
    "message-store-version",
    "hash-64",
    "acquire-lock",
    "category",
    "is-category",
    "id",
    "cardinal-id",
    "stream-version",
    "write-message",
)
_FILES = (
    "schema/message-store",
    "tables/messages",
    "types/message",
    *(f"functions/{name}" for name in _FUNCTIONS),
    "indexes/messages-id",
    "indexes/messages-stream",
    "indexes/messages-category",
)


def prepare(dsn: str) -> None:
    """Its schema, in this database."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute("set search_path = message_store, public")
        for name in _FILES:
            connection.execute((PLACE / SQL / f"{name}.sql").read_bytes())


@contextmanager
def client(dsn: str, size: int) -> Iterator[Step]:
    """One message of that many bytes into a stream of the category of all clients."""
    data = json.dumps({"event": "x" * (size - 12)})
    with connect(dsn) as connection:
        connection.execute("set search_path = message_store, public")
        stream, versions = f"household-{uuid4()}", count(-1)

        def step() -> None:
            connection.execute(
                "select write_message(%s, %s, %s, %s::jsonb, null, %s)",
                (str(uuid4()), stream, "voucher_booked.v1", data, next(versions)),
                prepare=True,
            )

        yield step
