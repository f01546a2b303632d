"""emmett's PostgreSQL store: a Node process a client, which does its appends by itself.

Only the instants of beginning and end are told to it, and the count is told back, so that nothing
of ours is in what it is measured by. Both sides read the machine's one monotonic clock.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from scripts.benches.clients import ByItself
from scripts.benches.peers.installing import PLACE, path


def prepare(dsn: str) -> None:
    """Its tables and functions, in this database."""
    subprocess.run(
        _command(dsn, 0, "migrate"), cwd=PLACE, env=_environment(), check=True, timeout=60
    )


@contextmanager
def client(dsn: str, size: int) -> Iterator[ByItself]:
    """Appends of one event of that many bytes to a stream of its own."""
    process = subprocess.Popen(
        _command(dsn, size, "append"),
        cwd=PLACE,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said, told = process.stdout, process.stdin

    def until(begins: float, ends: float) -> int:
        told.write(f"{int(begins * 1e9)} {int(ends * 1e9)}\n")
        told.flush()
        return int(said.readline())

    try:
        if said.readline() != "ready\n":
            raise RuntimeError("emmett's client did not begin")
        yield ByItself(until)
    finally:
        process.kill()
        process.communicate()


def _command(dsn: str, size: int, act: str) -> list[str]:
    parts = conninfo_to_dict(dsn)
    host = str(parts.get("host", ""))
    user, name, port = parts.get("user", ""), parts["dbname"], parts.get("port", "5432")
    secret = f":{quote(str(parts['password']), safe='')}" if parts.get("password") else ""
    url = f"postgresql://{user}{secret}@{quote(host, safe='')}:{port}/{name}"
    return ["node", "emmett.mjs", url, str(size), act]


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": path()}
