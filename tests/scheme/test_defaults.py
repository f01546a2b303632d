"""What a silent file means: what a user would expect (reference/schemes.md, section 1)."""

import pytest

from ledger.scheme.loading import parse
from ledger.scheme.measures import MaxAge, UseEnd
from ledger.scheme.products import (
    Change,
    ChannelTerms,
    Clock,
    Concurrency,
    Display,
    Holding,
    Pack,
    Product,
    Refund,
    Replacement,
    Use,
    Vehicles,
)
from tests.scheme.files import SMALLEST

NO_CHANGE = Change(amend=(), cancel=False, deadline="none", returns_unit=False)


def product_of(**values: object) -> Product:
    replacements = {f"products.day-voucher.{key}": value for key, value in values.items()}
    return parse(SMALLEST, "a.toml", replacements).scheme.products[0]


def test_a_silent_virtual_voucher() -> None:
    product = product_of()

    assert product.name == "Day voucher"
    assert product.medium == "virtual"
    assert product.pack == Pack(size=1, min=1, max=0, multiple=1)
    assert product.allowance == ()
    assert product.holding == Holding(
        months=12,
        months_min=12,
        months_max=12,
        starts="purchase",
        postpone=False,
        round="exact",
        ends_on_move=True,
    )
    assert product.use == Use(
        start="chosen",
        end=UseEnd(kind="end_of_day"),
        measure="elapsed",
        backdate=False,
        duplicate="reject",
        tail_past_expiry=False,
        units_per_vehicle=1,
    )
    assert product.channels == {"website": ChannelTerms(immediate=True, future=True)}
    assert product.change == Change(
        amend=("vehicle",), cancel=True, deadline="before_start", returns_unit=True
    )
    assert product.refund == Refund(money=False, replaces_unused=False)
    assert product.replacement == Replacement(allowed=False)
    assert product.concurrency == Concurrency(uses=0, multi_atomic=True)
    assert product.vehicles == Vehicles(binding="at_use", active_max=1, listed_max=0)
    assert (product.clock, product.no_return) == (None, None)
    assert product.display == Display(place="none")
    assert (product.zones_only, product.zones_excluded) == ((), ())


def test_a_silent_paper_voucher_cannot_be_changed_and_is_displayed() -> None:
    product = product_of(medium="paper")

    assert product.use.start == "start_of_day"
    assert product.change == NO_CHANGE
    assert product.channels == {"website": ChannelTerms(immediate=False, future=False)}
    assert product.display.place == "windscreen"


@pytest.mark.parametrize(
    ("kind", "medium", "start", "end", "binding"),
    [
        ("annual_permit", "virtual", "on_switch", "until_switched", "listed"),
        ("annual_permit", "paper", "on_display", "holding_end", "at_use"),
        ("long_stay_permit", "virtual", "on_switch", "until_switched", "listed"),
        ("long_stay_permit", "paper", "on_display", "holding_end", "at_use"),
        ("resident_permit", "virtual", "holding_start", "holding_end", "at_purchase"),
        ("resident_permit", "paper", "holding_start", "holding_end", "at_purchase"),
    ],
)
def test_a_silent_permit_has_one_use_at_a_time_and_no_units(
    kind: str, medium: str, start: str, end: str, binding: str
) -> None:
    product = product_of(kind=kind, medium=medium)

    assert (product.use.start, product.use.end.kind) == (start, end)
    assert product.vehicles.binding == binding
    assert product.concurrency.uses == 1
    assert product.pack == Pack(size=1, min=1, max=1, multiple=1)
    assert not product.draws_units


@pytest.mark.parametrize("kind", ["annual_permit", "long_stay_permit", "clock_permit"])
def test_a_silent_permit_is_one_in_force_for_a_household(kind: str) -> None:
    product = product_of(kind=kind, medium="paper", use={"end": {"hours": 2}})

    assert [(cap.max, cap.unit, cap.scope, cap.window) for cap in product.allowance] == [
        (1, "permit", "household", "concurrent")
    ]
    assert product_of(kind=kind, allowance=[], use={"end": {"hours": 2}, "start": "chosen"})


def test_a_silent_clock_permit_has_a_clock() -> None:
    product = product_of(kind="clock_permit", medium="paper", use={"end": {"hours": 4}})

    assert product.use.start == "clock"
    assert product.use.end == UseEnd(kind="hours", hours=4)
    assert product.clock == Clock(step_min=15, round="up", counts="wall")
    assert product.change == NO_CHANGE


def test_a_silent_hourly_card_begins_when_it_is_scratched() -> None:
    product = product_of(kind="hourly_voucher", medium="paper", use={"end": {"hours": 6}})

    assert product.use.start == "scratched_time"
    assert product.draws_units


def test_a_silent_multi_day_permit_fixes_its_vehicle() -> None:
    product = product_of(kind="multi_day_permit", use={"end": {"days": 5}})

    assert product.vehicles.binding == "at_purchase"
    assert product.use.end == UseEnd(kind="days", days=5)


def test_a_value_of_the_file_replaces_a_default_and_leaves_the_others() -> None:
    product = product_of(medium="paper", change={"cancel": True})

    assert product.change == Change(amend=(), cancel=True, deadline="none", returns_unit=False)


def test_channels_are_replaced_whole() -> None:
    assert set(product_of(channels={"text": {}}).channels) == {"text"}


def test_a_range_of_months_leaves_none_fixed() -> None:
    holding = product_of(holding={"months_min": 1, "months_max": 18}).holding

    assert (holding.months, holding.months_min, holding.months_max) == (None, 1, 18)


def test_a_silent_scheme_asks_for_one_recent_proof_at_each_address() -> None:
    proof = parse(SMALLEST, "a.toml").scheme.proof

    assert (proof.per, proof.documents_required, proof.reuse_months) == ("address", 1, 0)
    assert {each.type: each.max_age for each in proof.documents} == {
        "council_tax_bill": None,
        "utility_bill": MaxAge(months=3),
        "bank_statement": MaxAge(months=3),
        "tenancy_agreement": MaxAge(months=3),
    }


def test_which_holding_is_drawn_on_is_the_schemes_unless_the_product_says() -> None:
    """X-018."""
    values: dict[str, object] = {"products.other": "day-voucher", "lot.pick": "oldest"}
    values["products.other.lot.pick"] = "earliest_expiry"

    scheme = parse(SMALLEST, "a.toml", values).scheme

    assert [product.lot.pick for product in scheme.products] == ["oldest", "earliest_expiry"]


def test_a_fair_use_rule_is_about_the_products_of_the_group_it_names() -> None:
    group = {"products": ["day-voucher"], "max_units": 25}
    values: dict[str, object] = {"order_groups.vouchers": group, "fair_use.vouchers.flag_over": 9}

    scheme = parse(SMALLEST, "a.toml", values).scheme

    assert scheme.fair_use["vouchers"].products == ("day-voucher",)
