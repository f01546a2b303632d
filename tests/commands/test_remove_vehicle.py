"""Taking a vehicle off a permit's list."""

import pytest

from commands.add_vehicle import AddVehicle
from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.events import VehicleRemoved, VehicleSwitched
from tests.commands.epermit import BOUGHT, OVER, covering, permit
from tests.given import done, given


def test_a_listed_vehicle_is_removed_and_was_listed_until_then():
    """A vehicle can be removed, freeing its place (GRV-032)."""
    (
        permit("AA11AAA", "BB22BBB")
        .when(RemoveVehicle(vehicle="bb22 bbb"), at="2026-11-21 10:00")
        .then(
            VehicleRemoved(
                holding_id="lot",
                shown="BB22BBB",
                glyphs="BB22BBB",
                covers=(covering("lot#4", "listed", "BB22BBB", BOUGHT, "2026-11-21 10:00"),),
            )
        )
        .then_answers(active="AA11AAA", listed=1)
    )


def test_the_active_vehicle_is_not_removed_while_others_are_listed():
    """It stays active until it is changed (X-024)."""
    permit("AA11AAA", "BB22BBB").when(RemoveVehicle(vehicle="AA11AAA"), at=BOUGHT).then_refused(
        "vehicle.is_active"
    )


def test_the_only_vehicle_is_removed_though_active_and_then_none_is():
    """Allowed when it is the only one, leaving none active (X-024); its past stays covered."""
    (
        permit("AA11AAA")
        .when(RemoveVehicle(vehicle="AA11AAA"), at="2026-11-21 10:00")
        .then(
            VehicleRemoved(
                holding_id="lot",
                shown="AA11AAA",
                glyphs="AA11AAA",
                covers=(
                    covering("lot#3", "listed", "AA11AAA", BOUGHT, "2026-11-21 10:00"),
                    covering("lot#4", "active", "AA11AAA", BOUGHT, "2026-11-21 10:00"),
                ),
            )
        )
        .then_answers(active=None, listed=0, vehicles=[])
    )


def test_a_vehicle_removed_at_the_instant_it_was_added_was_never_listed():
    """No period is left to cover."""
    (
        permit(
            "AA11AAA", past=(done(AddVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00", key="add"),)
        )
        .when(RemoveVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00")
        .then(
            VehicleRemoved(holding_id="lot", shown="BB22BBB", glyphs="BB22BBB", uncovers=("add#1",))
        )
    )


def test_a_courtesy_car_that_is_switched_away_can_be_removed():
    """The time it was active stays covered (G-010)."""
    courtesy = permit(
        "AA11AAA",
        past=(
            done(AddVehicle(vehicle="CC33CAR"), at="2026-11-21 08:00", key="add"),
            done(SwitchVehicle(vehicle="CC33CAR"), at="2026-11-21 08:00"),
            done(SwitchVehicle(vehicle="AA11AAA"), at="2026-11-25 08:00"),
        ),
    )

    courtesy.when(RemoveVehicle(vehicle="CC33CAR"), at="2026-11-25 08:00").then(
        VehicleRemoved(
            holding_id="lot",
            shown="CC33CAR",
            glyphs="CC33CAR",
            covers=(
                covering("add#1", "listed", "CC33CAR", "2026-11-21 08:00", "2026-11-25 08:00"),
            ),
        )
    ).then_answers(active="AA11AAA", listed=1)


@pytest.mark.parametrize("mark", ["BBO1BBB", "bb-0i-bbb"])
def test_a_vehicle_is_found_by_its_glyphs(mark):
    """One plate, however it is typed (X-101)."""
    permit("AA11AAA", "BB01BBB").when(RemoveVehicle(vehicle=mark), at=BOUGHT).then_answers(listed=1)


def test_where_the_scheme_promotes_the_next_vehicle_it_becomes_active():
    """The alternative that a scheme may choose (X-024)."""
    (
        permit("AA11AAA", "BB22BBB", "CC33CCC", on_remove_active="promote_next")
        .when(RemoveVehicle(vehicle="AA11AAA"), at="2026-11-21 10:00")
        .then(
            VehicleRemoved(
                holding_id="lot",
                shown="AA11AAA",
                glyphs="AA11AAA",
                covers=(
                    covering("lot#3", "listed", "AA11AAA", BOUGHT, "2026-11-21 10:00"),
                    covering("lot#6", "active", "AA11AAA", BOUGHT, "2026-11-21 10:00"),
                ),
            ),
            VehicleSwitched(
                holding_id="lot",
                shown="BB22BBB",
                glyphs="BB22BBB",
                was_shown="AA11AAA",
                covers=(covering("new#1", "active", "BB22BBB", "2026-11-21 10:00"),),
            ),
        )
        .then_answers(active="BB22BBB", listed=2)
    )


def test_where_the_scheme_leaves_none_active_none_is():
    """The other alternative (X-024): a later addition does not become active by itself."""
    none = permit("AA11AAA", "BB22BBB", on_remove_active="none")

    none.when(RemoveVehicle(vehicle="AA11AAA"), at="2026-11-21 10:00").then_answers(
        active=None, listed=1, vehicles=["BB22BBB"]
    )
    none.when(SwitchVehicle(vehicle="BB22BBB"), at="2026-11-21 10:00").then_answers(
        active="BB22BBB"
    )


def test_what_is_not_listed_or_no_mark_or_not_in_force_is_refused():
    held = permit("AA11AAA")

    held.when(RemoveVehicle(vehicle="CC33CCC"), at=BOUGHT).then_refused("vehicle.not_listed")
    held.when(RemoveVehicle(vehicle="?"), at=BOUGHT).then_refused("vehicle.mark_invalid")
    held.when(RemoveVehicle(vehicle="AA11AAA"), at=OVER).then_refused("permit.not_in_force")
    given(scheme="gravesham").when(RemoveVehicle(vehicle="?")).then_refused(
        "vehicle.mark_invalid", "permit.not_in_force"
    )
