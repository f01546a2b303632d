"""Exceptions that one role agrees to."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.grant_allowance import GrantAllowance
from commands.move_out import MoveOut
from commands.observe_permit import ObservePermit
from ledger.calendar import parse_local
from ledger.events import AllowanceGranted, HoldingIssued
from ledger.rules import vehicles
from tests.given import bought, done, editions_of, given

NORWICH = "norwich-2015"
TZ = editions_of(NORWICH).latest.tz
HEAD = "approver:head_of_city_development_services"
SIXTY = bought("day-scratchcard", units=60, at="2026-11-20 10:00")
TWENTY = GrantAllowance(product="day-scratchcard", units=20, reason="care of a parent")
CARER = GrantAllowance(product="long-stay-care", vehicle="ab12 cde", reason="minds the children")
NOON = "2026-11-20 12:00"


def more(units: int) -> ApplyForPermit:
    return ApplyForPermit(product="day-scratchcard", quantity=units)


def test_more_cards_may_be_agreed_beyond_the_sixty() -> None:
    """NOR-054, NOR-055."""
    past = given(SIXTY, scheme=NORWICH)
    past.when(TWENTY, at=NOON, by=HEAD, ids=("g1",)).then(
        AllowanceGranted(
            grant_id="g1",
            product="day-scratchcard",
            units=20,
            resident_id="res",
            approver="head_of_city_development_services",
            reason="care of a parent",
            granted_on=date(2026, 11, 20),
            counts_until=date(2027, 11, 20),
        )
    )
    past.when(more(30), at=NOON).then_refused("allowance.exceeded")
    past.when(more(20), at=NOON).then_accepted()


def test_an_exception_lasts_twelve_months() -> None:
    past = given(done(TWENTY, at=NOON, by=HEAD), scheme=NORWICH)
    bigger = ApplyForPermit(product="day-scratchcard", quantity=60)
    sixty = bought("day-scratchcard", units=60, at="2027-11-19 10:00", name="sixty")
    sixty(past.story)
    past.when(more(20), at="2027-11-19 23:59").then_accepted()
    past.when(more(20), at="2027-11-20 00:00").then_refused("allowance.exceeded")
    past.when(bigger, at="2028-11-19 00:00").then_accepted()


@pytest.mark.parametrize(
    ("by", "reason", "codes"),
    [
        ("staff", "a reason", ("grant.approver_missing",)),
        ("approver:clerk", "a reason", ("grant.approver_missing",)),
        ("approver", "a reason", ("grant.approver_missing",)),
        ("staff:head_of_city_development_services", "a reason", ("grant.approver_missing",)),
        (HEAD, "", ("grant.reason_missing",)),
        (HEAD, "  ", ("grant.reason_missing",)),
        ("res", "", ("grant.approver_missing", "grant.reason_missing")),
    ],
)
def test_only_the_named_authority_agrees_and_says_why(
    by: str, reason: str, codes: tuple[str, ...]
) -> None:
    """NOR-055: a named authority must be recorded."""
    asked = GrantAllowance(product="day-scratchcard", units=10, reason=reason)
    given(scheme=NORWICH).when(asked, at=NOON, by=by).then_refused(*codes)


def test_a_regular_carer_has_a_permit_for_one_vehicle() -> None:
    """NOR-053: it covers that vehicle in the household's zone, free, and counts nowhere."""
    past = given(scheme=NORWICH)
    granted = past.when(CARER, at=NOON, by=HEAD, ids=("h1", "g1", "c1"))

    grant, issued = granted.events
    assert isinstance(grant, AllowanceGranted)
    assert (grant.grant_id, grant.holding_id, grant.units) == ("g1", "h1", 0)
    assert isinstance(issued, HoldingIssued)
    assert (issued.pence, issued.counted, issued.zone) == (0, (), "CENTRE")
    (cover,) = issued.covers
    assert (cover.shown, cover.kind) == ("AB12CDE", "holding")
    assert cover.covers_from == parse_local(NOON, TZ)
    assert cover.covers_until == parse_local("2027-11-20 00:00", TZ)
    granted.then_answers(grant="g1", holding="h1")
    assert vehicles.own_marks(past.household, parse_local("2026-12-01 10:00", TZ)) == set()


def test_the_paper_of_such_a_permit_is_good_in_its_vehicle_alone() -> None:
    past = given(done(CARER, at=NOON, by=HEAD, ids=("h1",)), scheme=NORWICH)
    for vehicle, valid, reason in (("AB12CDE", True, ""), ("FG34HJK", False, "no_right")):
        seen = ObservePermit(vehicle=vehicle, holding="h1")
        past.when(seen, at="2026-12-01 10:00", by="officer").then_answers(
            valid=valid, reason=reason
        )


def test_such_a_permit_ends_when_its_holder_moves_out() -> None:
    """X-055."""
    past = given(done(CARER, at=NOON, by=HEAD, ids=("h1", "g1", "c1")), scheme=NORWICH)
    moved = past.when(MoveOut(resident="res"), at="2026-12-01 10:00", by="staff")
    moved.then_answers(ended=["h1"])


def test_what_the_scheme_does_not_provide_for_is_refused() -> None:
    past = given(scheme=NORWICH)
    for asked, codes in (
        (GrantAllowance(product="short-stay", units=1, reason="x"), ("grant.not_offered",)),
        (GrantAllowance(product="long-stay-care", units=1, reason="x"), ("grant.not_offered",)),
        (
            GrantAllowance(product="day-scratchcard", vehicle="AB12CDE", reason="x"),
            ("grant.not_offered",),
        ),
        (
            GrantAllowance(product="none-such", units=1, reason="x"),
            ("eligibility.product_not_offered", "grant.not_offered"),
        ),
        (
            GrantAllowance(product="day-scratchcard", units=0, reason="x"),
            ("purchase.below_minimum",),
        ),
        (
            GrantAllowance(product="day-scratchcard", units=-10, reason="x"),
            ("purchase.below_minimum",),
        ),
        (
            GrantAllowance(product="long-stay-care", vehicle="!", reason="x"),
            ("vehicle.mark_invalid",),
        ),
    ):
        past.when(asked, at=NOON, by=HEAD).then_refused(*codes)
