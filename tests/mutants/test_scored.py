"""The score of the mutants of the rules: below what is promised it is a failure."""

from pathlib import Path

import pytest

from scripts.prove.mutants.made import made
from scripts.prove.mutants.unchanged import Unchanged, sorted_out, unchanged
from scripts.prove.reached import NotRun, verdict
from scripts.prove.scoring import RULES, Became, Judged, modules, reckoned

PROMISED = 90
SOURCE = "def rule(a, b):\n    return a < b\ndef other(a, b):\n    return a < b\n"


def judged(became: Became, *, changes: bool = True, line: int = 1) -> Judged:
    return Judged(file="rule.py", line=line, what="a -> b", became=became, changes=changes)


def tried(caught: int, lost: int) -> list[Judged]:
    return [judged("caught")] * caught + [judged("lost", line=7)] * lost


@pytest.mark.parametrize(
    ("caught", "lost", "share", "said"),
    [
        (1000, 0, 100, "pass"),
        (900, 100, 90, "pass"),
        (899, 101, 89, "fail"),
        (8999, 1001, 89, "fail"),
        (0, 1, 0, "fail"),
    ],
)
def test_below_the_share_that_is_promised_the_promise_is_broken(caught, lost, share, said):
    """promises.md 2.3: at least 90 %, of however many there was time for; never rounded up."""
    found = reckoned(tried(caught, lost), 20_000, PROMISED)

    assert found.reached == share
    assert verdict(found, PROMISED) == said
    assert ("rule.py:7 a -> b" in found.faults) is (said == "fail")


def test_what_changes_nothing_is_no_part_of_the_share_and_is_told():
    known = [judged("lost", changes=False)] * 5

    found = reckoned([*tried(9, 1), *known], 40, PROMISED)

    assert found.reached == PROMISED
    assert found.note == (
        "90.0 %: 9 of 10 caught; 15 of the 40 that there are were tried, 5 change nothing"
    )


def test_a_mutant_said_to_change_nothing_that_a_test_tells_is_a_fault():
    found = reckoned([*tried(99, 0), judged("caught", changes=False)], 100, PROMISED)

    assert verdict(found, PROMISED) == "fail"
    assert found.faults == ("rule.py:1 a -> b: is in unchanged.toml, and a test tells it",)


def test_a_mutant_that_could_not_be_tried_is_not_taken_for_caught():
    found = reckoned([*tried(99, 1), judged("broken")], 101, PROMISED)

    assert found.reached == 99
    assert verdict(found, PROMISED) == "fail"
    assert found.faults == ("rule.py:1 a -> b: could not be put to the tests",)


def test_without_time_for_one_mutant_nothing_is_said_to_hold():
    with pytest.raises(NotRun, match="no time"):
        reckoned([], 1_300, PROMISED)


def test_each_mutant_that_changes_nothing_is_still_made_and_has_its_reason():
    """A list that nobody looks through hides what it was not meant for."""
    known = unchanged()
    files = {path.name: path for path in modules()}

    assert {each.file for each in known} <= set(files)
    assert all(len(each.why.split()) > 5 for each in known)
    for name in {each.file for each in known}:
        mutants = made(files[name].read_text(encoding="utf-8"))
        said = [same for _, same in sorted_out(name, mutants, known)]
        assert sum(said) == sum(each.file == name for each in known), f"{RULES}/{name}"


def test_a_mutant_is_known_by_its_function_and_its_change():
    one = Unchanged(file="rule.py", function="other", what="a < b -> a <= b", why="it is so")

    found = sorted_out("rule.py", made(SOURCE), [one])

    assert [(mutant.function, mutant.line) for mutant, same in found if same] == [("other", 4)]


@pytest.mark.parametrize(("function", "nth"), [("gone", 1), ("rule", 2)])
def test_one_that_is_not_made_any_more_is_told(function: str, nth: int):
    one = Unchanged(
        file="rule.py", function=function, what="a < b -> a <= b", why="it is so", nth=nth
    )

    with pytest.raises(ValueError, match=rf"rule\.py: no mutant {nth} of {function}"):
        sorted_out("rule.py", made(SOURCE), [one])
    assert sorted_out(Path("another.py").name, made(SOURCE), [one])
