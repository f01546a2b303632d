"""An invented history: the same for the same seed, believable, and made by real commands alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import pytest

from ledger.refusals import NotFound
from ledger.store.pool import Connection, connect
from ledger.values import nearly
from scripts.simulating import main
from scripts.simulation import people
from tests.databases import Databases

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = ("stevenage", "gravesham", "hampshire")


def simulated(dsn: str, council: str, seed: int, *, households: int = 6, years: float = 1.2) -> int:
    return main(council, households, years, seed, dsn, quiet=True, until=UNTIL)


def stored(connection: Connection, council: str) -> list[tuple[object, ...]]:
    """What the ledger holds; positions aside, which are the server's."""
    return connection.execute(
        "select originator_id::text, originator_version, topic, state"
        f" from {council}.stored_events order by originator_id, originator_version"
    ).fetchall()


def topics(connection: Connection, council: str) -> dict[str, int]:
    rows = connection.execute(
        f"select topic, count(*)::int from {council}.stored_events group by topic"
    )
    return dict(rows.fetchall())


@contextmanager
def connected(dsn: str) -> Iterator[Connection]:
    with connect(dsn) as connection:
        yield connection


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(databases: Databases) -> None:
    """Events as they are stored, with who, when and the receipt of each command."""
    found = []
    for seed in (5, 5, 6):
        with databases.clone() as dsn:
            assert simulated(dsn, "hampshire", seed, households=4, years=0.8) == 0
            with connected(dsn) as connection:
                found.append(stored(connection, "hampshire"))

    assert len(found[0]) > 50
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("council", KINDS)
def test_every_kind_of_scheme_gets_a_past_with_its_mistakes(database: str, council: str) -> None:
    """Bought, paid, used, checked and refused, all within the time that was asked for."""
    assert simulated(database, council, 3) == 0
    with connected(database) as connection:
        kinds = topics(connection, council)
        used = {"voucher_booked.v1", "vehicle_switched.v1", "card_used.v1"} & kinds.keys()
        assert used
        assert {"property_listed.v1", "resident_registered.v1", "holding_issued.v1"} <= kinds.keys()
        assert sum(kinds.values()) > 100
        for table in ("refused_attempts", "lookups"):
            row = connection.execute(f"select count(*) from {council}.{table}").fetchone()
            assert row is not None
            assert row[0] > 0
        late = connection.execute(
            f"select count(*) from {council}.active_registrations where known_from >= %s", (UNTIL,)
        ).fetchone()
        assert late == (0,)


def test_what_falls_due_is_recorded_at_its_own_instant(database: str) -> None:
    """Units and permits lapse by the worker's own job, in between the commands."""
    assert simulated(database, "hampshire", 3, households=4, years=2.5) == 0
    with connected(database) as connection:
        assert topics(connection, "hampshire").get("holding_expired.v1", 0) > 0


def test_doing_it_again_changes_nothing(database: str) -> None:
    """The keys come from the seed as well: a second run is one long retry."""
    assert simulated(database, "gravesham", 4, households=2, years=0.5) == 0
    with connected(database) as connection:
        before = topics(connection, "gravesham")
        assert simulated(database, "gravesham", 4, households=2, years=0.5) == 0
        assert topics(connection, "gravesham") == before


def test_a_council_without_a_scheme_has_no_past(database: str) -> None:
    with pytest.raises(NotFound):
        simulated(database, "atlantis", 1)


@pytest.mark.parametrize(("households", "years"), [(0, 1.0), (5, 0.0), (5, -1.0)])
def test_nobody_and_no_time_at_all_are_asked_for_wrongly(
    database: str, households: int, years: float, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(database, "hampshire", 1, households=households, years=years) == 2
    assert "at least one household" in capsys.readouterr().err


def test_a_slip_is_another_mark_and_mostly_a_near_one() -> None:
    """Mistakes are what a finger does: most are one edit away, as an officer is told."""
    chance = Random(1)
    marks = [people.mark(chance) for _ in range(200)]
    slips = [people.slipped(chance, mark) for mark in marks]

    assert sum(nearly(a, b) for a, b in zip(marks, slips, strict=True)) > 150
