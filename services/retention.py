"""What is no fact of the ledger is deleted when its time is over, and how much is on record.

Facts are never deleted. These are: applications that were begun and never sent, looks at people,
sessions and PINs that are over, places that accounts were signed in to from, tries.

Source: reference/promises.md section 6 (retention: all configurable); OWASP ASVS 14.2.7; STV-042.
"""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from ledger.calendar import add_months, local_date
from ledger.store.pool import Connection
from services.council import Council
from services.identity.pins import YEAR
from services.identity.requesters import KNOWN_FOR

FILE: Final = Path(__file__).parent / "retention.toml"
_DAY: Final = timedelta(days=1)
Many = Annotated[int, Meta(ge=1, le=1_200)]


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long each kind is kept after it was last touched."""

    drafts_days: Many
    people_looked_up_months: Many
    sessions_months: Many


class Removed(Struct, frozen=True, kw_only=True):
    """That so many rows of a kind were deleted at an instant."""

    removed_at: datetime
    kind: str
    rows: int


def of(council_id: str, file: Path = FILE) -> Retention:
    """What a council keeps for how long. Raises ValueError that names what is wrong in the file."""
    return _read(file, council_id)


@cache
def _read(file: Path, council_id: str) -> Retention:
    try:
        written: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        if unknown := sorted(set(written) - {"default", "councils"}):
            raise ValueError(f"no such table: {', '.join(unknown)}")
        plain = written.get("default", {}) | written.get("councils", {}).get(council_id, {})
        return msgspec.convert(plain, Retention)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"{file.name}, {council_id}: {error}") from error


def remove_due(council: Council, connection: Connection, now: datetime) -> list[Removed]:
    """Delete whatever is kept no longer, and put on record how much of each kind.

    On a connection that commits by itself: each kind is deleted and counted in one transaction.
    """
    done = []
    for kind, table, where, before in _kinds(council, now):
        with connection.transaction():
            rows = connection.execute(
                f"delete from {council.schema}.{table} where {where} <= %s", (before,)
            ).rowcount
            if rows:
                connection.execute(
                    f"insert into {council.schema}.removals (removed_at, kind, rows_removed)"
                    " values (%s, %s, %s)",
                    (now, kind, rows),
                )
                done.append(Removed(removed_at=now, kind=kind, rows=rows))
    return done


def removed(connection: Connection, schema: str, since: datetime) -> list[Removed]:
    """What was deleted since an instant, the latest first."""
    rows = connection.execute(
        f"select removed_at, kind, rows_removed from {schema}.removals where removed_at >= %s"
        " order by removed_at desc, removal_id desc",
        (since,),
    ).fetchall()
    return [Removed(removed_at=row[0], kind=row[1], rows=row[2]) for row in rows]


def _kinds(council: Council, now: datetime) -> Iterator[tuple[str, str, str, datetime]]:
    """Each kind: its name, its table, the column that its time goes by, and until when is over."""
    kept = of(council.id)
    yield "drafts", "drafts", "saved_at", now - kept.drafts_days * _DAY
    looks = _months_ago(council, now, kept.people_looked_up_months)
    yield "people looked up", "people_looked_up", "looked_at", looks
    sessions = _months_ago(council, now, kept.sessions_months)
    yield "sessions", "page_sessions", "expires_at", sessions
    yield "known places", "known_places", "seen_at", now - KNOWN_FOR
    yield "PINs", "pins", "expires_at", now - _DAY
    yield "changes of address", "contact_changes", "expires_at", now - _DAY
    yield "tries", "sign_in_tries", "window_from", now - YEAR


def _months_ago(council: Council, now: datetime, months: int) -> datetime:
    """The same time of day so many months before, by the scheme's calendar."""
    scheme = council.scheme_at(now)
    today = local_date(now, scheme.tz)
    return now - (today - add_months(today, -months, scheme.calendar.missing_day))
