"""The seeded mutants still fit the tree: a mistake that no longer applies proves nothing.

That each is caught is the deep run's to say: `permit-ledger prove seeded-mutants`.
"""

import time
from pathlib import Path

import pytest

from scripts.prove.mutating import Edit, Mutant, Ran, last, mutated, put_in, seeded, tried

ROOT = Path(__file__).resolve().parents[2]
AT_LEAST = 25
"""promises.md 2.3: 25 mutants, 25 caught."""


def mutant(*edits: tuple[str, str]) -> Mutant:
    made = tuple(Edit(file="rule.py", old=old, new=new) for old, new in edits)
    return Mutant(name="a", promise="P1", what="wrong", tests=("t",), edits=made)


def test_there_are_as_many_as_promised_and_each_has_a_name_of_its_own():
    names = [each.name for each in seeded()]

    assert len(names) >= AT_LEAST
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("each", seeded(), ids=lambda each: each.name)
def test_a_mutant_applies_to_the_tree_and_names_tests_that_are_there(each: Mutant):
    changed = mutated(ROOT, each)

    assert changed
    for path, text in changed.items():
        assert text != path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            compile(text, path.name, "exec")
    for test in each.tests:
        file, _, function = test.partition("::")
        assert f"def {function}" in (ROOT / file).read_text(encoding="utf-8"), test


def test_a_mutant_whose_text_is_not_there_once_is_told(tmp_path):
    (tmp_path / "rule.py").write_text("a = 1\na = 1\n")

    for old in ("a = 1", "b = 1"):
        with pytest.raises(ValueError, match=r"times in rule\.py"):
            mutated(tmp_path, mutant((old, "c")))


def test_a_tree_is_what_it_was_when_the_mistake_is_taken_out(tmp_path):
    rule = tmp_path / "rule.py"
    rule.write_text("a = 1\nb = 2\n")

    with put_in(tmp_path, mutant(("a = 1", "a = 0"), ("b = 2", "b = 0"))):
        assert rule.read_text() == "a = 0\nb = 0\n"
    assert rule.read_text() == "a = 1\nb = 2\n"


def test_one_is_caught_one_survives_and_one_fits_no_more_and_each_is_told(tmp_path):
    """A mistake that is not there any more stops none of the others."""
    tree = tmp_path.resolve()
    (tree / "ledger").mkdir()
    (tree / "ledger" / "__init__.py").write_text("ONE = 1\nTWO = 2\n")
    (tree / "test_it.py").write_text("import ledger\ndef test_one():\n    assert ledger.ONE == 1\n")
    caught, harmless, unfit = (
        Mutant(
            name=name,
            promise="P1",
            what="wrong",
            tests=("test_it.py::test_one",),
            edits=(Edit(file="ledger/__init__.py", old=old, new="X = 3"),),
        )
        for name, old in (("a", "ONE = 1"), ("b", "TWO = 2"), ("c", "TEN = 10"))
    )

    found = tried(tree, [unfit, harmless, caught], time.monotonic() + 240)

    assert found.reached == 1
    no_more, survived = found.faults
    assert no_more.endswith("c: 0 times in ledger/__init__.py: TEN = 10")
    assert survived.startswith("b survived (P1): 1 passed")
    assert found.note.startswith("1 of 2 caught")


@pytest.mark.parametrize(
    ("status", "failed", "red"), [(1, 1, True), (1, 0, False), (2, 1, False), (None, 0, False)]
)
def test_a_test_that_failed_is_red_and_one_that_could_not_run_is_not(status, failed, red):
    assert Ran(status=status, failed=failed, seconds=1.0, said="").red is red


def test_what_is_said_of_a_test_names_it():
    said = "F [100%]\nFAILED tests/a.py::test_b - AssertionError\n!!! stopping !!!"

    assert last(Ran(status=1, failed=1, seconds=1.0, said=said)).startswith("FAILED tests/a.py")
    assert last(Ran(status=4, failed=0, seconds=1.0, said="no such file")) == "no such file"
    assert last(Ran(status=None, failed=0, seconds=240.2, said="")) == "not ended after 240 s"
