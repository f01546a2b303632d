"""Change the e-mail address at which a resident is reached, and with which they sign in.

Whether the address is theirs is shown before by a PIN that is sent to it (services/contacts), or to
the council's staff. The old address is told.

Source: STV-001 (account), HAN-009 (sign-in by the account's own address); promises section 4.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, EmailChanged
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class ChangeEmail(Command, frozen=True, kw_only=True, tag="change_email"):
    email: Annotated[str, Meta(max_length=254)]


def decide(command: ChangeEmail, household: Household, context: Context) -> list[AnyEvent]:
    """Change it. Raises Refused: `message.not_understood`, `correction.nothing_changed`."""
    resident = context.resident(household)
    email = command.email.strip()
    refuse_if(
        None
        if _ADDRESS.fullmatch(email) and email.isprintable()
        else Refusal("message.not_understood", "this is not an e-mail address"),
        Refusal("correction.nothing_changed", "the account has this e-mail address already")
        if email and email.lower() == resident.email.lower()
        else None,
    )
    return [EmailChanged(resident_id=resident.resident_id, email=email)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"changed": True}
