"""Record that a one-time PIN was sent to a resident. The PIN itself is never a fact of the ledger.

Source: HAN-009.
"""

from collections.abc import Sequence
from typing import Literal

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, PinSent
from ledger.household.state import Household


class SendPin(Command, frozen=True, kw_only=True, tag="send_pin"):
    by_way_of: Literal["email", "text"]


def decide(command: SendPin, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with `eligibility.not_resident`."""
    resident = context.resident(household)
    return [PinSent(resident_id=resident.resident_id, by_way_of=command.by_way_of)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"sent": True}
