"""What an officer was shown, made once more from facts alone: the very bytes that were sent.

A look-up keeps the snapshot that it was answered from, in positions. The facts which that snapshot
held are folded anew, by the read models' own folds, and judged by the rules that judge a check; no
read model is asked, and nothing that was recorded later or was still under way can be seen. So a
late or corrected fact changes what is known now, and never what was shown.

That a mark was in doubt then is no fact either: it is taken from the answer itself.

Only look-ups that were answered live: what a device decided by itself was made of its own list.

Source: promises P8 and "Seen"; design section 5.
"""

from collections.abc import Iterable
from datetime import datetime

from ledger.events import Recorded
from ledger.rules.covering import Bay, Right, VehicleFacts
from ledger.scheme.editions import Editions
from ledger.store.application import Ledger
from ledger.store.rows import Row, Table
from ledger.values import FOREVER, Mark, nearly
from projections import enforcement
from projections.active_registrations import (
    FACT_FIELDS,
    REGISTRATIONS,
    VEHICLE_FACTS,
    ActiveRegistrations,
)
from projections.checking import Further, Looked, Seen
from projections.enforcement import Question
from projections.lookups import LookupSeen
from projections.near import HOUSEHOLD_ZONES, SAVED_VISITORS, SavedVisitors
from replay.folding import Folded, facts, snapshot

TRANSACTION = 1 << 12
"""So many positions belong to one transaction."""
_MODELS = (ActiveRegistrations(), SavedVisitors())


def shown_again(ledger: Ledger, editions: Editions, lookup: LookupSeen) -> bytes:
    """The answer to a look-up, in bytes. Raises CorruptLedger for a fact that cannot be read."""
    with snapshot(ledger) as connection:
        told = facts(connection, ledger.schema, up_to=lookup.seen_high - 1)
        return answer_from(told, editions, lookup)


def answer_from(told: Iterable[Recorded], editions: Editions, lookup: LookupSeen) -> bytes:
    """The same from facts in the order of their positions; those that were not visible may be
    among them.
    """
    folded = Folded()
    for fact in told:
        if was_visible(lookup, fact.position):
            for model in _MODELS:
                model.apply(folded, fact)
    return _answer(folded, editions, lookup)


def was_visible(lookup: LookupSeen, position: int) -> bool:
    """True for a fact that was in the snapshot of a look-up."""
    if position >= lookup.seen_high:
        return False
    return not any(0 <= position - first < TRANSACTION for first in lookup.seen_not)


def _answer(folded: Folded, editions: Editions, lookup: LookupSeen) -> bytes:
    assert lookup.kind == "live", "what a device decided is not the ledger's answer"
    question = _question(lookup)
    mark = enforcement.mark_of(question)
    known = _Known(folded, question.known_at)
    looked = Looked(
        lookup.asked_at,
        lookup.about_at,
        Seen(low=lookup.seen_low, high=lookup.seen_high),
        known.rights(mark, lookup.about_at),
        known.vehicle(mark),
        _doubt(lookup),
    )
    scheme = editions.in_force_at(lookup.about_at)
    found = enforcement.verdict(scheme, question, mark, looked, None)
    further, saved = None, list[str]()
    if not found.covered:
        further = known.further(mark, question.zone, lookup.about_at)
        saved = known.saved(question) if question.live else []
        found = enforcement.verdict(scheme, question, mark, looked, further)
    told = enforcement.told(scheme, question, mark, looked, found, further, lookup.receipt, saved)
    return enforcement.in_bytes(told)


def _doubt(lookup: LookupSeen) -> str:
    """Why nothing was told, where nothing was: what is stored was in doubt."""
    kept = enforcement.of_bytes(lookup.answer)
    return kept.hint if kept.covered is None else ""


def _question(lookup: LookupSeen) -> Question:
    """What was asked. An instant that is the look-up's own was none; of the bay only that it was
    suspended ever matters, and then it is the reason.
    """
    asked = lookup.asked_at
    bay: Bay = ""
    if enforcement.of_bytes(lookup.answer).reason == "suspended_bay":
        bay = "suspended"
    return Question(
        typed=lookup.typed,
        zone=lookup.zone,
        at=None if lookup.about_at == asked else lookup.about_at,
        known_at=None if lookup.known_at == asked else lookup.known_at,
        bay=bay,
    )


class _Known:
    """Folded rows as they were known at an instant; None is all that the snapshot held."""

    def __init__(self, folded: Folded, known_at: datetime | None) -> None:
        self._folded = folded
        self._known_at = known_at

    def _rows(self, table: Table) -> list[Row]:
        return list(self._folded.rows_of(table).by_key.values())

    def _held(self, table: Table) -> list[Row]:
        """Rows that were known then, in the order of their keys."""
        at = self._known_at
        held = [
            row
            for row in self._rows(table)
            if (row["known_until"] == FOREVER if at is None else _holds(row, "known", at))
        ]
        return sorted(held, key=lambda row: tuple(row[name] for name in table.key))

    def rights(self, mark: Mark, at: datetime) -> list[Right]:
        """Those of the plate that had not ended, the latest end first."""
        held = [_right(row) for row in self._held(REGISTRATIONS) if row["glyphs"] == mark.glyphs]
        return _latest_first(right for right in held if right.covers_until > at)

    def vehicle(self, mark: Mark) -> VehicleFacts:
        for row in self._held(VEHICLE_FACTS):
            if row["glyphs"] == mark.glyphs:
                return VehicleFacts(**{name: row[name] for name in FACT_FIELDS})  # type: ignore[arg-type]
        return VehicleFacts()

    def further(self, mark: Mark, zone: str, at: datetime) -> Further:
        """The plate's right that ended last in the zone, and what is covered there and looks so."""
        held = [row for row in self._held(REGISTRATIONS) if row["zone"] == zone]
        own = [_right(row) for row in held if row["glyphs"] == mark.glyphs]
        ended = _latest_first(right for right in own if right.covers_until <= at)
        near = {
            str(row["shown"])
            for row in held
            if row["kind"] != "listed"
            and _holds(row, "covers", at)
            and nearly(str(row["glyphs"]), mark.glyphs)
        }
        return Further(ended[0] if ended else None, sorted(near))

    def saved(self, question: Question) -> list[str]:
        """The saved visitors' marks of the zone's households, all of them."""
        zones = {row["household_id"]: row["zone"] for row in self._rows(HOUSEHOLD_ZONES)}
        return [
            str(row["shown"])
            for row in self._rows(SAVED_VISITORS)
            if zones.get(row["household_id"]) == question.zone
        ]


def _holds(row: Row, period: str, at: datetime) -> bool:
    begins, ends = row[f"{period}_from"], row[f"{period}_until"]
    assert isinstance(begins, datetime)
    assert isinstance(ends, datetime)
    return begins <= at < ends


def _latest_first(rights: Iterable[Right]) -> list[Right]:
    return sorted(rights, key=lambda right: (right.covers_until, right.covers_from), reverse=True)


def _right(row: Row) -> Right:
    return Right(**{name: row[name] for name in Right.__struct_fields__})  # type: ignore[arg-type]
