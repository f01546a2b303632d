"""What is wrong with a notice, told as warnings."""

from datetime import timedelta

import pytest

from ledger.rules.notices import CHECKED_WITHIN, CLOCKS_APART, Checked, warnings
from tests.given import instant

ISSUED = instant("2026-11-19 12:08")
NONE = Checked(asked_at=ISSUED, glyphs="AB12CDE", zone="OT", covered=False, earliest_pcn_at=None)
SHOWN = Checked(
    asked_at=instant("2026-11-19 12:07"),
    glyphs="AB12CDE",
    zone="OT",
    covered=False,
    earliest_pcn_at=None,
)
COVERED = Checked(
    asked_at=instant("2026-11-19 12:07"),
    glyphs="AB12CDE",
    zone="OT",
    covered=True,
    earliest_pcn_at=None,
)


def codes(
    shown: Checked | None = SHOWN,
    then: Checked | None = NONE,
    now: Checked | None = NONE,
    british: bool = True,
) -> list[str]:
    found = warnings(
        glyphs="AB12CDE",
        zone="OT",
        issued_at=ISSUED,
        british=british,
        shown=shown,
        known_then=then,
        known_now=now,
    )
    return [each.code.removeprefix("notice.") for each in found]


def grace(until: str) -> Checked:
    return Checked(
        asked_at=instant("2026-11-19 12:07"),
        glyphs="AB12CDE",
        zone="OT",
        covered=False,
        earliest_pcn_at=instant(until),
    )


def test_a_notice_after_a_check_that_found_nothing_has_no_warning():
    assert codes() == []


def test_a_notice_though_the_officer_was_shown_cover_is_told():
    assert codes(shown=COVERED) == ["shown_covered"]


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-11-19 12:08:01", ["grace_barred"]),
        ("2026-11-19 12:08:00", ["grace_barred"]),
        ("2026-11-19 12:07:59", []),
    ],
)
def test_a_notice_at_the_very_end_of_the_grace_is_barred_and_after_it_no_longer(until, told):
    """SI 2022/71 regulation 5: "does not exceed 10 minutes"."""
    assert codes(shown=grace(until)) == told
    assert codes(then=grace(until)) == told
    assert codes(now=grace(until)) == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shown": None}, "no_check"),
        (
            {
                "shown": Checked(
                    asked_at=ISSUED, glyphs="ZZ99ZZZ", zone="OT", covered=True, earliest_pcn_at=None
                )
            },
            "another_mark",
        ),
        (
            {
                "shown": Checked(
                    asked_at=ISSUED + timedelta(seconds=1),
                    glyphs="AB12CDE",
                    zone="OT",
                    covered=False,
                    earliest_pcn_at=None,
                )
            },
            "checked_after",
        ),
        (
            {
                "shown": Checked(
                    asked_at=ISSUED,
                    glyphs="AB12CDE",
                    zone="BA",
                    covered=False,
                    earliest_pcn_at=None,
                )
            },
            "another_zone",
        ),
        ({"then": COVERED}, "covered_as_known_then"),
        ({"now": COVERED}, "covered_as_known_now"),
        ({"then": None, "now": None}, "zone_unknown"),
        ({"british": False}, "not_a_uk_mark"),
    ],
)
def test_each_other_thing_to_look_at_has_its_own_warning(change, told):
    assert codes(**change) == [told]


def test_of_several_ends_of_grace_the_last_one_counts():
    """What was shown and what is known may differ; either bars the notice."""
    early, late = grace("2026-11-19 12:07:59"), grace("2026-11-19 12:08")

    assert codes(shown=early, then=late, now=early) == ["grace_barred"]
    assert codes(shown=late, then=early, now=early) == ["grace_barred"]
    assert codes(shown=early, then=early, now=early) == []


def test_a_zone_that_only_one_clock_knows_is_unknown_to_the_other():
    assert codes(then=None) == codes(now=None) == ["zone_unknown"]


def test_what_a_notice_follows_from_is_half_an_hour_old_at_most_and_clocks_differ_by_five_minutes():
    """Enforcement and evidence, C.5 and E8."""
    assert (timedelta(minutes=30), timedelta(minutes=5)) == (CHECKED_WITHIN, CLOCKS_APART)


@pytest.mark.parametrize(("glyphs", "told"), [
    ("AB12CDE", ["shown_unknown"]),
    ("ZZ99ZZZ", ["another_mark"]),
])  # fmt: skip
def test_a_notice_though_the_officer_was_shown_that_it_is_unknown_is_told(glyphs, told):
    """What is stored of the mark was in doubt: no notice, until that is settled."""
    doubted = Checked(
        asked_at=instant("2026-11-19 12:07"),
        glyphs=glyphs,
        zone="OT",
        covered=None,
        earliest_pcn_at=None,
    )
    assert codes(shown=doubted) == told
