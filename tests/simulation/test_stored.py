"""Random histories on PostgreSQL, cut, ended and killed on the way, agree with the oracle.

The deep figure is `permit-ledger prove simulated-cut`; a failing seed is lived again by
`python -m tests.simulation --stored --seed N`.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from commands import handling
from tests.simulation.faults import Fault, Faults
from tests.simulation.field import Field, a_field
from tests.simulation.stored import again, live_stored, wrong_keys

COMMANDS, SECONDS = 40, 25.0
SEEDS = (0, 6, 3)
"""Lines and backends; clients that never learn; a server killed once."""
ASKED_AGAIN = 13
"""A seed without faults, some of whose clients ask again all the same."""


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    with a_field() as made:
        yield made


def test_what_is_cut_and_asked_again_happens_once_and_as_the_rules_say(field: Field) -> None:
    """Promises P1 to P5 and P7: stored once, the oracle's account, rows as of a rebuild."""
    ends = time.monotonic() + SECONDS
    for seed in SEEDS:
        if time.monotonic() >= ends:
            break
        lived, _ = live_stored(field, seed, COMMANDS)

        assert lived.failed == "", again(seed, COMMANDS)


def test_the_same_seed_asks_the_same_and_is_told_the_same(field: Field) -> None:
    """Promise P21: commands, faults, answers."""
    seed = next(n for n in range(99) if any(each.victim == "line" for each in _faults(n)))
    first, met = live_stored(field, seed, 25)
    second, met_again = live_stored(field, seed, 25)

    assert first.steps == second.steps
    assert first.digest == second.digest
    assert sum(met.values()) > 0
    assert {what for what in met if "line" in what} == {
        what for what in met_again if "line" in what
    }


def _faults(seed: int) -> list[Fault]:
    drawn = Faults(seed)
    return [fault for fault in (drawn.next(0) for _ in range(50)) if fault is not None]


def test_a_retry_that_is_told_something_else_is_found(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that has never failed proves nothing (promises 0, finding 5)."""
    said = handling._again

    def other(earlier: Any, body: str) -> Any:
        told = said(earlier, body)
        return type(told)(**{**_fields(told), "command": "another"}) if _fields(told) else told

    monkeypatch.setattr(handling, "_again", other)
    lived, _ = live_stored(field, ASKED_AGAIN, COMMANDS)

    assert "told something else" in lived.failed


def _fields(told: Any) -> dict[str, Any]:
    names = getattr(told, "__struct_fields__", ())
    return {name: getattr(told, name) for name in names}


@pytest.mark.parametrize(
    ("known", "found", "wrong"),
    [
        ({"a": True, "b": False}, {"a": 1}, []),
        ({"a": True}, {"a": 2}, ["1 commands are stored twice"]),
        ({"a": True}, {}, ["1 acknowledged commands are not stored"]),
        ({}, {"a": 1}, ["1 commands are stored that were refused, or that nobody sent"]),
        (
            {"a": False},
            {"a": 1},
            ["1 commands are stored that were refused, or that nobody sent"],
        ),
    ],
)
def test_what_clients_know_and_what_is_stored_can_differ_in_three_ways(
    known: dict[str, bool], found: dict[str, int], wrong: list[str]
) -> None:
    assert list(wrong_keys(known, found)) == wrong
