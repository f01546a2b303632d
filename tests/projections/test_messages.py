"""What residents are told, once each."""

import msgspec

from ledger.events import BookingCancelled, PinSent
from projections.messages import Messages
from tests.projections.facts import AT, HOUSEHOLD, fact, rows

CANCELLED = BookingCancelled(
    booking_id="b1", holding_id="h", product="p", units_returned=1, tell=True, uncovers=("b1",)
)


def test_a_message_is_sent_where_the_fact_says_so():
    """Turned off for a booking, none is sent (STV-093, A-039)."""
    silent = msgspec.structs.replace(CANCELLED, tell=False)

    assert rows(Messages(), [fact(CANCELLED, 4), fact(silent, 5)]) == [
        {
            "message_id": f"{HOUSEHOLD}/4",
            "household_id": str(HOUSEHOLD),
            "resident_id": "res",
            "kind": "cancelled",
            "subject": "b1",
            "due_at": AT,
            "sent_at": None,
        }
    ]


def test_a_pin_is_a_message_without_the_pin():
    """By e-mail or SMS (HAN-009)."""
    (row,) = rows(Messages(), [fact(PinSent(resident_id="r1", by_way_of="text"))])

    assert (row["kind"], row["resident_id"]) == ("pin", "r1")
