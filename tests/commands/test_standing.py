"""A stranger at an address: what they may do before they have proved to live there."""

from datetime import date

import pytest

from commands import standing
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.save_visitor import SaveVisitor
from ledger.events import Actor
from ledger.household.state import Household, Resident
from ledger.refusals import NotFound


def household(*, proved: bool) -> Household:
    resident = Resident(
        resident_id="stranger", verified=True, proved=proved, lives_from=date(2026, 11, 19)
    )
    return Household(household_id="home", residents={"stranger": resident})


def test_a_stranger_uses_nothing_of_the_household() -> None:
    """Anyone may open an account; only who has proved to live there spends its units (P16)."""
    by = Actor("resident", "stranger")
    for command in (BookVoucher(vehicles=("AA11AAA",)), SaveVisitor(vehicle="AA11AAA", name="Ann")):
        codes = [r.code for r in standing.refusals(command, household(proved=False), by)]
        assert codes == ["eligibility.not_verified"]
        assert not list(standing.refusals(command, household(proved=True), by))


def test_another_residents_application_is_not_there_for_a_stranger() -> None:
    """Absent and another's look the same (P16)."""
    with pytest.raises(NotFound):
        list(
            standing.refusals(
                CancelApplication(application="a1"),
                household(proved=False),
                Actor("resident", "stranger"),
            )
        )


def test_staff_are_not_held_back() -> None:
    command = BookVoucher(vehicles=("AA11AAA",))
    assert not list(standing.refusals(command, household(proved=False), Actor("staff", "s")))
