"""A household's history over HTTP: its facts in order, without what nobody needs to read again.

Contact data, dates of birth, benefits and account numbers are never in it; marks are, for without
them a history of parking says nothing. A resident sees what concerns themselves.

Source: promises P8; design section 1 (the auditor); HAN-009 (account numbers are not given out).
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar.response import Stream

from ledger.events import Recorded
from ledger.household.state import Household
from ledger.refusals import NotFound
from replay.acts import ACTS
from replay.changing import Change, Following
from replay.history import Act, in_chunks
from replay.history import history as acts_of
from web import access
from web.access import Caller, household_of
from web.asking import EntrySeen, HistoryExport, HistoryPage, HistorySeen
from web.operations import Call, Operation
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
    """One page, oldest first, of the entries after a version that the query asks for."""
    asked: HistoryPage = call.query
    household, facts = opened(call)
    tz = call.council.editions.latest.tz
    following = Following(tz)
    changed = {fact.originator_version: following.take(fact) for fact in facts}
    shown = [fact for fact in facts if fact.originator_version > asked.after]
    if call.by.role == "resident":
        shown = list(concerning(shown, household, call.by))
    shown = [fact for fact in shown if _wanted(fact, asked)]
    page = shown[: asked.limit]
    more = len(shown) > len(page)
    return HistorySeen(
        household=household.household_id,
        entries=[entry(fact, tz, changed[fact.originator_version]) for fact in page],
        next=page[-1].originator_version if more else None,
    )


def _wanted(fact: Recorded, asked: HistoryPage) -> bool:
    entry = fact.entry
    return (
        (not asked.act or ACTS[type(fact.event)].act == asked.act)
        and (not asked.who or asked.who in (entry.by.role, entry.by.name, entry.on_behalf_of))
        and (asked.since is None or fact.recorded_at >= asked.since)
        and (asked.until is None or fact.recorded_at < asked.until)
    )


def export(call: Call) -> Stream:
    """Every act of the household as a file, sent as it is read. Raises NotFound."""
    asked: HistoryExport = call.query
    stream = household_of(call.by, call.params["household"])
    ledger = call.council.ledger
    if next(ledger.facts(stream), None) is None:
        raise NotFound("household")
    acts = acts_of(
        ledger,
        stream,
        time_zone=call.council.editions.latest.tz,
        attempts=asked.attempts,
        checks=asked.checks,
    )
    # The framework names the characters of a text itself.
    kind = "text/csv" if asked.format == "csv" else "application/x-ndjson"
    return Stream(
        in_chunks(acts, asked.format),
        media_type=kind,
        headers={
            "content-disposition": f'attachment; filename="history.{asked.format}"',
            "cache-control": "no-store",
        },
    )


def entry(fact: Recorded, tz: ZoneInfo, changed: tuple[Change, ...]) -> EntrySeen:
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
        changed=list(changed),
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


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/api/v1/{council}/households/{household}/history/export",
        name="history_export",
        about="Every act of a household as one file, JSON Lines or CSV, sent as it is read.",
        roles=lambda site: access.TIME_TRAVELLERS,
        act=export,
        query=HistoryExport,
        answer=Act,
        media_type="application/x-ndjson",
        other_media_types=("text/csv",),
    ),
)
