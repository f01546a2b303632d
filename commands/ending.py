"""A holding ends before its last day: the fact, with everything that ends with it."""

from commands.base import Context
from ledger.events import HoldingEnded
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal
from ledger.rules import ending


def ended(
    household: Household, holding: Holding, why: str, caps: tuple[str, ...], context: Context
) -> HoldingEnded:
    """The holding ends now; `caps` are free again from today."""
    cut = ending.cut(household, (holding.holding_id,), context.at)
    return HoldingEnded(
        holding_id=holding.holding_id,
        ended_at=context.at,
        ended_on=context.today,
        why=why,
        caps=caps,
        void_bookings=cut.void_bookings,
        covers=cut.covers,
        uncovers=cut.uncovers,
    )


def over_refusal(holding: Holding, context: Context) -> Refusal | None:
    """`permit.not_in_force` for what is over already."""
    if holding.in_hand(context.at):
        return None
    return Refusal("permit.not_in_force", "it is over already")
