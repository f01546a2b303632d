"""The vehicles of a permit."""

from datetime import timedelta

from ledger.rules import vehicles
from tests.commands.epermit import BOUGHT, covering, permit
from tests.given import bought, given, instant, vehicle
from tests.rules.schemes import product_of

AT = instant("2026-11-21 10:00")
TICK = timedelta(microseconds=1)
PRICE = 'price = { model = "flat", pence = 1 }'


def test_a_cover_that_ends_now_is_cut_short_and_its_past_stays():
    """The courtesy car was allowed while it was active (G-010)."""
    cover = covering("c", "active", "AA11AAA", BOUGHT)
    shortened = covering("c", "active", "AA11AAA", BOUGHT, "2026-11-21 10:00")

    assert vehicles.cut_short(cover, AT) == ((shortened,), ())
    assert vehicles.cut_short(cover, cover.covers_from) == ((), ("c",))
    assert vehicles.cut_short(cover, cover.covers_from - TICK) == ((), ("c",))
    assert vehicles.cut_short(cover, cover.covers_until) == ((), ())
    assert vehicles.cut_short(None, AT) == ((), ())


def test_a_new_cover_is_from_now_or_from_the_permits_first_instant_to_its_last():
    held = permit("AA11AAA").household.holdings["lot"]

    now = vehicles.new_cover(held, vehicle("BB22BBB"), "listed", "c", AT)
    early = vehicles.new_cover(held, vehicle("BB22BBB"), "listed", "c", held.in_force_from - TICK)

    assert now == covering("c", "listed", "BB22BBB", "2026-11-21 10:00")
    assert early == covering("c", "listed", "BB22BBB", BOUGHT)


def test_a_visitors_permit_may_not_be_for_the_households_own_vehicle():
    """Where the scheme says so, while an own vehicle's permit is in force (RBW-045)."""
    product = product_of(f'id = "v"\n{PRICE}\nvehicles = {{ excludes_own = true }}')
    household = given(bought("resident-permit-ot", vehicles=("AB01CDE",))).household

    def codes(mark: str, at: str) -> list[str]:
        found = vehicles.application_refusals(product, household, [vehicle(mark)], instant(at))
        return [reason.code for reason in found]

    assert codes("ABO1CDE", "2026-11-19 10:00") == ["vehicle.own_vehicle"]
    assert codes("AB01CDE", "2027-12-01 00:00") == []
    assert codes("CD34EFG", "2026-11-19 10:00") == []


def test_a_list_without_a_maximum_takes_any_number():
    """Zero is no limit (scheme file)."""
    product = product_of(f'id = "v"\n{PRICE}\nvehicles = {{ binding = "listed", listed_max = 0 }}')
    held = permit("AA11AAA").household.holdings["lot"]

    assert list(vehicles.add_refusals(held, product, "BB22BBB")) == []
