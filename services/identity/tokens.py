"""Bearer tokens: made once, shown once, kept as a digest only, ended by expiry or by revoking.

A resident's token speaks for one resident of one household, for as long as they live there.

Source: reference/promises.md (OWASP ASVS 8.2.2, 8.4.1); HAN-009.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal, cast, get_args

from msgspec import Struct
from psycopg.pq.abc import PGresult
from psycopg.rows import class_row

from ledger.store.exchange import (
    BINARY,
    BYTEA_OID,
    TEXT,
    Sent,
    Statement,
    array,
    instant,
    rows,
    statement,
)
from ledger.store.pool import Connection

TokenRole = Literal[
    "officer", "staff", "auditor", "approver", "resident", "gateway", "dispute", "editor"
]
"""`approver`: the token's name is the role that a scheme's grants name. `dispute` looks after
disputed notices, `editor` after the scheme."""
ROLES: tuple[TokenRole, ...] = get_args(TokenRole)
ID_LENGTH = 12
_PREFIX = "plt_"


class Token(Struct, frozen=True, kw_only=True):
    """A token without its secret. `token_id` is the beginning of its digest, to name it by.

    `own_household`: where a member of staff lives, and may not act.
    """

    token_id: str
    role: TokenRole
    name: str
    household_id: str | None
    resident_id: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    own_household: str | None = None


def make_token(
    connection: Connection,
    schema: str,
    role: TokenRole,
    name: str,
    household_id: str | None = None,
    resident_id: str = "",
    expires_at: datetime | None = None,
    own_household: str | None = None,
) -> str:
    """A new token's secret: the only time that it is seen. `expires_at` None: until revoked.

    Raises ValueError for a role there is not, and for a resident's token without its resident.
    """
    if role not in ROLES:
        raise ValueError(f"no such role; there are {', '.join(ROLES)}")
    if (role == "resident") != bool(household_id and resident_id):
        raise ValueError("a resident's token names a household and a resident; no other does")
    if role == "resident" and own_household:
        raise ValueError("a resident's own household is the token's already")
    secret = _PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        f"insert into {schema}.tokens (token_digest, role, name, household_id, resident_id,"
        " made_at, expires_at, own_household)"
        " values (%s, %s, %s, %s, %s, clock_timestamp(), %s, %s)",
        (digest_of(secret), role, name, household_id, resident_id, expires_at, own_household),
    )
    return secret


_COLUMNS = (
    f"left(encode(token_digest, 'hex'), {ID_LENGTH}) as token_id, role, name,"
    " household_id::text as household_id, resident_id, made_at, expires_at, revoked_at,"
    " own_household::text as own_household"
)


def find_token(
    connection: Connection, schema: str, secret: str, at: datetime | None
) -> Token | None:
    """The token of a secret where it is good at that instant; a resident who left has none.

    `at` None is now, by the database's clock.
    """
    with connection.cursor(row_factory=class_row(Token)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.tokens t where token_digest = %s"
            " and revoked_at is null"
            " and (expires_at is null or expires_at > coalesce(%s, clock_timestamp()))"
            f" and (role <> 'resident' or exists (select 1 from {schema}.accounts a"
            " where a.resident_id = t.resident_id and not a.moved_out))",
            (digest_of(secret), at),
            prepare=True,
        ).fetchone()


@lru_cache(maxsize=256)
def _find_tokens(schema: str) -> Statement:
    return statement(
        "select token_digest, role, name, made_at, expires_at"
        f" from {schema}.tokens where token_digest = any(%s::bytea[])"
        " and revoked_at is null and role <> 'resident'"
        " and (expires_at is null or expires_at > coalesce(%s::timestamptz, clock_timestamp()))",
        (BINARY, TEXT),
    )


def find_tokens(schema: str, digests: Sequence[bytes], at: datetime | None) -> Sent:
    """The statement that finds the good tokens of these digests, residents' aside."""
    instant_text = None if at is None else at.isoformat().encode()
    return _find_tokens(schema), (array(BYTEA_OID, list(digests)), instant_text)


def tokens_found(found: PGresult) -> dict[bytes, Token]:
    """By digest, those that it found."""
    every: dict[bytes, Token] = {}
    for digest, role, name, made_at, expires_at in rows(found):
        assert digest is not None, "a token has one"
        every[digest] = Token(
            token_id=digest.hex()[:ID_LENGTH],
            role=cast(TokenRole, (role or b"").decode()),
            name=(name or b"").decode(),
            household_id=None,
            resident_id="",
            made_at=instant(made_at or b""),
            expires_at=None if expires_at is None else instant(expires_at),
            revoked_at=None,
        )
    return every


def revoke_token(connection: Connection, schema: str, token_id: str) -> bool:
    """End the token of that id, from now on. False where there is none that is good."""
    if len(token_id) != ID_LENGTH:
        return False
    ended = connection.execute(
        f"update {schema}.tokens set revoked_at = clock_timestamp()"
        f" where left(encode(token_digest, 'hex'), {ID_LENGTH}) = %s and revoked_at is null",
        (token_id,),
    )
    return ended.rowcount > 0


def revoke_secret(connection: Connection, schema: str, secret: str) -> bool:
    """End the token of that secret: what signing out does."""
    return revoke_token(connection, schema, digest_of(secret).hex()[:ID_LENGTH])


def list_tokens(connection: Connection, schema: str) -> list[Token]:
    """Every token there ever was, newest first, without secrets."""
    with connection.cursor(row_factory=class_row(Token)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.tokens order by made_at desc, token_digest"
        ).fetchall()


def digest_of(secret: str) -> bytes:
    """What is kept of a secret: 256 random bits need no slow hash."""
    return sha256(secret.encode()).digest()
