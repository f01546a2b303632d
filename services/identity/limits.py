"""How often something may be tried: counted in PostgreSQL, for every process together.

What is counted is kept as a digest, so that the table tells nobody's address.

Source: reference/promises.md P17; OWASP ASVS 6.3.1.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from ledger.refusals import LedgerError
from ledger.store.pool import Connection


class TooMany(LedgerError):
    """Too many tries. `again_in` is when there may be one more."""

    def __init__(self, again_in: timedelta) -> None:
        self.again_in = again_in
        super().__init__(f"too many tries; again in {int(again_in.total_seconds())} s")


def count(
    connection: Connection,
    schema: str,
    kind: str,
    whose: str,
    now: datetime,
    window: timedelta,
    most: int,
) -> None:
    """Count one try, in a window that begins with its first. Raises TooMany.

    On a connection that commits by itself: what raises later must not take the count back.
    """
    row = connection.execute(
        f"insert into {schema}.sign_in_tries as t (address_digest, kind, window_from, tries)"
        " values (%s, %s, %s, 1)"
        " on conflict (address_digest, kind) do update set"
        " tries = case when t.window_from <= %s then 1 else t.tries + 1 end,"
        " window_from = case when t.window_from <= %s then excluded.window_from"
        " else t.window_from end returning tries, window_from",
        (
            sha256(f"{schema}/{whose}".encode()).digest(),
            kind,
            now,
            now - window,
            now - window,
        ),
    ).fetchone()
    assert row is not None
    if row[0] > most:
        raise TooMany(row[1] + window - now)


def counted(
    connection: Connection, schema: str, kind: str, whose: str, now: datetime, window: timedelta
) -> int:
    """How many tries there have been in the window that is running; none is counted by asking."""
    row = connection.execute(
        f"select tries from {schema}.sign_in_tries"
        " where address_digest = %s and kind = %s and window_from > %s",
        (sha256(f"{schema}/{whose}".encode()).digest(), kind, now - window),
    ).fetchone()
    return 0 if row is None else int(row[0])


def uncount(connection: Connection, schema: str, kind: str, whose: str) -> None:
    """Take one try back: it was none after all."""
    connection.execute(
        f"update {schema}.sign_in_tries set tries = greatest(tries - 1, 0)"
        " where address_digest = %s and kind = %s",
        (sha256(f"{schema}/{whose}".encode()).digest(), kind),
    )


def forget(connection: Connection, schema: str, kind: str, whose: str) -> None:
    """Begin anew for one of them: whoever got in was no guesser."""
    connection.execute(
        f"delete from {schema}.sign_in_tries where address_digest = %s and kind = %s",
        (sha256(f"{schema}/{whose}".encode()).digest(), kind),
    )
