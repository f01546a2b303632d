"""Make a duplicate of a lost or stolen paper permit, for a fee; the original is void.

Source: scheme TOML `replacement`; RBW-053; A-123; X-053.
"""

from collections.abc import Sequence

from commands import ending
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.events import AnyEvent, HoldingReplaced
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import refund


class ReplacePermit(Command, frozen=True, kw_only=True, tag="replace_permit"):
    """`serial` says which paper is lost, where the holding has several."""

    holding: str
    serial: str = ""


def decide(command: ReplacePermit, household: Household, context: Context) -> list[AnyEvent]:
    """Duplicate it. Raises Refused with `permit.not_in_force` or `refund.not_replaceable`."""
    holding = holding_of(household, command.holding)
    product = context.edition(holding.edition).product(holding.product)
    assert product is not None
    in_use = refund.in_use(holding)
    lost = command.serial or (in_use[0] if len(in_use) == 1 else "")
    refusals = list(refund.duplicate_refusals(product))
    if not refusals and lost not in in_use:
        refusals.append(
            Refusal("refund.not_replaceable", f"say which of {len(in_use)} papers is lost")
        )
    refuse_if(ending.over_refusal(holding, context), *refusals)
    return [
        HoldingReplaced(
            holding_id=holding.holding_id,
            serials=refund.new_serials(holding, 1),
            fee_pence=product.replacement.fee_pence,
            void_serials=(lost,) if product.replacement.voids_original else (),
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    replaced = events[0]
    assert isinstance(replaced, HoldingReplaced)
    return {
        "holding": replaced.holding_id,
        "serial": replaced.serials[0],
        "pence": replaced.fee_pence,
    }
