"""The council looks the occupier up, for a fee."""

from commands.cancel_application import CancelApplication
from commands.check_occupancy import CheckOccupancy
from commands.pay_for_applications import PayForApplications
from ledger.events import OccupancyChecked
from tests.given import applied_for, done, given

SETS = "virtual-visitor-vouchers"
ALLOWED = {
    "proof.council_check": {"allowed": True, "fee_pence": 500, "fee_kept_on_failure": True},
}
FOUND = CheckOccupancy(application="a1", found=True)
NOT_FOUND = CheckOccupancy(application="a1", found=False)


def test_an_occupier_who_is_found_is_proved_and_the_fee_is_added():
    """In place of a document, for the scheme's fee (NOR-138)."""
    (
        given(applied_for(SETS), values=ALLOWED)
        .when(FOUND, by="staff")
        .then(
            OccupancyChecked(
                application_id="a1",
                found=True,
                fee_pence=500,
                pence=1500,
                state="awaiting_payment",
            )
        )
        .then_answers(state="awaiting_payment", pence=1500)
    )


def test_the_fee_is_due_whether_or_not_the_occupier_is_found():
    """Kept on failure, where the scheme says so (NOR-139)."""
    given(applied_for(SETS), values=ALLOWED).when(NOT_FOUND, by="staff").then_answers(
        state="awaiting_proof", pence=1500
    )
    kept = {**ALLOWED, "proof.council_check.fee_kept_on_failure": False}
    given(applied_for(SETS), values=kept).when(NOT_FOUND, by="staff").then_answers(
        state="awaiting_proof", pence=1000
    )


def test_the_fee_is_paid_with_the_application():
    given(applied_for(SETS), done(FOUND, by="staff"), values=ALLOWED).when(
        PayForApplications(applications=("a1",), result="authorised", amount=1500)
    ).then_answers(pence=1500, state="issued")


def test_what_is_free_waits_for_the_fee():
    given(applied_for("caring-visitors"), values=ALLOWED).when(FOUND, by="staff").then_answers(
        state="awaiting_payment", pence=500
    )


def test_a_council_that_does_not_look_up_says_so_and_a_closed_application_is_closed():
    given(applied_for(SETS)).when(FOUND, by="staff").then_refused("document.type_not_accepted")
    given(applied_for(SETS), done(CancelApplication(application="a1"))).when(
        FOUND, by="staff"
    ).then_refused("application.closed", "document.type_not_accepted")


def test_an_unknown_application_is_not_found():
    given(values=ALLOWED).when(FOUND, by="staff").then_not_found("application")
