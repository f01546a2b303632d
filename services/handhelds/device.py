"""A device's side, as a model to follow: take a list, apply changes, answer without a line.

Nothing here asks the ledger. A list is replaced only once the new one is there, whole and signed.

Source: reference/enforcement-and-evidence.md, E.17; SI 2022/71, regulation 5 (grace).
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, structs

from ledger.values import parse_mark
from services.handhelds.lists import Terms, ZoneChanges, ZoneList
from services.handhelds.signing import PublicKeys, Untrusted, verified

Reason = Literal[
    "", "no_right", "not_started", "ended", "suspended_bay", "vehicle_excluded", "not_controlled"
]

Told = TypeVar("Told", ZoneList, ZoneChanges)


class Answer(Struct, frozen=True, kw_only=True):
    """What the device shows. `age` is how long ago the list was read: an answer is of then.

    `earliest_pcn_at`: at that very instant a notice is still barred, as in the ledger's answer.
    """

    covered: bool
    reason: Reason
    until: datetime | None
    earliest_pcn_at: datetime | None
    position: int
    read_at: datetime
    age: timedelta


class OutOfStep(Exception):
    """Changes that do not follow on from the list that is held: ask for the whole list."""


def taken(body: bytes, keys: PublicKeys, council: str, zone: str) -> ZoneList:
    """The list that a body holds. Raises Untrusted: then the list before it stays."""
    found = _decoded(verified(body, keys, "zone-list+json"), ZoneList)
    if (found.council, found.zone) != (council, zone):
        raise Untrusted("the list of another zone")
    return found


def applied(held: ZoneList, body: bytes, keys: PublicKeys) -> tuple[ZoneList, bool]:
    """The list with these changes, and whether there are more. Raises Untrusted, OutOfStep."""
    told = _decoded(verified(body, keys, "zone-changes+json"), ZoneChanges)
    if (told.council, told.zone) != (held.council, held.zone):
        raise Untrusted("the changes of another zone")
    if told.after != held.position:
        raise OutOfStep
    by_id = {entry.id: entry for entry in held.entries if entry.id not in set(told.gone)}
    by_id.update((entry.id, entry) for entry in told.entries)
    entries = sorted(by_id.values(), key=lambda each: (each.glyphs, each.covers_from, each.id))
    changed = structs.replace(
        held,
        position=told.position,
        read_at=told.read_at,
        terms=told.terms,
        entries=entries,
    )
    return changed, told.more


def _decoded(payload: bytes, kind: type[Told]) -> Told:
    """What was signed. Raises Untrusted where this device does not understand it."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.MsgspecError as error:
        raise Untrusted("a signed text in a form that is not known") from error


def keep(place: Path, held: ZoneList) -> None:
    """Put the list in a file's place in one step: a power cut leaves the old one or the new one."""
    beside = place.with_suffix(".part")
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(held))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)


def kept(place: Path) -> ZoneList:
    """The list in that place."""
    return msgspec.json.decode(place.read_bytes(), type=ZoneList)


def answer(held: ZoneList, typed: str, at: datetime, *, suspended: bool = False) -> Answer | None:
    """What the list says of a mark at an instant; None where the text is no mark."""
    mark = parse_mark(typed)
    if mark is None:
        return None
    own = [entry for entry in held.entries if entry.glyphs == mark.glyphs]
    covering = [entry for entry in own if entry.covers_from <= at < entry.covers_until]
    ended = max((e.covers_until for e in own if e.covers_until <= at), default=None)
    free = [entry.covers_until for entry in covering if not entry.limit]
    grace = timedelta(seconds=held.terms.grace_seconds)
    barred: datetime | None = None
    until: datetime | None = None
    reason: Reason
    if suspended and not held.terms.suspended_bays_covered:
        reason = "suspended_bay"
    elif free:
        reason, until = "", max(free)
    elif not controlled(held.terms, at):
        reason = "not_controlled"
    elif covering:
        reason = "vehicle_excluded"
    elif ended is not None and at <= ended + grace:
        reason, barred = "ended", ended + grace
    elif any(entry.covers_from > at for entry in own):
        reason = "not_started"
    else:
        reason = "no_right"
    return Answer(
        covered=reason in ("", "not_controlled"),
        reason=reason,
        until=until,
        earliest_pcn_at=barred,
        position=held.position,
        read_at=held.read_at,
        age=at - held.read_at,
    )


def controlled(terms: Terms, at: datetime) -> bool:
    """True where a permit is needed at that instant; a zone without hours always needs one."""
    local = at.astimezone(ZoneInfo(terms.time_zone))
    return not terms.hours or any(
        local.weekday() in hours.days
        and local.time() >= hours.begins
        and (local.time() < hours.ends or hours.ends.isoformat() == "00:00:00")
        for hours in terms.hours
    )
