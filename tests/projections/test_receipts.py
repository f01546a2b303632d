"""Every idempotency key that had an effect."""

from ledger.events import Answer, Receipt
from projections.receipts import Receipts
from tests.given import living
from tests.projections.facts import HOUSEHOLD, fact, rows


def test_the_event_that_carries_a_receipt_is_its_row():
    """The same key gets the first answer again (G-003)."""
    answer = Answer(command="book_voucher", household_id="h", version=3, values={"remaining": 19})
    receipt = Receipt(key="k", body="b", answer=answer)

    found = rows(Receipts(), [fact(living("r1")), fact(living("r2"), 2, receipt=receipt)])

    assert found == [
        {
            "command_key": "k",
            "body_digest": "b",
            "household_id": str(HOUSEHOLD),
            "version": 2,
            "answer": '{"command":"book_voucher","household_id":"h","version":3,'
            '"values":{"remaining":19}}',
        }
    ]
