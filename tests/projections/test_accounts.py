"""Who lives where, and which mobile speaks for whom."""

from datetime import date

from ledger.events import MobileLinked, ResidentMovedOut
from projections.accounts import Accounts
from tests.given import living
from tests.projections.facts import HOUSEHOLD, LATER, fact, patches, rows


def test_a_resident_is_an_account_and_no_number_is_none():
    assert rows(Accounts(), [fact(living("r1", name="Ann", email="a@example.org"))]) == [
        {
            "resident_id": "r1",
            "household_id": str(HOUSEHOLD),
            "verified": True,
            "name": "Ann",
            "email": "a@example.org",
            "mobile": None,
            "moved_out": False,
        }
    ]


def test_a_linked_number_and_a_move_change_the_account():
    linked = fact(MobileLinked(resident_id="r1", mobile="+447700900001"), 2)
    moved = fact(
        ResidentMovedOut(
            resident_id="r1", moved_out_at=LATER, moved_out_on=date(2026, 11, 20), emptied=True
        ),
        3,
    )

    (row,) = rows(Accounts(), [fact(living("r1")), linked, moved])

    assert (row["mobile"], row["moved_out"]) == ("+447700900001", True)
    assert patches(Accounts(), [linked, moved]) == [
        {"resident_id": "r1", "mobile": "+447700900001", "moved_out": True}
    ]
