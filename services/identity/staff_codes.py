"""The secrets of staff's one-time codes: sealed in the database, under keys that are not in it.

The file of keys is made when the first secret is sealed. Where there are sealed secrets and no key
for them, nothing is made and nothing is guessed: the program says so, and does not start.

Source: reference/promises.md (stolen backup; insider: DBA); OWASP ASVS 6.5.2, 11.3.3, 13.3.1.
"""

import os

import pyotp
from msgspec import Struct

from ledger.store.pool import Connection
from services.folders import KEYS_SETTING, key_file
from services.identity import sealing
from services.identity.sealing import Key, KeysUnfit


class Rotated(Struct, frozen=True, kw_only=True):
    """How many secrets have been sealed anew, and whose could not be: those begin anew."""

    sealed: int
    lost: tuple[str, ...]


def sealed(connection: Connection, schema: str, name: str, code_secret: str) -> str:
    """What is kept of the secret of an account's codes. Raises KeysUnfit."""
    keys = _keys()
    if not keys:
        if needed := _needed(connection, schema):
            raise _missing(schema, needed)
        keys = sealing.with_new_key(key_file(os.environ))
    return sealing.seal(keys[0], code_secret, _about(schema, name))


def opened(schema: str, name: str, kept: str) -> str:
    """The secret of an account's codes, of what is kept of it. Raises KeysUnfit."""
    return sealing.opened(_keys(), kept, _about(schema, name))


def refuse_lost_keys(connection: Connection, schema: str) -> None:
    """Nothing where every secret can be opened; what was kept open is sealed. Raises KeysUnfit."""
    known = {each.key_id for each in _keys()}
    needed = _needed(connection, schema)
    if any(key not in known for key in needed):
        raise _missing(schema, {key: many for key, many in needed.items() if key not in known})
    for name, kept in _rows(connection, schema):
        if not sealing.is_sealed(kept):
            _replace(connection, schema, name, kept, sealed(connection, schema, name, kept))


def rotate(connection: Connection, schema: str, *, lost: bool) -> Rotated:
    """Seal every secret anew, under the newest key there is. Raises KeysUnfit.

    `lost`: an account whose key there is no more begins anew: nobody signs in to it before it is
    reset.
    """
    keys, done, begun = _keys(), 0, []
    for name, kept in _rows(connection, schema):
        try:
            secret = sealing.opened(keys, kept, _about(schema, name))
        except KeysUnfit:
            if not lost:
                raise
            begun.append(name)
            connection.execute(
                f"update {schema}.staff_accounts set password_hash = '', enrolment_digest = null"
                " where name = %s",
                (name,),
            )
            secret = pyotp.random_base32()
        if not sealing.is_sealed(kept) or sealing.key_of(kept) != keys[0].key_id:
            anew = sealing.seal(keys[0], secret, _about(schema, name))
            done += _replace(connection, schema, name, kept, anew)
    return Rotated(sealed=done, lost=tuple(begun))


def _keys() -> tuple[Key, ...]:
    return sealing.read(key_file(os.environ))


def _about(schema: str, name: str) -> str:
    return f"{schema}/staff/{name}/code"


def _rows(connection: Connection, schema: str) -> list[tuple[str, str]]:
    found = connection.execute(
        f"select name, code_secret from {schema}.staff_accounts order by name"
    ).fetchall()
    return [(row[0], row[1]) for row in found]


def _needed(connection: Connection, schema: str) -> dict[str, int]:
    """How many accounts need each key. Those that were ended need none."""
    found: dict[str, int] = {}
    rows = connection.execute(
        f"select code_secret from {schema}.staff_accounts where revoked_at is null"
    ).fetchall()
    for (kept,) in rows:
        if sealing.is_sealed(kept):
            found[sealing.key_of(kept)] = found.get(sealing.key_of(kept), 0) + 1
    return found


def _missing(schema: str, needed: dict[str, int]) -> KeysUnfit:
    keys = ", ".join(sorted(needed))
    return KeysUnfit(
        f"{sum(needed.values())} accounts of {schema} need the key {keys}, which is not in"
        f" {key_file(os.environ)}. Put the file back from its backup, or name it by {KEYS_SETTING};"
        " if it is lost, say `permit-ledger keys rotate --lost`, and reset those accounts"
    )


def _replace(connection: Connection, schema: str, name: str, kept: str, anew: str) -> int:
    # An account that was reset meanwhile has another secret, under the newest key already.
    return connection.execute(
        f"update {schema}.staff_accounts set code_secret = %s where name = %s and code_secret = %s",
        (anew, name, kept),
    ).rowcount
