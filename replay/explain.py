"""Why a vehicle was covered or not, in sentences: the closest right, how it came about, and when.

The officer's own question is asked of what is known now about that instant; then the facts behind
the right it rests on, or that came nearest, are told. Times are local to the scheme's zone, and
each sentence names its event as `[household/version]`.

Source: design, sections 1 and 5; scenario G-033; X-101, X-102.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.events import BookingCancelled, Recorded, VehicleSwitched
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.values import Mark, parse_mark
from projections import active_registrations, enforcement
from projections.enforcement import LONG_AGO, CheckAnswer, Question, RightShown
from replay.folding import household_facts, snapshot
from replay.origins import origin, thing
from replay.wording import clock, end, moment, near, swapped
from services.council import Council


class Withdrawn(Struct, frozen=True):
    """A cover of this plate that held the instant until it was cancelled or given to another mark.

    `now_shown` is that other mark, and empty where it was cancelled.
    """

    household_id: str
    kind: str
    zone: str
    covers_from: datetime
    known_until: datetime
    now_shown: str
    cover_id: str


class _Asked(Struct, frozen=True):
    """What is being explained, and where its facts are read."""

    connection: Connection
    schema: str
    scheme: Scheme
    mark: Mark
    zone: str
    at: datetime
    now: datetime

    @property
    def tz(self) -> ZoneInfo:
        return self.scheme.tz


def explain(council: Council, mark: str, zone: str, at: datetime) -> list[str]:
    """Sentences, the answer first; of a mark in doubt that alone.

    Raises Refused with `vehicle.mark_invalid`.
    """
    with snapshot(council.ledger) as connection:
        now = council.now(connection)
        scheme = council.scheme_at(at)
        answered = enforcement.answer(
            connection,
            council.schema,
            scheme,
            Question(typed=mark, zone=zone, at=at, known_at=max(now, at)),
        )
        parsed = parse_mark(mark)
        assert parsed is not None
        asked = _Asked(connection, council.schema, scheme, parsed, zone, at, max(now, at))
        if answered.covered is None:
            return [f"{answered.mark}: nothing can be told, as it is in doubt: {answered.hint}"]
        return [_verdict(asked, answered), *_why(asked, answered), *_others(asked, answered)]


def _verdict(asked: _Asked, answered: CheckAnswer) -> str:
    was = "was" if answered.covered else "was not"
    place = f"in zone {asked.zone} at {moment(asked.at, asked.tz)}"
    said = f"{answered.mark} {was} covered {place}"
    match answered.reason:
        case "not_controlled":
            return f"{said}: nobody needs a permit there at that time"
        case "suspended_bay":
            return f"{said}: the bay was suspended"
        case "no_right":
            return f"{said}: no right of this mark is known there"
    if answered.covered and answered.until is not None:
        same = " (O and 0, I and 1 are one glyph)" if answered.match == "same_glyphs" else ""
        return f"{said}, until {end(answered.until, asked.tz)}{same}"
    return said


def _why(asked: _Asked, answered: CheckAnswer) -> Iterator[str]:
    """The right behind the answer, or the nearest to it, and how it came about."""
    right = answered.right
    if right is None:
        return
    known = household_facts(asked.connection, asked.schema, right.household)
    fact = next((fact for fact in known if fact.originator_version == right.version), None)
    assert fact is not None, "a registration without its fact"
    named = thing(right.kind, right.product, asked.scheme)
    begins = near(right.covers_from, asked.at, asked.tz)
    told = origin(fact, right.covers_from, asked.at, asked.tz)
    match answered.reason:
        case "not_started":
            yield _cited(f"{named} begins only at {begins}: {told}", fact)
        case "ended":
            yield _cited(f"{named} ended at {near(right.covers_until, asked.at, asked.tz)}", fact)
            yield _cited(told, fact)
            if answered.earliest_pcn_at is not None:
                after = near(answered.earliest_pcn_at, asked.at, asked.tz)
                yield f"A notice is barred up to and at {after}"
        case "wrong_zone":
            yield _cited(f"{named} was for zone {right.zone}: {told}", fact)
        case "not_active":
            yield _cited(f"It is on the list of {_lower(named)}, and was not the active one", fact)
            yield from _switches(asked, known, right.holding)
        case "vehicle_excluded":
            limit = answered.limit.replace("_", " ")
            yield _cited(f"{named} gives no cover to a vehicle over the limit of {limit}", fact)
        case _:
            first = _known_then(asked, known, right)
            if first is not None and first is not fact:
                origin_then = origin(first, right.covers_from, asked.at, asked.tz)
                yield _cited(f"{named} covered it: {origin_then}", first)
                yield _cited(f"Its end was recorded later: {told}", fact)
                return
            yield _cited(f"{named} covered it: {told}", fact)
            if fact.recorded_at > asked.at:
                recorded = moment(fact.recorded_at, asked.tz)
                yield _cited(f"This was recorded only at {recorded}, after that instant", fact)


def _known_then(asked: _Asked, known: list[Recorded], right: RightShown) -> Recorded | None:
    """The fact that gave the cover, where it was recorded by that instant and one recorded after
    it only says when the cover ended.
    """
    if not any(fact.recorded_at > asked.at for fact in known if _gives(fact, asked, right)):
        return None
    return next(
        (fact for fact in known if fact.recorded_at <= asked.at and _gives(fact, asked, right)),
        None,
    )


def _gives(fact: Recorded, asked: _Asked, right: RightShown) -> bool:
    return any(
        (cover.holding_id, cover.glyphs, cover.covers_from)
        == (right.holding, asked.mark.glyphs, right.covers_from)
        for cover in getattr(fact.event, "covers", ())
    )


def _switches(asked: _Asked, known: list[Recorded], holding_id: str) -> Iterator[str]:
    """Which vehicle was active then, and when this one became so."""
    switched = [
        (fact, fact.event)
        for fact in known
        if isinstance(fact.event, VehicleSwitched) and fact.event.holding_id == holding_id
    ]
    before = [pair for pair in switched if pair[0].recorded_at <= asked.at][-1:]
    later = [
        pair
        for pair in switched
        if pair[0].recorded_at > asked.at and pair[1].glyphs == asked.mark.glyphs
    ][:1]
    for fact, event in before:
        at = near(fact.recorded_at, asked.at, asked.tz)
        yield _cited(f"The permit was switched to {event.shown} at {at}", fact)
    for fact, event in later:
        at = near(fact.recorded_at, asked.at, asked.tz)
        yield _cited(f"The permit was switched to {event.shown} only at {at}", fact)


def _others(asked: _Asked, answered: CheckAnswer) -> Iterator[str]:
    """Where it was not covered: what was withdrawn, and marks nearly the same that were covered."""
    if answered.covered:
        return
    for withdrawn in _withdrawn(asked):
        yield from _withdrawal(asked, withdrawn)
    for shown in answered.near:
        other = parse_mark(shown)
        assert other is not None
        how = (
            "two neighbouring characters swapped"
            if swapped(asked.mark.glyphs, other.glyphs)
            else ""
        )
        rights = active_registrations.rights(
            asked.connection, asked.schema, other.glyphs, asked.now, LONG_AGO
        )
        right = next((r for r in rights if r.zone == asked.zone and r.holds(asked.at)), None)
        place = f" [{right.household_id}/{right.version}]" if right else ""
        yield f"{shown} is covered, {how or 'one character apart'}{place}"


def _withdrawal(asked: _Asked, withdrawn: Withdrawn) -> Iterator[str]:
    at = near(withdrawn.known_until, asked.at, asked.tz)
    what = (
        f"A {withdrawn.kind} in zone {withdrawn.zone} from {clock(withdrawn.covers_from, asked.tz)}"
    )
    known = household_facts(asked.connection, asked.schema, withdrawn.household_id)
    for fact in known:
        if fact.recorded_at != withdrawn.known_until:
            continue
        covers: tuple[Any, ...] = getattr(fact.event, "covers", ())
        uncovers: tuple[str, ...] = getattr(fact.event, "uncovers", ())
        if withdrawn.now_shown and withdrawn.cover_id in {cover.cover_id for cover in covers}:
            yield _cited(f"{what} was changed to {withdrawn.now_shown} at {at}", fact)
        elif withdrawn.cover_id in uncovers:
            word = "cancelled" if isinstance(fact.event, BookingCancelled) else "withdrawn"
            yield _cited(f"{what} was {word} at {at}", fact)


def _withdrawn(asked: _Asked) -> list[Withdrawn]:
    rows = asked.connection.execute(
        "select r.household_id::text, r.kind, r.zone, r.covers_from, r.known_until,"
        " coalesce(n.shown, ''), r.cover_id"
        f" from {asked.schema}.active_registrations r"
        f" left join {asked.schema}.active_registrations n"
        "  on n.cover_id = r.cover_id and n.known_from <= %(now)s and n.known_until > %(now)s"
        " where r.glyphs = %(glyphs)s and r.covers_from <= %(at)s and r.covers_until > %(at)s"
        " and r.kind <> 'listed' and r.known_until <= %(now)s"
        " and (n.cover_id is null or n.glyphs <> r.glyphs)"
        " order by r.known_until, r.cover_id",
        {"now": asked.now, "at": asked.at, "glyphs": asked.mark.glyphs},
    ).fetchall()
    return [Withdrawn(*row) for row in rows]


def _cited(sentence: str, fact: Recorded) -> str:
    upper = sentence[:1].upper() + sentence[1:]
    return f"{upper} [{fact.household_id}/{fact.originator_version}]"


def _lower(named: str) -> str:
    return named[:1].lower() + named[1:]
