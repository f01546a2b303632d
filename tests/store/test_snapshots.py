"""Snapshots: where a long household's fold begins. They save time, and decide nothing.

Source: design section 4.5.
"""

import pytest

from ledger.household.state import Household
from ledger.refusals import CorruptLedger
from ledger.store.application import SNAPSHOT_EVERY
from scripts.benches.households import Bookers
from services.council import Council
from tests.store.homes import a_council, a_home


def opened(council: Council, home: Bookers) -> Household:
    """The household as a command finds it: from its snapshot, where it has one."""
    with council.ledger.opened(home.household, "none") as found:
        return found.household


def snapshot_version(council: Council) -> int | None:
    with council.pool.connection() as connection:
        row = connection.execute(
            f"select originator_version from {council.schema}.snapshots"
        ).fetchone()
    return None if row is None else int(row[0])


def change_snapshot(council: Council, **columns: object) -> None:
    ((name, value),) = columns.items()
    with council.pool.connection() as connection:
        connection.execute(f"update {council.schema}.snapshots set {name} = %s", (value,))


def lose(council: Council, version: int) -> None:
    """Take a fact out of the table, as no program does."""
    table = f"{council.schema}.stored_events"
    with council.pool.connection() as connection, connection.transaction():
        connection.execute(f"alter table {table} disable trigger user")
        connection.execute(f"delete from {table} where originator_version = %s", (version,))
        connection.execute(f"alter table {table} enable trigger user")


def rename(council: Council, version: int) -> None:
    """Give a fact a kind that this program does not know, as a newer one would."""
    table = f"{council.schema}.stored_events"
    with council.pool.connection() as connection, connection.transaction():
        connection.execute(f"alter table {table} disable trigger user")
        connection.execute(
            f"update {table} set topic = 'no_such.v1', state = convert_to(regexp_replace("
            'convert_from(state, \'UTF8\'), \'"type":"[^"]+"\', \'"type":"no_such.v1"\'), \'UTF8\')'
            " where originator_version = %s",
            (version,),
        )
        connection.execute(f"alter table {table} enable trigger user")


def long_lived(council: Council) -> Bookers:
    home = a_home(council, "home")
    for _ in range(2 * SNAPSHOT_EVERY):
        home.step()
    return home


def test_a_household_is_the_same_from_its_snapshot_as_from_all_its_facts(database: str) -> None:
    """At every version on both sides of a snapshot."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        assert snapshot_version(council) is None
        for _ in range(SNAPSHOT_EVERY + 3):
            home.step()
            assert opened(council, home) == council.ledger.household(home.household)

        assert snapshot_version(council) == SNAPSHOT_EVERY


def test_the_snapshot_is_what_is_read(database: str) -> None:
    """The facts below it are not: without one of them the household is still found."""
    with a_council(database, 2) as council:
        home = long_lived(council)
        whole = council.ledger.household(home.household)
        lose(council, 3)

        assert opened(council, home) == whole


def test_a_snapshot_of_another_shape_is_not_read(database: str) -> None:
    """An earlier version of the program stored it: the facts are folded instead."""
    with a_council(database, 2) as council:
        home = long_lived(council)
        change_snapshot(council, state=b"another shape")
        change_snapshot(council, shape="another shape")

        assert opened(council, home) == council.ledger.household(home.household)


def test_a_snapshot_that_cannot_be_read_stops_the_command(database: str) -> None:
    """It is loud: the row was altered, for no program of this shape wrote it."""
    with a_council(database, 2) as council:
        home = long_lived(council)
        change_snapshot(council, state=b"\xc1")

        with pytest.raises(CorruptLedger):
            home.step()


def test_a_gap_below_the_last_version_stops_the_command(database: str) -> None:
    """A fact that is missing is never folded over."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        lose(council, 2)

        with pytest.raises(CorruptLedger):
            home.step()


def test_a_fact_of_an_unknown_kind_stops_the_command(database: str) -> None:
    """It is never passed over: what it did to the household is not known (P7)."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        home.step()
        rename(council, 2)

        with pytest.raises(CorruptLedger, match=r"no_such\.v1"):
            home.step()
