"""Making another listed vehicle the active one."""

import pytest

from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.events import VehicleSwitched
from tests.commands.epermit import BOUGHT, OVER, covering, permit
from tests.given import done, given


def test_a_switch_takes_effect_at_its_instant():
    """The one until it, the other from it on (GRV-033, X-027, A-062)."""
    (
        permit("AA11AAA", "BB22BBB")
        .when(SwitchVehicle(vehicle="bb22 bbb"), at="2026-11-20 10:00")
        .then(
            VehicleSwitched(
                holding_id="lot",
                shown="BB22BBB",
                glyphs="BB22BBB",
                was_shown="AA11AAA",
                covers=(
                    covering("lot#5", "active", "AA11AAA", BOUGHT, "2026-11-20 10:00"),
                    covering("new#1", "active", "BB22BBB", "2026-11-20 10:00"),
                ),
            )
        )
        .then_answers(active="BB22BBB", listed=2, vehicles=["BB22BBB", "AA11AAA"])
    )


def test_a_switch_back_covers_the_first_vehicle_anew():
    (
        permit(
            "AA11AAA",
            "BB22BBB",
            past=(done(SwitchVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00", key="s1"),),
        )
        .when(SwitchVehicle(vehicle="AA11AAA"), at="2026-11-25 08:00")
        .then(
            VehicleSwitched(
                holding_id="lot",
                shown="AA11AAA",
                glyphs="AA11AAA",
                was_shown="BB22BBB",
                covers=(
                    covering("s1#1", "active", "BB22BBB", "2026-11-21 10:00", "2026-11-25 08:00"),
                    covering("new#1", "active", "AA11AAA", "2026-11-25 08:00"),
                ),
            )
        )
    )


def test_two_switches_at_one_instant_leave_the_last():
    """At every instant at most one vehicle is active (GRV-006): the one between never was."""
    (
        permit(
            "AA11AAA",
            "BB22BBB",
            past=(done(SwitchVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00", key="s1"),),
        )
        .when(SwitchVehicle(vehicle="AA11AAA"), at="2026-11-21 10:00")
        .then(
            VehicleSwitched(
                holding_id="lot",
                shown="AA11AAA",
                glyphs="AA11AAA",
                was_shown="BB22BBB",
                covers=(covering("new#1", "active", "AA11AAA", "2026-11-21 10:00"),),
                uncovers=("s1#1",),
            )
        )
    )


def test_a_switch_to_the_active_vehicle_changes_nothing():
    """Accepted, so that pressing twice harms nobody."""
    (
        permit("AA11AAA", "BB22BBB")
        .when(SwitchVehicle(vehicle="AA11AAA"), at="2026-11-20 10:00")
        .then(
            VehicleSwitched(
                holding_id="lot", shown="AA11AAA", glyphs="AA11AAA", was_shown="AA11AAA", covers=()
            )
        )
    )


@pytest.mark.parametrize("mark", ["BBO1BBB", "bb 0i bbb"])
def test_a_listed_vehicle_is_found_by_its_glyphs_and_shown_as_listed(mark):
    """One plate, however it is typed (X-101)."""
    permit("AA11AAA", "BB01BBB").when(SwitchVehicle(vehicle=mark), at=BOUGHT).then_answers(
        active="BB01BBB"
    )


def test_only_a_listed_vehicle_can_be_made_active():
    """Only a listed vehicle can be picked (GRV-033, A-066); one removed is none."""
    permit("AA11AAA").when(SwitchVehicle(vehicle="CC33CCC"), at=BOUGHT).then_refused(
        "vehicle.not_listed"
    )
    permit("AA11AAA", "BB22BBB", past=(done(RemoveVehicle(vehicle="BB22BBB"), at=BOUGHT),)).when(
        SwitchVehicle(vehicle="BB22BBB"), at=BOUGHT
    ).then_refused("vehicle.not_listed")


@pytest.mark.parametrize(("at", "refused"), [("2027-11-19 23:59:59", False), (OVER, True)])
def test_a_permit_that_is_over_is_not_switched(at, refused):
    outcome = permit("AA11AAA", "BB22BBB").when(SwitchVehicle(vehicle="BB22BBB"), at=at)

    if refused:
        outcome.then_refused("permit.not_in_force")
    else:
        outcome.then_answers(active="BB22BBB")


def test_a_mark_that_is_none_is_refused_and_an_unknown_permit_is_not_found():
    given(scheme="gravesham").when(SwitchVehicle(vehicle="?")).then_refused(
        "vehicle.mark_invalid", "permit.not_in_force"
    )
    permit("AA11AAA").when(
        SwitchVehicle(vehicle="AA11AAA", holding="another"), at=BOUGHT
    ).then_not_found("holding")


def test_staff_switch_for_a_caller():
    permit("AA11AAA", "BB22BBB").when(
        SwitchVehicle(vehicle="BB22BBB"), at=BOUGHT, by="staff for res", channel="phone"
    ).then_answers(active="BB22BBB")
