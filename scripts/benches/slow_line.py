"""A line to PostgreSQL that takes its time: what goes in comes out a while later, each way.

A thread for each direction of each connection: it takes what there is, waits, and passes it on.
The answer to one exchange of a client is never in the way of another's.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_BYTES = 1 << 18


@contextmanager
def slow_line(dsn: str, seconds: float) -> Iterator[str]:
    """The DSN of a way to that server that takes so long in each direction. Raises OSError."""
    where = conninfo_to_dict(dsn)
    host, port = str(where.get("host") or "localhost"), str(where.get("port") or "5432")
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder) / f".s.PGSQL.{port}"))
        listener.listen()
        threading.Thread(target=_accept, args=(listener, host, port, seconds), daemon=True).start()
        yield make_conninfo(dsn, host=folder, port=port)
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, host: str, port: str, seconds: float) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        try:
            server = _connected(host, port)
        except OSError:
            client.close()
            continue
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_pass_on, args=(source, sink, seconds), daemon=True).start()


def _connected(host: str, port: str) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, int(port)))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


def _pass_on(source: socket.socket, sink: socket.socket, seconds: float) -> None:
    with suppress(OSError):
        while more := source.recv(_BYTES):
            time.sleep(seconds)
            sink.sendall(more)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
