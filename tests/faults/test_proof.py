"""The promises put to the proof at their figures of CI; `permit-ledger prove` does so for an hour.

Source: promises.md 2.2 (P1, P2, P3, P5, P19).
"""

import time

import pytest

from scripts.prove import cutting, filling, killing, restoring, tailing, web_cutting
from scripts.prove.pieces import PIECES
from scripts.prove.reached import NotRun

SECONDS = 70.0
FIGURES = {piece.name: piece.quick for piece in PIECES}


def until() -> float:
    return time.monotonic() + SECONDS


def test_nothing_that_was_acknowledged_is_lost_by_forty_kills() -> None:
    """kill -9 of server, backend, worker and web server under eight writers (P1)."""
    found = killing.run(FIGURES["killed"], until())

    assert found.faults == ()
    assert found.reached >= len(killing.VICTIMS), "each of them at least once"


def test_a_command_cut_at_any_message_has_one_effect_and_one_answer(database: str) -> None:
    """Before, half, after; asked and answered; every kind there is in the lives (P2, P3)."""
    ends = until()
    found = cutting.run_on(database, FIGURES["cut"], ends)

    assert found.faults == ()
    assert found.reached > 0
    if time.monotonic() < ends:
        assert "not cut" not in found.note


def test_a_request_cut_at_any_head_or_body_has_one_effect_and_one_answer() -> None:
    """The same at the HTTP hop: the retry is told the very same bytes (P2, P3)."""
    found = web_cutting.run(FIGURES["cut-web"], until())

    assert found.faults == ()
    assert found.reached > 0


def test_a_full_disk_loses_nothing_and_is_recovered_from() -> None:
    """During appends, the switch of a segment and a checkpoint (P1)."""
    try:
        found = filling.run(FIGURES["disk-full"], until())
    except NotRun as reason:
        pytest.skip(str(reason))

    assert found.faults == ()
    assert found.reached > 0


def test_sixteen_writers_and_open_transactions_are_followed_without_a_miss() -> None:
    """Four readers see every event once, in order (P5)."""
    found = tailing.run(FIGURES["tailing"], until())

    assert found.faults == ()
    assert found.reached > 0


def test_a_restored_ledger_is_what_it_was_and_gives_no_position_twice() -> None:
    """Restored to a quiet moment and to a busy one (P19)."""
    found = restoring.run(FIGURES["restored"], until())

    assert found.faults == ()
    assert found.reached > 0
