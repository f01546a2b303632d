"""A household replayed: each fact a step, what it changed, and the household as it stood after it.

Source: issue "The pages", item 4; promises P6; design section 1 (the auditor).
"""

import json
from collections.abc import Iterator

from msgspec import Struct

from ledger.events import Recorded
from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.refusals import NotFound
from ledger.scheme.schema import Scheme
from replay.acts import ACTS, effective
from replay.changing import Change, Following
from replay.history import act_of
from replay.schemes.words import capital, spoken
from replay.telling import Act
from replay.wording import day, end, moment
from web.history import entry
from web.pages.audit.household import (
    CHANNELS_SAID,
    Opened,
    cap_name,
    opened,
    product_name,
    scheme_at,
    who,
)
from web.pages.audit.state import then
from web.pages.framework import AUDITOR, View, Visit, get

NEAR = 4
"""So many steps are listed on either side of the one that is shown."""


class Changed(Struct, frozen=True, kw_only=True):
    """One thing that a step changed, in words; empty where there was or is nothing."""

    what: str
    before: str
    after: str


class Stop(Struct, frozen=True, kw_only=True):
    """A step as the timeline lists it."""

    number: int
    at: str
    says: str


def replayed(visit: Visit) -> View:
    """The step that `version` of the address names; the last one without, or beyond the end."""
    found = opened(visit)
    last = len(found.facts)
    number = _number(visit.query.get("version", ""), last)
    shown = found.facts[number - 1]
    tz = visit.council.editions.latest.tz
    scheme = scheme_at(visit, shown.recorded_at)
    following = Following(tz)
    changed: tuple[Change, ...] = ()
    for fact in found.facts[:number]:
        changed = following.take(fact)
    stood = fold(Household(household_id=str(found.stream)), found.facts[:number])
    told = act_of(shown, tz, changed)
    stops = [_stop(visit, fact) for fact in found.facts]
    return View(
        template="audit/replay.html",
        back="/audit",
        values={
            "found": found,
            "number": number,
            "last": last,
            "told": told,
            "about": _about(visit, shown, told),
            "changed": [_changed(each, scheme) for each in changed],
            "raw": json.dumps(entry(shown, tz, ()).about, indent=2, default=str),
            "then": then(stood, scheme, shown.recorded_at),
            "stops": stops,
            "near": stops[max(0, number - 1 - NEAR) : number + NEAR],
            "ways": _ways(found, number, last),
        },
    )


def _number(asked: str, last: int) -> int:
    """A step that is there, whatever the address says."""
    if asked.isascii() and asked.isdigit() and len(asked) <= 9:
        return min(max(1, int(asked)), last)
    return last


def _stop(visit: Visit, fact: Recorded) -> Stop:
    tz = visit.council.editions.latest.tz
    return Stop(
        number=fact.originator_version,
        at=moment(fact.recorded_at, tz),
        says=capital(spoken(ACTS[type(fact.event)].act)),
    )


def _about(visit: Visit, fact: Recorded, told: Act) -> Iterator[tuple[str, str]]:
    """Who, when and how, as far as the step says."""
    kept = fact.entry
    tz = visit.council.editions.latest.tz
    yield "Recorded", capital(moment(fact.recorded_at, tz))
    yield "By", who(kept.by)
    if kept.on_behalf_of:
        yield "On behalf of", f"Resident: {kept.on_behalf_of}"
    yield "How", CHANNELS_SAID.get(kept.channel, kept.channel)
    begins, until = effective(fact.event)
    if begins is not None and until is not None:
        yield "Takes effect", f"{moment(begins, tz)} until {end(until, tz)}"
    elif begins is not None:
        yield "Takes effect", moment(begins, tz)
    if told.edition:
        yield "Terms", _terms(visit, told.edition)
    yield "Place in the ledger", f"{fact.position}"


def _terms(visit: Visit, edition: str) -> str:
    """The edition that decided, by its first day."""
    try:
        decided = visit.council.editions.edition(edition)
    except NotFound:
        return edition
    return f"The edition from {day(decided.effective_from)}"


def _changed(change: Change, scheme: Scheme) -> Changed:
    match change.what:
        case "units_left":
            what = f"Units left of {_sold(change.name, scheme)}"
        case "allowance_used":
            what = f"Used of the allowance: {cap_name(change.name, scheme)}"
        case "active_vehicle":
            what = f"Active vehicle of {_sold(change.name, scheme)}"
        case "cover":
            what = "Covered"
    return Changed(what=what, before=_said(change.before), after=_said(change.after))


def _sold(name: str, scheme: Scheme) -> str:
    """A change says a product's id with spaces; here it is called as it is sold."""
    return product_name(name.replace(" ", "-"), scheme)


def _said(value: str | int | None) -> str:
    return "" if value is None else str(value)


def _ways(found: Opened, number: int, last: int) -> list[tuple[str, str, int]]:
    """The links along the steps: what each is for, its text and its step; none to where one is."""
    ways = [
        ("first", "First step", 1),
        ("prev", "Step before", number - 1),
        ("next", "Next step", number + 1),
        ("last", "Last step", last),
    ]
    return [each for each in ways if 1 <= each[2] <= last and each[2] != number]


PAGES = (get("/audit/households/{household}/replay", AUDITOR, replayed),)
