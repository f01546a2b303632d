"""Signing in with a one-time PIN: six digits, sent to the account's own address, good once.

Who does not know a PIN may ask for one and guess, again and again. So a PIN is good for whoever
asked for it alone: their browser, their ticket or their place. What a stranger asks for, guesses at
and uses up is the stranger's, and the owner has their own. All wrong guesses at an account are
counted for a year, and those at all accounts together; where they are many, or PINs are waiting
that could make them many, the next PINs have twelve digits instead. Nobody is shut out by a
stranger's guesses, and no guess is worth making.

A PIN is kept as an argon2 hash, for ten minutes and five tries; a new one of the same requester
replaces it. How often may be asked and tried is counted in PostgreSQL, for every process together,
and for addresses that belong to nobody as well: neither the answer nor its time says whether there
is an account.

Source: HAN-009; services.md (resident sign-in); promises.md P17; OWASP ASVS 6.5.1, 6.5.4, 6.5.5.
"""

import secrets
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from msgspec import Struct

from commands.handling import Sender
from commands.send_pin import SendPin
from ledger.events import Actor
from ledger.refusals import LedgerError
from ledger.rules import telephone
from ledger.store.pool import Connection
from projections import accounts
from services.council import Council
from services.identity import limits, requesters
from services.identity.messages import ByWayOf, Message, MessageSender
from services.identity.requesters import Requester
from services.identity.sessions import begin_session
from services.identity.tokens import make_token

GOOD_FOR = timedelta(minutes=10)
TRIES = 5
SIGNED_IN_FOR = timedelta(hours=12)
DIGITS, DIGITS_AFTER_GUESSES = 6, 12
GUESSES_A_YEAR, GUESSES_A_YEAR_OF_ALL = 50, 25_000
"""Wrong guesses of PINs of six digits, in a year that begins with the first: any 365 days have at
most twice as many, so that one is right with less than 1 in 10,000, and 1 in 20 of all accounts."""
YEAR = timedelta(days=365)
ANYONE = Requester()
EVERYBODY = "guessed/all"
hasher = PasswordHasher()


class NotSignedIn(LedgerError):
    """The address and the PIN do not go together, or the PIN's time, tries or single use are up."""


class Address(Struct, frozen=True, kw_only=True):
    """An e-mail address, or a mobile number; the other is empty."""

    email: str = ""
    mobile: str = ""

    @property
    def by_way_of(self) -> ByWayOf:
        return "email" if self.email else "text"

    @property
    def compared(self) -> str:
        """The form in which two spellings of one address are equal."""
        return self.email.strip().lower() if self.email else telephone.e164(self.mobile) or ""


def send_pin(
    council: Council, address: Address, sender: MessageSender, by: Requester = ANYONE
) -> None:
    """Send a PIN where the address is an account's; otherwise nothing, and nobody can tell.

    It is good for `by` alone. Raises TooMany.
    """
    with council.pool.connection() as connection:
        now = council.now(connection)
        found = _account(connection, council, address)
        resident_id = "" if found is None else found[1]
        requesters.count_asking(connection, council.schema, address.compared, by, resident_id, now)
        # Whether there is an account or not, as much is done.
        digits = _reserved(connection, council, found, by, now)
        pin = f"{secrets.randbelow(10**digits):0{digits}d}"
        hashed = hasher.hash(pin)
        if found is None:
            return
        household_id, resident_id = found
        connection.execute(
            f"update {council.schema}.pins set pin_hash = %s"
            " where resident_id = %s and requester = %s and digits = %s and sent_at = %s",
            (hashed, resident_id, by.digest, digits, now),
        )
    as_resident = Actor("resident", resident_id)
    key = f"pin/{secrets.token_hex(16)}"
    council.handle(
        UUID(household_id),
        SendPin(by_way_of=address.by_way_of),
        Sender(by=as_resident, key=key),
    )
    body = (
        f"{pin} is your PIN for request {by.reference}. It is good once, for ten minutes."
        " Nobody will ask you for it."
    )
    sender.send(
        Message(council=council.id, by_way_of=address.by_way_of, to=address.compared, body=body)
    )


class SignedIn(Struct, frozen=True, kw_only=True):
    """A resident's new token, and whom it speaks for."""

    secret: str
    household_id: str
    resident_id: str
    expires_at: datetime


def sign_in(council: Council, address: Address, pin: str, by: Requester = ANYONE) -> SignedIn:
    """Take the PIN, and make a token for its resident. Raises TooMany and NotSignedIn."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        household_id, resident_id = _taken(connection, council, address, pin, by, now)
        expires_at = now + SIGNED_IN_FOR
        secret = make_token(
            connection,
            council.schema,
            "resident",
            "signed in with a PIN",
            household_id,
            resident_id,
            expires_at,
        )
    return SignedIn(
        secret=secret, household_id=household_id, resident_id=resident_id, expires_at=expires_at
    )


def begin_resident_session(
    council: Council, address: Address, pin: str, by: Requester = ANYONE
) -> str:
    """As sign_in, for a browser: the secret of a session. Raises TooMany and NotSignedIn."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        household_id, resident_id = _taken(connection, council, address, pin, by, now)
        return begin_session(
            connection,
            council.schema,
            role="resident",
            name="resident",
            at=now,
            household_id=household_id,
            resident_id=resident_id,
        )


def has_account(council: Council, address: Address) -> bool:
    """True where the address is an account's: to be acted on, and never told to whoever asked."""
    with council.pool.connection() as connection:
        return _account(connection, council, address) is not None


def _taken(
    connection: Connection,
    council: Council,
    address: Address,
    pin: str,
    by: Requester,
    now: datetime,
) -> tuple[str, str]:
    """(household, resident) of whoever sent the right PIN, which is good no longer."""
    requesters.count_trying(connection, council.schema, address.compared, by, now)
    found = _account(connection, council, address)
    kept = None if found is None else _take_a_try(connection, council, found[1], by, now)
    whose = "" if found is None or kept is None else found[1]
    # Counted before it is known to be wrong: many at once are as many as one after another.
    _note_guess(connection, council, whose, now)
    right = _matches(kept or _nobodys(hasher), pin) and kept is not None
    # Of two that send the right PIN at once, only the one that takes the row away is let in.
    if found is None or not right or not _take_away(connection, council, found[1], by, kept):
        raise NotSignedIn("the address and the PIN do not go together")
    for counted in (_guessed(whose), EVERYBODY):
        limits.uncount(connection, council.schema, "guess", counted)
    requesters.know(connection, council.schema, found[1], by, now)
    return found


def _reserved(
    connection: Connection,
    council: Council,
    found: tuple[str, str] | None,
    by: Requester,
    now: datetime,
) -> int:
    """How long the next PIN is; a row without a hash holds its tries from now on.

    Longer where the guesses of a year, with those that PINs of six digits still wait for, are too
    many. PINs of one account are given one after another, so that no two reckon with the same room.
    """
    household_id, resident_id = found or ("", "")
    schema = council.schema
    with connection.transaction():
        if found is not None:
            connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 17))", (f"{schema}/{found[1]}",)
            )
            connection.execute(
                f"delete from {schema}.pins"
                " where resident_id = %s and (requester = %s or expires_at <= %s)",
                (resident_id, by.digest, now),
            )
        digits = _digits(connection, council, resident_id, now)
        if found is not None:
            connection.execute(
                f"insert into {schema}.pins (resident_id, requester, household_id, pin_hash,"
                " digits, sent_at, expires_at, tries_left) values (%s, %s, %s, '', %s, %s, %s, %s)",
                (resident_id, by.digest, household_id, digits, now, now + GOOD_FOR, TRIES),
            )
    return digits


def _digits(connection: Connection, council: Council, resident_id: str, now: datetime) -> int:
    of_one, of_all = (
        limits.counted(connection, council.schema, "guess", whose, now, YEAR)
        for whose in (_guessed(resident_id), EVERYBODY)
    )
    row = connection.execute(
        "select coalesce(sum(tries_left) filter (where resident_id = %s), 0),"
        f" coalesce(sum(tries_left), 0) from {council.schema}.pins"
        " where expires_at > %s and digits = %s",
        (resident_id, now, DIGITS),
    ).fetchone()
    assert row is not None
    # A PIN of six digits may be guessed at as often as it can be tried.
    if of_one + row[0] + TRIES > GUESSES_A_YEAR or of_all + row[1] + TRIES > GUESSES_A_YEAR_OF_ALL:
        return DIGITS_AFTER_GUESSES
    return DIGITS


def _note_guess(connection: Connection, council: Council, resident_id: str, now: datetime) -> None:
    """Count a guess. One that cannot be right counts for nobody, in the same time.

    Each window begins with its first guess and is a year.
    """
    for whose in (_guessed(resident_id), EVERYBODY if resident_id else _guessed("")):
        limits.count(connection, council.schema, "guess", whose, now, YEAR, 2**31 - 1)


def _guessed(resident_id: str) -> str:
    return f"guessed/{resident_id or 'nobody'}"


def _account(connection: Connection, council: Council, address: Address) -> tuple[str, str] | None:
    if not address.compared:
        return None
    find = accounts.by_email if address.email else accounts.by_mobile
    return find(connection, council.schema, address.compared)


def _take_a_try(
    connection: Connection, council: Council, resident_id: str, by: Requester, now: datetime
) -> str | None:
    """The hash to compare with, paid for with one of its tries; None where there is none left."""
    row = connection.execute(
        f"update {council.schema}.pins set tries_left = tries_left - 1"
        " where resident_id = %s and requester = %s and expires_at > %s and tries_left > 0"
        " and pin_hash <> '' returning pin_hash",
        (resident_id, by.digest, now),
    ).fetchone()
    return None if row is None else row[0]


def _take_away(
    connection: Connection,
    council: Council,
    resident_id: str,
    by: Requester,
    pin_hash: str | None,
) -> bool:
    taken = connection.execute(
        f"delete from {council.schema}.pins"
        " where resident_id = %s and requester = %s and pin_hash = %s",
        (resident_id, by.digest, pin_hash),
    )
    return taken.rowcount == 1


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return hasher.verify(pin_hash, pin)
    except VerifyMismatchError:
        return False


@cache
def _nobodys(made_by: PasswordHasher) -> str:
    """A hash that no PIN matches, so that an unknown address takes as long as a known one."""
    return made_by.hash(secrets.token_hex(16))
