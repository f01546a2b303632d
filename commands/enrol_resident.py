"""Enrol a resident whom the council knows already: staff, or an import from the Council Tax
register.
"""

from collections.abc import Sequence
from datetime import date

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, ResidentRegistered
from ledger.household.state import Household
from ledger.refusals import NotFound, Refusal, refuse_if
from ledger.rules import telephone


class EnrolResident(Command, frozen=True, kw_only=True, tag="enrol_resident"):
    name: str = ""
    email: str = ""
    mobile: str = ""
    born_on: date | None = None
    lives_from: date | None = None
    receives: tuple[str, ...] = ()
    council_tax_account: str = ""
    verified: bool = True


def decide(command: EnrolResident, household: Household, context: Context) -> list[AnyEvent]:
    """Enrol the person. Raises Refused with `message.not_understood` for a number that is none;
    NotFound where the stream is no property.
    """
    if household.property is None:
        raise NotFound("household")
    mobile = telephone.e164(command.mobile) if command.mobile else ""
    refuse_if(
        Refusal("message.not_understood", "the mobile number is not one that can be texted")
        if mobile is None
        else None
    )
    return [
        ResidentRegistered(
            resident_id=context.new_id(),
            verified=command.verified,
            proved=command.verified,
            lives_from=command.lives_from or context.today,
            name=command.name,
            born_on=command.born_on,
            receives=command.receives,
            council_tax_account=command.council_tax_account,
            mobile=mobile or "",
            email=command.email,
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    registered = events[-1]
    assert isinstance(registered, ResidentRegistered)
    return {"resident": registered.resident_id, "verified": registered.verified}
