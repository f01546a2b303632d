"""`permit-ledger node`: checks from memory for fleets of cameras, and the look-ups they made.

The node reads a primary or a replica and writes to neither. Given a primary as well, it sends what
it answered as look-ups every few seconds; without, `permit-ledger node upload` does, when there is
a line.
"""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Annotated

import psycopg
from cyclopts import App, Parameter

from ledger.refusals import LedgerError
from ledger.scheme.loading import built_in
from ledger.store.migrating import schema_name
from ledger.store.pool import connect
from scripts.settings import data_folder, database
from scripts.wrong import Wrong
from services.councils import chosen
from services.node.answering import AGE_LIMIT, Node
from services.node.following import Follower
from services.node.journal import Journal, JournalBroken
from services.node.uploading import upload as send

UPLOAD_SECONDS = 5.0
_logger = logging.getLogger(__name__)

node = App(name="node", help="Answer checks from memory, for fleets of cameras.")


@node.default
def serve(
    *,
    council: tuple[str, ...] = (),
    from_: Annotated[str, Parameter(name="--from")] = "",
    to: str = "",
    journal: Path | None = None,
    age_limit: float = AGE_LIMIT,
    host: str = "127.0.0.1",
    port: int = 8090,
) -> int:
    """Follow councils' ledgers and answer checks about now from memory, until told to stop.

    Parameters
    ----------
    council
        The id of its scheme; may be given several times (default: every live council).
    from_
        The database to read, a primary or a replica (default: as for every other command).
    to
        The primary to which answers are sent as look-ups (default: the database that is read,
        unless --from names it).
    journal
        The folder that holds every answer before it leaves (default: node, beside the data).
    age_limit
        In seconds: from older knowledge nothing is answered.
    host
        The address to listen on.
    port
        And the port.
    """
    if not age_limit > 0:
        raise Wrong("--age-limit is a number of seconds above 0")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    source = from_ or database(os.environ)
    to = to or ("" if from_ else source)
    with ExitStack() as stack:
        try:
            nodes = dict(_nodes(stack, council, source, _folder(journal), age_limit))
        except JournalBroken as error:
            _say(str(error))
            return 1
        stop, early = Event(), Event()
        # Until the server has handlers of its own: a stop before that is not lost.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: early.set())
        for name, each in nodes.items():
            stack.enter_context(_running(stop, f"follow {name}", _follow, each.follower, stop))
        if to:
            stack.enter_context(_running(stop, "upload", _uploading, nodes, to, stop))
        # Imported here: the server's library is of weight.
        from web.node import create_node_app
        from web.serving import serve_app

        if not early.is_set():
            serve_app(create_node_app(nodes), host, port)
        stop.set()
    failed = [each.follower for each in nodes.values() if each.follower.failure is not None]
    for follower in failed:
        _say(f"{follower.council}: {follower.failure}")
    return 1 if failed else 0


@node.command
def upload(*, council: tuple[str, ...] = (), journal: Path | None = None, to: str = "") -> int:
    """Send what a node answered to its councils' look-ups, each answer once.

    Parameters
    ----------
    council
        The id of its scheme; may be given several times (default: each that has a journal).
    journal
        The folder that the node keeps its answers in (default: node, beside the data).
    to
        The primary (default: the database of every other command).
    """
    folder = _folder(journal)
    there = sorted(each.name for each in folder.glob("*") if each.is_dir())
    names = list(council) or there
    for name in names:
        if name not in there:
            raise Wrong(f"{folder} has no journal of {name} (there are: {', '.join(there)})")
    with connect(to or database(os.environ)) as connection:
        for name in names:
            try:
                sent = send(connection, schema_name(name), folder / name)
            except JournalBroken as error:
                _say(f"{name}: {error}")
                return 1
            sys.stdout.write(f"{name}: {sent} look-ups sent\n")
    return 0


def _nodes(
    stack: ExitStack, names: tuple[str, ...], source: str, folder: Path, age_limit: float
) -> Iterator[tuple[str, Node]]:
    """A node for each council. Raises NotFound, JournalBroken."""
    for name, editions in chosen(built_in(), names or None).items():
        journal = Journal(folder / name)
        stack.callback(journal.close)
        follower = Follower(name, schema_name(name), source)
        yield name, Node(follower, editions, journal, age_limit)


@contextmanager
def _running(stop: Event, name: str, act: object, *given: object) -> Iterator[None]:
    assert callable(act)
    thread = Thread(target=act, args=given, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def _follow(follower: Follower, stop: Event) -> None:
    """Follow until told to stop; whatever else ends it ends the node, for all to see."""
    try:
        follower.run(stop)
    except (LedgerError, psycopg.Error) as error:
        _logger.error("%s: stopped: %s", follower.council, str(error).strip())
        while not stop.is_set():
            # Again and again: the server may only just be starting.
            os.kill(os.getpid(), signal.SIGTERM)
            stop.wait(1.0)


def _uploading(nodes: dict[str, Node], to: str, stop: Event) -> None:
    """Send what was answered, every few seconds and once more at the end."""
    ended = False
    while not ended:
        ended = stop.wait(UPLOAD_SECONDS)
        try:
            with connect(to) as connection:
                for name, each in nodes.items():
                    send(connection, schema_name(name), each.journal.folder)
        except (psycopg.Error, JournalBroken) as error:
            _logger.warning("nothing sent: %s", str(error).strip())


def _folder(named: Path | None) -> Path:
    return named or data_folder(os.environ).resolve().parent / "node"


def _say(detail: str) -> None:
    sys.stderr.write(f"permit-ledger: {detail}\n")
