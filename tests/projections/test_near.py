"""Saved visitors that an officer's mark looks like: the rows, and which of them are told."""

import pytest

from ledger.events import PropertyListed, ResidentMovedOut, VisitorForgotten, VisitorSaved
from ledger.store.rows import Changes
from ledger.values import glyph_key, near_keys, nearly, parse_mark
from projections.near import HOUSEHOLD_ZONES, SHOWN_MAX, SavedVisitors, like, remainders
from replay.folding import Folded
from tests.projections.facts import AT, HOUSEHOLD, fact, rows

MODEL = SavedVisitors()
VISITORS, ZONES = MODEL.tables


def saved(mark, visitor_id="v1", name="Gran"):
    return VisitorSaved(
        visitor_id=visitor_id, typed=mark, shown=mark, glyphs=glyph_key(mark), name=name
    )


def gone(emptied):
    return ResidentMovedOut(
        resident_id="r", moved_out_at=AT, moved_out_on=AT.date(), emptied=emptied
    )


def left(*events):
    """The marks that stay, in one batch and one by one: both ways are the same."""
    facts = [fact(event, version) for version, event in enumerate(events, start=1)]
    folded = Folded()
    for each in facts:
        MODEL.apply(folded, each)
    one_by_one = [row["shown"] for row in folded.rows_of(VISITORS).by_key.values()]
    assert [row["shown"] for row in rows(MODEL, facts)] == one_by_one
    return one_by_one


def test_a_visitor_is_kept_without_their_name():
    (row,) = rows(MODEL, [fact(saved("O1D"))])

    assert row == {
        "household_id": str(HOUSEHOLD),
        "version": 1,
        "visitor_id": "v1",
        "shown": "O1D",
        "remainders": ["01", "01D", "0D", "1D"],
    }


def test_a_visitor_who_is_saved_anew_is_kept_once():
    assert left(saved("AB12CDE"), saved("AB12CDF"), saved("XY99XYZ", "v2")) == [
        "AB12CDF",
        "XY99XYZ",
    ]


def test_a_visitor_who_is_taken_off_the_list_is_gone():
    assert left(saved("AB12CDE"), saved("XY99XYZ", "v2"), VisitorForgotten(visitor_id="v1")) == [
        "XY99XYZ"
    ]


def test_all_are_gone_when_the_last_of_the_household_leaves_and_no_sooner():
    """Whoever lives there next has visitors of their own (X-055)."""
    assert left(saved("AB12CDE"), gone(emptied=False)) == ["AB12CDE"]
    assert left(saved("AB12CDE"), saved("A1", "v2"), gone(emptied=True)) == []
    assert left(saved("AB12CDE"), gone(emptied=True), saved("XY99XYZ")) == ["XY99XYZ"]


def test_a_property_that_is_listed_anew_is_in_its_new_zone():
    listed = [fact(PropertyListed(property_ref="p", zone=zone)) for zone in ("OT", "NT")]

    assert rows(MODEL, listed, HOUSEHOLD_ZONES) == [{"household_id": str(HOUSEHOLD), "zone": "NT"}]


def test_a_column_that_rows_are_not_dropped_by_is_a_mistake():
    with pytest.raises(AssertionError, match="shown"):
        Changes().drop(VISITORS, "shown", "AB12CDE")
    with pytest.raises(AssertionError, match="shown"):
        Folded().drop(VISITORS, "shown", "AB12CDE")


@pytest.mark.parametrize("glyphs", ["A1", "AB12CDE", "AA11AAA", "0123456789AB"])
def test_every_mark_one_slip_away_has_a_remainder_in_common(glyphs):
    """What the index finds holds all that is wanted: each edit and each swap of neighbours."""
    own = set(remainders(glyphs))

    assert all(own & set(remainders(key)) for key in near_keys(glyphs))
    assert len(own) <= len(glyphs) + 1


def test_of_what_the_index_finds_only_one_slip_away_is_told():
    """AB12CDE and AB21CDE are a swap; AB12CDE and B12CDEA have a remainder in common, no more."""
    mark = parse_mark("AB12CDE")
    assert set(remainders("AB12CDE")) & set(remainders("B12CDEA"))
    assert not nearly("AB12CDE", "B12CDEA")

    assert like(mark, ["B12CDEA", "AB21CDE", "ab12cde".upper()], []) == ["AB12CDE", "AB21CDE"]
    assert like(mark, ["AB21CDE"], ["AB21CDE"]) == []


def test_at_most_a_few_are_told_and_the_same_plate_first():
    mark = parse_mark("AO12CDE")

    found = like(mark, [f"A012CD{letter}" for letter in "ABCDEFG"], [])

    assert found == ["A012CDE", "A012CDA", "A012CDB"]
    assert len(found) == SHOWN_MAX
