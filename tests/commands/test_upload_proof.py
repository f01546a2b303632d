"""Uploading a proof of residence."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.move_out import MoveOut
from commands.upload_proof import UploadProof
from ledger.events import HoldingIssued, ProofUploaded
from tests.given import applied_for, bought, done, given

SETS = "virtual-visitor-vouchers"
EPERMIT = "visitors-permit"


def upload(document: str, dated: date | None, application: str = "a1") -> UploadProof:
    return UploadProof(application=application, document=document, dated=dated)


def test_a_proof_that_is_accepted_opens_the_payment():
    """One document is sufficient; payment follows (STV-039, STV-045)."""
    (
        given(applied_for(SETS))
        .when(upload("utility_bill", date(2026, 10, 1)))
        .then(
            ProofUploaded(
                document_id="new#1",
                application_id="a1",
                resident_id="res",
                document_type="utility_bill",
                dated_on=date(2026, 10, 1),
                uploaded_on=date(2026, 11, 19),
                state="awaiting_payment",
            )
        )
        .then_answers(state="awaiting_payment", pence=1000, document="new#1")
    )


def test_where_the_council_decides_the_proof_opens_the_decision_with_its_target():
    """Two working days, the next one being the first (GRV-020, X-029)."""
    apply = applied_for(EPERMIT, at="2026-12-24 10:00")
    bill = upload("council_tax_bill", date(2026, 4, 1))

    given(apply, scheme="gravesham").when(bill, at="2026-12-24 12:00").then_answers(
        state="awaiting_decision", target="2026-12-30"
    )


@pytest.mark.parametrize(
    ("document", "dated", "accepted"),
    [
        ("utility_bill", date(2026, 8, 20), True),
        ("utility_bill", date(2026, 8, 19), False),
        ("bank_statement", date(2026, 8, 20), True),
        ("bank_statement", date(2026, 8, 19), False),
        ("tenancy_agreement", date(2026, 10, 22), True),
        ("tenancy_agreement", date(2026, 10, 21), False),
        ("purchase_completion", date(2026, 10, 22), True),
        ("purchase_completion", date(2026, 10, 21), False),
        ("council_tax_bill", date(2026, 4, 1), True),
        ("council_tax_bill", date(2026, 3, 31), False),
        ("full_uk_driving_licence", date(1999, 1, 1), True),
        ("full_uk_driving_licence", None, True),
        ("utility_bill", None, False),
    ],
)
def test_a_document_is_young_enough_on_the_day_of_its_upload(document, dated, accepted):
    """Less than three months, within four weeks, this tax year (STV-046 to 051; X-008, X-010)."""
    outcome = given(applied_for(SETS)).when(upload(document, dated), at="2026-11-19 12:00")

    if accepted:
        outcome.then_answers(state="awaiting_payment")
    else:
        outcome.then_refused("document.too_old")


@pytest.mark.parametrize(
    ("dated", "accepted"), [(date(2026, 8, 19), True), (date(2026, 8, 18), False)]
)
def test_within_three_months_includes_the_day(dated, accepted):
    """Within: today is at most the date and three months (X-008)."""
    outcome = given(applied_for(EPERMIT), scheme="gravesham").when(upload("utility_bill", dated))

    if accepted:
        outcome.then_answers(state="awaiting_decision")
    else:
        outcome.then_refused("document.too_old")


@pytest.mark.parametrize(
    "document", ["provisional_driving_licence", "foreign_driving_licence", "mobile_bill", ""]
)
def test_only_what_is_on_the_list_is_a_proof(document):
    """A provisional licence is not in the list, nor is a mobile bill (STV-046, STV-048, A-014)."""
    given(applied_for(SETS)).when(upload(document, date(2026, 11, 1))).then_refused(
        "document.type_not_accepted"
    )


def test_a_document_of_tomorrow_is_no_proof():
    given(applied_for(SETS)).when(upload("utility_bill", date(2026, 11, 20))).then_refused(
        "document.dated_in_future"
    )
    given(applied_for(SETS)).when(upload("utility_bill", date(2026, 11, 19))).then_accepted()
    given(applied_for(SETS)).when(upload("utility_bill", date.max)).then_refused(
        "document.dated_in_future"
    )


def test_today_is_the_local_date():
    """In summer a bill of the new day is uploaded before midnight UTC."""
    given(applied_for(SETS, at="2026-06-01 10:00")).when(
        upload("utility_bill", date(2026, 7, 1)), at="2026-06-30 23:30Z"
    ).then_accepted()


def test_a_saved_application_goes_on_days_later_with_its_figures():
    """It can be saved and the documents uploaded later (STV-042, STV-065, A-005, A-056)."""
    given(applied_for(SETS, at="2026-11-16 20:00")).when(
        upload("utility_bill", date(2026, 10, 1)), at="2026-11-19 08:00"
    ).then_answers(application="a1", starts="2026-11-16", last_day="2027-11-30", pence=1000)


def test_a_second_document_changes_no_state():
    given(applied_for(SETS, proved=True)).when(
        upload("utility_bill", date(2026, 10, 1))
    ).then_answers(state="awaiting_payment")


def test_where_two_documents_are_required_the_first_is_not_enough():
    """As many as the scheme requires."""
    two = {"proof.documents_required": 2}

    outcome = given(applied_for(SETS), values=two).when(upload("utility_bill", date(2026, 11, 1)))
    outcome.then_answers(state="awaiting_proof")
    given(applied_for(SETS, proved=True), values=two).when(
        upload("utility_bill", date(2026, 11, 1))
    ).then_answers(state="awaiting_payment")


def test_nothing_is_added_to_an_application_that_is_closed_or_issued():
    """Declined for good, or done (STV-040, A-003); the document's own faults are told as well."""
    closed = given(applied_for(SETS), done(CancelApplication(application="a1")))

    closed.when(upload("utility_bill", date(2026, 1, 1))).then_refused(
        "application.closed", "document.too_old"
    )
    given(bought(SETS)).when(
        upload("utility_bill", date(2026, 11, 1), "lot.application")
    ).then_refused("application.closed")


def test_an_unknown_application_is_not_found():
    given().when(upload("utility_bill", date(2026, 11, 1))).then_not_found("application")


def test_once_an_address_is_proved_the_next_permit_needs_no_proof():
    """Residency proof once per address (X-057): the next application awaits the decision."""
    (
        given(bought(EPERMIT, at="2026-11-19 09:00"), scheme="gravesham")
        .when(ApplyForPermit(product=EPERMIT), at="2027-11-19 09:00")
        .then_answers(state="awaiting_decision")
    )


def test_each_set_is_proved_anew():
    """Every purchase is an application with a proof step (STV-128, X-016)."""
    given(bought(SETS)).when(ApplyForPermit(product=SETS)).then_answers(state="awaiting_proof")


def test_a_proof_that_is_the_last_step_issues():
    """What costs nothing is issued with its proof."""
    outcome = given(applied_for("caring-visitors")).when(
        upload("utility_bill", date(2026, 11, 1)), ids=("d1", "h1")
    )

    outcome.then_answers(state="issued", holdings=["h1"])
    assert [type(event) for event in outcome.events] == [ProofUploaded, HoldingIssued]


def test_a_cap_that_was_reached_since_stops_the_issue():
    """One in force at a time, at the application and at the issue (X-032)."""
    given(
        applied_for("caring-visitors"),
        bought("caring-visitors"),
    ).when(upload("utility_bill", date(2026, 11, 1))).then_refused("allowance.in_force")


def test_nothing_is_issued_to_who_has_moved_out():
    """Cover ends with the residence (X-055)."""
    given(
        applied_for("caring-visitors"),
        done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"),
    ).when(
        upload("utility_bill", date(2026, 11, 1)), at="2026-11-20 12:00", by="staff"
    ).then_refused("eligibility.not_resident")
