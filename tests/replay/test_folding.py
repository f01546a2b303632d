"""A household as it was known at an instant is what the facts recorded by then make."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from commands.link_mobile import LinkMobile
from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.refusals import CorruptLedger
from replay.folding import household_as_at
from tests.replay.town import DAYS, STAFF, Town, town


@pytest.fixture
def stevenage(database: str) -> Iterator[Town]:
    with town(database) as made:
        yield made


def as_at(made: Town, at: datetime) -> Household:
    with made.council.pool.connection() as connection:
        return household_as_at(connection, made.council.schema, made.home, at)


@pytest.mark.parametrize("council", list(DAYS))
def test_as_at_any_instant_is_the_fold_of_what_was_recorded_by_then(database: str, council: str):
    """Just before each fact, at its very instant, and just after (issue: as at)."""
    moment = timedelta(microseconds=1)
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        every = list(made.council.ledger.facts(made.home))
        instants = {fact.recorded_at + step for fact in every for step in (-moment, 0 * moment)}
        for at in sorted(instants):
            known = [fact for fact in every if fact.recorded_at <= at]
            assert as_at(made, at) == fold(Household(household_id=str(made.home)), known)


def test_a_snapshot_is_begun_with_only_where_it_was_known_then(stevenage: Town):
    """Forty facts, of which the snapshot tells the first thirty-two: before it, at it, after it."""
    stevenage.at("2026-11-19 10:00").move_in()
    for minute in range(40):
        stevenage.at(f"2026-11-19 11:{minute:02}")
        stevenage.do(LinkMobile(mobile=f"07700 900{minute:03}"))
    with stevenage.council.pool.connection() as connection:
        found = connection.execute("select originator_version from stevenage.snapshots").fetchall()
    every = list(stevenage.council.ledger.facts(stevenage.home))

    assert found == [(32,)]
    for number in (2, 31, 32, 33, 42):
        known = every[:number]
        expected = fold(Household(household_id=str(stevenage.home)), known)
        assert as_at(stevenage, known[-1].recorded_at) == expected


def test_before_anything_was_known_there_is_no_household(stevenage: Town):
    """Version 0: nothing was known."""
    stevenage.at("2026-11-19 10:00").move_in()

    assert as_at(stevenage, datetime(2026, 1, 1, tzinfo=UTC)).version == 0


def test_a_gap_or_an_unreadable_fact_stops_it(stevenage: Town):
    """Nothing is told from facts that are not whole."""
    stevenage.at("2026-11-19 10:00").move_in()
    stevenage.do(LinkMobile(mobile="07700 900005"), by=STAFF)
    with stevenage.council.pool.connection() as connection:
        connection.execute("delete from stevenage.stored_events where originator_version = 2")
    with pytest.raises(CorruptLedger, match="gap"):
        as_at(stevenage, stevenage.now)
    with stevenage.council.pool.connection() as connection:
        connection.execute("update stevenage.stored_events set state = 'x'::bytea")
    with pytest.raises(CorruptLedger, match="cannot be read"):
        as_at(stevenage, stevenage.now)
