"""A resident gives up what they hold: it ends now, with what needs it, and no money comes back.

Source: scheme TOML `refund`; STV-071, RBW-008, NOR-156; X-042, X-092, X-100.
"""

from collections.abc import Sequence

from commands import ending as early
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.events import AnyEvent, HoldingEnded
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.rules import ending


class SurrenderHolding(Command, frozen=True, kw_only=True, tag="surrender_holding"):
    holding: str


def decide(command: SurrenderHolding, household: Household, context: Context) -> list[AnyEvent]:
    """End it. Raises Refused with `eligibility.not_resident` or `permit.not_in_force`."""
    holding = holding_of(household, command.holding)
    refuse_if(context.stranger(household), early.over_refusal(holding, context))
    caps = ending.concurrent_caps(holding)
    return [
        early.ended(household, holding, "surrendered", caps, context),
        *early.dependants(household, (holding.holding_id,), context.at, context),
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    ended = events[0]
    assert isinstance(ended, HoldingEnded)
    product = household.holdings[ended.holding_id].product
    return {
        "holding": ended.holding_id,
        "state": "cancelled",
        "remaining": household.units_left(product, context.at),
    }
