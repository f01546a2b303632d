"""What every council's products cost and how many are sold, from its own file.

What a household does here it does through the real commands, folded in memory.
"""

from datetime import date
from functools import cache

import pytest

from commands.apply_for_permit import ApplyForPermit
from ledger.household.state import Household
from ledger.rules import ordering, tariff
from ledger.rules.ordering import Wanted
from ledger.scheme.editions import SchemeLibrary
from ledger.scheme.loading import built_in
from tests.given import bought, given, home

FIRST = "2026-02-01 10:00"


@cache
def library() -> SchemeLibrary:
    return built_in()


def pence(
    scheme_id: str,
    product_id: str,
    units: int,
    *,
    zone: str = "",
    months: int | None = None,
    concession: str = "",
) -> int:
    """What a household that has nothing yet pays."""
    scheme = library().scheme(scheme_id)
    (line,) = ordering.lines(
        scheme,
        Household(household_id="home"),
        [Wanted(product=product_id, quantity=units, months=months)],
        zone=zone or scheme.zones[0].id,
        concession=concession,
        on=date(2026, 11, 20),
    )
    return line.pence


@pytest.mark.parametrize(
    ("scheme_id", "product_id", "units", "zone", "expected"),
    [
        ("windsor-maidenhead", "scratch-2h", 5, "M", 750),
        ("windsor-maidenhead", "scratch-6h", 5, "M", 1500),
        ("windsor-maidenhead", "scratch-24h", 25, "M", 11250),
        ("norwich-2015", "day-scratchcard", 60, "CENTRE", 6000),
        ("norwich-2015", "day-scratchcard", 60, "OUTER", 6000),
        ("norwich-2015", "long-stay-care", 1, "CENTRE", 0),
        ("norwich-2014-july", "day-scratchcard", 60, "CENTRE", 6000),
        ("norwich-2014-july", "day-scratchcard", 60, "OUTER", 3000),
        ("norwich-2014-july", "day-scratchcard", 60, "UEA", 3000),
        ("norwich-existing", "visitor-permit", 1, "CENTRE", 3100),
        ("norwich-existing", "day-permit", 15, "CENTRE", 1500),
        ("brighton", "day-permit", 25, "Z1", 6500),
        ("brighton", "day-permit", 50, "Z2", 8000),
        ("cambridge", "five-day-permit", 1, "", 800),
        ("winchester", "day-permit", 20, "", 2000),
        ("bath", "day-permit", 99, "", 9900),
        ("chester", "day-permit", 10, "", 900),
        ("chester", "two-hour-permit", 20, "", 600),
        ("york", "day-permit", 195, "", 19500),
        ("st-albans", "day-voucher", 60, "", 4200),
        ("st-albans", "four-hour-voucher", 50, "", 1750),
        ("canterbury", "day-permit", 64, "", 25600),
        ("oxford", "day-permit", 25, "", 0),
        ("oxford", "day-permit", 50, "", 1600),
        ("bristol", "day-permit", 50, "", 0),
        ("bristol", "day-permit", 60, "", 1000),
        ("bristol", "day-permit", 100, "", 5000),
        ("ipswich", "day-voucher", 50, "", 5000),
        ("ipswich", "own-vehicle-permit", 1, "", 3500),
        ("ipswich", "clock-permit", 1, "", 0),
    ],
)
def test_a_price_is_the_one_of_the_source(
    scheme_id: str, product_id: str, units: int, zone: str, expected: int
) -> None:
    assert pence(scheme_id, product_id, units, zone=zone) == expected


@pytest.mark.parametrize("scheme_id", ["norwich-2015", "norwich-2014-july"])
@pytest.mark.parametrize(("months", "expected"), [(1, 1075), (6, 1450), (12, 1900), (18, 2350)])
def test_a_short_stay_permit_is_ten_pounds_and_75_pence_a_month(
    scheme_id: str, months: int, expected: int
) -> None:
    """NOR-076, NOR-078, NOR-093, NOJ-002, X-063."""
    assert pence(scheme_id, "short-stay", 1, months=months) == expected


@pytest.mark.parametrize(
    ("centre", "outer", "scheme_id"),
    [(7900, 7900, "norwich-2015"), (7900, 4900, "norwich-2014-july")],
)
def test_a_year_and_sixty_cards_cost_at_most(centre: int, outer: int, scheme_id: str) -> None:
    """NOR-038, NOR-105, X-062."""
    found = [
        pence(scheme_id, "short-stay", 1, months=12, zone=zone)
        + pence(scheme_id, "day-scratchcard", 60, zone=zone)
        for zone in ("CENTRE", "OUTER")
    ]

    assert found == [centre, outer]


@pytest.mark.parametrize(
    ("scheme_id", "product_id", "units", "concession", "expected"),
    [
        ("windsor-maidenhead", "scratch-2h", 5, "pension-support", 250),
        ("windsor-maidenhead", "scratch-24h", 5, "pension-support", 250),
        ("norwich-2015", "short-stay", 1, "means-tested", 0),
        ("norwich-2015", "day-scratchcard", 10, "means-tested", 1000),
    ],
)
def test_a_concession_replaces_the_price_of_its_own_products(
    scheme_id: str, product_id: str, units: int, concession: str, expected: int
) -> None:
    """RBW-038, NOR-005, NOR-058, X-047, X-076."""
    assert pence(scheme_id, product_id, units, concession=concession) == expected


def test_the_rungs_of_a_ladder_are_a_household_s_first_second_and_third() -> None:
    """RBW-048 to RBW-050, X-047: the ladder is not reduced."""
    scheme = library().scheme("windsor-maidenhead")
    product = scheme.product("visitor-permit")
    assert product is not None
    found = [
        tariff.cost(
            product,
            scheme,
            Household(household_id="home"),
            units=1,
            packs=1,
            months=12,
            slot=slot,
            zone="M",
            concession=scheme.concession("pension-support"),
            on=date(2026, 11, 20),
            beside=(),
        ).pence
        for slot in (1, 2, 3)
    ]

    assert found == [10000, 15000, 22000]


@pytest.mark.parametrize(
    ("scheme_id", "zone", "product_id", "units", "one_more"),
    [
        ("norwich-2015", "CENTRE", "day-scratchcard", 60, 10),
        ("norwich-existing", "CENTRE", "day-permit", 15, 1),
        ("brighton", "Z1", "day-permit", 25, 1),
        ("brighton", "Z2", "day-permit", 50, 1),
        ("winchester", "WIN", "day-permit", 20, 10),
        ("bath", "BTH", "day-permit", 100, 1),
        ("chester", "CHE", "day-permit", 10, 10),
        ("york", "YOR", "day-permit", 200, 5),
        ("st-albans", "STA", "day-voucher", 110, 10),
        ("canterbury", "CAN", "day-permit", 65, 1),
        ("oxford", "OXF", "day-permit", 50, 25),
        ("bristol", "BRS", "day-permit", 100, 1),
        ("ipswich", "IPS", "day-voucher", 50, 1),
    ],
)
def test_the_number_a_year_is_sold_and_not_one_more(
    scheme_id: str, zone: str, product_id: str, units: int, one_more: int
) -> None:
    """A purchase up to the cap is taken, the smallest one after it is refused (X-094)."""
    story = given(home(zone), bought(product_id, units=units, at=FIRST), scheme=scheme_id)
    more = ApplyForPermit(product=product_id, quantity=one_more)

    story.when(more, at="2026-02-01 11:00").then_refused("allowance.exceeded")


@pytest.mark.parametrize(
    ("scheme_id", "first", "units", "second", "more"),
    [
        ("chester", "day-permit", 10, "two-hour-permit", 20),
        ("chester", "two-hour-permit", 20, "day-permit", 10),
        ("st-albans", "day-voucher", 110, "four-hour-voucher", 10),
        ("st-albans", "four-hour-voucher", 110, "day-voucher", 10),
    ],
)
def test_two_kinds_of_book_share_one_cap(
    scheme_id: str, first: str, units: int, second: str, more: int
) -> None:
    """X-083, X-084."""
    story = given(bought(first, units=units, at=FIRST), scheme=scheme_id)

    story.when(ApplyForPermit(product=second, quantity=more), at="2026-02-28 23:59").then_refused(
        "allowance.exceeded"
    )


def test_a_cap_of_a_calendar_month_opens_with_the_next_month() -> None:
    """CHE-004, X-084."""
    story = given(bought("day-permit", units=10, at="2026-11-30 23:59"), scheme="chester")

    story.when(ApplyForPermit(product="two-hour-permit"), at="2026-12-01 00:00").then_accepted()


def test_each_purchase_frees_its_own_pool_a_year_later() -> None:
    """BRS-002, BRS-003, X-087."""
    story = given(
        bought("day-permit", units=50, at="2026-02-01 10:00", name="free"),
        bought("day-permit", units=10, at="2026-03-01 10:00", name="paid"),
        scheme="bristol",
    )
    again = ApplyForPermit(product="day-permit", quantity=50)

    story.when(again, at="2027-02-01 00:00").then_answers(pence=0)


@pytest.mark.parametrize(
    ("scheme_id", "product_id", "units"),
    [("winchester", "day-permit", 30), ("chester", "day-permit", 20), ("bath", "day-permit", 101)],
)
def test_more_than_a_year_s_number_is_refused_at_the_first_purchase_too(
    scheme_id: str, product_id: str, units: int
) -> None:
    """WIN-003, CHE-004, BTH-002: nothing is out that could come back."""
    asked = ApplyForPermit(product=product_id, quantity=units)

    given(scheme=scheme_id).when(asked).then_refused("allowance.exceeded")
