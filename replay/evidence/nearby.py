"""Marks one slip away from the one that was asked about, on both sides of the case.

Those of the household of the case, booked or saved, are told in full: they may be the very slip.
Those of others were covered in the zone that day, and are patterns.

Source: X-101; enforcement-and-evidence.md D1, D2 ("one character off, same zone, same day").
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ledger.events import VisitorForgotten, VisitorSaved
from ledger.scheme.schema import Scheme
from ledger.values import Mark, nearly, parse_mark
from replay.evidence.citing import Citations, Stored
from replay.evidence.covers import CoverRow, ending
from replay.evidence.pack import NearMark
from replay.evidence.redacting import Redactor, how_near, pattern
from replay.origins import thing


def saved_near(facts: Sequence[Stored], mark: Mark) -> dict[str, Stored]:
    """The saved visitors' vehicles, the same or nearly so, by visitor, with what saved each."""
    saved: dict[str, Stored] = {}
    for stored in facts:
        match stored.fact.event:
            case VisitorSaved() as event:
                saved.pop(event.visitor_id, None)
                if event.glyphs == mark.glyphs or nearly(event.glyphs, mark.glyphs):
                    saved[event.visitor_id] = stored
            case VisitorForgotten() as event:
                saved.pop(event.visitor_id, None)
            case _:
                pass
    return saved


def near_marks(
    mark: Mark,
    at: datetime,
    household: str,
    rows: Sequence[CoverRow],
    saved: Sequence[Stored],
    cited: Citations,
    scheme: Scheme,
    redactor: Redactor,
) -> tuple[NearMark, ...]:
    """The household's own first, then those of others."""
    ours = [_own(mark, at, row, cited, scheme) for row in rows if row.household == household]
    theirs = [_other(mark, at, row, cited, redactor) for row in rows if row.household != household]
    return (*ours, *_saved(mark, saved, cited), *theirs)


def _own(mark: Mark, at: datetime, row: CoverRow, cited: Citations, scheme: Scheme) -> NearMark:
    return NearMark(
        shown=row.shown,
        how=how_near(mark, _mark(row.shown)),
        whose="this household",
        what=thing(row.kind, row.product, scheme),
        zone=row.zone,
        covers_from=row.covers_from,
        covers_until=ending(row.covers_until),
        covered_then=row.holds(at),
        event=cited.name(row.place),
    )


def _saved(mark: Mark, saved: Sequence[Stored], cited: Citations) -> Iterator[NearMark]:
    for stored in saved:
        event = stored.fact.event
        assert isinstance(event, VisitorSaved)
        yield NearMark(
            shown=event.shown,
            how=how_near(mark, _mark(event.shown)),
            whose="this household",
            what="Saved visitor's vehicle, which covers nothing by itself",
            zone="",
            covers_from=None,
            covers_until=None,
            covered_then=False,
            event=cited.name(stored.place),
        )


def _other(
    mark: Mark, at: datetime, row: CoverRow, cited: Citations, redactor: Redactor
) -> NearMark:
    """That there is one, and whether it was covered then: its times are its household's own."""
    other = _mark(row.shown)
    redactor.count("near")
    return NearMark(
        shown=pattern(mark, other),
        how=how_near(mark, other),
        whose="another household",
        what="A right of another household",
        zone=row.zone,
        covers_from=None,
        covers_until=None,
        covered_then=row.holds(at),
        event=cited.name(row.place),
    )


def _mark(shown: str) -> Mark:
    mark = parse_mark(shown)
    assert mark is not None, "what is on record is a mark"
    return mark
