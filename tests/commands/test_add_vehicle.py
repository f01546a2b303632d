"""Listing a vehicle on a permit."""

import pytest

from commands.add_vehicle import AddVehicle
from commands.move_out import MoveOut
from commands.remove_vehicle import RemoveVehicle
from ledger.events import VehicleAdded
from tests.commands.epermit import BOUGHT, OVER, PERMIT, covering, permit
from tests.given import bought, done, given, instant


def test_the_first_vehicle_added_to_an_empty_list_is_active_at_once():
    """The first in the list is the active one (X-023, A-059)."""
    (
        permit()
        .when(AddVehicle(vehicle="aa11 aaa"), at="2026-11-21 10:00")
        .then(
            VehicleAdded(
                holding_id="lot",
                typed="aa11 aaa",
                shown="AA11AAA",
                glyphs="AA11AAA",
                active=True,
                covers=(
                    covering("new#1", "listed", "aa11 aaa", "2026-11-21 10:00"),
                    covering("new#2", "active", "aa11 aaa", "2026-11-21 10:00"),
                ),
            )
        )
        .then_answers(active="AA11AAA", listed=1, vehicles=["AA11AAA"])
    )


def test_adding_to_a_list_leaves_the_active_vehicle_active():
    """An addition to a list that has an active one changes nothing (GRV-031, A-060)."""
    (
        permit("AA11AAA")
        .when(AddVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00")
        .then(
            VehicleAdded(
                holding_id="lot",
                typed="BB22BBB",
                shown="BB22BBB",
                glyphs="BB22BBB",
                active=False,
                covers=(covering("new#1", "listed", "BB22BBB", "2026-11-21 10:00"),),
            )
        )
        .then_answers(active="AA11AAA", listed=2, vehicles=["AA11AAA", "BB22BBB"])
    )


@pytest.mark.parametrize("again", ["AB01CDE", "ab01 cde", "ABO1CDE", "AB-0I-CDE"])
def test_a_vehicle_is_listed_once_however_its_mark_is_typed(again):
    """O and 0, I and 1 are one glyph (X-101, A-078)."""
    permit("AB01CDE").when(AddVehicle(vehicle=again), at=BOUGHT).then_refused(
        "vehicle.already_listed"
    )


@pytest.mark.parametrize(("listed", "refused"), [(1, False), (2, False), (3, True)])
def test_the_list_holds_its_maximum_and_not_one_more(listed, refused):
    """Ninety-nine, the active one among them (GRV-009, X-025); three here."""
    marks = ("AA11AAA", "BB22BBB", "CC33CCC")[:listed]
    outcome = permit(*marks, listed_max=3).when(AddVehicle(vehicle="DD44DDD"), at=BOUGHT)

    if refused:
        outcome.then_refused("vehicle.list_full")
    else:
        outcome.then_answers(listed=listed + 1)


def test_the_council_lists_ninety_nine():
    marks = tuple(f"AB{n:02d}AAA" for n in range(1, 99))

    permit(*marks).when(AddVehicle(vehicle="ZZ99ZZZ"), at=BOUGHT).then_answers(listed=99)
    permit(*marks, "AB99AAA").when(AddVehicle(vehicle="ZZ99ZZZ"), at=BOUGHT).then_refused(
        "vehicle.list_full"
    )


def test_a_vehicle_already_on_a_full_list_is_told_that_it_is_listed():
    permit("AA11AAA", listed_max=1).when(AddVehicle(vehicle="AA11AAA"), at=BOUGHT).then_refused(
        "vehicle.already_listed"
    )


def test_a_removed_vehicle_frees_its_place_and_can_be_listed_again():
    """Removal frees one of the places (GRV-032)."""
    permit(
        "AA11AAA",
        "BB22BBB",
        past=(done(RemoveVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00"),),
        listed_max=2,
    ).when(AddVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00").then_answers(
        listed=2, active="AA11AAA"
    )


@pytest.mark.parametrize(("at", "refused"), [("2027-11-19 23:59:59.999999", False), (OVER, True)])
def test_a_permit_is_in_force_to_the_end_of_the_day_before_its_anniversary(at, refused):
    """To the last instant of 19 November, not at midnight (A-070)."""
    outcome = permit("AA11AAA").when(AddVehicle(vehicle="BB22BBB"), at=at)

    if refused:
        outcome.then_refused("permit.not_in_force")
    else:
        outcome.then_answers(listed=2)


def test_a_mark_that_is_none_and_a_permit_that_is_none_are_both_named():
    """Every reason that applies, vehicle before permit."""
    given(scheme="gravesham").when(AddVehicle(vehicle="?")).then_refused(
        "vehicle.mark_invalid", "permit.not_in_force"
    )


def test_without_a_permit_nothing_is_listed_and_an_unknown_one_is_not_found():
    given(scheme="gravesham").when(AddVehicle(vehicle="AA11AAA")).then_refused(
        "permit.not_in_force"
    )
    permit().when(AddVehicle(vehicle="AA11AAA", holding="another"), at=BOUGHT).then_not_found(
        "holding"
    )


def test_a_holding_that_keeps_no_list_is_no_permit_to_list_on():
    """Vouchers are booked, not listed on."""
    given(bought("virtual-visitor-vouchers")).when(
        AddVehicle(vehicle="AA11AAA", holding="lot")
    ).then_refused("permit.not_in_force")


def test_with_two_permits_in_force_the_command_says_which():
    two = given(
        bought(PERMIT, name="p1", at=BOUGHT),
        bought(PERMIT, name="p2", at=BOUGHT),
        scheme="gravesham",
        values={f"products.{PERMIT}.allowance.max": 2},
    )

    two.when(AddVehicle(vehicle="AA11AAA"), at=BOUGHT).then_refused("booking.product_unclear")
    two.when(AddVehicle(vehicle="AA11AAA", holding="p2"), at=BOUGHT).then_answers(
        holding="p2", listed=1
    )


def test_a_permit_of_one_who_has_moved_out_is_not_in_force():
    """It ended at the instant of moving out (X-055)."""
    moved = permit(
        "AA11AAA",
        past=(
            done(MoveOut(resident="res", on=instant("2026-12-01 12:00")), at=BOUGHT, by="staff"),
        ),
    )

    moved.when(AddVehicle(vehicle="BB22BBB"), at="2026-12-01 11:59:59").then_answers(listed=2)
    moved.when(AddVehicle(vehicle="CC33CCC"), at="2026-12-01 12:00").then_refused(
        "eligibility.not_resident"
    )
    moved.when(AddVehicle(vehicle="CC33CCC"), at="2026-12-01 12:00", by="staff").then_refused(
        "permit.not_in_force"
    )
