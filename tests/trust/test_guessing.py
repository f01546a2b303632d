"""A year of guesses at PINs opens nothing, and shuts nobody out (promises.md P17; ASVS 6.6.3)."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from scripts.prove.guessing import (
    OF_ONE,
    OWNER,
    PLACES,
    Guessed,
    a_place,
    a_year,
    others,
    quick_hashes,
)
from services.identity import limits, pins, requesters
from services.identity.limits import TooMany
from services.identity.messages import FileOutbox


@pytest.fixture
def guessed(database, tmp_path):
    with quick_hashes(), a_place(database) as council:
        outbox = FileOutbox(tmp_path / "outbox.jsonl")
        yield Guessed(council, outbox, datetime(2026, 1, 1, tzinfo=UTC))


def until_too_many(act):
    """Do it again and again: it ends, and before the hundredth time."""
    with suppress(TooMany):
        for _ in range(100):
            act()
        raise AssertionError("nobody was told that it is too often")


def connection_of(council):
    return council.pool.connection()


def test_a_year_of_guesses_at_one_account_is_right_in_less_than_one_in_ten_thousand(guessed):
    """And its owner gets in all the while, whoever guesses beside them."""
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
    with connection_of(council) as connection:
        limits.count(connection, council.schema, "guess", pins.EVERYBODY, guessed.at, pins.YEAR, 1)
        connection.execute(
            f"update {council.schema}.sign_in_tries set tries = %s where kind = 'guess'", (almost,)
        )
    pin = guessed.pin()
    with connection_of(council) as connection:
        connection.execute(f"update {council.schema}.pins set tries_left = 1")
    guessed.guess(OWNER, next(others(pin, 1)))

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


def test_pins_that_are_asked_for_at_once_are_together_no_better_to_guess_at(guessed):
    """Under a hundred tickets, none of them tried yet: what waits to be guessed at counts."""
    asked = [guessed.pin(guessed.stranger()) for _ in range(4 * PLACES)]

    chance = sum(pins.TRIES * 10.0 ** -len(pin) for pin in asked)

    assert chance <= pins.GUESSES_A_YEAR * 10.0**-pins.DIGITS + 1e-9
    assert len(asked[0]) == pins.DIGITS
    assert len(asked[-1]) == pins.DIGITS_AFTER_GUESSES
    assert guessed.owner_gets_in()


def test_a_pin_that_was_never_tried_makes_nobodys_longer_after_its_time(guessed):
    for _ in range(4 * PLACES):
        guessed.pin(guessed.stranger())
    guessed.at += pins.GOOD_FOR

    assert len(guessed.pin()) == pins.DIGITS


def test_a_pin_is_good_in_the_browser_that_asked_for_it_and_nowhere_else(guessed):
    pin = guessed.pin()
    elsewhere = requesters.Requester(place=OWNER.place, own="another-browser-at-home")

    with pytest.raises(pins.NotSignedIn):
        pins.sign_in(guessed.council, guessed.address, pin, elsewhere)

    assert pins.sign_in(guessed.council, guessed.address, pin, OWNER).resident_id


def test_a_stranger_who_uses_up_every_try_and_every_pin_leaves_the_owners_alone(guessed):
    """Where the owner asked first, and where they come after."""
    mine = guessed.pin()
    by = guessed.stranger()
    until_too_many(lambda: guessed.pin(by))
    until_too_many(lambda: guessed.guess(by, "000000"))

    assert pins.sign_in(guessed.council, guessed.address, mine, OWNER).resident_id
    assert guessed.owner_gets_in()


def test_a_flood_of_messages_ends_and_the_owners_known_place_is_free_of_it(guessed, monkeypatch):
    monkeypatch.setattr(requesters, "SENT_AN_HOUR", 3)
    assert guessed.owner_gets_in()

    until_too_many(lambda: guessed.pin(guessed.stranger()))

    assert pins.sign_in(guessed.council, guessed.address, guessed.pin(), OWNER).resident_id


def test_of_many_guesses_at_once_each_is_counted(guessed):
    """Were they counted afterwards, PINs of six digits would go on meanwhile."""
    pin = guessed.pin()
    wrong = list(others(pin, 3))
    for guess in wrong:
        guessed.guess(OWNER, guess)
    with connection_of(guessed.council) as connection:
        before = limits.counted(
            connection, guessed.council.schema, "guess", pins.EVERYBODY, guessed.at, pins.YEAR
        )
    pins.sign_in(guessed.council, guessed.address, pin, OWNER)
    with connection_of(guessed.council) as connection:
        after = limits.counted(
            connection, guessed.council.schema, "guess", pins.EVERYBODY, guessed.at, pins.YEAR
        )

    assert (before, after) == (3, 3)
