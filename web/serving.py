"""Serving over HTTP: one process, HTTP/1, a pool of threads, and a stop that ends what is running.

The application is plain ASGI; TLS and the outside world are a proxy's work.
"""

import asyncio
import gc
import logging
import resource
import signal
import sys
from collections.abc import Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import msgspec
import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server
from litestar import Litestar

from ledger.scheme.loading import built_in
from services.council import Council
from services.identity.messages import MessageSender
from web.app import create_app
from web.pages import rendering
from web.places import OWN_MACHINE, Network

THREADS = 24
CONNECTIONS_MAX = 2_048
"""At once; who comes beyond them waits among BACKLOG. A proxy limits them for each address."""
BACKLOG = 1_024
HEADER_MILLISECONDS = 15_000
"""In which the head of a request has come; as long a connection without one is kept."""
BUFFER_BYTES = 65_536
"""Of a request's head, at most."""
FILES_BESIDE = 256
_encoder = msgspec.json.Encoder(enc_hook=repr)


def serve(
    councils: Mapping[str, Council],
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    threads: int = THREADS,
    messages: MessageSender | None = None,
    sandbox: bool = False,
    secure_cookies: bool = True,
    trusted: tuple[Network, ...] = OWN_MACHINE,
) -> None:
    """Serve until SIGINT or SIGTERM; requests that are running are answered before it returns.

    To be called on the main thread. The councils' pools stay the caller's to close.
    """
    app = create_app(
        councils,
        messages=messages,
        sandbox=sandbox,
        secure_cookies=secure_cookies,
        trusted=trusted,
    )
    # Nobody waits for what is made once: a second now, and not of the first visitor's.
    rendering.warm()
    built_in()
    serve_app(app, host, port, threads)


def serve_app(app: Litestar, host: str, port: int, threads: int = THREADS) -> None:
    """As serve, for an application that is made already."""
    set_up_notes()
    _make_room()
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            keep_alive=True,
            header_read_timeout=HEADER_MILLISECONDS,
            max_buffer_size=BUFFER_BYTES,
        ),
        backlog=BACKLOG,
        backpressure=CONNECTIONS_MAX,
        websockets=False,
        log_enabled=True,
        log_level=LogLevels.error,
        log_access=False,
    )
    # What is loaded by now stays: it is not looked through again at every collection, while checks
    # wait.
    gc.collect()
    gc.freeze()
    asyncio.run(_served(server, threads, app.state.stopping))


def _make_room() -> None:
    """Let this process have as many files open as it has connections, where the machine lets it."""
    needed = CONNECTIONS_MAX + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _served(server: Server, threads: int, stopping: Event) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # Streams would go on for minutes, and the server waits for whatever is running.
        stopping.set()
        server.stop()  # type: ignore[no-untyped-call]

    with ThreadPoolExecutor(threads, thread_name_prefix="request") as executor:
        loop.set_default_executor(executor)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await server.serve()


def set_up_notes() -> None:
    """Notes as one JSON object a line on standard error, at their instant in UTC."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _in_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _in_json(_logger: object, _level: str, note: MutableMapping[str, Any]) -> bytes:
    return _encoder.encode(note)
