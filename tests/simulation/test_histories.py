"""Random histories of whole councils agree with the oracle, and are the same twice.

The deep figures are `permit-ledger prove simulated`; a failing seed is lived again, cut down, by
`python -m tests.simulation --seed N`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from commands import use_card
from ledger.rules import lots, observing
from tests.oracle.said import UNSURE
from tests.simulation import sending
from tests.simulation.histories import again, live, shrunk
from tests.simulation.kinds import KINDS
from tests.simulation.proving import failure, run_seeds

ROOT = Path(__file__).parents[2]
SHARE = 150
"""Histories of each of the four parts below: 600 in all, 120,000 commands."""


@pytest.mark.parametrize("part", range(4))
def test_the_product_decides_as_the_rules_say(part: int) -> None:
    """Promises P4, P5, P14: every decision and figure, every officer's answer, is the oracle's."""
    report = run_seeds(range(part * SHARE, (part + 1) * SHARE), 200, float("inf"))

    assert [f"{f.again}: {f.reason}" for f in report.failures] == []
    assert report.histories == SHARE
    named = {name for name in report.tally.unsure if not name.startswith("code of ")}
    assert named <= set(UNSURE)


def test_almost_every_pair_of_kinds_follows_one_another() -> None:
    """Promises 2.3: the generator is measured too, not only the code."""
    report = run_seeds(range(250), 200, float("inf"))

    asked = set(KINDS) - {"go_on"}
    met = [f"{one}>{two}" in report.tally.pairs for one in asked for two in asked]
    assert asked <= set(report.tally.accepted) | set(report.tally.refused) | {"check", "allowance"}
    assert sum(met) >= 0.97 * len(met)


def lived_elsewhere(hash_seed: str, *arguments: str) -> str:
    """What another process tells, whose sets and dicts of strings are in another order."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_history_is_the_same_however_python_hashes() -> None:
    """Promise P21: same seed, same bytes."""
    told = {lived_elsewhere(hash_seed, "--seed", "11") for hash_seed in ("0", "1", "4242")}

    assert len(told) == 1
    assert live(11).digest in told.pop()


def test_two_hundred_histories_are_the_same_twice() -> None:
    """Promise P21 at its figure: 200 seeds, each lived twice, in processes of their own."""
    once = run_seeds(range(200), 40, float("inf"))

    assert once.digest in lived_elsewhere("77", "--histories", "200", "--commands", "40")


def test_boundaries_are_met_from_both_sides() -> None:
    """Promises 2.3: a microsecond before, at the very instant, and a microsecond after."""
    met = run_seeds(range(120), 200, float("inf")).tally.boundaries

    exactly = [side.removesuffix(" exactly") for side in met if side.endswith(" exactly")]
    from_both = [kind for kind in exactly if met[f"{kind} -1 us"] and met[f"{kind} +1 us"]]
    assert len(exactly) >= 17
    assert len(from_both) >= 13


def test_a_history_that_was_drawn_can_be_lived_again_from_its_steps() -> None:
    """What shrinking rests on: the steps alone are the history."""
    drawn = live(5)

    assert again(drawn.worlds, drawn.steps).digest == drawn.digest


def drawn_from_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card is taken from the first lot, given up or not."""
    monkeypatch.setattr(use_card, "_lot", _first_lot)


def _first_lot(held: Any, product: Any, scheme: Any, begins: Any) -> Any:
    return next(iter(lots.in_order(held, product)), None)


def told_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of a permit's list is one vehicle too many."""
    said = sending.told

    def other(step: Any, household: Any, events: Any, at: Any) -> Any:
        says = said(step, household, events, at)
        return {**says, "listed": says["listed"] + 1} if "listed" in says else says

    monkeypatch.setattr("tests.simulation.running.told", other)


def every_card_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer is told that a card is valid, whatever its date."""
    monkeypatch.setattr(observing, "_card", lambda *_: observing.Reading(True))


@pytest.mark.parametrize("mutant", [drawn_from_what_is_over, told_one_too_many, every_card_is_good])
def test_a_fault_is_found_and_cut_down(
    mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that has never failed proves nothing (promises 0, finding 5)."""
    mutant(monkeypatch)
    failed = next(lived for lived in map(live, range(60)) if lived.failed)

    least = shrunk(failed)

    assert least.failed
    assert len(least.steps) <= 20
    told = failure(0, 200, failed)
    assert "--seed 0" in told.again
    assert msgspec.json.encode(told)
