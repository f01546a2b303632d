"""The schema holds the schemes of councils whose files come later (reference/schemes.md, 3.1)."""

from ledger.scheme.loading import parse
from ledger.scheme.measures import UseEnd
from ledger.scheme.schema import Scheme
from tests.scheme.files import SMALLEST

HEAD = SMALLEST[: SMALLEST.index("[[products]]")]


def scheme_of(text: str) -> Scheme:
    return parse(HEAD + text, "a.toml").scheme


def test_a_price_and_a_cap_for_each_zone() -> None:
    """X-085: a price and a cap that depend on the zone, each on its own."""
    (product,) = scheme_of(
        """
        [[products]]
        id = "day-permit"
        kind = "day_voucher"
        medium = "paper"
        allowance = [ { max = 25, zones = ["A"] }, { max = 50, zones = ["B"] } ]
        [products.price]
        model = "by_zone"
        by_zone = [ { zone = "A", pence = 260 }, { zone = "B", pence = 160 } ]
        placeholder = true
        """
    ).products

    assert [(line.zone, line.pence) for line in product.price.by_zone] == [("A", 260), ("B", 160)]
    assert [(cap.zones, cap.max) for cap in product.allowance] == [(("A",), 25), (("B",), 50)]


def test_books_of_two_kinds_share_a_cap_of_one_a_calendar_month() -> None:
    """X-084."""
    cap = 'allowance = [{ max = 1, unit = "pack", window = "calendar_month", group = "books" }]'
    scheme = scheme_of(
        f"""
        [allowance_groups.books]
        products = ["day-permit", "two-hour-permit"]
        [[products]]
        id = "day-permit"
        kind = "day_voucher"
        medium = "paper"
        pack = {{ size = 10 }}
        price = {{ model = "flat", per = "pack", pence = 900 }}
        {cap}
        [[products]]
        id = "two-hour-permit"
        kind = "hourly_voucher"
        medium = "paper"
        pack = {{ size = 20 }}
        price = {{ model = "flat", per = "pack", pence = 600 }}
        use = {{ end = {{ hours = 2 }} }}
        {cap}
        """
    )

    assert [each.allowance[0].group for each in scheme.products] == ["books", "books"]


def test_pools_of_units_and_of_packs() -> None:
    """X-086, X-087."""
    units, packs = scheme_of(
        """
        [[products]]
        id = "units"
        kind = "day_voucher"
        allowance = [ { max = 100 } ]
        [products.price]
        model = "tiers"
        by = "pool"
        tiers = [ { capacity = 50, pence = 0 }, { capacity = 50, pence = 100 } ]
        [[products]]
        id = "packs"
        kind = "day_voucher"
        pack = { size = 25 }
        allowance = [ { max = 50 } ]
        [products.price]
        model = "tiers"
        per = "pack"
        tiers = [ { capacity = 1, pence = 0 }, { capacity = 1, pence = 1600 } ]
        """
    ).products

    assert [tier.capacity for tier in units.price.tiers] == [50, 50]
    assert [tier.pence for tier in packs.price.tiers] == [0, 1600]


def test_a_clock_permit_that_comes_with_another_permit() -> None:
    """X-092."""
    _, clock = scheme_of(
        """
        [[products]]
        id = "own-vehicle-permit"
        kind = "resident_permit"
        medium = "paper"
        price = { model = "flat", pence = 3500 }
        [[products]]
        id = "clock-permit"
        kind = "clock_permit"
        medium = "paper"
        requires_product = "own-vehicle-permit"
        price = { model = "flat", pence = 0 }
        use = { end = { hours = 1 } }
        """
    ).products

    assert clock.requires_product == "own-vehicle-permit"
    assert clock.use.end == UseEnd(kind="hours", hours=1)


def test_five_days_for_one_vehicle_and_hours_at_a_rate() -> None:
    """X-088, X-091."""
    days, hours = scheme_of(
        """
        [[products]]
        id = "five-day-permit"
        kind = "multi_day_permit"
        medium = "paper"
        price = { model = "flat", pence = 800 }
        allowance = [ { max = 12, unit = "permit" } ]
        use = { end = { days = 5 } }
        [[products]]
        id = "hourly-permit"
        kind = "hourly_voucher"
        price = { model = "per_hour", placeholder = true }
        use = { end = { hours = 1 } }
        """
    ).products

    assert (days.use.start, days.vehicles.binding) == ("holding_start", "at_purchase")
    assert (hours.price.hour_pence, hours.price.placeholder) == (0, True)
