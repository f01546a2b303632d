"""A node over HTTP: checks from memory, in an application of its own.

The body is the enforcement check's, about now alone. Council, then token, then role, then body, as
everywhere; and nothing at all from knowledge that is too old. A request that is sent again is
answered anew, with a record of its own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from threading import Event
from time import perf_counter
from typing import Any, cast

import msgspec
import structlog
from litestar import Litestar, Response, get, post
from litestar.datastructures import MutableScopeHeaders, State
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.types import Message, Scope
from msgspec import Raw, Struct

from ledger.refusals import NotFound, Refused
from projections.enforcement import Question
from services.check_batch import Shown
from services.identity.tokens import digest_of
from services.node.answering import KnowledgeTooOld, Node, NodeAnswer, NodeRequest
from services.node.journal import JournalFailed
from web import access, bodies
from web.app import HEADERS, answer_with_problem
from web.asking import BatchRequest, CheckRequest
from web.enforcement import UNKNOWN, device_of
from web.openapi import document
from web.operations import Asked, Call, Header, Operation, Site, request_id
from web.problems import MEDIA_TYPE, Reason, Wrong

CHECKS = "/api/v1/{council}/node/checks"
STATE = "/api/v1/{council}/node"
DEVICE = Header(name="X-Device", about="The camera or device, kept with the answer.")
_NO_NOTICE = "Do not issue a notice on this."
_encoder = msgspec.json.Encoder()
_log = structlog.get_logger("web")


class NodeChecked(Struct, frozen=True, kw_only=True):
    """The answer to one mark; None where it was refused instead."""

    mark: str
    answer: NodeAnswer | None
    refused: list[Reason]


class NodeStreet(Struct, frozen=True, kw_only=True):
    """An answer for each mark, in the order in which they were sent."""

    answers: list[NodeChecked]


class NodeState(Struct, frozen=True, kw_only=True):
    """What a node knows. `position` and `age_seconds` are None while it knows nothing.

    `answers`: whether it would answer now. `registrations`: covers held in memory.
    """

    node: str
    answers: bool
    position: int | None
    age_seconds: float | None
    age_limit: float
    registrations: int


class _Marked(Struct, frozen=True):
    """As NodeChecked, with the answer's own bytes."""

    mark: str
    answer: Raw | None
    refused: list[Reason]


class _Street(Struct, frozen=True):
    """As NodeStreet."""

    answers: list[_Marked]


def create_node_app(nodes: Mapping[str, Node]) -> Litestar:
    """The application that answers checks of these councils from memory."""
    return Litestar(
        route_handlers=[
            *(_route(nodes, each) for each in (_check, _check_batch)),
            *_plain(nodes),
        ],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=bodies.BYTES_MAX,
        exception_handlers={Exception: answer_with_problem},
        before_send=[_before_send],
        state=State({"stopping": Event()}),
    )


_Handler = Callable[[Node, Asked, bytes], Awaitable[bytes]]
_PATHS = {"_check": CHECKS, "_check_batch": f"{CHECKS}/batch"}


def _route(nodes: Mapping[str, Node], act: _Handler) -> HTTPRouteHandler:
    name = act.__name__

    async def handler(request: Asked, body: RawBody) -> Response[bytes]:
        cast(dict[str, Any], request.scope)["permit_started"] = perf_counter()
        node = _node(nodes, request)
        try:
            content = await act(node, request, body)
        except KnowledgeTooOld as error:
            raise Wrong("knowledge-too-old", f"Unknown: {error}. {_NO_NOTICE}") from error
        except JournalFailed as error:
            raise Wrong("unavailable", UNKNOWN) from error
        return Response(content=content, media_type="application/json")

    path = _PATHS[name].replace("}", ":str}")
    return post(path, name=f"node{name}", status_code=200)(handler)


def _node(nodes: Mapping[str, Node], request: Asked) -> Node:
    node = nodes.get(str(request.path_params["council"]))
    if node is None:
        raise NotFound("council")
    return node


async def _check(node: Node, asked: Asked, body: bytes) -> bytes:
    """Raises Refused with `vehicle.mark_invalid` or `eligibility.zone`."""
    officer = _officer(node, asked)
    request = bodies.decode(body, asked.headers.get("content-type", ""), CheckRequest)
    shown = await node.check(_asked(officer, asked, (request,), request.device_at))
    (only,) = shown
    if only.refused is not None:
        raise Refused([only.refused])
    return only.text


async def _check_batch(node: Node, asked: Asked, body: bytes) -> bytes:
    """A street of marks, or a camera's: an answer each, in order."""
    officer = _officer(node, asked)
    request = bodies.decode(body, asked.headers.get("content-type", ""), BatchRequest)
    shown = await node.check(_asked(officer, asked, request.checks, request.device_at))
    return _street(request, shown)


def _officer(node: Node, asked: Asked) -> str:
    """Whose token it is. Raises Wrong `not-signed-in`, `not-allowed`; KnowledgeTooOld."""
    kind, _, secret = asked.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if kind.lower() != "bearer" or not secret:
        raise Wrong("not-signed-in", "Send a token: Authorization: Bearer ...")
    token = node.admitted(digest_of(secret)) if secret.isascii() else None
    if token is None:
        raise Wrong("not-signed-in", "The token is unknown, has expired or was revoked.")
    if token.role not in access.CHECKERS:
        raise Wrong("not-allowed", f"This is for: {', '.join(sorted(access.CHECKERS))}.")
    return token.name


def _asked(
    officer: str, asked: Asked, checks: Sequence[CheckRequest], device_at: datetime | None
) -> NodeRequest:
    if any(each.at is not None or each.known_at is not None for each in checks):
        raise Wrong("invalid", "A node answers about now: at, known_at.", "body.not_now")
    return NodeRequest(
        questions=tuple(
            Question(typed=e.mark, zone=e.zone, at=None, known_at=None, bay=e.bay) for e in checks
        ),
        officer=officer,
        device=device_of(asked.headers.get("x-device", "")),
        device_at=device_at,
    )


def _street(request: BatchRequest, shown: Sequence[Shown]) -> bytes:
    marked = []
    for asked, each in zip(request.checks, shown, strict=True):
        if each.refused is None:
            marked.append(_Marked(asked.mark, Raw(each.text), []))
        else:
            reason = Reason(code=each.refused.code, detail=each.refused.detail)
            marked.append(_Marked(asked.mark, None, [reason]))
    return _encoder.encode(_Street(marked))


def _plain(nodes: Mapping[str, Node]) -> list[HTTPRouteHandler]:
    site = Site(councils={}, messages=None, sandbox=False, secure_cookies=True)
    described = _encoder.encode(document(OPERATIONS, site))

    @get("/openapi.json", name="openapi", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return Response(content=described, media_type="application/json")

    @get(STATE.replace("}", ":str}"), name="node_state", sync_to_thread=False)
    def state(request: Asked) -> Response[bytes]:
        content = _encoder.encode(_state(_node(nodes, request)))
        return Response(content=content, media_type="application/json")

    @get("/health", name="health", sync_to_thread=False)
    def health() -> Response[bytes]:
        """For whoever spreads requests over nodes: only one that would answer is well."""
        well = all(_state(node).answers for node in nodes.values())
        return Response(
            content=_encoder.encode({"status": "ok" if well else "knowledge too old"}),
            media_type="application/json" if well else MEDIA_TYPE,
            status_code=200 if well else 503,
        )

    return [openapi, state, health]


def _state(node: Node) -> NodeState:
    age, known = node.age(), node.follower.known
    fresh = age is not None and age <= node.age_limit and node.follower.failure is None
    return NodeState(
        node=node.journal.node,
        answers=fresh,
        position=None if known is None else known.position,
        age_seconds=None if age is None else round(age, 3),
        age_limit=node.age_limit,
        registrations=len(node.follower.table),
    )


def _on_the_loop(call: Call) -> object:
    """These operations are described here, and answered by the routes above."""
    raise AssertionError("a node has no councils to call")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path=CHECKS,
        name="node_check",
        about="Is this vehicle covered here, now? From memory, kept before it is answered.",
        roles=lambda site: access.CHECKERS,
        act=_on_the_loop,
        body=CheckRequest,
        answer=NodeAnswer,
        headers=(DEVICE,),
        problems=("refused", "knowledge-too-old"),
    ),
    Operation(
        method="POST",
        path=f"{CHECKS}/batch",
        name="node_check_batch",
        about="A street of marks, or a camera's: one answer each, from one moment's knowledge.",
        roles=lambda site: access.CHECKERS,
        act=_on_the_loop,
        body=BatchRequest,
        answer=NodeStreet,
        headers=(DEVICE,),
        problems=("refused", "knowledge-too-old"),
    ),
    Operation(
        method="GET",
        path=STATE,
        name="node_state",
        about="How much the node knows, how old that is, and whether it would answer.",
        roles=None,
        act=_on_the_loop,
        answer=NodeState,
    ),
)


async def _before_send(message: Message, scope: Scope) -> None:
    """Head every answer, and note it: never a mark or a name."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = request_id(scope)
    kept = cast(dict[str, Any], scope)
    started = kept.get("permit_started")
    _log.info(
        "answered",
        request=request_id(scope),
        route=str(getattr(kept.get("route_handler"), "name", None) or ""),
        status=message["status"],
        ms=None if started is None else round((perf_counter() - started) * 1000, 1),
    )
