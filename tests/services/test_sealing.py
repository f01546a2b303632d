"""What the database alone does not tell: the secrets of staff's codes (promises: stolen backup)."""

import stat
from datetime import UTC, datetime

import psycopg
import pytest

from services.identity import sealing, staff, staff_codes
from services.identity.sealing import Key, KeysUnfit

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
SCHEMA = "stevenage"


@pytest.fixture
def path(tmp_path, monkeypatch):
    found = tmp_path / "secret" / "keys"
    monkeypatch.setenv("PERMIT_LEDGER_KEYS", str(found))
    return found


@pytest.fixture
def connection(database):
    with psycopg.connect(database, autocommit=True) as connected:
        yield connected


def added(connection, name="clerk"):
    return staff.add(connection, SCHEMA, name=name, role="staff", at=NOON, sandbox=True)


def code(connection, name="clerk"):
    return staff.sandbox_code(connection, SCHEMA, name, NOON)


def kept(connection, name="clerk"):
    (row,) = connection.execute(
        f"select code_secret from {SCHEMA}.staff_accounts where name = %s", (name,)
    ).fetchall()
    return row[0]


def test_the_database_does_not_tell_the_secret_that_the_account_was_given(connection, path):
    given = added(connection)
    told = given.uri.partition("secret=")[2].partition("&")[0]

    assert kept(connection).startswith("sealed.1.")
    assert told not in kept(connection)
    assert len(code(connection)) == 6
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_that_is_moved_to_another_account_opens_nothing(connection, path):
    added(connection)
    added(connection, "other")
    connection.execute(
        f"update {SCHEMA}.staff_accounts set code_secret = %s where name = 'other'",
        (kept(connection),),
    )

    with pytest.raises(KeysUnfit, match=r"altered, or is another's"):
        code(connection, "other")


def test_without_its_key_the_program_does_not_start_and_makes_no_other(connection, path):
    added(connection)
    path.unlink()

    with pytest.raises(KeysUnfit, match=r"1 accounts of stevenage need the key .* --lost"):
        staff_codes.refuse_lost_keys(connection, SCHEMA)
    with pytest.raises(KeysUnfit, match="need the key"):
        added(connection, "other")
    assert not path.exists()


def test_another_key_is_as_good_as_none(connection, path):
    added(connection)
    path.unlink()
    sealing.with_new_key(path)

    with pytest.raises(KeysUnfit, match="need the key"):
        staff_codes.refuse_lost_keys(connection, SCHEMA)


def test_what_was_kept_open_before_there_were_keys_is_sealed_at_the_start(connection, path):
    added(connection)
    connection.execute(
        f"update {SCHEMA}.staff_accounts set code_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'"
    )
    before = code(connection)

    staff_codes.refuse_lost_keys(connection, SCHEMA)

    assert sealing.is_sealed(kept(connection))
    assert code(connection) == before


def test_keys_are_rotated_and_the_codes_stay(connection, path):
    added(connection)
    before, sealed_before = code(connection), kept(connection)
    sealing.with_new_key(path)

    done = staff_codes.rotate(connection, SCHEMA, lost=False)
    sealing.without_old_keys(path, 1)

    assert (done.sealed, done.lost) == (1, ())
    assert kept(connection) != sealed_before
    assert code(connection) == before
    assert len(sealing.read(path)) == 1
    assert [each.name for each in path.parent.iterdir()] == ["keys"]


def test_accounts_whose_key_is_lost_are_closed_until_they_are_reset(connection, path):
    added(connection)
    path.unlink()
    sealing.with_new_key(path)

    with pytest.raises(KeysUnfit):
        staff_codes.rotate(connection, SCHEMA, lost=False)
    done = staff_codes.rotate(connection, SCHEMA, lost=True)

    assert done.lost == ("clerk",)
    staff_codes.refuse_lost_keys(connection, SCHEMA)
    (row,) = connection.execute(
        f"select password_hash, enrolment_digest from {SCHEMA}.staff_accounts"
    ).fetchall()
    assert row == ("", None)
    assert staff.reset(connection, SCHEMA, "clerk", NOON).secret


@pytest.mark.parametrize("content", ["", "short\n", "not base 64 at all\n", "é" * 44])
def test_a_file_that_holds_no_key_is_refused(path, content):
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(KeysUnfit):
        sealing.read(path)


def test_a_file_that_others_can_read_is_refused(path):
    sealing.with_new_key(path)
    path.chmod(0o640)

    with pytest.raises(KeysUnfit, match="open to others"):
        sealing.read(path)


def test_of_two_first_keys_one_is_kept(path):
    made = sealing.with_new_key(path)

    assert sealing._written(path, (Key(secret=bytes(32)),), over=False) is False
    assert sealing.read(path) == made


def test_a_letter_that_was_changed_is_seen():
    key = Key(secret=bytes(32))
    sealed = sealing.seal(key, "secret", "whose")

    assert sealing.opened((key,), sealed, "whose") == "secret"
    for broken in (sealed[:-6] + "AAAA==", sealed[:-30], sealed + "!"):
        with pytest.raises(KeysUnfit):
            sealing.opened((key,), broken, "whose")
