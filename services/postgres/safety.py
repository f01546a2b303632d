"""Whether a server keeps what it has acknowledged.

Source: design.md section 7; promises.md section 7 (fsync, full_page_writes, synchronous_commit,
data checksums).
"""

from typing import Any

import psycopg
from psycopg.rows import tuple_row

from services.postgres.faults import UnsafeServer


def refuse_unsafe_server(connection: psycopg.Connection[Any]) -> None:
    """Raise UnsafeServer, naming each of the four settings that is off for this connection.

    `synchronous_commit` can be off for one role or database only, so ask on a connection of the
    kind that will write. Its other values (local, remote_write, on, remote_apply) all wait for this
    server's disk. Without data checksums a page that the disk has changed is read as if it were
    right; `pg_checksums --enable` gives them to a server that is stopped.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "select name, setting from pg_settings where setting = 'off'"
            " and name in ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')"
        )
        off: dict[str, str] = dict(cursor.fetchall())
    if off:
        raise UnsafeServer(off)
