"""Where a ledger is at home: a restored, promoted or moved one notices it by itself.

Source: promises.md, "Order" (restore or move), P11, P19.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from ledger.store.application import Ledger
from ledger.store.restoring import STRIDE, Raised, is_lost, notice_restored
from tests.store.homes import a_ledger, appended, visitor


def noticed(ledger: Ledger) -> Raised | None:
    with ledger.pool.connection() as connection:
        return notice_restored(connection, ledger.schema)


def epoch(ledger: Ledger) -> object:
    with ledger.pool.connection() as connection:
        row = connection.execute(f"select epoch from {ledger.schema}.ledger_offset").fetchone()
    assert row is not None
    return row[0]


def elsewhere(ledger: Ledger) -> None:
    """As loaded from another server, timeline or database."""
    with ledger.pool.connection() as connection:
        connection.execute(f"update {ledger.schema}.ledger_offset set home = '1/00000001/2/3'")


def test_the_first_start_makes_its_home_and_later_ones_change_nothing(database: str) -> None:
    with a_ledger(database, 2, ()) as ledger:
        before = epoch(ledger)

        assert noticed(ledger) is None
        appended(ledger, uuid4(), [visitor("1")])
        assert noticed(ledger) is None

        assert epoch(ledger) == before


def test_a_ledger_that_was_moved_gives_no_position_that_it_ever_gave(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so, with what is kept, and its readers see another epoch."""
    with a_ledger(database, 2, ()) as ledger:
        noticed(ledger)
        appended(ledger, uuid4(), [visitor("1"), visitor("2")])
        before = epoch(ledger)
        elsewhere(ledger)

        with caplog.at_level(logging.WARNING):
            raised = noticed(ledger)

        assert raised is not None
        assert raised.begins >= raised.highest + STRIDE - 4096
        assert "2 events are kept" in caplog.text
        assert epoch(ledger) != before
        assert noticed(ledger) is None
        with ledger.pool.connection() as connection:
            lost = [
                is_lost(connection, ledger.schema, position)
                for position in (raised.highest, raised.highest + 1, raised.begins - 1)
            ]
            assert lost == [False, True, True]
            assert not is_lost(connection, ledger.schema, raised.begins)


def test_several_that_start_at_once_notice_it_once(database: str) -> None:
    """Web, worker and command line: the offset is raised by the first of them alone."""
    with a_ledger(database, 8, ()) as ledger:
        noticed(ledger)
        elsewhere(ledger)

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: noticed(ledger), range(8)))

        assert found.count(None) == 7
