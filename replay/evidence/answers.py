"""The answer about the instant, on one clock, in words: the verdict, the right, the rule.

Source: design sections 1 and 5; X-102.
"""

from datetime import datetime

from msgspec import Struct

from ledger.events import Recorded, VehicleSwitched
from ledger.rules.covering import STATUTORY_GRACE as GRACE
from ledger.rules.covering import Reason
from ledger.scheme.schema import Scheme
from ledger.values import FOREVER
from projections.enforcement import RULES, CheckAnswer, RightShown
from replay.evidence.asked import Opened
from replay.evidence.citing import Citations, Place
from replay.evidence.covers import ending
from replay.evidence.pack import Grace, Known, RightTold
from replay.evidence.redacting import Redactor
from replay.origins import origin, thing
from replay.wording import end, moment, near


class Telling(Struct, frozen=True, kw_only=True):
    """With what an answer is put into words."""

    opened: Opened
    zone: str
    scheme: Scheme
    cited: Citations
    redactor: Redactor


def place_of(answered: CheckAnswer) -> Place | None:
    """The event behind an answer."""
    right = answered.right
    return None if right is None else (right.household, right.version)


def known(answered: CheckAnswer, known_at: datetime, telling: Telling) -> Known:
    """The answer, without what the snapshot it was asked in has to do with it."""
    assert answered.covered is not None, "no pack is made of a mark in doubt"
    right = None if answered.right is None else _right(answered.right, telling)
    return Known(
        known_at=known_at,
        covered=answered.covered,
        reason=answered.reason,
        rule=RULES[answered.reason],
        says=_says(answered, right, telling),
        match=answered.match,
        until=None if answered.until is None else ending(answered.until),
        earliest_pcn_at=answered.earliest_pcn_at,
        limit=answered.limit,
        right=right,
    )


def _right(right: RightShown, telling: Telling) -> RightTold:
    place = (right.household, right.version)
    fact = telling.cited.fact(place)
    told = origin(fact, right.covers_from, telling.opened.at, telling.scheme.tz)
    return RightTold(
        kind=right.kind,
        named=thing(right.kind, right.product, telling.scheme),
        zone=right.zone,
        covers_from=right.covers_from,
        covers_until=ending(right.covers_until),
        told=telling.redactor.sentence(told, fact.event),
        event=telling.cited.name(place),
    )


def _says(answered: CheckAnswer, right: RightTold | None, telling: Telling) -> str:
    was = "was covered" if answered.covered else "was not covered"
    why = _why(answered.reason, answered, right, telling)
    cited = f" [{right.event}]" if right is not None and right.event else ""
    return f"{answered.mark} {was} in zone {telling.zone}: {why}{cited}"


def _why(reason: Reason, answered: CheckAnswer, right: RightTold | None, telling: Telling) -> str:
    at, tz = telling.opened.at, telling.scheme.tz
    if reason == "not_controlled":
        return "nobody needs a permit there at that time"
    if right is None:
        return "no permit, booking or card for this mark was known there"
    named = right.named[:1].lower() + right.named[1:]
    match reason:
        case "":
            same = "; the mark on record reads the same" if answered.match == "same_glyphs" else ""
            until = end(right.covers_until or FOREVER, tz)
            return f"{named} covered it until {until}, {right.told}{same}"
        case "not_started":
            return f"{named} begins only at {near(right.covers_from, at, tz)}, {right.told}"
        case "ended":
            return f"{named} ended at {near(right.covers_until or FOREVER, at, tz)}, {right.told}"
        case "wrong_zone":
            return f"{named} was for zone {right.zone}, {right.told}"
        case "not_active":
            return f"it is on the list of {named}, and another vehicle was the active one"
        case "vehicle_excluded":
            limit = answered.limit.replace("_", " ")
            return f"{named} gives no cover to a vehicle over the limit of {limit}"
        case _:
            return reason.replace("_", " ")


def grace(now: CheckAnswer, fact: Recorded | None, opened: Opened, scheme: Scheme) -> Grace:
    """Whether the instant lies in the ten minutes after cover ended; exactly ten is protected."""
    last = now.earliest_pcn_at
    if last is None:
        return Grace(
            applies=False,
            last_barred_at=None,
            says="No cover of this mark ended before that instant, so no ten minutes ran.",
        )
    ended, until = (moment(each, scheme.tz) for each in (last - GRACE, last))
    switched = fact is not None and isinstance(fact.event, VehicleSwitched)
    disputed = (
        " Whether the ten minutes follow a permit that was switched to another vehicle is"
        " argued; these are the facts."
        if switched or now.reason == "not_active"
        else ""
    )
    applies = opened.at <= last
    lies = "inside" if applies else "after"
    return Grace(
        applies=applies,
        last_barred_at=last,
        says=f"Cover ended at {ended}. A notice was barred up to and at {until}."
        f" The instant lies {lies} these ten minutes.{disputed}",
    )
