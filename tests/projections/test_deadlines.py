"""What the worker has to record, and when it falls due."""

from ledger.events import HoldingExpired, OfferLapsed, OfferMade
from projections.deadlines import Deadlines
from tests.projections.facts import HOUSEHOLD, LATER, fact, patches, rows

OFFER = fact(OfferMade(application_id="a1", lapses_at=LATER))


def test_an_offer_that_lapses_is_due_and_one_that_does_not_is_never():
    """No automatic lapse by default (X-028)."""
    assert rows(Deadlines(), [OFFER]) == [
        {
            "kind": "offer",
            "subject": "a1",
            "household_id": str(HOUSEHOLD),
            "due_at": LATER,
            "done": False,
        }
    ]
    assert rows(Deadlines(), [fact(OfferMade(application_id="a1"))]) == []


def test_what_was_recorded_is_due_no_more():
    lapsed = fact(OfferLapsed(application_id="a1", lapsed_at=LATER), 2, LATER)
    expired = fact(HoldingExpired(holding_id="h", expired_at=LATER, units_lapsed=1), 3, LATER)

    (row,) = rows(Deadlines(), [OFFER, lapsed])

    assert row["done"] is True
    assert patches(Deadlines(), [lapsed, expired]) == [
        {"kind": "offer", "subject": "a1", "done": True},
        {"kind": "holding", "subject": "h", "done": True},
    ]
