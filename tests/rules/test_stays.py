"""Which stays run, and when a vehicle may begin another."""

from datetime import timedelta

import msgspec
import pytest

from ledger.household.state import Departure, Household, Stay
from ledger.rules import stays
from ledger.scheme.products import Concurrency, NoReturn, Product
from tests.given import cover, instant
from tests.rules.schemes import product_of

NOON = instant("2026-11-19 12:00")
HOUR = timedelta(hours=1)
PRODUCT = product_of('id = "v"\nprice = { model = "flat", pence = 1 }')


def a_stay(name: str, began: int, *, glyphs: str = "AB12CDE", zone: str = "A", **facts) -> Stay:
    """A stay of four hours that began so many hours after noon."""
    begins = NOON + began * HOUR
    covered = cover(
        name, glyphs, kind="stay", holding="p", product="v", zone=zone,
        begins="2026-11-19 12:00", ends="2026-11-19 16:00",
    )  # fmt: skip
    told = {"holding_id": "p", "product": "v", "clock": "12:00", **facts}
    return Stay(
        stay_id=name,
        glyphs=glyphs,
        zone=zone,
        began_at=begins,
        cover=msgspec.structs.replace(covered, covers_from=begins, covers_until=begins + 4 * HOUR),
        **told,
    )


def staying(*held: Stay, departures: tuple[Departure, ...] = ()) -> Household:
    household = Household(household_id="h")
    household.stays = {each.stay_id: each for each in held}
    household.departures = list(departures)
    return household


def left(product: str, hours: int, *, glyphs: str = "AB12CDE", zone: str = "A") -> Departure:
    return Departure(product=product, glyphs=glyphs, zone=zone, left_at=NOON + hours * HOUR)


def with_terms(*, uses: int = 0, exempt: bool | None = None) -> Product:
    away = None if exempt is None else NoReturn(hours=4, other_products_exempt=exempt)
    return msgspec.structs.replace(PRODUCT, concurrency=Concurrency(uses=uses), no_return=away)


def test_the_latest_stay_that_was_not_left_is_the_open_one():
    """In that zone, or in any where none is named."""
    first, second = a_stay("first", 0), a_stay("second", 1)
    gone = a_stay("gone", 2, left_at=NOON)
    other, elsewhere = a_stay("other", 3, glyphs="XY34ZZZ"), a_stay("elsewhere", 4, zone="B")
    household = staying(first, second, gone, other, elsewhere)

    assert stays.open_stay(household, "AB12CDE", "A") is second
    assert stays.open_stay(staying(second, first), "AB12CDE", "A") is second
    assert stays.open_stay(household, "AB12CDE", "") is elsewhere
    assert stays.open_stay(household, "AB12CDE", "C") is None


@pytest.mark.parametrize(
    ("uses", "glyphs", "at", "said"),
    [
        (2, "NEW0NEW", 2, "2 of 2 vehicles use it"),
        (3, "NEW0NEW", 2, None),
        (0, "NEW0NEW", 2, None),
        (3, "AB12CDE", 2, "2 of 3 vehicles use it"),
        (0, "AB12CDE", 2, "2 of any number of vehicles use it"),
        (1, "AB12CDE", 5, None),
    ],
)
def test_a_permit_is_in_as_many_vehicles_as_may_use_it_and_once_in_each(uses, glyphs, at, said):
    """One at a time, unless the scheme says more; what ran out is free again (NOR-060, A-154)."""
    household = staying(
        a_stay("a", 0),
        a_stay("b", 1, glyphs="XY34ZZZ"),
        a_stay("of another permit", 0, glyphs="NEW0NEW", holding_id="q"),
    )
    household.stays["b"].left_at = NOON if at > 4 else None

    refusal = stays.in_use_refusal(household, "p", with_terms(uses=uses), glyphs, NOON + at * HOUR)
    assert (refusal and refusal.detail) == said


@pytest.mark.parametrize(("hours", "refused"), [(3, True), (5, True), (6, False)])
def test_a_vehicle_is_away_from_the_last_time_it_left_for_exactly_so_long(hours, refused):
    """Four hours exactly are enough, counted from the latest departure (X-064)."""
    household = staying(departures=(left("v", 2), left("v", 0)))
    product = with_terms(exempt=True)

    found = stays.no_return_refusal(household, product, "AB12CDE", "A", NOON + hours * HOUR)
    assert (found is not None) is refused


@pytest.mark.parametrize(
    ("exempt", "expected"), [(None, [0, 4]), (True, [0, 4]), (False, [0, 1, 4, 8])]
)
def test_what_was_left_under_another_product_counts_where_the_scheme_says_so(exempt, expected):
    """Recorded, or the stay ran out; of this vehicle and zone alone (NOR-164)."""
    household = staying(
        a_stay("here", 0),
        a_stay("another product", 4, product="w"),
        a_stay("left already", 0, left_at=NOON),
        a_stay("another zone", 0, zone="B"),
        departures=(left("v", 0), left("w", 1), left("v", 2, glyphs="XY34ZZZ")),
    )

    found = stays.departures(household, with_terms(exempt=exempt), "AB12CDE", "A")
    assert sorted((at - NOON) // HOUR for at in found) == expected
    assert stays.no_return_refusal(household, with_terms(), "AB12CDE", "A", NOON) is None
