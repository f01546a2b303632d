"""Recording that a PIN was sent."""

import pytest

from commands.send_pin import SendPin
from ledger.events import PinSent
from tests.given import given


@pytest.mark.parametrize("way", ["email", "text"])
def test_a_pin_that_was_sent_is_a_fact_without_the_pin(way):
    """Registration sends a PIN by e-mail or SMS (HAN-009)."""
    given(scheme="hampshire").when(SendPin(by_way_of=way), by="system for res").then(
        PinSent(resident_id="res", by_way_of=way)
    ).then_answers(sent=True)


def test_a_pin_goes_to_who_lives_here():
    given().when(SendPin(by_way_of="email"), by="stranger").then_refused("eligibility.not_resident")
