"""Who asks for a PIN, or tries one: where from, and on which browser; and how often they may.

An address alone is no one's to be counted by: whoever types it could shut its owner out. So asking
and trying are counted for the address together with who asks, for the place, and for the address
from all places together, of which places that the account was signed in to from are free.

Source: reference/promises.md P17; OWASP ASVS 6.3.1, 6.3.3.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from ledger.store.pool import Connection
from services.identity import limits

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
PINS_AN_HOUR = 5
"""For one address, by one requester."""
PINS_AN_HOUR_HERE = 10
"""For one address, by all requesters of one place."""
ASKED_AN_HOUR = 60
"""From one place: more than a street of neighbours behind one connection asks for."""
SENT_AN_HOUR = 100
"""To one address from all places it was not signed in to from: what floods nobody's telephone."""
TRIES_A_QUARTER = 10
TRIES_A_QUARTER_HERE = 100
KNOWN_FOR = timedelta(days=365)
"""How long a place is known after the last time that the account was signed in to from it."""


_LETTERS = "ABCDEFGHJKMNPQRTUVWXY"


class Requester(Struct, frozen=True, kw_only=True):
    """`place` is where a request came from; `own` tells this asker from all others there.

    `own` is a number that only the asker has: their browser's, or the ticket they were given.
    """

    place: str = ""
    own: str = ""

    @property
    def digest(self) -> bytes:
        """What a PIN is kept under: whoever has no number of their own is their place."""
        return _digest(f"own/{self.own}" if self.own else f"place/{self.place}")

    @property
    def named(self) -> str:
        return self.digest.hex()

    @property
    def reference(self) -> str:
        """Two letters, told on the page and in the message, by which the two are known to belong
        together.
        """
        first, second = self.digest[:2]
        return _LETTERS[first % len(_LETTERS)] + _LETTERS[second % len(_LETTERS)]


def count_asking(
    connection: Connection,
    schema: str,
    address: str,
    by: Requester,
    resident_id: str,
    now: datetime,
) -> None:
    """Count that a PIN is asked for. `resident_id` is empty for an address of nobody.

    The answer to a stranger is the same for every address. Raises TooMany.
    """
    for kind, whose, most in (
        ("pin-place", by.place, ASKED_AN_HOUR),
        ("pin", f"{address}@{by.named}", PINS_AN_HOUR),
        ("pin-here", f"{address}@{by.place}", PINS_AN_HOUR_HERE),
    ):
        limits.count(connection, schema, kind, whose, now, HOUR, most)
    if not is_known(connection, schema, resident_id, by, now):
        limits.count(connection, schema, "pin-sent", address, now, HOUR, SENT_AN_HOUR)


def count_trying(
    connection: Connection, schema: str, address: str, by: Requester, now: datetime
) -> None:
    """Count that a PIN is tried. Raises TooMany."""
    for kind, whose, most in (
        ("try-place", by.place, TRIES_A_QUARTER_HERE),
        ("try", f"{address}@{by.named}", TRIES_A_QUARTER),
    ):
        limits.count(connection, schema, kind, whose, now, QUARTER, most)


def is_known(
    connection: Connection, schema: str, resident_id: str, by: Requester, now: datetime
) -> bool:
    """Whether the account was signed in to from this place within a year."""
    found = connection.execute(
        f"select from {schema}.known_places"
        " where resident_id = %s and place_digest = %s and seen_at > %s",
        (resident_id, _place(schema, by), now - KNOWN_FOR),
    ).fetchone()
    return found is not None


def know(
    connection: Connection, schema: str, resident_id: str, by: Requester, now: datetime
) -> None:
    """Remember that the account was signed in to from this place."""
    connection.execute(
        f"insert into {schema}.known_places (resident_id, place_digest, seen_at)"
        " values (%s, %s, %s) on conflict (resident_id, place_digest) do update set"
        " seen_at = greatest(known_places.seen_at, excluded.seen_at)",
        (resident_id, _place(schema, by), now),
    )


def _place(schema: str, by: Requester) -> bytes:
    return _digest(f"{schema}/{by.place}")


def _digest(what: str) -> bytes:
    return sha256(what.encode()).digest()
