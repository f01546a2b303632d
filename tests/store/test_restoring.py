"""Positions after a restore or a move: above every one that was ever given, or nothing is written.

Source: promises.md, "Order" (restore or move), P19.
"""

from uuid import uuid4

import pytest

from ledger.refusals import CorruptLedger
from ledger.store.application import Ledger
from ledger.store.restoring import STRIDE, raise_offset, refuse_repeated_positions
from tests.store.homes import a_ledger, appended, visitor
from tests.store.test_positions import Tail, faults, stored


def moved(ledger: Ledger) -> None:
    """As on a server whose transaction ids began anew, far below."""
    with ledger.pool.connection() as connection:
        connection.execute(
            f"update {ledger.schema}.stored_events set notification_id = notification_id + %s",
            (5 * STRIDE,),
        )


def test_a_ledger_whose_positions_would_repeat_is_refused_and_names_the_remedy(
    database: str,
) -> None:
    """Transaction ids that went backwards are seen before the first write."""
    with a_ledger(database, 2, ()) as ledger:
        appended(ledger, uuid4(), [visitor("1")])
        with ledger.pool.connection() as connection:
            refuse_repeated_positions(connection, ledger.schema)
        moved(ledger)

        with (
            ledger.pool.connection() as connection,
            pytest.raises(CorruptLedger, match="permit-ledger database restored"),
        ):
            refuse_repeated_positions(connection, ledger.schema)


def test_an_empty_ledger_is_not_refused(database: str) -> None:
    with a_ledger(database, 1, ()) as ledger, ledger.pool.connection() as connection:
        refuse_repeated_positions(connection, ledger.schema)

        assert raise_offset(connection, ledger.schema).events == 0


def test_after_a_move_positions_go_on_above_all_that_are_stored(database: str) -> None:
    """The offset makes up for the ids; versions and readers go on as if nothing had been."""
    with a_ledger(database, 3, ()) as ledger:
        stream = uuid4()
        facts = appended(ledger, stream, [visitor("1"), visitor("2")])
        moved(ledger)
        before = stored(ledger)
        with ledger.pool.connection() as connection:
            raised = raise_offset(connection, ledger.schema)
            refuse_repeated_positions(connection, ledger.schema)
        appended(ledger, stream, [visitor("3")])

        assert (raised.events, raised.highest) == (2, before[-1][0])
        assert raised.recorded_at == facts[-1].recorded_at
        places = stored(ledger)
        assert places[:2] == before
        assert places[2][0] > raised.begins > raised.highest + STRIDE - 4096
        assert faults(places) == []
        tail = Tail(ledger.positions)
        tail.read_until(3)
        assert tail.seen == places


def test_each_restore_raises_it_again_and_a_position_known_to_be_given_is_passed(
    database: str,
) -> None:
    """Restored twice to one moment, the second run gives nothing that the first one gave."""
    with a_ledger(database, 2, ()) as ledger, ledger.pool.connection() as connection:
        first = raise_offset(connection, ledger.schema)
        second = raise_offset(connection, ledger.schema)
        third = raise_offset(connection, ledger.schema, above=20 * STRIDE)

        assert second.begins >= first.begins + STRIDE
        assert third.begins >= 21 * STRIDE
