"""Payments by the provider's reference."""

from ledger.events import ApplicationRefused, PaymentAuthorised, PaymentFailed
from projections.payments import Payments
from tests.projections.facts import AT, HOUSEHOLD, LATER, fact, patches, rows

PAID = PaymentAuthorised(
    payment_id="p1",
    provider_reference="ref",
    applications=("a1", "a2"),
    shares=(1500, 1500),
    pence=3000,
    state="awaiting_decision",
)


def refused(application: str, total: int) -> ApplicationRefused:
    return ApplicationRefused(
        application_id=application,
        reason="not resident",
        refunded_pence=1500,
        payment_id="p1",
        payment_refunded_pence=total,
    )


def test_an_authorised_payment_is_a_row_with_its_reference():
    assert rows(Payments(), [fact(PAID)]) == [
        {
            "payment_id": "p1",
            "household_id": str(HOUSEHOLD),
            "provider_reference": "ref",
            "applications": ["a1", "a2"],
            "pence": 3000,
            "result": "authorised",
            "refunded_pence": 0,
            "recorded_at": AT,
        }
    ]


def test_what_failed_is_kept_and_one_without_a_reference_has_none():
    failed = PaymentFailed(
        payment_id="p2", provider_reference="", applications=("a1",), pence=1, result="declined"
    )

    (row,) = rows(Payments(), [fact(failed)])

    assert (row["result"], row["provider_reference"]) == ("declined", None)


def test_refunds_of_a_basket_add_up():
    """Each refusal tells all that has gone back of the payment (X-058)."""
    both = [fact(refused("a1", 1500), 2, LATER), fact(refused("a2", 3000), 3, LATER)]

    (row,) = rows(Payments(), [fact(PAID), *both])

    assert row["refunded_pence"] == 3000
    assert patches(Payments(), both) == [{"payment_id": "p1", "refunded_pence": 3000}]
    unpaid = ApplicationRefused(application_id="a3", reason="not resident")
    assert patches(Payments(), [fact(unpaid)]) == []
