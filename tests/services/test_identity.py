"""Tokens and PINs: shown once, kept as digests, and good only for as long as they say."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from ledger.events import Actor
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from services.council import Council
from services.identity import pins
from services.identity.limits import TooMany
from services.identity.messages import FileOutbox, Message
from services.identity.pins import Address, NotSignedIn
from services.identity.tokens import (
    find_token,
    list_tokens,
    make_token,
    revoke_secret,
    revoke_token,
)

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
ADDRESS = Address(mobile="07700 900001")
SCHEMA = "stevenage"


class Given:
    """A council with one resident, an outbox, and a clock that can be set."""

    def __init__(self, pool, outbox):
        self.at = NOON
        self.outbox = outbox
        self.council = Council(
            SCHEMA, pool, pool, built_in().editions(SCHEMA), clock=lambda: self.at
        )
        self.stream = self.council.ledger.household_id("home")
        self.do(ListProperty(property_ref="home", zone="OT"), "1")
        enrolled = self.do(EnrolResident(mobile="07700900001", email="a@example.org"), "2")
        self.resident = enrolled.values["resident"]

    def do(self, command, key):
        return self.council.handle(
            self.stream, command, Sender(by=Actor("staff", "clerk"), key=key)
        )

    def pin(self):
        pins.send_pin(self.council, ADDRESS, self.outbox)
        return self.outbox.messages()[-1].body[:6]

    def wrong(self, pin):
        return f"{(int(pin) + 1) % 1_000_000:06d}"


@pytest.fixture
def given(database, tmp_path):
    with open_pool(database, 4, "identity") as pool:
        yield Given(pool, FileOutbox(tmp_path / "outbox.jsonl"))


@pytest.fixture
def connection(given):
    with given.council.pool.connection() as connection:
        yield connection


def test_a_token_is_found_by_its_secret_alone(connection):
    secret = make_token(connection, SCHEMA, "officer", "o-17")

    found = find_token(connection, SCHEMA, secret, NOON)

    assert (found.role, found.name, found.household_id) == ("officer", "o-17", None)
    assert find_token(connection, SCHEMA, secret + "x", NOON) is None
    assert find_token(connection, "gravesham", secret, NOON) is None


def test_the_secret_is_nowhere_in_the_database(connection):
    secret = make_token(connection, SCHEMA, "staff", "clerk")

    (row,) = connection.execute(f"select t::text from {SCHEMA}.tokens t").fetchall()

    assert secret not in row[0]
    assert len(secret) >= 43


def test_a_token_ends_at_its_last_instant(connection):
    until = NOON + timedelta(hours=1)
    secret = make_token(connection, SCHEMA, "officer", "o", expires_at=until)

    assert find_token(connection, SCHEMA, secret, until - timedelta(microseconds=1)) is not None
    assert find_token(connection, SCHEMA, secret, until) is None


def test_a_revoked_token_is_good_for_nothing_and_stays_on_the_list(connection):
    secret = make_token(connection, SCHEMA, "auditor", "a")
    (listed,) = list_tokens(connection, SCHEMA)

    assert revoke_token(connection, SCHEMA, listed.token_id) is True
    assert revoke_token(connection, SCHEMA, listed.token_id) is False
    assert find_token(connection, SCHEMA, secret, NOON) is None
    assert [each.revoked_at is None for each in list_tokens(connection, SCHEMA)] == [False]


def test_a_token_is_revoked_by_its_secret(connection):
    secret = make_token(connection, SCHEMA, "officer", "o")

    assert revoke_secret(connection, SCHEMA, secret) is True
    assert find_token(connection, SCHEMA, secret, NOON) is None


@pytest.mark.parametrize("token_id", ["", "%", "a" * 11, "a" * 64, "'; drop table tokens; --"])
def test_an_id_that_is_none_revokes_nothing(connection, token_id):
    make_token(connection, SCHEMA, "officer", "o")

    assert revoke_token(connection, SCHEMA, token_id) is False


def test_a_residents_token_names_a_resident_and_no_other_does(connection):
    with pytest.raises(ValueError, match="names a household and a resident"):
        make_token(connection, SCHEMA, "resident", "r")
    with pytest.raises(ValueError, match="names a household and a resident"):
        make_token(connection, SCHEMA, "officer", "o", str(UUID(int=1)), "r")
    with pytest.raises(ValueError, match="no such role"):
        make_token(connection, SCHEMA, "mayor", "m")


def test_who_moved_out_is_signed_out(given, connection):
    secret = make_token(connection, SCHEMA, "resident", "r", str(given.stream), given.resident)
    assert find_token(connection, SCHEMA, secret, NOON) is not None

    given.do(MoveOut(resident=given.resident), "3")

    assert find_token(connection, SCHEMA, secret, NOON) is None


def test_a_pin_signs_in_once(given):
    pin = given.pin()

    signed_in = pins.sign_in(given.council, ADDRESS, pin)

    assert (signed_in.household_id, signed_in.resident_id) == (str(given.stream), given.resident)
    assert signed_in.expires_at == NOON + timedelta(hours=12)
    with pytest.raises(NotSignedIn):
        pins.sign_in(given.council, ADDRESS, pin)


def test_of_two_who_send_the_right_pin_at_once_one_is_let_in(given):
    pin = given.pin()

    def tried(_):
        try:
            return pins.sign_in(given.council, ADDRESS, pin)
        except NotSignedIn:
            return None

    with ThreadPoolExecutor(3) as executor:
        let_in = [each for each in executor.map(tried, range(3)) if each is not None]

    assert len(let_in) == 1


def test_a_pin_is_good_for_ten_minutes_and_no_longer(given):
    pin = given.pin()
    given.at = NOON + timedelta(minutes=10)

    with pytest.raises(NotSignedIn):
        pins.sign_in(given.council, ADDRESS, pin)
    given.at -= timedelta(microseconds=1)
    assert pins.sign_in(given.council, ADDRESS, pin).resident_id == given.resident


def test_after_five_wrong_tries_the_right_pin_is_none(given):
    pin = given.pin()
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            pins.sign_in(given.council, ADDRESS, given.wrong(pin))

    with pytest.raises(NotSignedIn):
        pins.sign_in(given.council, ADDRESS, pin)


def test_after_four_wrong_tries_the_right_pin_is_taken(given):
    pin = given.pin()
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            pins.sign_in(given.council, ADDRESS, given.wrong(pin))

    assert pins.sign_in(given.council, ADDRESS, pin).resident_id == given.resident


def test_a_new_pin_replaces_the_one_before(given):
    first = given.pin()
    second = given.pin()

    if first != second:
        with pytest.raises(NotSignedIn):
            pins.sign_in(given.council, ADDRESS, first)
    assert pins.sign_in(given.council, ADDRESS, second).resident_id == given.resident


def test_five_pins_an_hour_and_a_sixth_after_it(given):
    for _ in range(5):
        given.pin()

    with pytest.raises(TooMany) as refused:
        given.pin()
    assert refused.value.again_in == timedelta(hours=1)
    given.at += timedelta(hours=1)
    assert len(given.pin()) == 6


def test_two_spellings_of_one_address_are_counted_as_one():
    assert Address(mobile="+44 7700 900001").compared == ADDRESS.compared == "+447700900001"
    assert Address(email=" A@Example.org ").compared == "a@example.org"
    assert Address(mobile="none").compared == ""


def test_the_pin_is_kept_as_a_slow_hash(given, connection):
    pin = given.pin()

    (row,) = connection.execute(f"select pin_hash, p::text from {SCHEMA}.pins p").fetchall()

    assert row[0].startswith("$argon2id$")
    assert pin not in row[1].replace(row[0], "")


def test_the_outbox_is_its_owners_alone_and_says_what_was_to_be_sent(tmp_path):
    outbox = FileOutbox(tmp_path / "outbox.jsonl")
    message = Message(council=SCHEMA, by_way_of="text", to="+447700900001", body="123456")

    outbox.send(message)
    outbox.send(message)

    assert outbox.messages() == [message, message]
    assert stat.S_IMODE(outbox.path.stat().st_mode) == 0o600
