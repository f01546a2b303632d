"""The mutants that are made by rule, and how one is put in place of a function."""

import ast
from types import ModuleType

import pytest

from scripts.prove.mutants.made import made
from scripts.prove.scoring import put_in


def changes(source: str) -> list[str]:
    return [each.what for each in made(source)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return a < b", ["a < b -> a <= b", "a < b -> a >= b", "return a < b -> return None"]),
        ("x = a <= b < c", ["a <= b < c -> a < b < c", "a <= b < c -> a <= b <= c"]),
        ("x = a is None", ["a is None -> a is not None"]),
        ("x = a and b", ["a and b -> a or b"]),
        ("x = not a", ["not a -> a"]),
        ("x = 10", ["10 -> 11", "10 -> 9"]),
        ("x = True", ["True -> False"]),
        ("x = a - b", ["a - b -> a + b"]),
        ("x = min(a, b)", ["min -> max"]),
        ("return None", []),
        ("return False", ["False -> True"]),
        ("assert a < b", []),
        ("x = f'{a - b}'", []),
    ],
)
def test_each_small_change_is_made(line: str, expected: list[str]):
    assert sorted(changes(f"def rule(a, b, c):\n    {line}\n")) == sorted(expected)


def test_types_and_defaults_are_left_as_they_are():
    assert changes("def rule(a: int = 3) -> 'list[4]':\n    pass\n") == []


def test_a_method_a_nested_function_and_a_constant_are_changed():
    source = "LEAST = 3\nclass A:\n    def rule(self):\n        return [x + 1 for x in y]\n"

    assert {(each.function, each.line) for each in made(source)} == {("", 1), ("A.rule", 4)}


def test_a_mutant_is_in_place_wherever_the_function_is_held():
    module = ModuleType("rule")
    module.__file__ = "rule.py"
    source = "def rule(a, b):\n    return a < b\n"
    exec(compile(ast.parse(source), "rule.py", "exec"), vars(module))
    held = module.rule
    (equal,) = (each for each in made(source) if each.what == "a < b -> a <= b")

    assert held(1, 1) is False
    put_in(module, equal)
    assert held(1, 1) is True
