"""Mutants that change nothing: each is named with the reason why no test could tell it.

They are put to the tests all the same. One that a test does tell is not what the list says it is,
and one that is not made any more is taken off: both are faults.

Source: promises.md 2.3; `unchanged.toml`.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from scripts.prove.mutants.made import Made

LIST = Path(__file__).parent / "unchanged.toml"


class Unchanged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mutant by its file, its function and what is changed, never by its line: code moves.

    `nth` counts from 1 where one function has the same change more than once.
    """

    file: str
    function: str
    what: str
    why: str
    nth: int = 1


def unchanged() -> tuple[Unchanged, ...]:
    """Every mutant that is known to change nothing."""
    found = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return tuple(msgspec.convert(found["unchanged"], list[Unchanged]))


def sorted_out(
    file: str, mutants: Iterable[Made], known: Iterable[Unchanged]
) -> list[tuple[Made, bool]]:
    """The mutants of a file, each with whether it is known to change nothing.

    Raises ValueError for one of the list that is not made of this file.
    """
    wanted = {(each.function, each.what, each.nth): each.why for each in known if each.file == file}
    times: dict[tuple[str, str], int] = {}
    found = []
    for mutant in mutants:
        same = (mutant.function, mutant.what)
        times[same] = times.get(same, 0) + 1
        found.append((mutant, wanted.pop((*same, times[same]), None) is not None))
    for function, what, nth in wanted:
        raise ValueError(f"{file}: no mutant {nth} of {function}: {what}")
    return found
