"""Telephone numbers as they are compared."""

import pytest

from ledger.rules.telephone import e164


@pytest.mark.parametrize(
    "typed", ["07700 900001", "07700-900001", "+447700900001", "00447700900001", "(07700) 900001"]
)
def test_a_number_is_one_however_it_is_typed(typed):
    """Read as a UK number where no country is given."""
    assert e164(typed) == "+447700900001"


def test_a_foreign_number_keeps_its_country():
    assert e164("+33 6 12 34 56 78") == "+33612345678"


@pytest.mark.parametrize("typed", ["", "1", "VISITOR", "+", "0" * 33, "+999 1234567"])
def test_what_cannot_be_a_number_is_none(typed):
    assert e164(typed) is None


def test_a_number_with_breaks_has_thirty_two_characters_at_most():
    typed = "07700 900001"

    assert e164(typed.rjust(32)) == "+447700900001"
    assert e164(typed.rjust(33)) is None
