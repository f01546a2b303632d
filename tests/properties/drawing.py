"""What random schemes are drawn with, and the TOML they are written as."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
Table = dict[str, Any]
Value = TypeVar("Value")

bools = st.booleans()


def one(*values: Value) -> st.SearchStrategy[Value]:
    return st.sampled_from(values)


def some(values: Sequence[Value], least: int = 0) -> st.SearchStrategy[list[Value]]:
    """Some of these, each once, in any order."""
    return st.lists(st.sampled_from(list(values)), unique=True, min_size=least)


def upto(most: int, least: int = 0) -> st.SearchStrategy[int]:
    return st.integers(least, most)


def toml(value: object) -> str:
    """A value as TOML, tables inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case int():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case _:
            raise AssertionError(value)
