"""Marks and periods: what is one plate, what is nearly one, and what is inside."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.values import (
    Mark,
    Period,
    glyph_key,
    mark_refusal,
    near_keys,
    near_text,
    nearly,
    normal_account,
    parse_mark,
    utc,
)

GLYPHS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
keys = st.text(alphabet=GLYPHS, min_size=2, max_size=8)


def test_a_mark_is_kept_as_typed_and_compared_by_its_glyphs():
    """Upper case, without spaces and hyphens, O as 0 and I as 1 (X-101)."""
    assert parse_mark(" ab0-1 Oi ") == Mark(typed="ab0-1 Oi", shown="AB01OI", glyphs="AB0101")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("AB01CDE", "ABO1CDE", True),
        ("AB01CDE", "AB0ICDE", True),
        ("AB01CDE", "ABOICDE", True),
        ("AB01CDE", "AB91CDE", False),
        ("AB01CDE", "AB01CDF", False),
        ("B8", "88", False),
        ("S5", "55", False),
        ("Z2", "22", False),
        ("A1L", "AIL", True),
        ("AQ1", "A01", False),
        ("AB\u00a012", "ab\u201312", True),
        ("ＡＢ１２", "AB12", True),
        ("o0", "00", True),
    ],
)
def test_only_o_and_0_and_i_and_1_are_one_glyph(one, other, same):
    """Any other difference is another plate (X-101)."""
    assert (glyph_key(one) == glyph_key(other)) is same


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "A",
        "-",
        "A-",
        "A" * 13,
        "A" * 65,
        "AB12 CDE!",
        "АВ12",
        "ABıC",
        "ΑΒ12",
        "A\nB",
        "ẞA1",
        "AB\u202e12",
        "AB12;--",
    ],
)
def test_what_is_no_mark_is_never_guessed_at(typed):
    """Two to twelve letters and digits; letters that only look Latin are refused."""
    assert parse_mark(typed) is None
    refusal = mark_refusal(typed)
    assert refusal is not None
    assert refusal.code == "vehicle.mark_invalid"
    assert not typed.strip() or typed not in refusal.detail


@pytest.mark.parametrize("typed", ["A1", "A" * 12, "B-ÖÄ 123", "AB-123-CD", "ø1", "1" + "2"])
def test_a_foreign_mark_is_a_mark(typed):
    """Foreign vehicles can be saved and booked (STV-125)."""
    assert parse_mark(typed) is not None
    assert mark_refusal(typed) is None


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("AB12CDE", "AB12CDF", True),
        ("AB12CDE", "AB12CD", True),
        ("AB12CDE", "B12CDE", True),
        ("AB12CDE", "AB12CCDE", True),
        ("AB12CDE", "AB21CDE", True),
        ("AB12CDE", "BA12CDE", True),
        ("AB12CDE", "AB12CED", True),
        ("AB12CDE", "AB12CDE", False),
        ("AB12CDE", "AB34CDE", False),
        ("AB12CDE", "1B2ACDE", False),
        ("AB12CDE", "AB12C", False),
        ("AB12CDE", "BA21CDE", False),
    ],
)
def test_nearly_is_one_edit_or_one_swap_of_neighbours(one, other, near):
    """Only ever a hint (X-101, G-007)."""
    assert nearly(one, other) is near
    assert nearly(other, one) is near


@for_all(keys, keys)
def test_the_keys_near_a_mark_are_exactly_those_that_are_nearly_it(one, other):
    """The search by keys and the comparison agree."""
    assert (other in near_keys(one)) is nearly(one, other)


@for_all(keys)
def test_every_key_near_a_mark_is_nearly_it(key):
    near = near_keys(key)

    assert key not in near
    assert all(nearly(key, each) for each in near)
    assert near == sorted(set(near))


@for_all(keys)
def test_the_text_for_a_query_names_the_same_keys_and_the_mark_itself(key):
    assert {*near_text(key).split()} == {key, *near_keys(key)}


@for_all(st.text(alphabet="abzOI01zxÄßА", min_size=1, max_size=14))
def test_a_mark_typed_without_a_break_is_read_as_one_with_breaks(text):
    """There is a short way for what is plain; it leads where the long way does."""
    plain, spaced = parse_mark(text), parse_mark(f"-{text}-")

    assert (plain and (plain.shown, plain.glyphs)) == (spaced and (spaced.shown, spaced.glyphs))


@for_all(st.text(max_size=80))
def test_any_text_is_a_mark_or_is_refused(text):
    mark = parse_mark(text)

    assert (mark is None) is (mark_refusal(text) is not None)
    if mark is not None:
        again = parse_mark(mark.shown)
        assert again is not None
        assert (again.shown, again.glyphs) == (mark.shown, mark.glyphs)


def test_a_period_holds_its_first_instant_and_not_its_last():
    """Half-open, always."""
    hour = Period(NOON, NOON + timedelta(hours=1))
    tick = timedelta(microseconds=1)

    assert [hour.holds(at) for at in (NOON - tick, NOON, hour.ends - tick, hour.ends)] == [
        False,
        True,
        True,
        False,
    ]


def test_periods_that_only_touch_do_not_overlap():
    def hours(first: int, last: int) -> Period:
        return Period(NOON + timedelta(hours=first), NOON + timedelta(hours=last))

    assert hours(0, 2).overlaps(hours(1, 3))
    assert hours(1, 2).overlaps(hours(0, 3))
    assert not hours(0, 1).overlaps(hours(1, 2))
    assert not hours(1, 2).overlaps(hours(0, 1))


def test_instants_are_utc_and_a_naive_one_is_a_mistake():
    summer = NOON.astimezone(timezone(timedelta(hours=1)))

    assert utc(summer) == NOON
    assert utc(summer).tzinfo is UTC
    with pytest.raises(AssertionError):
        utc(NOON.replace(tzinfo=None))


@pytest.mark.parametrize("number", ["CT-1", "ct 1", " Ct/1 ", "c.t.1"])
def test_an_account_number_is_letters_and_digits(number):
    assert normal_account(number) == "CT1"
