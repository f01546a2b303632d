"""Is this vehicle covered here, at that instant?"""

from datetime import datetime, timedelta

import pytest

from ledger.rules.covering import (
    STATUTORY_GRACE,
    Right,
    VehicleFacts,
    Verdict,
    excluded_by,
    verdict,
)
from ledger.rules.hours import controlled
from ledger.scheme.schema import Scheme
from tests.given import editions_of, instant
from tests.rules.schemes import scheme_of

TICK = timedelta(microseconds=1)
NOTHING = VehicleFacts()
SCHEME = editions_of("stevenage").latest
BEGINS, ENDS = instant("2026-11-20 11:10"), instant("2026-11-21 00:00")
HOURS = """
[[zones]]
id = "H"
hours = [
  { days = "mon-fri", from = "08:00", to = "18:30" },
  { days = "sat", from = "20:00", to = "24:00" },
]
"""


def right(
    shown: str = "G885WFE",
    *,
    kind: str = "booking",
    zone: str = "OT",
    begins: datetime = BEGINS,
    ends: datetime = ENDS,
) -> Right:
    return Right(
        kind=kind,
        holding_id="lot",
        product="p",
        shown=shown,
        zone=zone,
        covers_from=begins,
        covers_until=ends,
        household_id="home",
        version=7,
    )


def asked(
    *rights: Right,
    at: datetime,
    shown: str = "G885WFE",
    facts: VehicleFacts = NOTHING,
    scheme: Scheme = SCHEME,
    zone: str = "OT",
    bay: str = "",
) -> Verdict:
    return verdict(shown, rights, facts, scheme, zone, at, bay)  # type: ignore[arg-type]


def test_cover_holds_its_first_instant_and_not_its_last():
    """Until 23:59 is the whole last minute and not one instant of the next day (X-004, A-026)."""
    visit = right()

    assert not asked(visit, at=BEGINS - TICK).covered
    assert asked(visit, at=BEGINS) == Verdict(
        covered=True, reason="", until=ENDS, match="exact", right=visit
    )
    assert asked(visit, at=ENDS - TICK).covered
    assert not asked(visit, at=ENDS).covered


def test_the_reasons_before_between_and_after():
    """What is nearest: not started before it, ended within ten minutes after it (G-001, G-005)."""
    first = right(begins=instant("2026-11-20 09:00"), ends=instant("2026-11-20 10:00"))
    second = right(begins=instant("2026-11-20 12:00"), ends=instant("2026-11-20 13:00"))

    def reason(at: str) -> str:
        return asked(first, second, at=instant(f"2026-11-20 {at}")).reason

    assert reason("08:59") == "not_started"
    assert reason("10:00") == "ended"
    assert reason("10:59") == "ended"
    assert reason("11:00") == "not_started"
    assert reason("11:01") == "not_started"
    assert reason("13:00") == "ended"


def test_for_ten_minutes_after_its_end_a_vehicle_is_said_to_have_ended_though_it_starts_again():
    """A notice is barred: the officer must be told of that (SI 2022/71, regulation 5)."""
    first = right(begins=instant("2026-11-20 09:00"), ends=instant("2026-11-20 10:00"))
    second = right(begins=instant("2026-11-20 10:10:01"), ends=instant("2026-11-20 13:00"))

    at = instant("2026-11-20 10:10")

    assert asked(first, second, at=at).reason == "ended"
    assert asked(first, second, at=at).earliest_pcn_at == at
    assert asked(first, second, at=at + TICK).reason == "not_started"


def test_the_earliest_notice_is_ten_minutes_after_the_end():
    """At that very instant a notice is still barred (scenario language, G-005)."""
    assert timedelta(minutes=10) == STATUTORY_GRACE
    assert asked(right(), at=ENDS).earliest_pcn_at == ENDS + STATUTORY_GRACE
    assert asked(at=ENDS).earliest_pcn_at is None


def test_without_any_right_there_is_none():
    assert asked(at=BEGINS) == Verdict(covered=False, reason="no_right")


def test_a_right_in_another_zone_is_named_as_that_and_only_while_it_holds():
    """The zone of its address and no other (G-012)."""
    elsewhere = right(zone="NT")

    assert asked(elsewhere, at=BEGINS).reason == "wrong_zone"
    assert asked(elsewhere, at=BEGINS).right == elsewhere
    assert asked(elsewhere, at=ENDS).reason == "no_right"
    assert asked(elsewhere, right(), at=BEGINS).covered


def test_a_listed_vehicle_is_not_covered_and_a_permit_that_ended_is_ended():
    """A listed but not active vehicle is not covered (GRV-010, A-060, A-070)."""
    listed = right(kind="listed")

    assert asked(listed, at=BEGINS).reason == "not_active"
    assert asked(listed, right(kind="active"), at=BEGINS).covered
    assert asked(listed, at=ENDS).reason == "ended"
    assert asked(listed, right(kind="active"), at=ENDS).reason == "ended"


def test_a_vehicle_switched_away_is_not_active_and_has_its_ten_minutes():
    """Active until the switch, listed after it (A-062)."""
    switched = instant("2026-11-20 12:00")
    rights = (right(kind="listed"), right(kind="active", ends=switched))

    found = asked(*rights, at=switched)

    assert (found.covered, found.reason) == (False, "not_active")
    assert found.earliest_pcn_at == switched + STATUTORY_GRACE


def test_the_same_glyphs_are_the_same_plate_and_said_to_be():
    """O and 0 are one glyph: covered, reported as such (X-101, A-197)."""
    assert asked(right("AB01CDE"), at=BEGINS, shown="AB01CDE").match == "exact"
    assert asked(right("AB01CDE"), at=BEGINS, shown="ABO1CDE").match == "same_glyphs"
    both = (right("AB01CDE"), right("ABO1CDE", ends=ENDS - TICK))
    assert asked(*both, at=BEGINS, shown="ABO1CDE").match == "exact"


def test_of_several_rights_the_longest_is_the_answer():
    short = right(ends=instant("2026-11-20 12:00"))

    assert asked(short, right(), at=BEGINS).until == ENDS


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        (VehicleFacts(max_authorised_mass_kg=3499), None),
        (VehicleFacts(max_authorised_mass_kg=3500), "max_authorised_mass_kg"),
        (VehicleFacts(passengers=11), None),
        (VehicleFacts(passengers=12), "passengers"),
        (VehicleFacts(unladen_mass_kg=9000, length_mm=9000), None),
        (NOTHING, None),
    ],
)
def test_a_vehicle_at_a_limit_is_excluded_and_one_just_under_is_not(facts, limit):
    """Exactly 3,500 kg and exactly twelve are excluded already (STV-028, STV-029, A-045)."""
    found = asked(right(), at=BEGINS, facts=facts)

    assert excluded_by(facts, SCHEME.vehicle_limits) == limit
    assert found.covered is (limit is None)
    assert found.reason == ("" if limit is None else "vehicle_excluded")
    assert found.limit == (limit or "")


def test_of_several_rights_that_do_not_help_the_first_is_named():
    """Over a limit, or in another zone: not covered, with the right that was looked at."""
    first, second = right(), right(ends=ENDS - TICK)
    heavy = VehicleFacts(max_authorised_mass_kg=3500)
    assert asked(first, second, at=BEGINS, facts=heavy) == Verdict(
        covered=False, reason="vehicle_excluded", right=first, limit="max_authorised_mass_kg"
    )

    first, second = right(zone="NT"), right(zone="NT", ends=ENDS - TICK)
    assert asked(first, second, at=BEGINS) == Verdict(
        covered=False, reason="wrong_zone", right=first
    )


def test_an_excluded_vehicle_without_a_right_has_no_right():
    assert asked(at=BEGINS, facts=VehicleFacts(passengers=12)).reason == "no_right"


@pytest.mark.parametrize(
    ("limit", "facts", "excluded"),
    [
        ('measure = "length_mm"\nop = "gt"\nvalue = 6000', {"length_mm": 6000}, False),
        ('measure = "length_mm"\nop = "gt"\nvalue = 6000', {"length_mm": 6001}, True),
        ('measure = "fits_bay"\nop = "ne"\nvalue = true', {"fits_bay": False}, True),
        ('measure = "fits_bay"\nop = "ne"\nvalue = true', {"fits_bay": True}, False),
        ('measure = "class"\nop = "in"\nvalue = ["coach"]', {"vehicle_class": "coach"}, True),
        ('measure = "class"\nop = "in"\nvalue = ["coach"]', {"vehicle_class": "car"}, False),
    ],
)
def test_each_council_has_its_own_measures_and_boundaries(limit, facts, excluded):
    """A measure, an operator and a value; never one constant (X-019)."""
    scheme = scheme_of(head=f"[[vehicle_limits]]\n{limit}\n")

    assert (excluded_by(VehicleFacts(**facts), scheme.vehicle_limits) is not None) is excluded


def test_a_suspended_bay_covers_nobody():
    """Whatever the right (RBW)."""
    assert asked(right(), at=BEGINS, bay="suspended") == Verdict(
        covered=False, reason="suspended_bay"
    )
    assert asked(right(), at=BEGINS, bay="permit_holder").covered
    assert asked(right(), at=BEGINS, bay="shared_use").covered


@pytest.mark.parametrize(
    ("at", "needed"),
    [
        ("2026-11-20 07:59:59.999999", False),
        ("2026-11-20 08:00", True),
        ("2026-11-20 18:29:59.999999", True),
        ("2026-11-20 18:30", False),
        ("2026-11-21 08:00", False),
        ("2026-11-21 20:00", True),
        ("2026-11-21 23:59:59.999999", True),
        ("2026-11-22 00:00", False),
        ("2026-07-03 07:00Z", True),
        ("2026-07-03 17:30Z", False),
    ],
)
def test_a_permit_is_needed_in_controlled_hours_by_the_local_clock(at, needed):
    """Outside them nobody needs one (GRV-012)."""
    scheme = scheme_of(head=HOURS)

    assert controlled(scheme.zone("H"), scheme, instant(at)) is needed
    found = asked(at=instant(at), scheme=scheme, zone="H")
    assert (found.covered, found.reason) == (
        (False, "no_right") if needed else (True, "not_controlled")
    )
    assert (found.until is None) is needed


def test_where_nobody_needs_a_permit_it_is_said_until_when():
    """The officer is told when control begins again (GRV-012, X-066)."""
    scheme = scheme_of(head=HOURS)
    found = asked(at=instant("2026-11-20 07:59"), scheme=scheme, zone="H")
    assert found.until == instant("2026-11-20 08:00")


def test_a_zone_without_hours_and_a_zone_nobody_knows_are_always_controlled():
    at = instant("2026-11-22 03:00")

    assert controlled(SCHEME.zone("OT"), SCHEME, at)
    assert controlled(None, SCHEME, at)


def test_of_two_rights_that_end_together_the_one_of_the_very_mark_is_told():
    """The same plate written in other glyphs is second to it (X-101)."""
    exact, same = right("AB01CDE"), right("ABO1CDE")

    for rights in ((exact, same), (same, exact)):
        assert asked(*rights, at=BEGINS, shown="AB01CDE").right == exact
        assert asked(*rights, at=BEGINS, shown="ABO1CDE").right == same


def test_of_several_that_ended_the_last_one_is_told_and_of_several_to_come_the_first():
    """Ten minutes are counted from the latest end (G-005)."""
    hours = [(9, 10), (10, 11), (15, 16), (14, 15)]
    first, second, later, sooner = (
        right(begins=instant(f"2026-11-20 {b:02}:00"), ends=instant(f"2026-11-20 {e:02}:00"))
        for b, e in hours
    )

    for rights in ((first, second, later, sooner), (second, first, sooner, later)):
        ended = asked(*rights, at=instant("2026-11-20 11:20"))
        assert (ended.reason, ended.right) == ("ended", second)
        assert ended.earliest_pcn_at == instant("2026-11-20 11:10")
        to_come = asked(*rights, at=instant("2026-11-20 13:00"))
        assert (to_come.reason, to_come.right) == ("not_started", sooner)
