"""Who asks at the same moment for what only one can have: exactly one gets it.

64 clients of two processes on the real PostgreSQL, some rounds of each race here, and as many as
there is time for with `permit-ledger prove` (promises.md P2, P4, P5; OWASP ASVS 2.3.4, 15.4.2).
"""

import os

import pytest

from scripts.prove import races
from scripts.prove.racers import with_a_switch, with_units

DEEP = int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
ROUNDS, OF_PURCHASES = 12 * DEEP, 3 * DEEP
"""A purchase is several commands of each client, and takes as many times as long."""
PURCHASES = (races.last_of_the_cap, races.buy_cancel_buy, races.window_edge)


@pytest.fixture(scope="module")
def of_units(worker_database):
    with races.tracks(worker_database, with_units(), races.CLIENTS) as track:
        yield track


@pytest.fixture(scope="module")
def of_switches(worker_database):
    with races.tracks(worker_database, with_a_switch(), races.CLIENTS) as track:
        yield track


@pytest.mark.parametrize("race", races.OF_UNITS, ids=lambda each: each.__name__)
def test_one_has_what_only_one_can_have(of_units, race):
    for seed in range(OF_PURCHASES if race in PURCHASES else ROUNDS):
        assert list(race(of_units(seed))) == []


def test_an_officer_sees_exactly_one_vehicle_of_a_permit_covered_while_it_is_switched(of_switches):
    for seed in range(ROUNDS):
        for race in races.OF_SWITCHES:
            assert list(race(of_switches(seed))) == []
