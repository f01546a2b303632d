"""Payments, by the provider's own reference: one reference is credited once.

Source: STV-063 to 070, HAN-017; promise P15.
"""

from ledger.events import (
    ApplicationRefused,
    HoldingRefunded,
    PaymentAuthorised,
    PaymentFailed,
    Recorded,
)
from ledger.store.rows import Changes, Table

PAYMENTS = Table(
    name="payments",
    columns=(
        "payment_id",
        "household_id",
        "provider_reference",
        "applications",
        "pence",
        "result",
        "refunded_pence",
        "recorded_at",
    ),
    key=("payment_id",),
    match=("payment_id",),
    patched=("refunded_pence",),
)


class Payments:
    """The fold: authorised, declined, refunded."""

    name = "payments"
    tables = (PAYMENTS,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case PaymentAuthorised() as event:
                _put(changes, recorded, event, "authorised")
            case PaymentFailed() as event:
                _put(changes, recorded, event, event.result)
            case ApplicationRefused() as event if event.payment_id:
                _refunded(changes, event.payment_id, event.payment_refunded_pence)
            case HoldingRefunded() as event if event.payment_id:
                _refunded(changes, event.payment_id, event.payment_refunded_pence)
            case _:
                pass


def _refunded(changes: Changes, payment_id: str, pence: int) -> None:
    """All that has gone back of a payment: a basket's applications are refused one by one."""
    changes.patch(PAYMENTS, {"payment_id": payment_id}, refunded_pence=pence)


def _put(
    changes: Changes, recorded: Recorded, event: PaymentAuthorised | PaymentFailed, result: str
) -> None:
    changes.put(
        PAYMENTS,
        {
            "payment_id": event.payment_id,
            "household_id": recorded.household_id,
            "provider_reference": event.provider_reference or None,
            "applications": list(event.applications),
            "pence": event.pence,
            "result": result,
            "refunded_pence": 0,
            "recorded_at": recorded.recorded_at,
        },
    )
