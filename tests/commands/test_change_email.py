"""A resident is reached at another e-mail address (STV-001, HAN-009)."""

import pytest

from commands.change_email import ChangeEmail
from ledger.events import EmailChanged
from tests.given import given, living


def test_the_address_is_changed_and_the_account_is_the_same():
    outcome = given(living("r2", email="old@example.org")).when(
        ChangeEmail(email=" new@example.org "), by="r2"
    )

    outcome.then(EmailChanged(resident_id="r2", email="new@example.org")).then_answers(changed=True)
    assert outcome.then_accepted().household.residents["r2"].email == "new@example.org"


@pytest.mark.parametrize(
    "typed", ["", "a", "a@b", "a b@example.org", "a@example.org\x07", "@e.org"]
)
def test_what_is_no_address_is_refused(typed):
    given().when(ChangeEmail(email=typed)).then_refused("message.not_understood")


def test_the_same_address_in_another_spelling_is_no_change():
    given(living("r2", email="old@example.org")).when(
        ChangeEmail(email="OLD@example.org"), by="r2"
    ).then_refused("correction.nothing_changed")


def test_nobody_changes_a_strangers_address():
    given().when(ChangeEmail(email="a@example.org"), by="stranger").then_refused(
        "eligibility.not_resident"
    )
