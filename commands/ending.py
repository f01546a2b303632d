"""A holding ends before its last day: the fact, with everything that ends with it."""

from collections.abc import Collection
from datetime import datetime

from commands.base import Context
from ledger.calendar import local_date
from ledger.events import AnyEvent, HoldingEnded
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal
from ledger.rules import ending, prerequisites
from ledger.scheme.products import Product


def ended(
    household: Household, holding: Holding, why: str, caps: tuple[str, ...], context: Context
) -> HoldingEnded:
    """The holding ends now; `caps` are free again from today."""
    return _ended(household, holding, why, caps, context.at, context)


def dependants(
    household: Household, gone: Collection[str], at: datetime, context: Context
) -> list[AnyEvent]:
    """The end of each holding that needed one of these, which end at that instant (X-092)."""

    def product_of(holding: Holding) -> Product | None:
        return context.edition(holding.edition).product(holding.product)

    found = prerequisites.ended_with(household, product_of, gone, at)
    return [
        _ended(
            household,
            household.holdings[holding_id],
            "prerequisite_ended",
            ending.concurrent_caps(household.holdings[holding_id]),
            until,
            context,
        )
        for holding_id, until in found.items()
    ]


def _ended(
    household: Household,
    holding: Holding,
    why: str,
    caps: tuple[str, ...],
    at: datetime,
    context: Context,
) -> HoldingEnded:
    cut = ending.cut(household, (holding.holding_id,), at)
    return HoldingEnded(
        holding_id=holding.holding_id,
        ended_at=at,
        ended_on=local_date(at, context.scheme.tz),
        why=why,
        caps=caps,
        void_bookings=cut.void_bookings,
        covers=cut.covers,
        uncovers=cut.uncovers,
        uncounted=cut.uncounted,
    )


def over_refusal(holding: Holding, context: Context) -> Refusal | None:
    """`permit.not_in_force` for what is over already."""
    if holding.in_hand(context.at):
        return None
    return Refusal("permit.not_in_force", "it is over already")
