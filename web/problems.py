"""What went wrong, as `application/problem+json` (RFC 9457): the only mapping there is.

`type` is `/problems/<name>`, `instance` names the request, and `errors` lists every reason as
`{code, detail}`. A problem never repeats what was sent, and a fault of ours says nothing of itself.
"""

from collections.abc import Sequence
from typing import Literal

import psycopg
from litestar.exceptions import HTTPException
from msgspec import Struct
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from ledger.refusals import ConcurrentChange, NotFound, Refused
from services.check_batch import TooManyLookups
from services.identity.limits import TooMany
from services.identity.pins import NotSignedIn

MEDIA_TYPE = "application/problem+json"

Name = Literal[
    "malformed",
    "invalid",
    "no-idempotency-key",
    "not-signed-in",
    "not-allowed",
    "not-found",
    "no-such-method",
    "too-slow",
    "busy",
    "too-large",
    "not-json",
    "refused",
    "too-many",
    "fault",
    "unavailable",
    "knowledge-too-old",
]

STATUSES: dict[Name, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "invalid": (400, "The request is not what this address takes"),
    "no-idempotency-key": (400, "A command needs an Idempotency-Key"),
    "not-signed-in": (401, "A valid token is needed"),
    "not-allowed": (403, "This token's role may not do that"),
    "not-found": (404, "There is no such thing here"),
    "no-such-method": (405, "This address has another method"),
    "too-slow": (408, "The request did not come in time"),
    "busy": (409, "Somebody else was faster; send the command again"),
    "too-large": (413, "The request is too large"),
    "not-json": (415, "The request's content type is not taken here"),
    "refused": (422, "The rules say no"),
    "too-many": (429, "Too many requests"),
    "fault": (500, "Something went wrong on our side"),
    "unavailable": (503, "The ledger cannot be reached"),
    "knowledge-too-old": (503, "What this node knows is too old to answer from"),
}


class Reason(Struct, frozen=True, kw_only=True):
    """One reason: a code that keeps its meaning for ever, and a sentence."""

    code: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """The body of every answer that is not what was asked for."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Reason]


class Wrong(Exception):
    """A request that the web turns away itself, before any rule is asked."""

    def __init__(self, name: Name, detail: str, code: str = "") -> None:
        self.name: Name = name
        self.detail = detail
        self.code = code
        super().__init__(name)


class Found(Struct, frozen=True, kw_only=True):
    """An error in the words of a problem, before it is known which request it is of."""

    name: Name
    detail: str
    errors: Sequence[Reason] = ()
    headers: dict[str, str] = {}


UNAVAILABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    PoolClosed,
    TooManyRequests,
)
_ROUTER: dict[int, Name] = {
    400: "malformed",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "no-such-method",
    413: "too-large",
    415: "not-json",
    429: "too-many",
    503: "unavailable",
}


def found(error: Exception) -> Found:
    """What an error is to whoever sent the request."""
    match error:
        case Refused():
            reasons = [Reason(code=each.code, detail=each.detail) for each in error.refusals]
            return Found(
                name="refused", detail="; ".join(r.detail for r in reasons), errors=reasons
            )
        case Wrong():
            reasons = [Reason(code=error.code, detail=error.detail)] if error.code else []
            headers = {"www-authenticate": "Bearer"} if error.name == "not-signed-in" else {}
            return Found(name=error.name, detail=error.detail, errors=reasons, headers=headers)
        case NotFound():
            return Found(name="not-found", detail=f"There is no such {error.kind} here.")
        case NotSignedIn():
            return Found(name="not-signed-in", detail="The address and the PIN do not go together.")
        case TooMany():
            seconds = max(1, int(error.again_in.total_seconds()))
            return Found(
                name="too-many",
                detail="This address was tried too often. Wait, and try again.",
                headers={"retry-after": str(seconds)},
            )
        case TooManyLookups():
            return Found(
                name="too-many",
                detail="You have looked up as many marks as an hour may have. It is noted.",
                headers={"retry-after": "600"},
            )
        case ConcurrentChange():
            return Found(
                name="busy",
                detail="The household was being changed. The same command and key may be resent.",
                headers={"retry-after": "1"},
            )
        case HTTPException():
            return _of_the_router(error)
        case _ if isinstance(error, UNAVAILABLE):
            return Found(
                name="unavailable",
                detail="The ledger did not answer. Nothing is known of what was asked.",
                headers={"retry-after": "5"},
            )
        case _:
            return Found(name="fault", detail="The request is noted under its instance.")


def _of_the_router(error: HTTPException) -> Found:
    """What the framework turned away, in our words: its own may repeat the request."""
    name = _ROUTER.get(error.status_code, "fault" if error.status_code >= 500 else "invalid")
    details: dict[Name, str] = {
        "not-found": "There is nothing at this address.",
        "no-such-method": "This address has another method.",
        "too-large": "A request may hold 65536 bytes.",
    }
    allow = {k.lower(): v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    return Found(name=name, detail=details.get(name, STATUSES[name][1] + "."), headers=allow)


def problem(what: Found, request_id: str) -> Problem:
    """The body for one request."""
    status, title = STATUSES[what.name]
    return Problem(
        type=f"/problems/{what.name}",
        title=title,
        status=status,
        detail=what.detail,
        instance=f"urn:uuid:{request_id}",
        errors=list(what.errors),
    )
