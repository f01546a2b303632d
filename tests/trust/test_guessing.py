"""A year of guesses at PINs opens nothing, and shuts nobody out (promises.md P17; ASVS 6.6.3)."""

from datetime import UTC, datetime, timedelta

import pytest

from scripts.prove.guessing import OF_ONE, Guessed, a_place, a_year
from services.identity import limits, pins
from services.identity.messages import FileOutbox


@pytest.fixture
def guessed(database, tmp_path):
    with a_place(database) as council:
        outbox = FileOutbox(tmp_path / "outbox.jsonl")
        yield Guessed(council, outbox, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_year_of_guesses_at_one_account_is_right_in_less_than_one_in_ten_thousand(guessed):
    chance, owner_gets_in = a_year(guessed)

    assert chance < OF_ONE
    assert owner_gets_in


def test_few_slips_leave_a_pin_as_short_as_it_was(guessed):
    guessed.hour()
    guessed.at += timedelta(days=1)

    assert len(guessed.pin()) == pins.DIGITS


def test_guesses_at_all_accounts_together_make_every_pin_longer(guessed):
    """50,000 accounts are opened by spraying with a chance below 1 in 20 a year."""
    council = guessed.council
    almost = pins.GUESSES_A_YEAR_OF_ALL - pins.TRIES
    with council.pool.connection() as connection:
        limits.count(connection, council.schema, "guess", pins.EVERYBODY, guessed.at, pins.YEAR, 1)
        connection.execute(
            f"update {council.schema}.sign_in_tries set tries = %s where kind = 'guess'", (almost,)
        )
    assert len(guessed.pin()) == pins.DIGITS
    wrong = "000000"
    with pytest.raises(pins.NotSignedIn):
        pins.sign_in(council, guessed.address, wrong)

    assert len(guessed.pin()) == pins.DIGITS_AFTER_GUESSES
    assert pins.GUESSES_A_YEAR_OF_ALL * 10.0**-pins.DIGITS < 1 / 20


def test_a_guess_at_nobody_counts_for_nobody(guessed):
    """Else a stranger could make every PIN longer without as much as an account."""
    for _ in range(3):
        with pytest.raises(pins.NotSignedIn):
            pins.sign_in(guessed.council, pins.Address(email="no-one@example.org"), "000000")
    with guessed.council.pool.connection() as connection:
        counted = limits.counted(
            connection, guessed.council.schema, "guess", pins.EVERYBODY, guessed.at, pins.YEAR
        )

    assert counted == 0
