"""Thousands of random lives under three kinds of scheme, with the council's values changed.

Source: promises P4, P7; design section 3 (evolve is total, replay computes nothing again).
"""

import os
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec import structs

from ledger.events import VehicleSwitched
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import CODES
from ledger.store.mapper import decode_folded
from tests.given import editions_of
from tests.properties.invariants import covers_at_last, passed_caps, two_active, units_lost
from tests.properties.lives import Life

LIVES = 350 * int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
LONG_LIVES = 40 * int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
STEPS = st.binary(min_size=60, max_size=280)

SCHEMES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("stevenage", {}),
    ("stevenage", {"products.virtual-visitor-vouchers.use.duplicate": "warn"}),
    ("gravesham", {}),
    (
        "gravesham",
        {
            "flow.offer_days": 14,
            "products.visitors-permit.vehicles.listed_max": 2,
            "products.visitors-permit.vehicles.on_remove_active": "promote_next",
        },
    ),
    ("hampshire", {}),
    ("hampshire", {"products.visitor-permits.allowance.max": 20}),
    (
        "hampshire",
        {
            "products.visitor-permits.allowance.max": 30,
            "products.visitor-permits.allowance.window": "calendar_month",
            "products.visitor-permits.use.units_per_vehicle": 3,
        },
    ),
)


def scheme_name(value: object) -> str | None:
    return value if isinstance(value, str) else None


@pytest.mark.parametrize(("scheme", "values"), SCHEMES, ids=scheme_name)
@settings(max_examples=LIVES, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@for_all(steps=STEPS)
def test_no_life_breaks_a_promise(scheme: str, values: Mapping[str, object], steps: bytes) -> None:
    """Caps hold on every date, no unit is lost, one vehicle is active, refusals have known codes.

    Anything but Refused and NotFound that a decision raises fails here too.
    """
    life = Life(editions_of(scheme, values))
    for _ in life.live(steps):
        assert list(two_active(life.events)) == []

    assert list(units_lost(life.household, life.events)) == []
    assert list(passed_caps(life.events, life.editions)) == []
    assert life.codes <= CODES
    assert folded(life) == life.household


def folded(life: Life) -> Household:
    """The household from its stored bytes alone."""
    household = Household(household_id=life.household.household_id)
    for fact in decode_folded(life.stored):
        evolve(household, fact.event, fact.recorded_at)
        household.last_recorded_at = fact.recorded_at
    household.version = len(life.stored)
    return household


def test_long_lives_keep_the_promises_and_do_everything_there_is_to_do() -> None:
    """A generator that is refused everything would prove nothing."""
    accepted: set[str] = set()
    for seed in range(LONG_LIVES):
        for scheme, values in SCHEMES:
            life = Life(editions_of(scheme, values))
            for _ in life.live(Random(seed).randbytes(600)):
                pass
            assert list(two_active(life.events)) == []
            assert list(units_lost(life.household, life.events)) == []
            assert list(passed_caps(life.events, life.editions)) == []
            assert life.codes <= CODES
            accepted |= life.accepted

    assert accepted >= {
        "ApplyForPermit",
        "UploadProof",
        "DecideApplication",
        "PayForApplications",
        "BookVoucher",
        "CancelBooking",
        "AmendBooking",
        "AddVehicle",
        "SwitchVehicle",
        "RemoveVehicle",
        "ReuseProof",
        "Lapse",
        "MoveOut",
        "EnrolResident",
        "CancelApplication",
        "SaveVisitor",
        "ReceiveText",
        "SurrenderHolding",
    }


@settings(max_examples=LIVES // 4, deadline=None)
@for_all(st.sampled_from(SCHEMES), STEPS, st.integers(0, 600))
def test_a_decision_reads_and_never_writes(
    chosen: tuple[str, Mapping[str, object]], steps: bytes, days_later: int
) -> None:
    """The same command twice, on the same household: the same facts, and nothing else changed."""
    life = Life(editions_of(*chosen))
    for _ in life.live(steps[:-4]):
        pass
    life.at += timedelta(days=days_later)
    again = deepcopy(life)
    for each in (life, again):
        for _ in each.live(steps[-4:]):
            pass

    assert life.events == again.events
    assert life.household == again.household


def bought(scheme: str) -> Life:
    """A life of one purchase, from the first seed that gives one."""
    for seed in range(1000):
        life = Life(editions_of(scheme, {}))
        for _ in life.live(Random(seed).randbytes(600)):
            if life.household.holdings and any(h.covers for h in life.household.holdings.values()):
                return life
            if scheme == "hampshire" and life.household.bookings:
                return life
    raise AssertionError("nobody buys anything")


def test_a_passed_cap_is_found() -> None:
    """The same history under a smaller allowance."""
    life = bought("hampshire")
    smaller = editions_of("hampshire", {"products.visitor-permits.allowance.max": 5})

    assert list(passed_caps(life.events, smaller)) != []


def test_a_lost_unit_is_found() -> None:
    """A holding that forgot one of its bookings."""
    life = bought("hampshire")
    (holding, *_) = (h for h in life.household.holdings.values() if h.units_used)
    holding.units_used -= 1

    assert list(units_lost(life.household, life.events)) != []


def test_a_second_active_vehicle_is_found() -> None:
    """A switch that forgot to end the vehicle before it."""
    life = bought("gravesham")
    (active, *_) = (c for c in covers_at_last(life.events) if c.kind == "active")
    other = structs.replace(active, cover_id="another", glyphs="XY34ZZZ")
    switched = VehicleSwitched(
        holding_id=active.holding_id, shown="", glyphs="", was_shown="", covers=(other,)
    )

    assert list(two_active([*life.events, (life.at, switched)])) != []
