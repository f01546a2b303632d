"""An operation: one method of one address, who may use it, what it takes and what it answers.

The routes and the OpenAPI document are both made from these, so that they cannot differ.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from threading import Event
from typing import Any, Literal, cast
from uuid import uuid4

import msgspec
from litestar import Request
from msgspec import Struct

from ledger.refusals import NotFound
from services.council import Council
from services.identity.messages import MessageSender
from web.access import Caller, Roles
from web.background import Background
from web.places import OWN_MACHINE, Network, place
from web.problems import Name

Asked = Request[Any, Any, Any]


class Site(Struct, frozen=True, kw_only=True):
    """What is served: the councils by id, and how.

    `messages` None: nobody can sign in with a PIN. `sandbox`: residents may say that they paid.
    `stopping` is set when the server is to stop: what streams then ends. `background` does what
    takes longer than an answer may. `trusted`: the proxies that say for whom they ask.
    """

    councils: Mapping[str, Council]
    messages: MessageSender | None
    sandbox: bool
    secure_cookies: bool
    trusted: tuple[Network, ...] = OWN_MACHINE
    stopping: Event = msgspec.field(default_factory=Event)
    background: Background = msgspec.field(default_factory=Background)


class Header(Struct, frozen=True, kw_only=True):
    """A request header that an operation reads."""

    name: str
    about: str
    required: bool = False


class Call(Struct, frozen=True, kw_only=True):
    """One request, read and allowed. `body` and `query` are of the operation's types.

    `place` is where it came from.
    """

    site: Site
    council: Council
    caller: Caller | None
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    query: Any
    place: str = ""

    @property
    def by(self) -> Caller:
        """Who is asking; only for operations that ask for a token."""
        assert self.caller is not None, "an operation without roles has no caller"
        return self.caller


class Answered(Struct, frozen=True, kw_only=True):
    """An answer whose bytes are settled already, with headers of its own.

    `gzipped`: the client takes gzip, and these bytes are worth it.
    """

    content: bytes
    status: int = 200
    headers: dict[str, str] = {}
    gzipped: bool = False


Soon = Callable[[Site, str, Mapping[str, str], bytes], Awaitable[bytes | None]]
"""Takes the council's id, the headers by name in lower case, and the body as it came."""


class Operation(Struct, frozen=True, kw_only=True):
    """`path` is in OpenAPI's spelling. `roles` None: no token is asked for.

    `act` returns a value of the type `answer`, or that encoded as Answered, or a response that
    streams it in `media_type`. `other_media_types` are those that a client may ask for instead, as
    text. `not_modified`: it may answer 304, without a body.

    `problems` are those beside the ones that every operation can have. `unavailable` replaces what
    is said where the ledger did not answer, or failed. `soon` answers on the event loop what it can
    with the bytes of a 200; where it gives None, `act` is asked.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    about: str
    roles: Callable[[Site], Roles] | None
    act: Callable[[Call], object]
    answer: Any
    body: Any = None
    query: Any = None
    status: int = 200
    headers: tuple[Header, ...] = ()
    problems: tuple[Name, ...] = ()
    media_type: str = "application/json"
    other_media_types: tuple[str, ...] = ()
    not_modified: bool = False
    on_checks: bool = False
    unavailable: str = ""
    soon: Soon | None = None


def council_of(site: Site, name: str) -> Council:
    """The council of that id. Raises NotFound."""
    council = site.councils.get(name)
    if council is None:
        raise NotFound("council")
    return council


def place_of(site: Site, request: Asked) -> str:
    """Where a request came from, to count tries by."""
    peer = request.client.host if request.client else ""
    return place(peer, request.headers.getall("x-forwarded-for", []), site.trusted)


def set_instant(council: Council) -> datetime | None:
    """The instant of a council whose clock was set; None leaves it to the database's clock."""
    return council.clock() if council.clock else None


def request_id(scope: object) -> str:
    """The request's id, given when it is first asked for."""
    kept = cast(dict[str, Any], scope)
    if "permit_request_id" not in kept:
        kept["permit_request_id"] = uuid4().hex
    return str(kept["permit_request_id"])
