"""Lists for handhelds over HTTP: whole, changed since, as a stream; and decisions sent later.

A list is answered gzipped where the client takes that, and with an `ETag`: asked again with
`If-None-Match`, an unchanged one is a 304 without a body. The protocol of a device is told in
`services/handhelds/__init__.py`.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

import msgspec
from litestar.response import Stream
from msgspec import Meta

from ledger.rules.covering import Bay, Reason
from services.handhelds import decisions, lists
from services.handhelds.decisions import Decision, Kept
from services.handhelds.lists import Given, Reader, UnknownPosition
from services.handhelds.signing import PublicKeys, Signed, public_keys
from web import access
from web.asking import Asking, Instant, Mark
from web.enforcement import device_of, refuse_unknown_zone
from web.operations import Answered, Call, Header, Operation
from web.problems import Wrong

ZONE = "/api/v1/{council}/enforcement/zones/{zone}"
POSITION_MAX = 2**63 - 1
STREAM_SECONDS_MAX = 300
POLL_SECONDS = 1.0
Position = Annotated[int, Meta(ge=0, le=POSITION_MAX)]

DEVICE = Header(name="X-Device", about="The officer's device, kept with what it is given.")
HELD = Header(name="If-None-Match", about="The ETag of the list that the device holds.")


class After(Asking, frozen=True, kw_only=True):
    """The position of the list that the device holds."""

    after: Position


class Following(After, frozen=True, kw_only=True):
    """The stream ends after so many seconds: connect again, from the last position told."""

    after: Position = 0
    seconds: Annotated[int, Meta(ge=1, le=STREAM_SECONDS_MAX)] = 60


class OfflineDecision(Asking, frozen=True, kw_only=True):
    """What the device showed while off line, from the list at `position`.

    `decision` is an id of the device's own; the same decision may be sent any number of times.
    """

    decision: Annotated[str, Meta(pattern="^[A-Za-z0-9._:-]{1,64}$")]
    zone: Annotated[str, Meta(min_length=1, max_length=32)]
    mark: Mark
    position: Position
    decided_at: Instant
    sent_at: Instant
    covered: bool
    reason: Reason = ""
    bay: Bay = ""


def keys(call: Call) -> PublicKeys:
    with call.council.pool.connection() as connection:
        return public_keys(connection, call.council.schema)


def snapshot(call: Call) -> Answered:
    """Raises Refused with `eligibility.zone`."""
    zone = _zone(call)
    given = lists.whole(call.council, zone, _reader(call), _held(call))
    return _answered(call, given)


def deltas(call: Call) -> Answered:
    """Raises Refused with `eligibility.zone`; Wrong `invalid` for a position there is not yet."""
    zone = _zone(call)
    try:
        given = lists.changes(call.council, zone, call.query.after, _reader(call), even_none=True)
    except UnknownPosition as error:
        raise _ahead() from error
    return _answered(call, given)


def stream(call: Call) -> Stream:
    """Changes as they come. Raises as `deltas` does, before anything is sent."""
    zone, reader = _zone(call), _reader(call)
    after: int = call.query.after
    last = call.headers.get("last-event-id", "")
    if last.isascii() and last.isdigit() and int(last) <= POSITION_MAX:
        after = int(last)
    try:
        first = lists.changes(call.council, zone, after, reader, even_none=False)
    except UnknownPosition as error:
        raise _ahead() from error
    return Stream(_events(call, zone, reader, after, first), media_type="text/event-stream")


async def _events(
    call: Call, zone: str, reader: Reader, after: int, given: Given
) -> AsyncIterator[bytes]:
    """An event for each change of the zone, with its position as its id; a comment when silent.

    Each goes on from what was told last, never from where a silent look had come to: that is the
    position which the device holds.
    """
    ends = monotonic() + call.query.seconds
    yield b"retry: 1000\n\n"
    while True:
        if given.signed is None:
            yield b": nothing new\n\n"
        else:
            after = given.position
            # JSON has no line breaks of its own: an event is one line of data.
            text = msgspec.json.encode(given.signed)
            yield b"event: changes\nid: %d\ndata: %s\n\n" % (given.position, text)
        if monotonic() >= ends or call.site.stopping.is_set():
            return
        await asyncio.sleep(min(POLL_SECONDS, max(0.0, ends - monotonic())))
        given = await asyncio.to_thread(
            lists.changes, call.council, zone, after, reader, even_none=False
        )


def decide(call: Call) -> Kept:
    """Raises Refused: `vehicle.mark_invalid`, `eligibility.zone`,
    `key.reused_for_another_command`.
    """
    request: OfflineDecision = call.body
    refuse_unknown_zone(call.council, request.zone, request.decided_at)
    decision = Decision(
        decision_id=request.decision,
        zone=request.zone,
        typed=request.mark,
        position=request.position,
        decided_at=request.decided_at,
        sent_at=request.sent_at,
        covered=request.covered,
        reason=request.reason,
        bay=request.bay,
    )
    return decisions.keep(call.council, decision, _reader(call))


def _zone(call: Call) -> str:
    zone = call.params["zone"]
    refuse_unknown_zone(call.council, zone, None)
    return zone


def _reader(call: Call) -> Reader:
    return Reader(officer=call.by.name, device=device_of(call.headers.get("x-device", "")))


def _held(call: Call) -> str:
    """The tag in `If-None-Match`; it is a weak one, as the same list is signed anew each time."""
    return call.headers.get("if-none-match", "").removeprefix("W/").strip('"')


def _ahead() -> Wrong:
    return Wrong(
        "invalid", "The ledger has not come to that position. Take the whole list.", "query.after"
    )


def _answered(call: Call, given: Given) -> Answered:
    etag = f'W/"{given.tag}"'
    if given.signed is None:
        return Answered(content=b"", status=304, headers={"etag": etag})
    return Answered(
        content=msgspec.json.encode(given.signed),
        headers={"etag": etag, "x-position": str(given.position)},
        gzipped="gzip" in call.headers.get("accept-encoding", ""),
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/api/v1/{council}/enforcement/keys",
        name="signing_keys",
        about="The public keys that lists for handhelds are verified with, as a JWK set.",
        roles=None,
        act=keys,
        answer=PublicKeys,
    ),
    Operation(
        method="GET",
        path=f"{ZONE}/snapshot",
        name="zone_snapshot",
        about="Every active registration of a zone, signed: what a device holds without a line.",
        roles=lambda site: access.CHECKERS,
        act=snapshot,
        answer=Signed,
        headers=(DEVICE, HELD),
        problems=("refused",),
        not_modified=True,
    ),
    Operation(
        method="GET",
        path=f"{ZONE}/deltas",
        name="zone_deltas",
        about="What changed in a zone after the position of the list that is held, signed.",
        roles=lambda site: access.CHECKERS,
        act=deltas,
        query=After,
        answer=Signed,
        headers=(DEVICE,),
        problems=("refused",),
    ),
    Operation(
        method="GET",
        path=f"{ZONE}/stream",
        name="zone_stream",
        about="The same changes as server-sent events named `changes`; the id is the position.",
        roles=lambda site: access.CHECKERS,
        act=stream,
        query=Following,
        answer=Signed,
        media_type="text/event-stream",
        headers=(
            DEVICE,
            Header(name="Last-Event-ID", about="The last position told; instead of `after`."),
        ),
        problems=("refused",),
    ),
    Operation(
        method="POST",
        path="/api/v1/{council}/enforcement/offline-decisions",
        name="offline_decision",
        about="What a device decided off line, sent later: kept as a look-up with its own times.",
        roles=lambda site: access.CHECKERS,
        act=decide,
        body=OfflineDecision,
        answer=Kept,
        headers=(DEVICE,),
        problems=("refused",),
    ),
)
