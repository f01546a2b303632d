"""Purchases with the dates on which they count."""

from datetime import date

from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from ledger.events import HoldingIssued, ResidentMovedOut
from projections.allowances import STOPPED_AT, Allowances
from tests.given import applied_for, bought, given
from tests.projections.facts import HOUSEHOLD, fact, patches, rows


def test_a_purchase_counts_from_its_day_to_the_day_before_its_anniversary():
    """By date (X-034): the row says all that the sum needs."""
    outcome = given(applied_for("visitor-permits"), scheme="hampshire").when(
        PayForApplications(applications=("a1",), result="authorised"), ids=("p1", "h1")
    )
    issued = outcome.events[1]
    assert isinstance(issued, HoldingIssued)

    assert rows(Allowances(), [fact(issued)]) == [
        {
            "holding_id": "h1",
            "cap": "visitor-permits/household/rolling_12m/unit",
            "household_id": str(HOUSEHOLD),
            "resident_id": "res",
            "product": "visitor-permits",
            "scope": "household",
            "unit": "unit",
            "amount": 10,
            "counts_from": date(2026, 11, 19),
            "counts_until": date(2027, 11, 19),
            "counts_until_at": None,
        }
    ]


def test_purchases_of_a_household_that_left_count_to_the_day_of_its_move():
    """The next household starts afresh (X-104)."""
    outcome = given(bought("visitor-permits"), scheme="hampshire").when(
        MoveOut(resident="res"), at="2026-12-01 12:00", by="staff"
    )
    (moved,) = outcome.events
    assert isinstance(moved, ResidentMovedOut)

    assert patches(Allowances(), [fact(moved)]) == [
        {
            "holding_id": "lot",
            "cap": "visitor-permits/household/rolling_12m/unit",
            "counts_until": date(2026, 12, 1),
            "counts_until_at": STOPPED_AT,
        }
    ]
