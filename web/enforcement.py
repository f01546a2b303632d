"""The officer's check over HTTP. A mark is in the body, never in an address that is logged.

Checks are answered on the event loop, many in one commit. Whatever is not plainly right there (a
token, a body, a header) goes the way of every other operation, which says what is wrong and in
which order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from ledger.refusals import Refusal, Refused
from projections.enforcement import CheckAnswer, Question
from services.check_batch import NotAdmitted, Request, Shown
from services.checking import check_at_once
from services.council import Council
from services.identity.tokens import Token, digest_of
from web import bodies
from web.access import CHECKERS, TIME_TRAVELLERS, Caller
from web.asking import BatchRequest, CheckRequest
from web.operations import Answered, Call, Site
from web.problems import Reason, Wrong

UNKNOWN = "Unknown: the ledger did not answer. Do not issue a notice on this."
DEVICE_MAX, KEY_MAX = 100, 200
_encoder = msgspec.json.Encoder()
T = TypeVar("T")


class _Marked(Struct, frozen=True):
    """As web.asking.CheckedMark, with the answer's own bytes."""

    mark: str
    answer: Raw | None
    refused: list[Reason]


class _Street(Struct, frozen=True):
    """As web.asking.CheckedMarks."""

    answers: list[_Marked]


def check(call: Call) -> Answered:
    """Raises Refused with `vehicle.mark_invalid` or `eligibility.zone`; Wrong `not-allowed`,
    `too-many`.
    """
    return Answered(content=_one(_asked(call, (call.body,), call.body.device_at)))


def check_batch(call: Call) -> Answered:
    """A street of marks: an answer each, in order. Raises Wrong `not-allowed`, `too-many`."""
    request: BatchRequest = call.body
    return Answered(content=_street(request, _asked(call, request.checks, request.device_at)))


async def check_soon(
    site: Site, council: str, headers: Mapping[str, str], body: bytes
) -> bytes | None:
    """The answer to a check on the event loop; None: it is to be turned away the other way."""
    found = _read(site, council, headers, body, CheckRequest)
    if found is None:
        return None
    there, request = found
    shown = await _soon(there, headers, request, (request,), request.device_at)
    return None if shown is None else _one(shown)


async def check_batch_soon(
    site: Site, council: str, headers: Mapping[str, str], body: bytes
) -> bytes | None:
    """As check_soon, for a street of marks."""
    found = _read(site, council, headers, body, BatchRequest)
    if found is None:
        return None
    there, request = found
    shown = await _soon(there, headers, request, request.checks, request.device_at)
    return None if shown is None else _street(request, shown)


def _read(
    site: Site, council: str, headers: Mapping[str, str], body: bytes, kind: type[T]
) -> tuple[Council, T] | None:
    there = site.councils.get(council)
    if there is None:
        return None
    try:
        return there, bodies.decode(body, headers.get("content-type", ""), kind)
    except Wrong:
        return None


async def _soon(
    council: Council,
    headers: Mapping[str, str],
    body: Struct,
    checks: Sequence[CheckRequest],
    device_at: datetime | None,
) -> list[Shown] | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or not secret.isascii():
        return None
    digest = digest_of(secret)
    try:
        device = device_of(headers.get("x-device", ""))
        key = key_of(headers.get("idempotency-key"), digest.hex())
    except Wrong:
        return None
    request = Request(
        questions=_questions(checks),
        secret=digest,
        admits=_admits_travellers if _travels(checks) else _admits,
        device=device,
        device_at=device_at,
        key=key,
        body_digest=_digest(body) if key else "",
        zones_known=True,
    )
    try:
        return await council.check_queue.ask(request)
    except NotAdmitted:
        return None


def _admits(token: Token) -> bool:
    return token.role in CHECKERS


def _admits_travellers(token: Token) -> bool:
    return token.role in CHECKERS and token.role in TIME_TRAVELLERS


def _asked(call: Call, checks: Sequence[CheckRequest], device_at: datetime | None) -> list[Shown]:
    travels = _travels(checks)
    if travels and call.by.role not in TIME_TRAVELLERS:
        raise Wrong(
            "not-allowed",
            f"Only staff and auditors may ask about another instant: {', '.join(travels)}.",
        )
    _, _, secret = call.headers.get("authorization", "").partition(" ")
    device = device_of(call.headers.get("x-device", ""))
    key = key_of(call.headers.get("idempotency-key"), digest_of(secret.strip()).hex())
    request = Request(
        questions=_questions(checks),
        officer=call.by.name,
        device=device,
        device_at=device_at,
        key=key,
        body_digest=_digest(call.body) if key else "",
        zones_known=True,
    )
    return check_at_once(call.council.checks, call.council.answering(), request)


def _travels(checks: Sequence[CheckRequest]) -> list[str]:
    return [
        name
        for name in ("at", "known_at")
        if any(getattr(each, name) is not None for each in checks)
    ]


def _questions(checks: Sequence[CheckRequest]) -> tuple[Question, ...]:
    return tuple(
        Question(typed=e.mark, zone=e.zone, at=e.at, known_at=e.known_at, bay=e.bay) for e in checks
    )


def _digest(body: Struct) -> str:
    return sha256(_encoder.encode(body)).hexdigest()


def _one(shown: Sequence[Shown]) -> bytes:
    (only,) = shown
    if only.refused is not None:
        raise Refused([only.refused])
    return only.text


def _street(request: BatchRequest, shown: Sequence[Shown]) -> bytes:
    return _encoder.encode(
        _Street(
            [
                _Marked(
                    asked.mark,
                    Raw(each.text) if each.refused is None else None,
                    []
                    if each.refused is None
                    else [Reason(code=each.refused.code, detail=each.refused.detail)],
                )
                for asked, each in zip(request.checks, shown, strict=True)
            ]
        )
    )


def answered(council: Council, caller: Caller, request: CheckRequest, device: str) -> CheckAnswer:
    """The answer, put on record under the caller's name."""
    refuse_unknown_zone(council, request.zone, request.at)
    return council.check(
        typed=request.mark,
        zone=request.zone,
        at=request.at,
        known_at=request.known_at,
        bay=request.bay,
        officer=caller.name,
        device=device,
    )


def refuse_unknown_zone(council: Council, zone: str, at: datetime | None) -> None:
    """A slip in the zone would read "no right": refused instead, where the zones are known."""
    scheme = council.editions.latest if at is None else council.scheme_at(at)
    if scheme.zones and scheme.zone(zone) is None:
        raise Refused([Refusal("eligibility.zone", "the scheme has no such zone")])


def device_of(text: str) -> str:
    """The header `X-Device`, for the look-up's record. Raises Wrong `invalid`."""
    if len(text) > DEVICE_MAX or not text.isprintable():
        raise Wrong(
            "invalid", f"X-Device has at most {DEVICE_MAX} visible characters.", "header.x_device"
        )
    return text


def key_of(text: str | None, whose: str) -> str:
    """The header `Idempotency-Key`, made the sender's own; "" where there is none.

    Raises Wrong `invalid`.
    """
    if text is None:
        return ""
    if not (0 < len(text) <= KEY_MAX and text.isascii() and text.isprintable()):
        raise Wrong(
            "invalid",
            f"Idempotency-Key is 1 to {KEY_MAX} visible ASCII characters.",
            "header.idempotency_key",
        )
    return sha256(f"{whose}/{text}".encode()).hexdigest()
