"""A ledger that somebody has altered with SQL: writing stops where it shows, and verify finds it.

Source: promises P18; `permit-ledger verify`.
"""

from collections.abc import Iterator

import pytest

from ledger.refusals import CorruptLedger
from replay.verify import Problem, verify
from scripts.benches.households import Bookers
from services.council import Council
from tests.store.homes import a_council, a_home, counts


@pytest.fixture
def council(database: str) -> Iterator[Council]:
    with a_council(database, 2) as made:
        yield made


def altered(council: Council, statement: str, home: Bookers) -> None:
    with council.pool.connection() as connection:
        connection.execute(statement.replace("LEDGER", council.schema).encode(), (home.household,))


def problems(council: Council, home: Bookers) -> set[tuple[str, int]]:
    """What verify finds wrong in this household: its kind and the version."""
    found: tuple[Problem, ...] = verify(council.ledger).problems
    return {(each.kind, each.version) for each in found if each.household_id == str(home.household)}


@pytest.mark.parametrize(
    ("statement", "kind", "version"),
    [
        (
            "update LEDGER.stored_events set state = 'xyz' where originator_version = 2"
            " and originator_id = %s",
            "unreadable",
            2,
        ),
        (
            "delete from LEDGER.stored_events where originator_version = 2 and originator_id = %s",
            "version",
            3,
        ),
        (
            "update LEDGER.stored_events set originator_version = originator_version + 100"
            " where originator_version = 3 and originator_id = %s",
            "version",
            103,
        ),
    ],
    ids=["an event altered", "an event deleted", "an event renumbered"],
)
def test_a_household_whose_facts_do_not_hold_together_takes_no_command(
    council: Council, statement: str, kind: str, version: int
) -> None:
    """It says so and stores nothing; its neighbours go on; verify says where."""
    home, neighbour = a_home(council, "home"), a_home(council, "neighbour")
    home.step()
    altered(council, statement, home)
    before = counts(council.ledger)

    with pytest.raises(CorruptLedger):
        home.step()

    assert counts(council.ledger) == before
    neighbour.step()
    assert (kind, version) in problems(council, home)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from LEDGER.active_registrations where household_id = %s",
        "update LEDGER.active_registrations set glyphs = 'X' where household_id = %s",
        "update LEDGER.active_registrations set kind = 'x' where household_id = %s",
        "delete from LEDGER.receipts where household_id = %s",
        "delete from LEDGER.allowances where household_id = %s",
    ],
)
def test_a_row_that_the_facts_do_not_make_is_found(council: Council, statement: str) -> None:
    """Rows are derived: verify names the household, and rebuild puts them right."""
    home = a_home(council, "home")
    home.step()
    assert problems(council, home) == set()

    altered(council, statement, home)

    assert {kind for kind, _ in problems(council, home)} >= {"row"}
