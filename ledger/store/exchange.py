"""Prepared statements sent together: one message out, one answer back, however many they are.

A command needs two exchanges: `begin` with everything that is read, and everything that is written
with `commit`. psycopg's own pipeline sends each statement by itself as it is queued and costs what
it saves, so that this speaks to libpq. Whoever begins a transaction here always begins it by name:
the implicit transaction of a pipeline would commit what was sent before a mistake of ours.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import pack
from typing import TypeVar
from weakref import WeakKeyDictionary

from msgspec import Struct
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.generators import send
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from ledger.store.pool import Connection

TEXT, BINARY = 0, 1
BYTEA_OID, TEXT_OID = 17, 25
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

Parameter = bytes | None
T = TypeVar("T")


class Statement(Struct, frozen=True):
    """A statement with `$1` for its parameters, and the format of each: TEXT or BINARY."""

    name: bytes
    text: bytes
    formats: tuple[int, ...]


Sent = tuple[Statement, Sequence[Parameter]]


def statement(text: str | bytes, formats: tuple[int, ...] = ()) -> Statement:
    """A statement, from a text with `%s` for its parameters."""
    first, *others = (text.encode() if isinstance(text, str) else text).split(b"%s")
    assert len(others) == len(formats), "a format for each parameter"
    numbered = b"".join(b"$%d%s" % (n, part) for n, part in enumerate(others, start=1))
    whole = first + numbered
    return Statement(blake2b(whole, digest_size=12).hexdigest().encode(), whole, formats)


BEGIN = statement("begin")
COMMIT = statement("commit")

# What the server has prepared. psycopg may have it forget everything (`deallocate all`, after a
# `drop` through the same connection): `forget` is for that.
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


def forget(connection: Connection) -> None:
    """Prepare every statement anew on this connection."""
    _prepared.pop(connection, None)


def exchange(connection: Connection, sent: Sequence[Sent]) -> list[PGresult]:
    """The result of each statement, in binary. Raises psycopg's error of the first that failed.

    The statements after a failed one are not done. A `commit` that was none is an error as well.
    """
    if len(sent) == 1:
        return _checked([ask(connection, sent[0])], sent)
    try:
        with connection.lock:
            results = connection.wait(_exchanged(connection, sent))
    except BaseException:
        # Interrupted somewhere in the middle: nobody knows what is still to come on this line.
        connection.close()
        raise
    return _checked(results, sent)


def ask(connection: Connection, sent: Sent) -> PGresult:
    """The result of one statement by itself, in binary. Raises psycopg's error.

    libpq sends and waits in one call: a third of what a pipeline of one costs.
    """
    each, parameters = sent
    known = _prepared.setdefault(connection, set())
    with connection.lock:
        if each.name not in known:
            made = connection.pgconn.prepare(each.name, each.text)
            if made.status == ExecStatus.FATAL_ERROR:
                raise _error(connection, made)
            known.add(each.name)
        result = connection.pgconn.exec_prepared(
            each.name,
            parameters,  # type: ignore[arg-type]
            param_formats=each.formats,
            result_format=BINARY,
        )
    if result.status == ExecStatus.FATAL_ERROR:
        raise _error(connection, result)
    return result


def _error(connection: Connection, result: PGresult) -> errors.Error:
    """What the server said; of a line that was cut there is no code to tell it by."""
    error = errors.error_from_result(result)
    return errors.OperationalError(str(error)) if connection.closed else error


async def exchange_async(connection: Connection, sent: Sequence[Sent]) -> list[PGresult]:
    """As exchange, with the event loop going on meanwhile. The connection must be the caller's
    alone.
    """
    try:
        results = await _waited(_exchanged(connection, sent), connection.fileno())
    except BaseException:
        connection.close()
        raise
    return _checked(results, sent)


async def _waited(steps: PQGen[T], line: int) -> T:
    """What the steps come to. psycopg's own makes a task, an event and a timer for each of them."""
    loop = asyncio.get_running_loop()
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(await _ready(loop, line, wanted))
    except StopIteration as ended:
        found: T = ended.value
        return found


async def _ready(loop: asyncio.AbstractEventLoop, line: int, wanted: Wait) -> Ready:
    """For what the line is ready, of what is wanted."""
    ready: asyncio.Future[Ready] = loop.create_future()

    def tell(what: Ready) -> None:
        if not ready.done():
            ready.set_result(what)

    if wanted & Wait.R:
        loop.add_reader(line, tell, Ready.R)
    if wanted & Wait.W:
        loop.add_writer(line, tell, Ready.W)
    try:
        return await ready
    finally:
        if wanted & Wait.R:
            loop.remove_reader(line)
        if wanted & Wait.W:
            loop.remove_writer(line)


def _checked(results: list[PGresult], sent: Sequence[Sent]) -> list[PGresult]:
    failed = next((each for each in results if each.status == ExecStatus.FATAL_ERROR), None)
    if failed is not None:
        raise errors.error_from_result(failed)
    if sent[-1][0] is COMMIT and results[-1].command_status != b"COMMIT":
        raise errors.InFailedSqlTransaction("the transaction was rolled back instead")
    return results


def _exchanged(connection: Connection, sent: Sequence[Sent]) -> PQGen[list[PGresult]]:
    """One result for each statement, or fewer where one failed: that one is then the last."""
    pgconn = connection.pgconn
    known = _prepared.setdefault(connection, set())
    asked: list[bytes] = []
    pgconn.enter_pipeline_mode()
    for each, parameters in sent:
        if each.name not in known:
            pgconn.send_prepare(each.name, each.text)
            asked.append(each.name)
        asked.append(b"")
        pgconn.send_query_prepared(
            each.name, parameters, param_formats=each.formats, result_format=BINARY
        )
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results: list[PGresult] = []
    failed = False
    for preparing in asked:
        # The server answers all at once: there is seldom anything to wait for but the first.
        if pgconn.is_busy():
            yield from _received(pgconn)
        result = pgconn.get_result()
        assert result is not None, "a result for each statement"
        if pgconn.is_busy():
            yield from _received(pgconn)
        ended = pgconn.get_result()
        assert ended is None, "and only one"
        if failed:
            continue
        failed = result.status == ExecStatus.FATAL_ERROR
        if failed or not preparing:
            results.append(result)
        else:
            known.add(preparing)
    if pgconn.is_busy():
        yield from _received(pgconn)
    synchronised = pgconn.get_result()
    assert synchronised is not None, "the exchange ends where it was told to"
    pgconn.exit_pipeline_mode()
    return results


def _received(pgconn: PGconn) -> PQGen[None]:
    """Wait until the next result is there; psycopg's own generator asks the system again for every
    one that has come already.
    """
    while pgconn.is_busy():
        ready = yield Wait.R
        if ready:
            pgconn.consume_input()


def array(oid: int, items: Sequence[bytes]) -> bytes:
    """A one-dimensional array of text or bytea, in binary."""
    head = pack("!iiIii", 1, 0, oid, len(items), 1)
    return head + b"".join(pack("!i", len(item)) + item for item in items)


def instant(value: bytes) -> datetime:
    """A timestamptz in binary."""
    return _EPOCH + timedelta(microseconds=integer(value))


def integer(value: bytes) -> int:
    """A smallint, integer or bigint in binary."""
    return int.from_bytes(value, "big", signed=True)


def rows(result: PGresult) -> Iterable[tuple[Parameter, ...]]:
    """The values of each row, in binary."""
    columns = range(result.nfields)
    for row in range(result.ntuples):
        yield tuple(result.get_value(row, column) for column in columns)
