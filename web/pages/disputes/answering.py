"""All that the desk shows of one question: the pack of its evidence, put on a page.

The page is made from the pack itself, so that it says what the document says, and leaves out what
the document leaves out; and from the explanation, whose events get the names they have in the pack.
"""

import re
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup
from msgspec import Struct, structs

from ledger.refusals import NotFound
from ledger.values import parse_mark
from replay.evidence.asked import Case, NotAskable
from replay.evidence.gathering import make
from replay.evidence.layout import Dot, Lane, Picture
from replay.evidence.pack import Known, Pack, ShownAnswer, canonical
from replay.evidence.picture import pictures
from replay.evidence.printing import digest
from replay.evidence.redacting import Redactor
from replay.explain import explain
from web.pages import timeline
from web.pages.disputes.fields import place_named
from web.pages.forms import mistake
from web.pages.framework import Visit
from web.pages.schemes.choosing import READERS as TERMS_READERS

_REFERENCE = re.compile(r"\[([0-9a-f-]{36})/(\d+)\]")
_ACTS = "Acts and messages"
_SWITCHED = "switched"
_FIELDS = {"at": "at-time", "as-of": "at-time", "known": "at-time", "zone": "zone", "pcn": "pcn"}
_PLAIN = {
    "at": "The instant lies in the future. Nothing can be known of it yet",
    "zone": "Choose the place: no check of this mark that day says where it was",
    "pcn": "The notice number must be 4 to 20 letters and digits",
}


class Clock(Struct, frozen=True, kw_only=True):
    """One of the two answers."""

    heading: str
    known: Known


class Answered(Struct, frozen=True, kw_only=True):
    """What the page is given. `before` and `after` are the checks of this very mark next to the
    instant, one at it counted before. `digest` is that of the pack's JSON; the same `case`, made
    from the pack's instant, gives it again.
    """

    case: Case
    pack: Pack
    digest: str
    place: str
    clocks: tuple[Clock, Clock]
    why: tuple[str, ...]
    before: ShownAnswer | None
    after: ShownAnswer | None
    drawings: tuple[Markup, ...]
    key: Markup
    terms_path: str


def answered(visit: Visit, case: Case) -> Answered:
    """The answer to a question. Raises Mistakes for what cannot be asked, Refused, NotFound."""
    pack = made(visit, case)
    asked = pack.question
    same = [each for each in pack.shown if each.relation == "same"]
    drawn = tuple(map(_with_switches, pictures(pack, visit.tz)))
    return Answered(
        case=case,
        pack=pack,
        digest=digest(canonical(pack)),
        place=place_named(visit.council.scheme_at(asked.at), asked.zone),
        clocks=(
            Clock(heading="As known then", known=pack.known_then),
            Clock(heading="As known now", known=pack.known_now),
        ),
        why=_why(visit, pack),
        before=max((s for s in same if s.about_at <= asked.at), key=_place, default=None),
        after=min((s for s in same if s.about_at > asked.at), key=_place, default=None),
        drawings=tuple(timeline.drawn(p, f"timeline-{n}") for n, p in enumerate(drawn, start=1)),
        key=timeline.key(drawn),
        terms_path=_terms_path(visit, pack.terms.edition),
    )


def made(visit: Visit, case: Case) -> Pack:
    """The pack. Raises as answered does."""
    try:
        visit.council.scheme_at(case.at)
    except NotFound as error:
        raise mistake("at-year", "No terms of this council are known at that time") from error
    try:
        return make(visit.council, case)
    except NotAskable as error:
        text = _PLAIN.get(error.option, f"The question cannot be asked so: it {error.detail}")
        raise mistake(_FIELDS.get(error.option, ""), text) from error


def _terms_path(visit: Visit, edition: str) -> str:
    """Where the whole scheme is told in words; empty for those who may not look there."""
    return f"/schemes/terms?name={quote(edition)}" if visit.by.role in TERMS_READERS else ""


def _place(shown: ShownAnswer) -> tuple[datetime, int]:
    return shown.about_at, shown.receipt


def _why(visit: Visit, pack: Pack) -> tuple[str, ...]:
    """The explanation, the verdict left out: it is told above.

    What is of another household keeps neither its id nor its mark.
    """
    asked = pack.question
    names = {(each.stream, each.version): each.name for each in pack.events if each.stream}
    mark = parse_mark(asked.mark)
    assert mark is not None, "a pack is of a mark"
    own = [parse_mark(each.shown) for each in pack.near_marks if each.whose == "this household"]
    zones = {zone.id for zone in visit.council.scheme_at(asked.at).zones}
    redactor = Redactor(mark, [each.glyphs for each in own if each], {*zones, asked.pcn})

    def named(found: re.Match[str]) -> str:
        if found[1] != asked.household:
            return "[an event of another household]"
        name = names.get((found[1], int(found[2])))
        return f"[{name}]" if name else f"[event {found[2]} of this household]"

    said = []
    for sentence in explain(visit.council, asked.mark, asked.zone, asked.at)[1:]:
        streams = {found[1] for found in _REFERENCE.finditer(sentence)}
        told = _REFERENCE.sub(named, sentence)
        said.append(told if streams == {asked.household} else redactor.of_others(told))
    return tuple(said)


def _with_switches(picture: Picture) -> Picture:
    """The picture with switches in a lane of their own."""
    lanes: list[Lane] = []
    for lane in picture.lanes:
        if lane.name != _ACTS:
            lanes.append(lane)
            continue
        switches = tuple(structs.replace(d, tone=_SWITCHED) for d in lane.dots if _switch(d))
        lanes.append(Lane(name="Switches", dots=switches))
        rest = tuple(dot for dot in lane.dots if not _switch(dot))
        lanes.append(Lane(name="Bookings, other acts, messages", dots=rest))
    return structs.replace(picture, lanes=tuple(lanes))


def _switch(dot: Dot) -> bool:
    return dot.label == _SWITCHED
