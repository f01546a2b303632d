"""Whether a resident who acts still lives in the household. Staff and officers act from outside."""

from commands.base import Context
from ledger.household.state import Household
from ledger.refusals import Refusal


def refusal(household: Household, context: Context) -> Refusal | None:
    """`eligibility.not_resident` for a resident who is not one of this household now."""
    if context.by.role != "resident":
        return None
    if any(resident.resident_id == context.by.name for resident in household.living(context.at)):
        return None
    return Refusal("eligibility.not_resident", "only who lives at this property now may do this")
