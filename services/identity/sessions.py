"""Who is signed in on a browser: a secret in its cookie, a digest here.

A session ends by sign-out, by revoking, by idleness and at its latest instant. A resident who
moved out and a member of staff who was revoked have none, whatever their cookie says.

Source: reference/promises.md (OWASP ASVS 7.2, 7.3, 7.4).
"""

import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from psycopg.rows import class_row

from ledger.store.pool import Connection
from services.identity.tokens import ID_LENGTH, TokenRole, digest_of

GOOD_FOR = timedelta(hours=12)
IDLE = timedelta(minutes=30)
IDLE_ON_THE_STREET = timedelta(hours=4)
_TOUCHED_AFTER = timedelta(minutes=1)


class Session(Struct, frozen=True, kw_only=True):
    """A session without its secret. `session_id` is the beginning of its digest, to name it by.

    `household_id` and `resident_id` are empty but for residents; `own_household` is the one that a
    member of staff lives in, and may not act on.
    """

    session_id: str
    role: TokenRole
    name: str
    household_id: str
    resident_id: str
    own_household: str
    begun_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def begin_session(
    connection: Connection,
    schema: str,
    *,
    role: TokenRole,
    name: str,
    at: datetime,
    household_id: str = "",
    resident_id: str = "",
    replaces: str = "",
) -> str:
    """A new session's secret, for a cookie. `replaces` is the browser's old one, which ends.

    Raises ValueError for a resident's session without its resident.
    """
    if (role == "resident") != bool(household_id and resident_id):
        raise ValueError("a resident's session names a household and a resident; no other does")
    if replaces:
        end_session(connection, schema, replaces, at)
    secret = secrets.token_urlsafe(32)
    idle = IDLE_ON_THE_STREET if role == "officer" else IDLE
    connection.execute(
        f"insert into {schema}.page_sessions (session_digest, role, name, household_id,"
        " resident_id, begun_at, seen_at, idle_seconds, expires_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            digest_of(secret),
            role,
            name,
            household_id,
            resident_id,
            at,
            at,
            int(idle.total_seconds()),
            at + GOOD_FOR,
        ),
    )
    return secret


_COLUMNS = (
    f"left(encode(s.session_digest, 'hex'), {ID_LENGTH}) as session_id, s.role, s.name,"
    " s.household_id, s.resident_id, coalesce(a.own_household, '') as own_household,"
    " s.begun_at, s.seen_at, s.expires_at, s.ended_at"
)


def find_session(connection: Connection, schema: str, secret: str, at: datetime) -> Session | None:
    """The session of a secret where it is good at that instant; it counts as seen."""
    if not secret.isascii():
        return None
    with connection.cursor(row_factory=class_row(Session)) as cursor:
        found = cursor.execute(
            f"select {_COLUMNS} from {schema}.page_sessions s"
            f" left join {schema}.staff_accounts a on s.role <> 'resident' and a.name = s.name"
            " where s.session_digest = %s and s.ended_at is null and s.expires_at > %s"
            " and s.seen_at + make_interval(secs => s.idle_seconds) > %s"
            f" and case when s.role = 'resident' then exists (select from {schema}.accounts c"
            "   where c.resident_id = s.resident_id and not c.moved_out)"
            " else a.name is not null and a.revoked_at is null and a.role = s.role end",
            (digest_of(secret), at, at),
            prepare=True,
        ).fetchone()
    if found is not None and found.seen_at <= at - _TOUCHED_AFTER:
        connection.execute(
            f"update {schema}.page_sessions set seen_at = greatest(seen_at, %s)"
            " where session_digest = %s",
            (at, digest_of(secret)),
        )
    return found


def end_session(connection: Connection, schema: str, secret: str, at: datetime) -> None:
    """End the session of that secret: what signing out does."""
    connection.execute(
        f"update {schema}.page_sessions set ended_at = %s"
        " where session_digest = %s and ended_at is null",
        (at, digest_of(secret)),
    )


def end_sessions_of(connection: Connection, schema: str, name: str, at: datetime) -> int:
    """End every session of a member of staff; how many there were."""
    ended = connection.execute(
        f"update {schema}.page_sessions set ended_at = %s"
        " where role <> 'resident' and name = %s and ended_at is null",
        (at, name),
    )
    return ended.rowcount


def end_session_named(connection: Connection, schema: str, session_id: str, at: datetime) -> bool:
    """End the session of that id. False where there is none that is good."""
    if len(session_id) != ID_LENGTH:
        return False
    ended = connection.execute(
        f"update {schema}.page_sessions s set ended_at = %s"
        f" where left(encode(session_digest, 'hex'), {ID_LENGTH}) = %s and ended_at is null",
        (at, session_id),
    )
    return ended.rowcount > 0


def list_sessions(connection: Connection, schema: str, at: datetime) -> list[Session]:
    """The sessions of staff that are good at that instant, newest first, without secrets."""
    with connection.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.page_sessions s"
            f" join {schema}.staff_accounts a on a.name = s.name"
            " where s.role <> 'resident' and s.ended_at is null and s.expires_at > %s"
            " and s.seen_at + make_interval(secs => s.idle_seconds) > %s"
            " order by s.begun_at desc",
            (at, at),
        ).fetchall()
