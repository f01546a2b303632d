"""Saved visitors whose mark looks like the one an officer typed: advice, never permission.

Inline, for two reasons: a check is never behind an acknowledged command, and it reads one snapshot,
so that what an officer was told is told again from the facts which that snapshot holds. A command
that saves nobody writes nothing here. A row holds no name, and it is dropped when the visitor is
taken off the list or the last of the household moves out; so what was saved earlier is not known
here, and a question about another instant is not asked.

Rows are found by what is left of a mark when one glyph is taken away: two marks that are one edit
or one swap of neighbours apart have such a remainder in common, and a mark has a dozen of them
where it has five hundred neighbours.

Source: issue "Enforcement", item 1 (near marks); reference/enforcement-and-evidence.md, D.2.
"""

from collections.abc import Sequence
from functools import lru_cache

from psycopg.pq.abc import PGresult

from ledger.events import (
    PropertyListed,
    Recorded,
    ResidentMovedOut,
    VisitorForgotten,
    VisitorSaved,
)
from ledger.store.exchange import BINARY, TEXT_OID, Sent, Statement, array, rows, statement
from ledger.store.rows import Changes, Table
from ledger.values import Mark, glyph_key, nearly

SHOWN_MAX = 3
"""So many marks are shown at most: more would be no help at the kerb."""

SAVED_VISITORS = Table(
    name="saved_visitors",
    columns=("household_id", "version", "visitor_id", "shown", "remainders"),
    key=("household_id", "version"),
    match=("visitor_id",),
    dropped_by=("visitor_id", "household_id"),
)

HOUSEHOLD_ZONES = Table(
    name="household_zones",
    columns=("household_id", "zone"),
    key=("household_id",),
    match=("household_id",),
)


class SavedVisitors:
    """The fold: a visitor saved, renamed, taken off the list; a household with nobody left."""

    name = "saved-visitors"
    tables = (SAVED_VISITORS, HOUSEHOLD_ZONES)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case PropertyListed() as event:
                changes.put(
                    HOUSEHOLD_ZONES, {"household_id": recorded.household_id, "zone": event.zone}
                )
            case VisitorSaved() as event:
                changes.drop(SAVED_VISITORS, "visitor_id", event.visitor_id)
                changes.put(
                    SAVED_VISITORS,
                    {
                        "household_id": recorded.household_id,
                        "version": recorded.originator_version,
                        "visitor_id": event.visitor_id,
                        "shown": event.shown,
                        "remainders": remainders(event.glyphs),
                    },
                )
            case VisitorForgotten() as event:
                changes.drop(SAVED_VISITORS, "visitor_id", event.visitor_id)
            case ResidentMovedOut(emptied=True):
                changes.drop(SAVED_VISITORS, "household_id", recorded.household_id)
            case _:
                pass


def remainders(glyphs: str) -> list[str]:
    """The glyph key itself, and what is left of it without each of its glyphs."""
    return sorted({glyphs, *(glyphs[:n] + glyphs[n + 1 :] for n in range(len(glyphs)))})


def like(mark: Mark, saved: Sequence[str], covered: Sequence[str]) -> list[str]:
    """Of these saved marks, those of the same plate or one slip away, in order, the same first.

    Marks that are covered are told as such, and not here.
    """
    if not saved:
        return []
    keyed = sorted((glyph_key(shown), shown) for shown in set(saved) - set(covered))
    found = [(key != mark.glyphs, shown) for key, shown in keyed if _alike(key, mark.glyphs)]
    return [shown for _, shown in sorted(found)][:SHOWN_MAX]


def _alike(one: str, other: str) -> bool:
    return one == other or nearly(one, other)


@lru_cache(maxsize=256)
def _look(schema: str) -> Statement:
    return statement(
        "select (select string_agg(distinct s.shown, ' ')"
        f" from {schema}.saved_visitors s"
        " where s.remainders && string_to_array(q.remainders, ' ')"
        # One look by key for each that is found, never a scan of every household.
        f" and q.zone = (select h.zone from {schema}.household_zones h"
        " where h.household_id = s.household_id))"
        " from unnest(%s::text[], %s::text[]) with ordinality as q(zone, remainders, n)"
        " order by q.n",
        (BINARY, BINARY),
    )


def look(schema: str, asked: Sequence[tuple[str, str]]) -> Sent:
    """The statement for these: (glyph key, zone); the key is "" where nothing is asked."""
    return _look(schema), (
        array(TEXT_OID, [zone.encode() for _, zone in asked]),
        array(TEXT_OID, [" ".join(remainders(glyphs)).encode() for glyphs, _ in asked]),
    )


def looked(found: PGresult) -> list[list[str]]:
    """For each that was asked, in order: saved marks of the zone with a remainder in common."""
    return [(marks or b"").decode().split() for (marks,) in rows(found)]
