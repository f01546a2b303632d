"""What must hold of a household after every step, whatever was asked.

Source: promises section 3: money in = held + used + refunded; spent <= bought; one active vehicle;
versions contiguous; and what the oracle counts is what the product counts.
"""

from collections.abc import Iterator
from datetime import datetime

from ledger.household.state import Household
from tests.oracle.home import ends_at
from tests.oracle.said import Fact


def broken(household: Household, oracle: Fact, at: datetime) -> Iterator[str]:
    """Every sentence that does not hold."""
    yield from _units(household, oracle, at)
    yield from _money(household)
    yield from _active(household)


def _units(household: Household, oracle: Fact, at: datetime) -> Iterator[str]:
    if set(household.holdings) != set(oracle["holdings"]):
        yield "the holdings are others"
        return
    for name, holding in household.holdings.items():
        if not 0 <= holding.units_used <= holding.units:
            yield f"{holding.units_used} of {holding.units} units used"
        mine = oracle["holdings"][name]
        if holding.in_hand(at) != (at < ends_at(mine)):
            yield f"{name} is in hand: {holding.in_hand(at)}, where {ends_at(mine)} is its end"
        if holding.in_hand(at) and holding.units_left != mine["left"]:
            yield f"{name} has {holding.units_left} units left, where {mine['left']} were due"


def _money(household: Household) -> Iterator[str]:
    paid = sum(payment.pence for payment in household.payments.values())
    back = sum(payment.refunded_pence for payment in household.payments.values())
    kept = 0
    for application in household.applications.values():
        kept += application.paid_pence - application.refunded_pence
        if application.refunded_pence > application.paid_pence:
            yield "more was given back than paid"
    if paid - back != kept:
        yield f"{paid} came in, {back} went back, and {kept} is accounted for"


def _active(household: Household) -> Iterator[str]:
    for holding in household.holdings.values():
        active = [cover for cover in holding.covers.values() if cover.kind == "active"]
        open_ended = [cover for cover in active if cover.covers_until == holding.in_force_until]
        if len(open_ended) > 1:
            yield f"{len(open_ended)} vehicles are active on one permit"
