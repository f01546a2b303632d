"""A resident changes the e-mail address they are reached at: first they show that it is theirs.

A PIN goes to the new address; whoever sends it back has the mailbox, and the address is changed.
The old address is told, and so is the mobile: a change that nobody wanted is noticed.

Source: HAN-009; promises section 4 (notice to the old channel); OWASP ASVS 6.3.7, 6.6.1.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from argon2.exceptions import VerifyMismatchError

from commands.change_email import ChangeEmail
from commands.handling import Sender
from ledger.events import Actor, Answer
from ledger.refusals import NotFound, Refusal, refuse_if
from ledger.store.pool import Connection
from projections import accounts
from services.council import Council
from services.identity import limits, pins
from services.identity.messages import Message, MessageSender

DIGITS, TRIES = 8, 5
GOOD_FOR = timedelta(minutes=10)
ASKED_AN_HOUR = 5
TRIED_AN_HOUR = 10


class NotShown(NotFound):
    """The PIN is not the one that went to the new address, or its time or its tries are up."""


def ask(
    council: Council, household: UUID, resident_id: str, email: str, sender: MessageSender
) -> None:
    """Send a PIN to the new address. Raises Refused as the change would, TooMany, NotFound."""
    resident = council.ledger.household(household).residents.get(resident_id)
    if resident is None:
        raise NotFound("resident")
    email = email.strip()
    with council.pool.connection() as connection:
        now = council.now(connection)
        limits.count(
            connection,
            council.schema,
            "contact",
            resident_id,
            now,
            pins.GOOD_FOR * 6,
            ASKED_AN_HOUR,
        )
        pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        connection.execute(
            f"insert into {council.schema}.contact_changes (resident_id, household_id, by_way_of,"
            " address, pin_hash, sent_at, expires_at, tries_left)"
            " values (%s, %s, 'email', %s, %s, %s, %s, %s) on conflict (resident_id) do update set"
            " address = excluded.address, pin_hash = excluded.pin_hash, sent_at = excluded.sent_at,"
            " expires_at = excluded.expires_at, tries_left = excluded.tries_left",
            (resident_id, household, email, pins.hasher.hash(pin), now, now + GOOD_FOR, TRIES),
        )
    body = (
        f"{pin} shows that this address is yours. Enter it on the page where you changed your"
        " address, within ten minutes. If you changed nothing, do nothing."
    )
    sender.send(Message(council=council.id, by_way_of="email", to=email, body=body))


def confirm(
    council: Council,
    household: UUID,
    resident_id: str,
    pin: str,
    key: str,
    sender: MessageSender | None,
) -> Answer:
    """Change the address, and tell the old one. Raises NotShown, TooMany, Refused."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        limits.count(
            connection,
            council.schema,
            "contact-try",
            resident_id,
            now,
            timedelta(hours=1),
            TRIED_AN_HOUR,
        )
        row = connection.execute(
            f"update {council.schema}.contact_changes set tries_left = tries_left - 1"
            " where resident_id = %s and household_id = %s and expires_at > %s and tries_left > 0"
            " returning address, pin_hash",
            (resident_id, household, now),
        ).fetchone()
        if row is None or not _matches(row[1], pin):
            raise NotShown("address that waits for this PIN")
    answer = change(
        council,
        household,
        resident_id,
        row[0],
        Sender(by=Actor("resident", resident_id), key=key),
        sender,
    )
    with council.pool.connection() as connection:
        connection.execute(
            f"delete from {council.schema}.contact_changes where resident_id = %s", (resident_id,)
        )
    return answer


def waiting(connection: Connection, council: Council, resident_id: str) -> str:
    """The address that waits for its PIN; empty where there is none."""
    row = connection.execute(
        f"select address from {council.schema}.contact_changes"
        " where resident_id = %s and expires_at > %s and tries_left > 0",
        (resident_id, council.now(connection)),
    ).fetchone()
    return "" if row is None else str(row[0])


def change(
    council: Council,
    household: UUID,
    resident_id: str,
    email: str,
    by: Sender,
    sender: MessageSender | None,
) -> Answer:
    """Change the address, and tell the old one and the mobile.

    Raises Refused, with `message.address_in_use` where another account signs in with it.
    """
    resident = council.ledger.household(household).residents.get(resident_id)
    if resident is None:
        raise NotFound("resident")
    with council.pool.connection() as connection:
        found = accounts.by_email(connection, council.schema, email.strip())
    refuse_if(
        Refusal("message.address_in_use", "another account signs in with this address")
        if found is not None and found[1] != resident_id
        else None
    )
    answer = council.handle(household, ChangeEmail(email=email), by)
    if sender is not None:
        body = (
            "The e-mail address of your parking account was changed. If it was not you, tell the"
            " parking team at once."
        )
        if resident.email:
            sender.send(
                Message(council=council.id, by_way_of="email", to=resident.email, body=body)
            )
        if resident.mobile:
            sender.send(
                Message(council=council.id, by_way_of="text", to=resident.mobile, body=body)
            )
    return answer


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return pins.hasher.verify(pin_hash, pin)
    except VerifyMismatchError:
        return False
