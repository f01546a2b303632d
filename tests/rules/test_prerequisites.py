"""Until when what a product needs is held, one holding after another."""

from datetime import datetime, timedelta

import msgspec
import pytest

from ledger.household.state import Holding, Household
from ledger.rules import prerequisites
from ledger.scheme.products import Product
from ledger.values import Period
from tests.given import instant
from tests.rules.schemes import product_of
from tests.rules.test_refund import holding

DAY = timedelta(days=1)
FIRST = instant("2026-11-19 00:00")
OWN = product_of('id = "own"\nprice = { model = "flat", pence = 1 }')
CLOCK = msgspec.structs.replace(OWN, id="clock", requires_product="own")


def on(day: int) -> datetime:
    return FIRST + day * DAY


def held(product: str, begins: int, ends: int) -> Holding:
    made = holding(100, 1, 0, 1)
    made.holding_id, made.product = f"{product}-{begins}", product
    made.in_force_from, made.in_force_until = on(begins), on(ends)
    return made


def household(*holdings: Holding) -> Household:
    made = Household(household_id="h")
    made.holdings = {each.holding_id: each for each in holdings}
    return made


def product_for(lot: Holding) -> Product | None:
    return {"own": OWN, "clock": CLOCK}.get(lot.product)


@pytest.mark.parametrize(
    ("terms", "at", "until"),
    [
        ([(0, 10)], 0, 10),
        ([(0, 10)], 10, None),
        ([(1, 10)], 0, None),
        ([(0, 10), (10, 20)], 5, 20),
        ([(0, 10), (11, 20)], 5, 10),
        ([(0, 10), (2, 30), (4, 6)], 5, 30),
    ],
)
def test_holdings_without_a_gap_are_one_run(terms, at, until):
    """As long as one is in force, however they overlap (X-092)."""
    home = household(*(held("own", begins, ends) for begins, ends in terms))

    found = prerequisites.held_until(home, "own", on(at), beside=(), ends={})
    assert found == (None if until is None else on(until))


def test_what_is_issued_in_the_same_moment_counts_and_what_ends_counts_to_its_new_end():
    home = household(held("own", 0, 10))

    def until(*beside: Period, ends: dict[str, datetime]) -> datetime | None:
        return prerequisites.held_until(home, "own", on(1), beside=beside, ends=ends)

    assert until(Period(on(10), on(20)), ends={}) == on(20)
    assert until(ends={"own-0": on(5)}) == on(5)
    assert until(ends={"own-0": on(15)}) == on(10)


def test_what_needs_another_ends_with_it_at_once_or_with_what_is_left():
    """Given up on the fifth day: nothing is left, or a renewal without a gap is."""
    own, clock = held("own", 0, 10), held("clock", 0, 30)

    def ended(*more: Holding) -> dict[str, datetime]:
        return prerequisites.ended_with(household(own, clock, *more), product_for, ["own-0"], on(5))

    assert ended() == {"clock-0": on(5)}
    assert ended(held("own", 3, 20)) == {"clock-0": on(20)}
    assert ended(held("own", 6, 20)) == {"clock-0": on(5)}
    assert ended(held("own", 3, 30)) == {}


def test_what_is_to_begin_later_needs_its_other_permit_then():
    """From the tenth day on: what is held from the eighth is what it stands on."""
    own, later = held("own", 0, 10), held("clock", 10, 90)

    def ended(*more: Holding) -> dict[str, datetime]:
        return prerequisites.ended_with(household(own, later, *more), product_for, ["own-0"], on(5))

    assert ended(held("own", 8, 100)) == {}
    assert ended(held("own", 8, 40)) == {"clock-10": on(40)}
    assert ended(held("own", 3, 8)) == {"clock-10": on(5)}


def test_a_chain_of_needs_ends_as_one():
    """What ends with another may be what a third one needs."""
    disc = msgspec.structs.replace(OWN, id="disc", requires_product="clock")
    home = household(held("own", 0, 10), held("clock", 0, 10), held("disc", 0, 10))

    found = prerequisites.ended_with(
        home,
        lambda lot: disc if lot.product == "disc" else product_for(lot),
        ["own-0"],
        on(5),
    )
    assert found == {"clock-0": on(5), "disc-0": on(5)}
