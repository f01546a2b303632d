"""Operations answered on the event loop, straight from what the server hands over.

An officer's check is asked more often than all else together, and finding its route, making its
objects and passing its answer through every layer costs more than answering it. So that what is
plainly right is read and answered here; whatever is not goes on to the framework as if nobody had
looked at it, and is turned away there, with every reason and in the usual order.

Source: design section 6 (the officer's check is the hot path).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from litestar.types import Receive, Send
from msgspec import Struct

from web.bodies import BYTES_MAX
from web.operations import Operation, Site, request_id
from web.problems import Wrong

COUNCIL = "{council}"
Headed = list[tuple[bytes, bytes]]
Scope = dict[str, Any]


class Settled(Struct, frozen=True):
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Failed = Callable[[Scope, Operation, Exception], Settled]
Note = Callable[[Scope, str, int], None]


class AtOnce:
    """The operations with a way of their own, by address.

    `headers` are those of every answer; `failed` says what an error is to whoever asked; `note`
    is told of each answer: its scope, its route and its status.
    """

    def __init__(
        self,
        site: Site,
        operations: Sequence[Operation],
        headers: Mapping[str, str],
        failed: Failed,
        note: Note,
    ) -> None:
        self._site = site
        self._failed = failed
        self._note = note
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._operations: dict[tuple[str, str], Operation] = {}
        for each in operations:
            if each.soon is not None:
                before, _, after = each.path.partition(COUNCIL)
                self._operations[before, after] = each
        self._befores = tuple({before for before, _ in self._operations})

    def of(self, scope: Scope) -> tuple[Operation, str] | None:
        """The operation that answers this request here, and the council's id in its address."""
        if scope["method"] != "POST" or scope["query_string"]:
            return None
        path: str = scope["path"]
        for before in self._befores:
            if path.startswith(before):
                council, slash, after = path[len(before) :].partition("/")
                found = self._operations.get((before, slash + after))
                if found is not None:
                    return found, council
        return None

    async def answered(
        self, scope: Scope, operation: Operation, council: str, receive: Receive, send: Send
    ) -> Receive | None:
        """None once it is answered; otherwise what gives the request again, from its beginning."""
        scope["permit_started"] = perf_counter()
        headers = _headers(scope["headers"])
        read: list[Any] = []
        try:
            body = await _body(read, receive)
        except Wrong as wrong:
            await self._send(scope, operation, self._failed(scope, operation, wrong), send)
            return None
        if headers is None or body is None:
            return _again(read, receive)
        assert operation.soon is not None, "it has a way of its own"
        try:
            content = await operation.soon(self._site, council, headers, body)
        except Exception as error:
            # Whatever it is, it is told as the problem that it is, as everywhere else.
            await self._send(scope, operation, self._failed(scope, operation, error), send)
            return None
        if content is None:
            return _again(read, receive)
        plain = {"content-type": operation.media_type}
        await self._send(scope, operation, Settled(operation.status, plain, content), send)
        return None

    async def _send(self, scope: Scope, operation: Operation, settled: Settled, send: Send) -> None:
        headers: Headed = [
            *((name.encode(), value.encode()) for name, value in settled.headers.items()),
            (b"content-length", b"%d" % len(settled.content)),
            *self._headers,
            (b"x-request-id", request_id(scope).encode()),
        ]
        await send({"type": "http.response.start", "status": settled.status, "headers": headers})
        await send({"type": "http.response.body", "body": settled.content, "more_body": False})
        self._note(scope, operation.name, settled.status)


def in_time(receive: Receive, seconds: float) -> Receive:
    """As `receive`, until the whole body is there; what comes after it may take any time.

    Raises Wrong `too-slow` where it is not there in so many seconds.
    """
    ends = asyncio.get_running_loop().time() + seconds
    whole = False

    async def received() -> Any:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError as error:
            raise Wrong("too-slow", "The request did not come in time.") from error
        whole = message["type"] != "http.request" or not message.get("more_body")
        return message

    return received


def _headers(sent: Sequence[tuple[bytes, bytes]]) -> dict[str, str] | None:
    """Each header by its name; None where one came twice, for it is not said which is meant."""
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent}
    return found if len(found) == len(sent) else None


async def _body(read: list[Any], receive: Receive) -> bytes | None:
    """The whole body; None where it is too long, or the sender is gone. `read`: what came."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        read.append(message)
        if message["type"] != "http.request":
            return None
        parts.append(message["body"])
        length += len(parts[-1])
        if length > BYTES_MAX:
            return None
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _again(read: Sequence[Any], receive: Receive) -> Callable[[], Awaitable[Any]]:
    """What gives the messages that were read already, and then those that come."""
    waiting = deque(read)

    async def received() -> Any:
        return waiting.popleft() if waiting else await receive()

    return received
