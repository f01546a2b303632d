"""A node over HTTP: checks from memory, in an application of its own.

The body is the enforcement check's, about now alone. Council, then token, then role, then body, as
everywhere; and nothing at all from knowledge that is too old. A request that is sent again is
answered anew, with a record of its own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec
import structlog
from litestar import Litestar, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from msgspec import Raw, Struct, structs

from ledger.refusals import NotFound, Refused
from projections.enforcement import Question
from services.check_batch import Shown
from services.identity.tokens import digest_of
from services.node.answering import KnowledgeTooOld, Node, NodeAnswer, NodeRequest
from services.node.journal import JournalFailed
from web import access, bodies
from web.app import (
    HEADERS,
    Application,
    answer_with_problem,
    before_send,
    failed_at_once,
    noted,
)
from web.asking import BatchRequest, CheckRequest
from web.at_once import AtOnce
from web.enforcement import UNKNOWN, device_of
from web.openapi import document
from web.operations import Asked, Call, Header, Operation, Site, Soon
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
    site = Site(councils={}, messages=None, sandbox=False, secure_cookies=True)
    ways = (("node_check", _check), ("node_check_batch", _check_batch))
    acts = {name: _answering(nodes, act) for name, act in ways}
    operations = [structs.replace(each, soon=acts.get(each.name)) for each in OPERATIONS]
    return Application(
        AtOnce(site, operations, HEADERS, failed_at_once, noted),
        route_handlers=[
            *(_route(site, each, each.soon) for each in operations if each.soon is not None),
            *_plain(nodes, site),
        ],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=bodies.BYTES_MAX,
        exception_handlers={Exception: answer_with_problem},
        before_send=[before_send],
        state=State({"stopping": site.stopping}),
    )


_Act = Callable[[Node, Mapping[str, str], bytes], Awaitable[bytes]]


def _answering(nodes: Mapping[str, Node], act: _Act) -> Soon:
    """The way of an operation: all of it, whatever is wrong with the request."""

    async def soon(site: Site, council: str, headers: Mapping[str, str], body: bytes) -> bytes:
        node = nodes.get(council)
        if node is None:
            raise NotFound("council")
        try:
            return await act(node, headers, body)
        except KnowledgeTooOld as error:
            raise Wrong("knowledge-too-old", f"Unknown: {error}. {_NO_NOTICE}") from error
        except JournalFailed as error:
            raise Wrong("unavailable", UNKNOWN) from error

    return soon


def _route(site: Site, operation: Operation, soon: Soon) -> HTTPRouteHandler:
    """For what was not answered at once: a header that came twice, a body that is too long."""

    async def handler(request: Asked, body: RawBody) -> Response[bytes]:
        council = str(request.path_params["council"])
        content = await soon(site, council, request.headers, body)
        return Response(content=content or b"", media_type="application/json")

    path = operation.path.replace("}", ":str}")
    return post(path, name=operation.name, status_code=operation.status)(handler)


def _node(nodes: Mapping[str, Node], request: Asked) -> Node:
    node = nodes.get(str(request.path_params["council"]))
    if node is None:
        raise NotFound("council")
    return node


async def _check(node: Node, headers: Mapping[str, str], body: bytes) -> bytes:
    """Raises Refused with `vehicle.mark_invalid` or `eligibility.zone`."""
    officer = _officer(node, headers)
    request = bodies.decode(body, headers.get("content-type", ""), CheckRequest)
    shown = await node.check(_asked(officer, headers, (request,), request.device_at))
    (only,) = shown
    if only.refused is not None:
        raise Refused([only.refused])
    return only.text


async def _check_batch(node: Node, headers: Mapping[str, str], body: bytes) -> bytes:
    """A street of marks, or a camera's: an answer each, in order."""
    officer = _officer(node, headers)
    request = bodies.decode(body, headers.get("content-type", ""), BatchRequest)
    shown = await node.check(_asked(officer, headers, request.checks, request.device_at))
    return _street(request, shown)


def _officer(node: Node, headers: Mapping[str, str]) -> str:
    """Whose token it is. Raises Wrong `not-signed-in`, `not-allowed`; KnowledgeTooOld."""
    kind, _, secret = headers.get("authorization", "").partition(" ")
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
    officer: str,
    headers: Mapping[str, str],
    checks: Sequence[CheckRequest],
    device_at: datetime | None,
) -> NodeRequest:
    if any(each.at is not None or each.known_at is not None for each in checks):
        raise Wrong("invalid", "A node answers about now: at, known_at.", "body.not_now")
    return NodeRequest(
        questions=tuple(
            Question(typed=e.mark, zone=e.zone, at=None, known_at=None, bay=e.bay) for e in checks
        ),
        officer=officer,
        device=device_of(headers.get("x-device", "")),
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


def _plain(nodes: Mapping[str, Node], site: Site) -> list[HTTPRouteHandler]:
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
        unavailable=UNKNOWN,
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
        unavailable=UNKNOWN,
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
