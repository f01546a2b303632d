"""A resident's own address over HTTP: asked for, and shown by a PIN to be theirs."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ledger.events import Answer
from services import contacts
from web.access import household_of
from web.asking import Accepted, Asking
from web.commanding import in_utc, key_of
from web.operations import Call
from web.problems import Wrong


class EmailAsked(Asking, frozen=True, kw_only=True):
    """The new address. A PIN goes to it."""

    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")]


class EmailShown(Asking, frozen=True, kw_only=True):
    """The PIN that went to the new address."""

    pin: Annotated[str, Meta(pattern="^[0-9]{8}$")]


def ask(call: Call) -> Accepted:
    """Raises TooMany."""
    if call.site.messages is None:
        raise Wrong("unavailable", "This server has no way to send a PIN.")
    contacts.ask(call.council, _own(call), call.by.resident_id, call.body.email, call.site.messages)
    return Accepted()


def confirm(call: Call) -> Answer:
    """Raises NotShown, TooMany, Refused."""
    return in_utc(
        contacts.confirm(
            call.council,
            _own(call),
            call.by.resident_id,
            call.body.pin,
            key_of(call),
            call.site.messages,
        )
    )


def _own(call: Call) -> UUID:
    return household_of(call.by, call.params["household"])
