"""Accounts of members of staff: a name, a password, and a one-time code from their telephone.

An account is made on the command line, with a secret that is good once: with it its owner chooses
the password. A password is kept as an argon2 hash, the secret of the codes sealed under a key that
is not in the database; a code is good for one sign-in. Whatever is wrong, the answer and the time
it takes are the same.

Source: reference/promises.md (OWASP ASVS 6.2, 6.3, 6.5); services.md.
"""

import re
import secrets
from datetime import datetime, timedelta
from functools import cache
from hmac import compare_digest
from typing import Literal, get_args

import psycopg
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from msgspec import Struct
from psycopg.rows import class_row

from ledger.refusals import LedgerError, NotFound
from ledger.store.pool import Connection
from services.identity import limits, sessions, staff_codes
from services.identity.tokens import digest_of

StaffRole = Literal["staff", "officer", "auditor", "dispute", "editor", "approver"]
STAFF_ROLES: tuple[StaffRole, ...] = get_args(StaffRole)
PASSWORD_MIN, PASSWORD_MAX = 12, 200
ENROL_WITHIN = timedelta(days=7)
TRIES_OF_ONE_NAME_HERE = 10
TRIES_OF_ONE_NAME = 50
TRIES_FROM_ONE_PLACE = 100
WINDOW = timedelta(minutes=15)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_STEP_SECONDS = 30
_hasher = PasswordHasher()


class NotLetIn(LedgerError):
    """Name, password and code do not go together: which of them is not said."""


class NotEnrolled(LedgerError):
    """What was sent does not finish an account. `field` is the one to mend; it says why."""

    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        super().__init__(detail)


class StaffAccount(Struct, frozen=True, kw_only=True):
    """An account without its secrets. `own_household` is empty for those who live elsewhere."""

    name: str
    role: StaffRole
    own_household: str
    enrolled: bool
    sandbox: bool
    made_at: datetime
    revoked_at: datetime | None


class Enrolment(Struct, frozen=True, kw_only=True):
    """What a new member of staff is given, once: `secret` to enrol with, `uri` for their app."""

    secret: str
    uri: str


def add(
    connection: Connection,
    schema: str,
    *,
    name: str,
    role: StaffRole,
    at: datetime,
    own_household: str = "",
    sandbox: bool = False,
) -> Enrolment:
    """A new account, which nobody can use before it is enrolled. Raises ValueError, KeysUnfit."""
    if role not in STAFF_ROLES:
        raise ValueError(f"no such role; there are {', '.join(STAFF_ROLES)}")
    if not _NAME.fullmatch(name):
        raise ValueError("a name is 2 to 64 of a to z, 0 to 9, dot, hyphen and underscore")
    secret, code_secret = secrets.token_urlsafe(24), pyotp.random_base32()
    try:
        connection.execute(
            f"insert into {schema}.staff_accounts (name, role, own_household, code_secret,"
            " enrolment_digest, enrolment_until, sandbox, made_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                name,
                role,
                own_household,
                staff_codes.sealed(connection, schema, name, code_secret),
                digest_of(secret),
                at + ENROL_WITHIN,
                sandbox,
                at,
            ),
        )
    except psycopg.errors.UniqueViolation:
        raise ValueError("there is an account of that name; reset it, or choose another") from None
    return Enrolment(secret=secret, uri=_uri(schema, name, code_secret))


def reset(connection: Connection, schema: str, name: str, at: datetime) -> Enrolment:
    """Begin an account anew: its password, its codes and its sessions end. Raises NotFound."""
    secret, code_secret = secrets.token_urlsafe(24), pyotp.random_base32()
    changed = connection.execute(
        f"update {schema}.staff_accounts set password_hash = '', code_secret = %s, code_step = 0,"
        " enrolment_digest = %s, enrolment_until = %s where name = %s and revoked_at is null",
        (
            staff_codes.sealed(connection, schema, name, code_secret),
            digest_of(secret),
            at + ENROL_WITHIN,
            name,
        ),
    )
    if changed.rowcount != 1:
        raise NotFound("member of staff")
    sessions.end_sessions_of(connection, schema, name, at)
    return Enrolment(secret=secret, uri=_uri(schema, name, code_secret))


def revoke(connection: Connection, schema: str, name: str, at: datetime) -> bool:
    """End an account and its sessions, for good. False where there is none that is good."""
    ended = connection.execute(
        f"update {schema}.staff_accounts set revoked_at = %s, password_hash = '',"
        " enrolment_digest = null where name = %s and revoked_at is null",
        (at, name),
    )
    sessions.end_sessions_of(connection, schema, name, at)
    return ended.rowcount == 1


def listed(connection: Connection, schema: str) -> list[StaffAccount]:
    """Every account there ever was, by name."""
    with connection.cursor(row_factory=class_row(StaffAccount)) as cursor:
        return cursor.execute(
            "select name, role, own_household, password_hash <> '' as enrolled, sandbox, made_at,"
            f" revoked_at from {schema}.staff_accounts order by name"
        ).fetchall()


def enrol(
    connection: Connection,
    schema: str,
    *,
    name: str,
    secret: str,
    password: str,
    code: str,
    at: datetime,
) -> None:
    """Choose the password of a new account. The secret is used up. Raises NotEnrolled, TooMany."""
    limits.count(connection, schema, "enrol", name, at, WINDOW, TRIES_OF_ONE_NAME_HERE)
    row = connection.execute(
        f"select code_secret, enrolment_digest from {schema}.staff_accounts"
        " where name = %s and enrolment_until > %s and revoked_at is null"
        " and enrolment_digest is not null",
        (name, at),
    ).fetchone()
    if row is None or not compare_digest(bytes(row[1]), digest_of(secret)):
        raise NotEnrolled(
            "secret", "The name and the enrolment code do not go together, or its time is up"
        )
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise NotEnrolled("password", f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if name in password.lower():
        raise NotEnrolled("password", "The password must not contain your name")
    step = _step_of(staff_codes.opened(schema, name, row[0]), code, at, 0)
    if step is None:
        raise NotEnrolled("code", "Enter the six digits that your app shows now")
    changed = connection.execute(
        f"update {schema}.staff_accounts set password_hash = %s, code_step = %s,"
        " enrolment_digest = null where name = %s and enrolment_digest = %s",
        (_hasher.hash(password), step, name, digest_of(secret)),
    )
    if changed.rowcount != 1:
        raise NotEnrolled("secret", "The enrolment code was used already")
    limits.forget(connection, schema, "enrol", name)


def sign_in(
    connection: Connection,
    schema: str,
    *,
    name: str,
    password: str,
    code: str,
    place: str,
    at: datetime,
) -> StaffAccount:
    """The account that these let in; the code is used up. Raises NotLetIn and TooMany.

    `place` is where the request came from: tries are counted for it, for the name, and for both.
    """
    name = name.strip().lower()
    for kind, whose, most in (
        ("staff-place", place, TRIES_FROM_ONE_PLACE),
        ("staff-both", f"{name}@{place}", TRIES_OF_ONE_NAME_HERE),
        ("staff-name", name, TRIES_OF_ONE_NAME),
    ):
        limits.count(connection, schema, kind, whose, at, WINDOW, most)
    row = connection.execute(
        "select role, own_household, sandbox, made_at, password_hash, code_secret, code_step"
        f" from {schema}.staff_accounts"
        " where name = %s and revoked_at is null and password_hash <> ''",
        (name,),
    ).fetchone()
    kept, code_secret, last = _nobodys() if row is None else (row[4], row[5], row[6])
    matches = _matches(kept, password[:PASSWORD_MAX])
    step = _step_of(staff_codes.opened(schema, name, code_secret), code, at, last)
    if row is None or not matches or step is None:
        raise NotLetIn("the name, the password and the code do not go together")
    # Of two that send one code at once, only the one that moves the step is let in.
    moved = connection.execute(
        f"update {schema}.staff_accounts set code_step = %s"
        " where name = %s and code_step < %s and password_hash = %s and revoked_at is null",
        (step, name, step, kept),
    )
    if moved.rowcount != 1:
        raise NotLetIn("the name, the password and the code do not go together")
    limits.forget(connection, schema, "staff-both", f"{name}@{place}")
    return StaffAccount(
        name=name,
        role=row[0],
        own_household=row[1],
        enrolled=True,
        sandbox=row[2],
        made_at=row[3],
        revoked_at=None,
    )


def sandbox_code(connection: Connection, schema: str, name: str, at: datetime) -> str:
    """The code of an invented account at that instant. Raises NotFound for any other."""
    row = connection.execute(
        f"select code_secret from {schema}.staff_accounts"
        " where name = %s and sandbox and revoked_at is null",
        (name,),
    ).fetchone()
    if row is None:
        raise NotFound("member of staff of the sandbox")
    return pyotp.TOTP(staff_codes.opened(schema, name, row[0])).at(at)


def _uri(schema: str, name: str, code_secret: str) -> str:
    return pyotp.TOTP(code_secret).provisioning_uri(name=name, issuer_name=f"Permits {schema}")


def _step_of(code_secret: str, code: str, at: datetime, last: int) -> int | None:
    """The step whose code this is: now's or a neighbour's, and later than the last one used."""
    now = int(at.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(code_secret)
    sent = "".join(code.split()).encode()
    found = None
    for step in (now - 1, now, now + 1):
        if compare_digest(totp.generate_otp(step).encode(), sent) and step > last:
            found = step
    return found


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


@cache
def _nobodys() -> tuple[str, str, int]:
    """What no password and no code match, so that an unknown name takes as long as a known one."""
    return _hasher.hash(secrets.token_hex(16)), pyotp.random_base32(), 1 << 62
