"""Using an earlier upload again."""

from datetime import date

import pytest

from commands.cancel_application import CancelApplication
from commands.reuse_proof import ReuseProof
from commands.upload_proof import UploadProof
from ledger.events import ProofReused
from tests.given import applied_for, done, given, living, new_edition

SETS = "virtual-visitor-vouchers"
REUSE = ReuseProof(application="a2", document="d1")


def uploaded(at: str, document: str = "council_tax_bill", dated: date = date(2026, 4, 1)):
    proof = UploadProof(application="a1", document=document, dated=dated)
    return applied_for(SETS, at=at), done(proof, at=at, ids=("d1",))


def test_an_earlier_proof_serves_the_next_application():
    """ "Use this document" instead of a new upload (STV-055, A-007)."""
    (
        given(*uploaded("2026-11-18 10:00"), applied_for(SETS, name="a2"))
        .when(REUSE)
        .then(ProofReused(document_id="d1", application_id="a2", state="awaiting_payment"))
        .then_answers(state="awaiting_payment", document="d1", application="a2")
    )


@pytest.mark.parametrize(
    ("at", "refused"),
    [("2026-11-19 10:00", False), ("2026-11-19 23:59:59", False), ("2026-11-20 00:00", True)],
)
def test_it_serves_for_six_months_the_last_day_included(at, refused):
    """The day that is six months later passes, the day after does not (X-007, A-012)."""
    outcome = given(*uploaded("2026-05-19 10:00"), applied_for(SETS, name="a2", at=at)).when(
        REUSE, at=at
    )

    if refused:
        outcome.then_refused("document.reuse_too_late")
    else:
        outcome.then_answers(state="awaiting_payment")


def test_its_age_is_not_tested_again():
    """Age is tested when it is first uploaded (X-006): a bill of May serves in November."""
    past = uploaded("2026-05-19 10:00", "utility_bill", date(2026, 5, 1))

    given(*past, applied_for(SETS, name="a2", at="2026-11-19 10:00")).when(
        REUSE, at="2026-11-19 10:00"
    ).then_accepted()
    given(
        *past,
        applied_for(SETS, name="a2", at="2026-11-19 10:00"),
        values={"proof.reuse_recheck_age": True},
    ).when(REUSE, at="2026-11-19 10:00").then_refused("document.too_old")


def test_a_scheme_without_reuse_takes_an_upload_once():
    given(
        *uploaded("2026-11-19 10:00"),
        applied_for(SETS, name="a2"),
        values={"proof.reuse_months": 0},
    ).when(REUSE).then_refused("document.reuse_too_late")


def test_a_proof_of_another_resident_proves_nothing_of_this_one():
    """Another's document is as good as none."""
    given(living("r2"), *uploaded("2026-11-19 10:00"), applied_for(SETS, name="a2", by="r2")).when(
        REUSE, by="r2"
    ).then_not_found("document")


def test_a_closed_application_takes_no_proof():
    given(
        *uploaded("2026-11-19 10:00"),
        applied_for(SETS, name="a2"),
        done(CancelApplication(application="a2")),
    ).when(REUSE).then_refused("application.closed")


def test_the_terms_are_those_the_application_was_made_under():
    """An application keeps its edition (X-060)."""
    given(
        *uploaded("2026-11-18 10:00"),
        applied_for(SETS, name="a2"),
        new_edition({"proof.reuse_months": 0}, at="2026-11-19 11:00"),
    ).when(REUSE, at="2026-11-19 12:00").then_accepted()


def test_what_is_unknown_is_not_found():
    given(*uploaded("2026-11-19 10:00")).when(REUSE).then_not_found("application")
    given(applied_for(SETS, name="a2")).when(REUSE).then_not_found("document")
