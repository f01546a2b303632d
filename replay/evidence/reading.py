"""Everything of a case that the ledger has, read in one snapshot and bounded by one instant.

The household of the case is the one that was named; else the one whose right the answer rests on,
or, where there is none, whose cover of the mark is nearest in time. Nothing else is guessed.

Source: promises P8, section 5.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.refusals import NotFound
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from projections import enforcement
from projections.enforcement import CheckAnswer, Question
from replay.evidence import answers, covers, desk, nearby, receipts
from replay.evidence.asked import NotAskable, Opened
from replay.evidence.citing import Citations, Stored, facts_at, household_facts
from replay.evidence.covers import CoverRow
from replay.evidence.redacting import Redactor
from services.council import Council

EITHER_SIDE = timedelta(days=1)
_LISTED = frozenset({"active", "listed"})


class Read(Struct, frozen=True, kw_only=True):
    """What is on record, before it is put into words. The timeline is `[begins, ends)`.

    `rows` are covers of the plate, `near` those of plates nearly the same: the household's own, and
    others' in the zone. `notice` and `outages` are facts of their own streams.
    """

    scheme: Scheme
    opened: Opened
    zone: str
    zone_from: str
    begins: datetime
    ends: datetime
    then: CheckAnswer
    now: CheckAnswer
    checks: list[receipts.Row]
    rows: list[CoverRow]
    near: list[CoverRow]
    household: str
    facts: list[Stored]
    saved: list[Stored]
    notice: list[Stored]
    outages: list[desk.Row]
    register: str

    @property
    def window(self) -> tuple[datetime, datetime]:
        return self.begins, self.ends

    @property
    def own_near(self) -> set[str]:
        """The glyph keys of the household's own marks that are nearly the same."""
        own = {row.glyphs for row in self.near if row.household == self.household}
        return own | {getattr(each.fact.event, "glyphs", "") for each in self.saved}


def read(connection: Connection, council: Council, asked: Opened) -> Read:
    """All of it. Raises NotAskable, NotFound, CorruptLedger."""
    scheme = council.scheme_at(asked.at)
    schema, ledger, as_of = council.schema, council.ledger, asked.as_of
    begins, ends = asked.at - EITHER_SIDE, asked.at + EITHER_SIDE
    checks = receipts.rows(connection, schema, asked, scheme)
    rows = covers.around(connection, schema, [asked.mark.glyphs], begins, ends, as_of)
    noted = (
        household_facts(connection, schema, str(ledger.notice_id(asked.pcn)), as_of)
        if asked.pcn
        else []
    )
    zone, zone_from = _zone(asked, scheme, checks, rows, noted)
    then, now = (
        enforcement.answer(
            connection,
            schema,
            scheme,
            Question(typed=asked.mark.typed, zone=zone, at=asked.at, known_at=known_at),
        )
        for known_at in (asked.known_at, as_of)
    )
    if then.covered is None or now.covered is None:
        why = now.hint or then.hint
        raise NotAskable("mark", f"is in doubt ({why}): rebuild the read models, then ask again")
    household = asked.household_id or _household(asked, then, now, rows)
    facts = household_facts(connection, schema, household, as_of) if household else []
    if asked.household_id and not facts:
        raise NotFound("household")
    near = covers.near_around(connection, schema, asked.mark, begins, ends, as_of)
    register = str(ledger.outages_id())
    register_facts = household_facts(connection, schema, register, as_of)
    return Read(
        scheme=scheme,
        opened=asked,
        zone=zone,
        zone_from=zone_from,
        begins=begins,
        ends=ends,
        then=then,
        now=now,
        checks=checks,
        rows=rows,
        near=[row for row in near if row.household == household or row.zone == zone],
        household=household,
        facts=facts,
        saved=list(nearby.saved_near(facts, asked.mark).values()),
        notice=noted,
        outages=desk.overlapping(register_facts, begins, ends),
        register=register,
    )


def _zone(
    asked: Opened,
    scheme: Scheme,
    checks: list[receipts.Row],
    rows: list[CoverRow],
    noted: list[Stored],
) -> tuple[str, str]:
    """The zone that is meant, and how it is known. Raises NotAskable."""
    ids = [zone.id for zone in scheme.zones]
    if asked.zone:
        if asked.zone not in ids:
            raise NotAskable("zone", f"is one of {', '.join(ids)}, not {asked.zone}")
        return asked.zone, "asked"
    if len(ids) == 1:
        return ids[0], "only"
    notice = desk.noted(noted)
    if notice is not None and notice.glyphs == asked.mark.glyphs and notice.zone in ids:
        return notice.zone, "notice"
    checked = receipts.zone_checked(checks, asked)
    if checked:
        return checked, "check"
    held = {row.zone for row in rows if row.holds(asked.at)}
    if len(held) == 1:
        return held.pop(), "right"
    raise NotAskable("zone", f"is needed, as no check says where: one of {', '.join(ids)}")


def _household(asked: Opened, then: CheckAnswer, now: CheckAnswer, rows: Sequence[CoverRow]) -> str:
    """The household whose case it is, as far as the mark says; empty where it does not."""
    for answered in (now, then):
        if answered.right is not None:
            return answered.right.household
    away: dict[str, timedelta] = {}
    for row in rows:
        away[row.household] = min(away.get(row.household, timedelta.max), _away(row, asked.at))
    return min(away, key=lambda household: (away[household], household), default="")


def _away(row: CoverRow, at: datetime) -> timedelta:
    """How far a cover lies from an instant."""
    return max(row.covers_from - at, at - row.covers_until, timedelta())


def citations(connection: Connection, council: Council, found: Read) -> Citations:
    """Every event that may be named: of the timeline, behind rights and near marks, of the desk."""
    places = {row.place for row in (*found.rows, *found.near)}
    behind = map(answers.place_of, (found.then, found.now))
    places |= {place for place in behind if place is not None}
    saved = {each.place for each in found.saved}
    own = [
        each
        for each in found.facts
        if found.begins <= each.fact.recorded_at < found.ends or each.place in places | saved
    ]
    others = {place for place in places if place[0] != found.household}
    others |= {(found.register, row["version"]) for row in found.outages}
    notice = desk.noted(found.notice)
    same = notice is not None and notice.glyphs == found.opened.mark.glyphs
    return Citations(
        [
            *own,
            *facts_at(connection, council.schema, others),
            *(found.notice if same else ()),
        ],
        {
            found.household: "this household",
            str(council.ledger.notice_id(found.opened.pcn)): "the notice",
            found.register: "the register of outages",
        },
    )


def redactor(found: Read) -> Redactor:
    """What may be told: near marks of this household, and those on the same permit's list."""
    allowed = set(found.own_near)
    shared = {
        row.holding_id
        for row in found.rows
        if row.household == found.household and row.kind in _LISTED
    }
    for each in found.facts:
        for cover in getattr(each.fact.event, "covers", ()):
            if cover.holding_id in shared:
                allowed.add(cover.glyphs)
    words = {zone.id for zone in found.scheme.zones} | {found.opened.pcn}
    return Redactor(found.opened.mark, allowed, words)
