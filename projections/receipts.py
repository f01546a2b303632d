"""Receipts: every idempotency key that had an effect, for ever, with the answer its sender was
given.

Source: promises P2, P3.
"""

import msgspec

from ledger.events import Recorded
from ledger.store.rows import Changes, Table

RECEIPTS = Table(
    name="receipts",
    columns=("command_key", "body_digest", "household_id", "version", "answer"),
    key=("command_key",),
    match=("command_key",),
)

_encoder = msgspec.json.Encoder(order="deterministic")


class Receipts:
    """The fold: the last event of a command carries its receipt."""

    name = "receipts"
    tables = (RECEIPTS,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        receipt = recorded.entry.receipt
        if receipt is None:
            return
        changes.put(
            RECEIPTS,
            {
                "command_key": receipt.key,
                "body_digest": receipt.body,
                "household_id": recorded.household_id,
                "version": recorded.originator_version,
                "answer": _encoder.encode(receipt.answer).decode(),
            },
        )
