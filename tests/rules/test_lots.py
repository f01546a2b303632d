"""Which holding a use is drawn from."""

from datetime import date

from ledger.household.state import Holding, Household
from ledger.rules import lots
from ledger.scheme.products import Product
from tests.given import bought, given, instant
from tests.rules.schemes import product_of

SETS = "virtual-visitor-vouchers"
PLAIN = 'id = "v"\nprice = { model = "flat", pence = 1 }\n'


def two() -> Household:
    return given(
        bought(SETS, name="long", at="2026-11-19 10:00", start=date(2027, 6, 1)),
        bought(SETS, name="short", at="2026-11-20 10:00"),
        bought("paper-visitor-vouchers", name="paper", at="2026-11-20 10:00"),
        bought("caring-visitors", name="permit", at="2026-11-20 10:00"),
    ).household


def ids(holdings: list[Holding]) -> list[str]:
    return [holding.holding_id for holding in holdings]


def products(holding: Holding) -> Product | None:
    story = given().story
    return story.editions.latest.product(holding.product)


def test_only_virtual_units_that_are_not_over_can_be_booked():
    """Paper is scratched, a permit is switched, what is over is gone."""
    household = two()

    assert ids(lots.in_hand(household, products, instant("2026-11-21 10:00"))) == ["long", "short"]
    assert ids(lots.in_hand(household, products, instant("2027-12-01 00:00"))) == ["long"]
    assert lots.in_hand(household, lambda holding: None, instant("2026-11-21 10:00")) == []


def test_the_one_that_ends_first_or_the_oldest_is_drawn_on_first():
    """Earliest expiry, or the oldest where the scheme says so (X-018, A-099)."""
    held = [two().holdings[name] for name in ("long", "short")]

    assert ids(lots.in_order(held, product_of(PLAIN))) == ["short", "long"]
    assert ids(lots.in_order(held, product_of(PLAIN + 'lot = { pick = "oldest" }'))) == [
        "long",
        "short",
    ]


def test_each_unit_is_one_lot_in_order():
    held = list(two().holdings.values())[:2]
    held[0].units_used, held[1].units_used = 18, 19

    assert ids(list(lots.drawn(held))) == ["long", "long", "short"]


def test_what_has_units_left_is_a_choice_and_all_are_where_none_has():
    """The type must be chosen where several are held (HAN-027)."""
    held = [two().holdings[name] for name in ("long", "paper")]

    assert lots.candidates(held) == [SETS, "paper-visitor-vouchers"]
    held[0].units_used = 20
    assert lots.candidates(held) == ["paper-visitor-vouchers"]
    held[1].units_used = 20
    assert lots.candidates(held) == [SETS, "paper-visitor-vouchers"]
    assert lots.candidates([]) == []


def test_one_unit_left_is_a_choice():
    held = [two().holdings[name] for name in ("long", "paper")]
    held[0].units_used, held[1].units_used = 20, 19

    assert lots.candidates(held) == ["paper-visitor-vouchers"]
