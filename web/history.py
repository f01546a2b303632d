"""A household's history over HTTP: its facts in order, without what nobody needs to read again.

Contact data, dates of birth, benefits and account numbers are never in it; marks are, for without
them a history of parking says nothing. A resident sees what concerns themselves.

Source: promises P8; design section 1 (the auditor); HAN-009 (account numbers are not given out).
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ledger.events import Recorded
from ledger.household.state import Household
from replay.acts import ACTS
from web.access import Caller
from web.asking import EntrySeen, HistoryPage, HistorySeen
from web.operations import Call
from web.reading import opened, spoken_for

HIDDEN = frozenset(
    {
        "type",
        "name",
        "email",
        "mobile",
        "born_on",
        "receives",
        "council_tax_account",
        "council_tax_accounts",
        "typed",
        "glyphs",
        "counted",
        "uncounted",
        "caps",
    }
)


def history(call: Call) -> HistorySeen:
    """One page, oldest first, of the entries after a version."""
    asked: HistoryPage = call.query
    household, facts = opened(call)
    shown = [fact for fact in facts if fact.originator_version > asked.after]
    if call.by.role == "resident":
        shown = list(concerning(shown, household, call.by))
    page = shown[: asked.limit]
    tz = call.council.editions.latest.tz
    more = len(shown) > len(page)
    return HistorySeen(
        household=household.household_id,
        entries=[entry(fact, tz) for fact in page],
        next=page[-1].originator_version if more else None,
    )


def entry(fact: Recorded, tz: ZoneInfo) -> EntrySeen:
    """A fact as it is shown, with its sentence in local time."""
    telling = ACTS[type(fact.event)]
    return EntrySeen(
        version=fact.originator_version,
        act=telling.act,
        says=telling.sentence(fact.event, tz),
        at=fact.recorded_at,
        role=fact.entry.by.role,
        channel=fact.entry.channel,
        about=_shown(msgspec.to_builtins(fact.event)),
    )


def concerning(facts: list[Recorded], household: Household, caller: Caller) -> Iterator[Recorded]:
    """The facts that a resident recorded, or that are about them or something of theirs.

    What names another resident is that resident's, even where it drew on the caller's holding.
    """
    me = caller.resident_id
    own = {a.application_id for a in household.applications.values() if a.resident_id == me}
    own |= {h.holding_id for h in household.holdings.values() if h.resident_id == me}
    for fact in facts:
        event = fact.event
        whose = getattr(event, "resident_id", "")
        named = {getattr(event, "application_id", ""), getattr(event, "holding_id", "")}
        named.update(getattr(event, "applications", ()))
        theirs = whose == me if whose else bool(own & named)
        if theirs or spoken_for(fact, caller):
            yield fact


def _shown(plain: Any) -> Any:
    match plain:
        case dict():
            return {name: _shown(value) for name, value in plain.items() if name not in HIDDEN}
        case list() | tuple():
            return [_shown(each) for each in plain]
        case _:
            return plain
