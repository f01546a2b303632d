"""How much comes back of what was paid, and which paper is still good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.household.state import Holding
from ledger.rules import refund
from ledger.scheme.products import Product
from tests.given import editions_of

NORWICH = editions_of("norwich-2015").latest
BOUGHT = date(2026, 11, 20)


def product_of(product_id: str) -> Product:
    product = NORWICH.product(product_id)
    assert product is not None
    return product


def holding(pence: int, units: int, used: int, days: int) -> Holding:
    last = BOUGHT + timedelta(days=days - 1)
    return Holding(
        holding_id="0123456789abcdef",
        application_id="a",
        resident_id="res",
        product="any",
        zone="CENTRE",
        units=units,
        units_used=used,
        packs=1,
        pence=pence,
        slot=0,
        pools=(),
        bought_on=BOUGHT,
        starts_on=BOUGHT,
        last_day=last,
        in_force_from=datetime(2026, 11, 20, tzinfo=UTC),
        in_force_until=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=days),
        counted=(),
        edition=NORWICH.edition,
        issued_at=datetime(2026, 11, 20, tzinfo=UTC),
        serials=("0123456789-001",),
    )


@for_all(st.integers(0, 100_000), st.integers(1, 100), st.data())
def test_each_unused_unit_gives_back_its_share_and_never_more(
    pence: int, units: int, data: st.DataObject
) -> None:
    """All of it where none is used, nothing where all are, and no more for using one more."""
    used = data.draw(st.integers(0, units - 1))
    cards = product_of("day-scratchcard")

    before = refund.pence(holding(pence, units, used, 365), cards, BOUGHT)
    after = refund.pence(holding(pence, units, used + 1, 365), cards, BOUGHT)
    assert 0 <= after <= before <= pence
    assert refund.pence(holding(pence, units, 0, 365), cards, BOUGHT) == pence
    assert refund.pence(holding(pence, units, units, 365), cards, BOUGHT) == 0


@for_all(st.integers(0, 100_000), st.integers(1, 600), st.integers(-30, 700))
def test_a_permit_gives_back_less_each_day(pence: int, days: int, later: int) -> None:
    """All of it up to its first day, nothing after its last."""
    permit, today = product_of("short-stay"), BOUGHT + timedelta(days=later)
    held = holding(pence, 1, 0, days)

    back = refund.pence(held, permit, today)
    assert 0 <= refund.pence(held, permit, today + timedelta(days=1)) <= back <= pence
    if later <= 0:
        assert back == pence
    if later >= days:
        assert back == 0


def test_serial_numbers_go_on_from_the_last_one_printed() -> None:
    """NOR-080, NOR-081: traceable to the holding."""
    held = holding(100, 1, 0, 365)
    assert refund.new_serials(held, 2) == ("0123456789-002", "0123456789-003")
    held.void_serials = ("0123456789-001",)
    assert refund.in_use(held) == ()


@pytest.mark.parametrize(("used", "refused"), [(9, False), (10, True)])
def test_units_are_exchanged_while_one_is_left(used: int, refused: bool) -> None:
    replaced = editions_of(
        "norwich-2015", {"products.day-scratchcard.refund.replaces_unused": True}
    ).latest.product("day-scratchcard")
    assert replaced is not None

    reasons = refund.refusals(holding(1000, 10, used, 365), replaced, replace=True, over=False)
    assert [each.code for each in reasons] == ["refund.not_replaceable"] * refused


@pytest.mark.parametrize(
    ("allowed", "medium", "refused"),
    [(True, "paper", 0), (False, "paper", 1), (True, "virtual", 1)],
)
def test_a_duplicate_is_of_paper_and_where_the_scheme_makes_one(
    allowed: bool, medium: str, refused: int
) -> None:
    values = {
        "products.short-stay.medium": medium,
        "products.short-stay.replacement.allowed": allowed,
    }
    product = editions_of("norwich-2015", values).latest.product("short-stay")
    assert product is not None
    assert len(list(refund.duplicate_refusals(product))) == refused


def test_nothing_comes_back_of_what_held_no_units():
    """A pack that was exchanged away is worth nothing, and no division fails."""
    assert refund.pence(holding(1000, 0, 0, 30), product_of("day-scratchcard"), BOUGHT) == 0
