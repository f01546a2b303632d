"""Accounts of staff and their sessions: who gets in, who does not, and when it ends."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.refusals import NotFound
from services.identity import sessions, staff
from services.identity.limits import TooMany
from services.identity.staff import NotEnrolled, NotLetIn

SCHEMA = "stevenage"
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
STEP = timedelta(seconds=30)


@pytest.fixture(scope="module")
def opened(databases):
    with databases.clone() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connection(opened):
    for table in ("staff_accounts", "page_sessions", "sign_in_tries"):
        opened.execute(f"delete from {SCHEMA}.{table}")
    return opened


def code(connection, name, at):
    return staff.sandbox_code(connection, SCHEMA, name, at)


def enrolled(connection, name="clerk", role="staff", at=NOON - STEP):
    given = staff.add(connection, SCHEMA, name=name, role=role, at=at, sandbox=True)
    staff.enrol(
        connection,
        SCHEMA,
        name=name,
        secret=given.secret,
        password=PASSWORD,
        code=code(connection, name, at),
        at=at,
    )
    return name


def sign_in(connection, name, *, at=NOON, password=PASSWORD, sent=None, place="192.0.2.1"):
    return staff.sign_in(
        connection,
        SCHEMA,
        name=name,
        password=password,
        code=code(connection, name, at) if sent is None else sent,
        place=place,
        at=at,
    )


def begun(connection, name, at=NOON, role="staff"):
    return sessions.begin_session(connection, SCHEMA, role=role, name=name, at=at)


def found(connection, secret, at):
    return sessions.find_session(connection, SCHEMA, secret, at)


def test_name_password_and_code_together_let_in(connection):
    account = sign_in(connection, enrolled(connection, "auditor-1", "auditor"))

    assert (account.name, account.role) == ("auditor-1", "auditor")


def test_whatever_is_wrong_is_said_in_the_same_words(connection):
    enrolled(connection)
    now = code(connection, "clerk", NOON)
    staff.add(connection, SCHEMA, name="not-yet", role="staff", at=NOON)
    said = set()
    for name, password, sent in (
        ("clerk", "wrong-horse-battery", now),
        ("clerk", PASSWORD, "000000" if now != "000000" else "111111"),
        ("nobody", PASSWORD, now),
        ("not-yet", "", now),
    ):
        with pytest.raises(NotLetIn) as error:
            sign_in(connection, name, password=password, sent=sent)
        said.add(str(error.value))

    assert len(said) == 1


def test_a_code_is_good_once(connection):
    enrolled(connection)
    used = code(connection, "clerk", NOON)
    sign_in(connection, "clerk", sent=used)

    with pytest.raises(NotLetIn):
        sign_in(connection, "clerk", sent=used)
    with pytest.raises(NotLetIn):
        sign_in(connection, "clerk", sent=used, at=NOON + STEP)

    assert sign_in(connection, "clerk", at=NOON + STEP).name == "clerk"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_that_is_half_a_minute_off_is_forgiven(connection, steps):
    enrolled(connection, at=NOON - 10 * STEP)

    assert sign_in(connection, "clerk", sent=code(connection, "clerk", NOON + steps * STEP))


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_one_that_is_a_minute_off_is_not(connection, steps):
    enrolled(connection, at=NOON - 10 * STEP)

    with pytest.raises(NotLetIn):
        sign_in(connection, "clerk", sent=code(connection, "clerk", NOON + steps * STEP))


def test_ten_tries_of_a_name_from_one_place_are_all_and_another_place_is_not_shut_out(connection):
    enrolled(connection)
    for _ in range(staff.TRIES_OF_ONE_NAME_HERE):
        with pytest.raises(NotLetIn):
            sign_in(connection, "clerk", password="guess-after-guess")

    with pytest.raises(TooMany):
        sign_in(connection, "clerk")

    assert sign_in(connection, "clerk", place="198.51.100.7").name == "clerk"
    assert sign_in(connection, "clerk", at=NOON + staff.WINDOW).name == "clerk"


def test_an_unknown_name_is_counted_like_a_known_one(connection):
    for _ in range(staff.TRIES_OF_ONE_NAME_HERE):
        with pytest.raises(NotLetIn):
            sign_in(connection, "nobody", sent="123456")

    with pytest.raises(TooMany):
        sign_in(connection, "nobody", sent="123456")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"secret": "wrong"}, "secret"),
        ({"name": "other"}, "secret"),
        ({"password": "short"}, "password"),
        ({"password": "clerk-and-more-words"}, "password"),
        ({"code": "12345"}, "code"),
        ({"at": NOON + staff.ENROL_WITHIN}, "secret"),
    ],
)
def test_an_enrolment_that_is_not_whole_says_which_field_to_mend(connection, changed, field):
    given = staff.add(connection, SCHEMA, name="clerk", role="staff", at=NOON, sandbox=True)
    sent = {"name": "clerk", "secret": given.secret, "password": PASSWORD, "at": NOON}
    sent["code"] = code(connection, "clerk", NOON)

    with pytest.raises(NotEnrolled) as error:
        staff.enrol(connection, SCHEMA, **{**sent, **changed})

    assert error.value.field == field


def test_an_enrolment_is_good_once(connection):
    given = staff.add(connection, SCHEMA, name="clerk", role="staff", at=NOON, sandbox=True)
    sent = {"name": "clerk", "secret": given.secret, "password": PASSWORD}
    sent["code"] = code(connection, "clerk", NOON)
    staff.enrol(connection, SCHEMA, **sent, at=NOON)

    with pytest.raises(NotEnrolled):
        staff.enrol(connection, SCHEMA, **sent, at=NOON)


@pytest.mark.parametrize("name", ["", "A", "Clerk", "a b", "x" * 65, "clerk\n", "-x"])
def test_a_name_that_is_none_is_refused(connection, name):
    with pytest.raises(ValueError):
        staff.add(connection, SCHEMA, name=name, role="staff", at=NOON)


def test_a_name_is_one_persons(connection):
    enrolled(connection)

    with pytest.raises(ValueError, match="there is an account of that name"):
        staff.add(connection, SCHEMA, name="clerk", role="auditor", at=NOON)


def test_the_code_of_a_real_account_is_never_shown(connection):
    staff.add(connection, SCHEMA, name="clerk", role="staff", at=NOON)

    with pytest.raises(NotFound):
        code(connection, "clerk", NOON)


def test_a_session_is_over_after_idleness_and_at_its_latest(connection):
    enrolled(connection)
    secret = begun(connection, "clerk")

    almost = NOON + sessions.IDLE - timedelta(seconds=1)
    assert found(connection, secret, almost) is not None
    # It was seen just now, so that the half hour begins anew.
    assert found(connection, secret, NOON + sessions.IDLE + STEP) is not None
    at = NOON + sessions.IDLE
    while at < NOON + sessions.GOOD_FOR - sessions.IDLE:
        at += sessions.IDLE - timedelta(minutes=2)
        assert found(connection, secret, at) is not None
    assert found(connection, secret, at + sessions.IDLE) is None

    assert found(connection, secret, NOON + sessions.GOOD_FOR) is None


def test_a_session_ends_with_sign_out_reset_and_revoking(connection):
    enrolled(connection)
    enrolled(connection, "other")
    first, second, third = (begun(connection, "clerk") for _ in range(3))
    others = begun(connection, "other")

    sessions.end_session(connection, SCHEMA, first, NOON)
    assert found(connection, first, NOON) is None
    (listed,) = [
        each
        for each in sessions.list_sessions(connection, SCHEMA, NOON)
        if each.session_id == found(connection, second, NOON).session_id
    ]
    assert sessions.end_session_named(connection, SCHEMA, listed.session_id, NOON)
    assert found(connection, second, NOON) is None
    staff.reset(connection, SCHEMA, "clerk", NOON)
    assert found(connection, third, NOON) is None
    with pytest.raises(NotLetIn):
        sign_in(connection, "clerk")
    assert found(connection, others, NOON) is not None
    assert staff.revoke(connection, SCHEMA, "other", NOON)
    assert found(connection, others, NOON) is None
    assert not staff.revoke(connection, SCHEMA, "other", NOON)


def test_a_session_tells_which_household_is_its_owners_own(connection):
    staff.add(connection, SCHEMA, name="clerk", role="staff", at=NOON, own_household="h-1")

    assert found(connection, begun(connection, "clerk"), NOON).own_household == "h-1"


def test_nothing_that_lets_in_is_stored(connection):
    given = staff.add(connection, SCHEMA, name="clerk", role="staff", at=NOON, sandbox=True)
    secret = begun(connection, "clerk")
    rows = connection.execute(
        f"select a::text, s::text from {SCHEMA}.staff_accounts a, {SCHEMA}.page_sessions s"
    ).fetchall()

    assert given.secret not in str(rows)
    assert secret not in str(rows)


def test_a_session_of_nobody_is_none(connection):
    assert found(connection, "x" * 43, NOON) is None
    assert found(connection, "é", NOON) is None
    with pytest.raises(ValueError):
        sessions.begin_session(connection, SCHEMA, role="resident", name="r", at=NOON)
