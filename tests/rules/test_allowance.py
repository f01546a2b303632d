"""How much is left of each cap, and when it comes back."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from commands.book_voucher import BookVoucher
from ledger.calendar import start_of_day
from ledger.events import AllowanceGranted, Counted
from ledger.household.state import Household
from ledger.rules import allowance
from ledger.rules.allowance import Standing
from ledger.scheme.products import Product
from tests.given import bought, done, editions_of, given, instant, living
from tests.rules.schemes import scheme_of

PERMITS = "visitor-permits"
ON = date(2026, 11, 19)
NOW = instant("2026-11-19 10:00")


def stood(household: Household, product: Product, on: date, resident: str = "res") -> Standing:
    at = start_of_day(on, ZoneInfo("Europe/London"))
    return allowance.standing(household, product, product.allowance[0], resident, on, at)


def fifty() -> Product:
    product = editions_of("hampshire").latest.product(PERMITS)
    assert product is not None
    return product


def capped(terms: str, extra: str = "", head: str = "") -> Product:
    return scheme_of(
        f'id = "v"\nprice = {{ model = "flat", pence = 1 }}\nallowance = [ {terms} ]\n{extra}',
        head=head,
    ).products[0]


def test_each_purchase_comes_back_by_its_own_date_and_amount():
    """Each is released separately (HAN-015, HAN-016, A-082)."""
    household = given(
        bought(PERMITS, name="a", units=20, at="2026-03-01 10:00"),
        bought(PERMITS, name="b", units=10, at="2026-06-01 23:59"),
        bought(PERMITS, name="c", units=10, at="2026-06-01 10:00"),
        scheme="hampshire",
    ).household

    assert stood(household, fifty(), date(2026, 6, 1)) == Standing(
        used=40,
        granted=0,
        max=50,
        available=10,
        releases=((date(2027, 3, 1), 20), (date(2027, 6, 1), 20)),
    )
    assert stood(household, fifty(), date(2027, 2, 28)).used == 40
    assert stood(household, fifty(), date(2027, 3, 1)).used == 20
    assert stood(household, fifty(), date(2027, 6, 1)).available == 50
    assert stood(household, fifty(), date(2026, 2, 28)).used == 0


def test_using_frees_nothing():
    """The count is of purchases; only the anniversary frees it (X-042, G-020)."""
    household = given(
        bought(PERMITS), done(BookVoucher(vehicles=("AA11AAA",))), scheme="hampshire"
    ).household

    assert stood(household, fifty(), ON).used == 10


def test_a_grant_adds_to_the_maximum_while_it_counts():
    """An agreed exception (NOR)."""
    grant = AllowanceGranted(
        grant_id="g",
        product=PERMITS,
        units=10,
        resident_id="res",
        approver="head",
        reason="care",
        granted_on=ON,
        counts_until=date(2027, 11, 19),
    )
    household = given(bought(PERMITS, units=50), grant, scheme="hampshire").household

    assert stood(household, fifty(), ON).available == 10
    assert stood(household, fifty(), date(2026, 11, 18)).granted == 0
    assert stood(household, fifty(), date(2027, 11, 18)).granted == 10
    assert stood(household, fifty(), date(2027, 11, 19)).granted == 0


def test_more_than_the_maximum_leaves_nothing_and_never_less_than_nothing():
    household = given(bought(PERMITS, units=50), scheme="hampshire").household
    lower = editions_of("hampshire", {f"products.{PERMITS}.allowance.max": 20}).latest.products[0]

    assert stood(household, lower, ON).available == 0


@pytest.mark.parametrize(
    ("window", "bought_on", "until"),
    [
        ("rolling_12m", date(2026, 11, 20), date(2027, 11, 20)),
        ("rolling_12m", date(2024, 2, 29), date(2025, 3, 1)),
        ("calendar_month", date(2026, 11, 20), date(2026, 12, 1)),
        ("calendar_month", date(2026, 12, 31), date(2027, 1, 1)),
        ("calendar_month", date(2026, 1, 31), date(2026, 2, 1)),
        ("calendar_year", date(2026, 1, 1), date(2027, 1, 1)),
        ("calendar_year", date(2026, 12, 31), date(2027, 1, 1)),
        ("concurrent", date(2026, 11, 20), date(2027, 3, 1)),
        ("per_application", date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_a_purchase_counts_until_its_window_ends(window, bought_on, until):
    """Rolling by date, calendar month or year, or while in force (X-034, X-035, X-084, X-094)."""
    product = capped(f'{{ max = 5, window = "{window}" }}')
    scheme = scheme_of()

    (counted,) = allowance.counted(
        product,
        scheme,
        "A",
        units=3,
        packs=1,
        bought_on=bought_on,
        bought_at=NOW,
        last_day=date(2027, 2, 28),
    )

    assert counted == Counted(
        cap=f"v/household/{window}/unit",
        scope="household",
        unit="unit",
        amount=3,
        counts_from=bought_on,
        counts_until=until,
    )


def test_a_cap_in_packs_counts_packs():
    """Eleven books, not eleven vouchers (X-083)."""
    product = capped('{ max = 11, unit = "pack" }', "pack = { size = 10 }")

    assert [
        reason.code
        for packs in (11, 12)
        for reason in allowance.refusals(
            Household(household_id="home"),
            product,
            "A",
            "res",
            ON,
            NOW,
            units=packs * 10,
            packs=packs,
            already=[],
        )
    ] == ["allowance.exceeded"]


def test_a_cap_of_each_resident_is_each_residents():
    """One per resident (X-050)."""
    household = given(living("r2"), bought(PERMITS, by="res"), scheme="hampshire").household
    own = {f"products.{PERMITS}.allowance": [{"max": 10, "scope": "resident"}]}
    product = editions_of("hampshire", own).latest.products[0]
    household.holdings["lot"].counted = (
        Counted(
            cap=allowance.cap_key(product.allowance[0], product),
            scope="resident",
            unit="unit",
            amount=10,
            counts_from=ON,
            counts_until=date(2027, 11, 19),
        ),
    )

    assert stood(household, product, ON, "res").available == 0
    assert stood(household, product, ON, "r2").available == 10


def test_a_zone_may_have_a_cap_or_a_maximum_of_its_own():
    """Two limits at once, both with zone overrides (X-050, X-085)."""
    product = capped(
        '{ max = 25, zones = ["A"] }, { max = 3, scope = "household", window = "concurrent" },'
        ' { max = 1, scope = "resident", window = "concurrent" }',
        'zone_overrides = [ { zone = "B", max_household = 0, max_resident = 2 } ]',
    )

    assert [cap.max for cap in allowance.caps(product, "A")] == [25, 3, 1]
    assert [cap.max for cap in allowance.caps(product, "B")] == [0, 2]


def test_what_is_bought_in_the_same_moment_counts_too():
    product = capped('{ max = 10, group = "g" }', head='[allowance_groups.g]\nproducts = ["v"]')
    key = "g/household/rolling_12m/unit"

    def refused(beside: int) -> list[str]:
        asked = allowance.refusals(
            Household(household_id="home"),
            product,
            "A",
            "res",
            ON,
            NOW,
            units=4,
            packs=4,
            already=[(key, beside), ("another/household/rolling_12m/unit", 100)],
        )
        return [reason.code for reason in asked]

    assert allowance.cap_key(product.allowance[0], product) == key
    assert refused(6) == []
    assert refused(7) == ["allowance.exceeded"]


def test_a_refusal_says_how_many_are_used_and_when_they_come_back():
    """Say what, which and how many (style, section 8)."""
    household = given(bought(PERMITS, units=50), scheme="hampshire").household

    (reason,) = allowance.refusals(
        household, fifty(), "HANTS", "res", ON, NOW, units=10, packs=1, already=[]
    )

    assert reason.detail == "50 of 50 used, 10 asked for; 50 can be bought again on 2027-11-19"


def test_of_several_purchases_the_first_that_comes_back_is_told():
    household = given(
        bought(PERMITS, name="b", units=30, at="2026-06-01 10:00"),
        bought(PERMITS, name="a", units=20, at="2026-03-01 10:00"),
        scheme="hampshire",
    ).household

    (reason,) = allowance.refusals(
        household, fifty(), "HANTS", "res", ON, NOW, units=10, packs=1, already=[]
    )

    assert reason.detail == "50 of 50 used, 10 asked for; 20 can be bought again on 2027-03-01"


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (date(2027, 3, 1), "; it can be bought again on 2027-03-01"),
        (allowance.NEVER, ""),
    ],
)
def test_what_is_in_force_is_told_to_be_with_the_day_on_which_it_ends(until, said):
    """Without a day where nobody knows one (X-094)."""
    product = capped('{ max = 1, window = "concurrent" }')
    household = given(bought(PERMITS), scheme="hampshire").household
    household.holdings["lot"].counted = (
        Counted(
            cap=allowance.cap_key(product.allowance[0], product),
            scope="household",
            unit="unit",
            amount=1,
            counts_from=ON,
            counts_until=until,
        ),
    )

    assert stood(household, product, ON).releases == (((until, 1),) if said else ())
    (reason,) = allowance.refusals(
        household, product, "A", "res", ON, NOW, units=1, packs=1, already=[]
    )
    assert reason.code == "allowance.in_force"
    assert reason.detail == f"one is in force already, 1 asked for{said}"


@pytest.mark.parametrize(("units", "refused"), [(2, False), (3, True)])
def test_a_cap_of_each_application_looks_at_that_one_alone(units, refused):
    """However many were bought before (allowance.window)."""
    product = capped('{ max = 2, window = "per_application" }')

    asked = allowance.refusals(
        Household(household_id="home"), product, "A", "res", ON, NOW, units=units, packs=units,
        already=[],
    )  # fmt: skip
    assert [each.code for each in asked] == ["allowance.exceeded"] * refused
