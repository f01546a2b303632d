"""Register a person by the public form: the residence is verified by the Council Tax account
number.

Where the scheme does not verify at registration, the account is open at once and each application
asks for its own proof. The right number is never named in a refusal, and never given out.

Source: STV-001, STV-002, HAN-001 to 012, A-096.
"""

from collections.abc import Sequence
from datetime import date

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, ResidentRegistered
from ledger.household.state import Household
from ledger.refusals import NotFound, Refusal, refuse_if
from ledger.rules import telephone
from ledger.values import normal_account


class RegisterResident(Command, frozen=True, kw_only=True, tag="register_resident"):
    council_tax_account: str = ""
    name: str = ""
    email: str = ""
    mobile: str = ""
    born_on: date | None = None


def decide(command: RegisterResident, household: Household, context: Context) -> list[AnyEvent]:
    """Open an account. Raises Refused with `eligibility.not_verified` or
    `message.not_understood`; NotFound where the stream is no property.
    """
    asked = context.scheme.proof.per == "registration"
    if household.property is None:
        raise NotFound("household")
    mobile = telephone.e164(command.mobile) if command.mobile else ""
    refuse_if(
        Refusal(
            "eligibility.not_verified", "the Council Tax account number is not that of this address"
        )
        if asked and not is_of_this_property(command.council_tax_account, household)
        else None,
        Refusal("message.not_understood", "the mobile number is not one that can be texted")
        if mobile is None
        else None,
    )
    return [
        ResidentRegistered(
            resident_id=context.new_id(),
            verified=True,
            proved=asked,
            lives_from=context.today,
            name=command.name,
            born_on=command.born_on,
            council_tax_account=command.council_tax_account,
            mobile=mobile or "",
            email=command.email,
        )
    ]


def is_of_this_property(number: str, household: Household) -> bool:
    """True where this is a Council Tax account of the property, spaces and case aside.

    The account of someone who has moved out is closed with their residence.
    """
    home = household.property
    listed = home.council_tax_accounts if home else ()
    living = (each for each in household.residents.values() if each.moved_out_at is None)
    residents = (resident.council_tax_account for resident in living)
    known = {normal_account(each) for each in (*listed, *residents)} - {""}
    return normal_account(number) in known


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    registered = events[-1]
    assert isinstance(registered, ResidentRegistered)
    return {"resident": registered.resident_id, "verified": registered.verified}
