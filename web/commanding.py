"""Commands over HTTP: a body becomes the command's own Struct, and takes the one path there is.

What comes back has its instants in UTC, told with Z, as every other answer has.
"""

import re
from typing import cast, get_args

from msgspec import structs

from commands.base import Command
from commands.correct_cover import CorrectCover
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.register_resident import RegisterResident
from ledger.events import Actor, Answer, Channel, Role
from ledger.refusals import NotFound, Refusal, Refused, refuse_if
from ledger.rules import telephone
from ledger.values import glyph_key, mark_refusal
from services import texts
from web.access import APPROVERS, Caller, caller_of, household_of, refuse_roles_but
from web.asking import PropertyFound, Registered, Registration, TextIn
from web.operations import Call, set_instant
from web.problems import Wrong

KEY_MAX = 200
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
CHANNELS: tuple[Channel, ...] = get_args(Channel)
RESIDENTS_CHANNELS: tuple[Channel, ...] = ("website", "app")
NOT_VERIFIED = Refusal(
    "eligibility.not_verified", "the Council Tax account number is not that of this address"
)
NOT_UNDERSTOOD = Refusal(
    "message.not_understood", "the mobile number is not one that can be texted"
)


def send(call: Call) -> Answer:
    """One command to one household. Raises what the handler raises, and Wrong for its headers."""
    command: Command = call.body
    stream = household_of(call.by, call.params["household"])
    sender = sender_of(call)
    if isinstance(command, CorrectCover):
        command, sender = _approved(call, command, sender)
    return in_utc(call.council.handle(stream, command, sender))


def _approved(call: Call, command: CorrectCover, sender: Sender) -> tuple[CorrectCover, Sender]:
    """A correction with the second person who is really there: their own token says who.

    Without one there is no approver, whatever the body says. Raises Wrong `not-signed-in`.
    """
    header = call.headers.get("x-approver", "")
    if not header:
        return structs.replace(command, approver=""), sender
    with call.council.pool.connection() as connection:
        second = caller_of(connection, call.council.schema, header, set_instant(call.council))
    refuse_roles_but(APPROVERS, second)
    if command.approver and command.approver != second.name:
        raise Wrong("invalid", "The approver is whoever X-Approver says.", "header.x_approver")
    both = (*sender.own_households, *own_households(second))
    return (
        structs.replace(command, approver=second.name),
        structs.replace(sender, own_households=both),
    )


def own_households(caller: Caller) -> tuple[str, ...]:
    """Where whoever works for the council lives: there they may not act."""
    return (caller.own_household,) if caller.own_household else ()


def in_utc(answer: Answer) -> Answer:
    """The same answer; an instant among its values ends in Z."""
    told = {
        name: f"{value[:-6]}Z" if isinstance(value, str) and INSTANT.fullmatch(value) else value
        for name, value in answer.values.items()
    }
    return structs.replace(answer, values=told)


def sender_of(call: Call) -> Sender:
    """Who sends, how and under which key, from token and headers."""
    channel, behalf = call.headers.get("x-channel", ""), call.headers.get("x-on-behalf-of", "")
    caller = call.by
    if behalf and caller.role != "staff":
        raise Wrong("not-allowed", "Only staff act on behalf of a resident.")
    if channel and channel not in CHANNELS:
        named = ", ".join(CHANNELS)
        raise Wrong("invalid", f"X-Channel is one of: {named}.", "header.x_channel")
    if channel and caller.role != "staff" and channel not in RESIDENTS_CHANNELS:
        raise Wrong("not-allowed", "Only staff act for those who telephone, text or write.")
    return Sender(
        by=actor_of(caller),
        key=key_of(call),
        channel=channel or "website",
        on_behalf_of=behalf,
        own_households=own_households(caller),
    )


def actor_of(caller: Caller) -> Actor:
    """The actor of a token, as the ledger records it. A gateway acts for nobody by itself."""
    if caller.role == "resident":
        return Actor("resident", caller.resident_id)
    role = "system" if caller.role == "gateway" else caller.role
    return Actor(cast(Role, role), caller.name)


def key_of(call: Call) -> str:
    """The header `Idempotency-Key`. Raises Wrong `no-idempotency-key`.

    Keys of different senders never meet: one cannot be used to learn of another's answer.
    """
    key = call.headers.get("idempotency-key", "")
    if not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        raise Wrong(
            "no-idempotency-key",
            f"It is 1 to {KEY_MAX} visible ASCII characters, a new one for each command.",
        )
    whose = (
        "public"
        if call.caller is None
        else f"{call.caller.role}/{call.caller.resident_id or call.caller.name}"
    )
    return f"{whose}/{key}"


def register(call: Call) -> Registered:
    """The public form. An unknown property is refused in the words of a wrong account number."""
    asked: Registration = call.body
    command = RegisterResident(
        council_tax_account=asked.council_tax_account,
        name=asked.name,
        email=asked.email,
        mobile=asked.mobile,
        born_on=asked.born_on,
    )
    stream = call.council.ledger.household_id(asked.property_ref)
    try:
        answer = call.council.handle(
            stream, command, Sender(by=Actor("resident"), key=key_of(call))
        )
    except NotFound as error:
        # The same reasons as at a property that is there: a bad number must not tell them apart.
        bad_number = asked.mobile and telephone.e164(asked.mobile) is None
        raise Refused([NOT_VERIFIED, NOT_UNDERSTOOD] if bad_number else [NOT_VERIFIED]) from error
    resident, verified = answer.values["resident"], answer.values["verified"]
    assert isinstance(resident, str)
    return Registered(household=answer.household_id, resident=resident, verified=bool(verified))


def list_property(call: Call) -> Answer:
    """List a property; its household's address follows from its reference."""
    command: ListProperty = call.body
    stream = call.council.ledger.household_id(command.property_ref)
    return in_utc(call.council.handle(stream, command, sender_of(call)))


def find_property(call: Call) -> PropertyFound:
    """Raises NotFound for a property that was never listed."""
    reference = call.params["property_ref"]
    stream = call.council.ledger.household_id(reference)
    if call.council.ledger.household(stream).property is None:
        raise NotFound("property")
    return PropertyFound(property_ref=reference, household=str(stream))


def record_vehicle_facts(call: Call) -> Answer:
    """Record what is known of a vehicle, in the vehicle's own stream."""
    command: RecordVehicleFacts = call.body
    refuse_if(mark_refusal(command.vehicle))
    stream = call.council.ledger.vehicle_id(glyph_key(command.vehicle))
    return in_utc(call.council.handle(stream, command, sender_of(call)))


def receive_text(call: Call) -> Answer:
    """A text from the gateway. A refused one gets no reply."""
    text: TextIn = call.body
    return in_utc(
        texts.receive(call.council, text.sender, text.body, text.confirmed_at, key_of(call))
    )
