"""The application: operations become routes; every answer is counted, headed and noted.

A note of a request holds its method, its route and its status: never a mark, a name, an address or
a token, and of a fault only where it happened, for an error's text may repeat what was sent.
"""

import gzip
import re
import traceback
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, cast

import msgspec
import structlog
from litestar import Litestar, Response, get, post
from litestar.datastructures import MutableScopeHeaders, State
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.types import Message, Scope

from services.council import Council
from services.identity.messages import MessageSender
from web import bodies, officer
from web.access import caller_of, refuse_roles_but
from web.api import OPERATIONS
from web.asking import Health
from web.at_once import AtOnce, Settled, in_time
from web.openapi import document
from web.operations import (
    Answered,
    Asked,
    Call,
    Operation,
    Site,
    council_of,
    place_of,
    request_id,
    set_instant,
)
from web.pages import serving as pages
from web.places import OWN_MACHINE, Network
from web.problems import MEDIA_TYPE, STATUSES, UNAVAILABLE, Found, Wrong, found, problem

# A repeated command is told the same bytes: the receipt keeps the keys of its values in order.
_encoder = msgspec.json.Encoder(order="deterministic")
_log = structlog.get_logger("web")
# Commands that wait for connections hold all other threads; never these.
_for_checks = ThreadPoolExecutor(4, thread_name_prefix="checks")
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    # What is no page loads nothing and is framed nowhere; a page says itself what it may.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}
"""A year, for this address alone: what else the council has is not ours to speak for."""
BODY_SECONDS = 30.0
"""In which the whole of a body has come: who sends a byte a minute holds nobody up."""


def create_app(
    councils: Mapping[str, Council],
    *,
    messages: MessageSender | None = None,
    sandbox: bool = False,
    secure_cookies: bool = True,
    body_seconds: float = BODY_SECONDS,
    trusted: tuple[Network, ...] = OWN_MACHINE,
) -> Litestar:
    """The application that serves these councils.

    `messages` takes PINs for delivery; without it nobody signs in with one. `sandbox` lets
    residents say that a payment was made. `secure_cookies` False is for plain HTTP on one's own
    machine. A body that has not come in `body_seconds` is given up. `trusted`: the proxies that
    say for whom they ask.
    """
    site = Site(
        councils=councils,
        messages=messages,
        sandbox=sandbox,
        secure_cookies=secure_cookies,
        trusted=trusted,
    )
    headers = {**HEADERS, **(OVER_TLS if secure_cookies else {})}
    return Application(
        AtOnce(site, OPERATIONS, headers, failed_at_once, noted),
        body_seconds=body_seconds,
        route_handlers=[
            *(route(site, each) for each in OPERATIONS),
            *_plain(site),
            *officer.routes(site),
            *pages.routes(site),
        ],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=bodies.BYTES_MAX,
        exception_handlers={Exception: answer_with_problem},
        before_send=[heading(headers)],
        state=State({"stopping": site.stopping}),
    )


class Application(Litestar):
    """The framework's, but that some operations are answered before it hears of them."""

    def __init__(
        self, at_once: AtOnce, *, body_seconds: float = BODY_SECONDS, **options: Any
    ) -> None:
        super().__init__(**options)
        self.at_once = at_once
        self.body_seconds = body_seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One connection, as ASGI has it."""
        if scope["type"] == "http":
            receive = in_time(receive, self.body_seconds)
        if scope["type"] == "http" and (found := self.at_once.of(scope)) is not None:
            receive = await self.at_once.answered(scope, *found, receive, send)
            if receive is None:
                return
        await super().__call__(scope, receive, send)


def route(site: Site, operation: Operation) -> HTTPRouteHandler:
    """The route of an operation."""
    path = re.sub(r"{(\w+)}", r"{\1:str}", operation.path)

    def with_body(request: Asked, body: RawBody) -> Response[bytes]:
        return _answered(site, operation, request, body)

    def without_body(request: Asked) -> Response[bytes]:
        return _answered(site, operation, request, b"")

    if operation.soon is not None:
        return post(path, name=operation.name, status_code=operation.status)(
            _by_a_thread_for_checks(site, operation)
        )
    if operation.method == "POST":
        return post(path, name=operation.name, status_code=operation.status, sync_to_thread=True)(
            with_body
        )
    return get(path, name=operation.name, sync_to_thread=True)(without_body)


def _by_a_thread_for_checks(
    site: Site, operation: Operation
) -> Callable[[Asked, RawBody], Awaitable[Response[bytes]]]:
    """A handler for what was not answered at once."""

    async def handler(request: Asked, body: RawBody) -> Response[bytes]:
        loop = get_running_loop()
        return await loop.run_in_executor(_for_checks, _answered, site, operation, request, body)

    return handler


def _answered(site: Site, operation: Operation, request: Asked, body: bytes) -> Response[bytes]:
    """Council, then token, then role, then body: nobody learns from an error what they may not."""
    cast(dict[str, Any], request.scope)["permit_started"] = perf_counter()
    try:
        call = _call(site, operation, request, body)
        answer = operation.act(call)
    except UNAVAILABLE as error:
        if operation.unavailable:
            raise Wrong("unavailable", operation.unavailable) from error
        raise
    match answer:
        case Response():
            return answer
        case Answered():
            return _settled(operation, answer)
        case _:
            return Response(
                content=_encoder.encode(answer),
                media_type=operation.media_type,
                status_code=operation.status,
            )


def _settled(operation: Operation, answer: Answered) -> Response[bytes]:
    headers = {**answer.headers, "vary": "accept-encoding"}
    content = answer.content
    if answer.gzipped:
        content = gzip.compress(content, 6, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(
        content=content,
        media_type=operation.media_type,
        status_code=answer.status,
        headers=headers,
    )


def _call(site: Site, operation: Operation, request: Asked, body: bytes) -> Call:
    params = {name: str(value) for name, value in request.path_params.items()}
    council = council_of(site, params["council"])
    caller = None
    if operation.roles is not None:
        pool = council.checks if operation.on_checks else council.pool
        with pool.connection() as connection:
            authorization = request.headers.get("authorization")
            caller = caller_of(connection, council.schema, authorization, set_instant(council))
        refuse_roles_but(operation.roles(site), caller)
    decoded: Any = None
    if operation.body is not None:
        content_type = request.headers.get("content-type", "")
        decoded = bodies.decode(body, content_type, operation.body)
    asked = bodies.query(list(request.query_params.multi_items()), operation.query or _Nothing)
    return Call(
        site=site,
        council=council,
        caller=caller,
        params=params,
        headers=request.headers,
        body=decoded,
        query=asked,
        place=place_of(site, request),
    )


class _Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of an operation that takes none."""


def _plain(site: Site) -> list[HTTPRouteHandler]:
    described = _encoder.encode(document(OPERATIONS, site))

    @get("/openapi.json", name="openapi", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return Response(content=described, media_type="application/json")

    @get("/health", name="health", sync_to_thread=True)
    def health() -> Response[bytes]:
        for council in site.councils.values():
            with council.checks.connection() as connection:
                connection.execute("select 1")
            break
        return Response(content=_encoder.encode(Health()), media_type="application/json")

    return [openapi, health]


def answer_with_problem(request: Asked, error: Exception) -> Response[Any]:
    """Any error, as the problem that it is."""
    what = found(error)
    if what.name == "fault":
        name = _name(request.scope)
        _note_fault(request.scope, name, error)
        if name.startswith("officer_"):
            return officer.failed(request)
        if name.startswith("page_"):
            return pages.failed()
        what = _of_checks(next((each for each in OPERATIONS if each.name == name), None), what)
    if _is_of_a_page(request):
        return pages.failed(what.name)
    settled = _settled_problem(request.scope, what)
    return Response(
        content=settled.content,
        media_type=MEDIA_TYPE,
        status_code=settled.status,
        headers=what.headers,
    )


def _is_of_a_page(request: Asked) -> bool:
    """Whether a person's browser asked, for no address or no form that there is."""
    if _name(request.scope).startswith("page_"):
        return True
    reads = "text/html" in request.headers.get("accept", "")
    return reads and not _name(request.scope) and not request.url.path.startswith("/api/")


def failed_at_once(scope: dict[str, Any], operation: Operation, error: Exception) -> Settled:
    """As answer_with_problem, for an operation that was asked straight."""
    what = found(error)
    if what.name == "fault":
        _note_fault(scope, operation.name, error)
    if what.name in ("fault", "unavailable"):
        what = _of_checks(operation, what)
    return _settled_problem(scope, what)


def _settled_problem(scope: object, what: Found) -> Settled:
    status, _ = STATUSES[what.name]
    return Settled(
        status,
        {"content-type": MEDIA_TYPE, **what.headers},
        _encoder.encode(problem(what, request_id(scope))),
    )


def _of_checks(operation: Operation | None, what: Found) -> Found:
    """A check that failed is no answer, and says so."""
    if operation is None or not operation.unavailable:
        return what
    return Found(name=what.name, detail=operation.unavailable)


def _name(scope: Any) -> str:
    handler = scope.get("route_handler")
    return str(getattr(handler, "name", None) or "")


def _note_fault(scope: object, route: str, error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "fault",
        request=request_id(scope),
        route=route,
        kind=type(error).__name__,
        where=[f"{frame.name}:{frame.lineno}" for frame in frames[-6:]],
    )


def noted(scope: dict[str, Any], route: str, status: int) -> None:
    started = scope.get("permit_started")
    _log.info(
        "answered",
        request=request_id(scope),
        method=scope["method"],
        route=route,
        status=status,
        ms=None if started is None else round((perf_counter() - started) * 1000, 1),
    )


def heading(headers: Mapping[str, str]) -> Callable[[Message, Scope], Awaitable[None]]:
    """What heads every answer with these, where it has none of its own, and notes it."""

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        found = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            found.setdefault(name, value)
        found["x-request-id"] = request_id(scope)
        noted(cast(dict[str, Any], scope), _name(scope), message["status"])

    return before_send


before_send = heading(HEADERS)
