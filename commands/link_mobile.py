"""Link a mobile to a resident's account: texts from it then speak for them.

Source: HAN-031; the number may be linked to one account only.
"""

from collections.abc import Sequence

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, MobileLinked
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import telephone


class LinkMobile(Command, frozen=True, kw_only=True, tag="link_mobile"):
    mobile: str


def decide(command: LinkMobile, household: Household, context: Context) -> list[AnyEvent]:
    """Link it. Raises Refused with `message.not_understood`; another account's is
    `number_in_use`.
    """
    resident = context.resident(household)
    mobile = telephone.e164(command.mobile)
    refuse_if(
        None
        if mobile
        else Refusal("message.not_understood", "the mobile number is not one that can be texted")
    )
    assert mobile is not None
    return [MobileLinked(resident_id=resident.resident_id, mobile=mobile)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"linked": True}
