"""Texts: the sender's number finds the account it speaks for; the text is handled as theirs.

A number that is linked to no account changes nothing and gets no reply; the attempt is kept,
without the number or what was texted.

Source: HAN-031 to 035, A-093; design section 4 (refused attempts).
"""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from commands.handling import Sender
from commands.receive_text import ReceiveText
from ledger.events import Actor, Answer
from ledger.refusals import Refusal, Refused
from ledger.rules import telephone
from ledger.values import utc
from projections import accounts
from services.council import Council

GATEWAY = Actor("system", "text gateway")
NOT_LINKED = Refusal("message.number_not_linked", "the number is linked to no account")


def receive(
    council: Council, from_number: str, body: str, confirmed_at: datetime | None, key: str
) -> Answer:
    """Handle one text, once for each key. `confirmed_at` (aware) is when its confirmation is sent.

    Raises Refused with `message.number_not_linked`, or with whatever refuses the booking.
    """
    command = ReceiveText(
        body=body, confirmed_at=None if confirmed_at is None else utc(confirmed_at)
    )
    number = telephone.e164(from_number)
    with council.pool.connection() as connection:
        found = accounts.by_mobile(connection, council.schema, number) if number else None
    if found is None:
        _keep_attempt(council, number or "", command, key)
        raise Refused([NOT_LINKED])
    household_id, resident_id = found
    by = Actor("resident", resident_id)
    return council.handle(UUID(household_id), command, Sender(by=by, key=key, channel="text"))


def _keep_attempt(council: Council, number: str, command: ReceiveText, key: str) -> None:
    """One row for a key, however often the gateway sends it; digests only of what was texted."""
    body = sha256(number.encode() + b"\n" + msgspec.json.encode(command)).hexdigest()
    with council.pool.connection() as connection:
        connection.execute(
            f"insert into {council.schema}.refused_attempts (attempted_at, household_id,"
            " command_key, body_digest, command, role, actor, channel, codes, details)"
            " values (%s, null, %s, %s, 'receive_text', %s, %s, 'text', %s, %s)"
            " on conflict (command_key) do nothing",
            (
                council.now(connection),
                sha256(b"texts/" + key.encode()).hexdigest(),
                body,
                GATEWAY.role,
                GATEWAY.name,
                [NOT_LINKED.code],
                [NOT_LINKED.detail],
            ),
        )
