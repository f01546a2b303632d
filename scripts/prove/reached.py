"""How far a piece of the proof came: a figure, and what was found to be wrong on the way.

A piece is `run(figure, until)`: it does what it does `figure` times, or for as long as
`time.monotonic()` is below `until`, and never raises for what it is looking for.

Source: promises.md 2.2.
"""

import time
from typing import Literal

from msgspec import Struct

FAULTS_MAX = 20
Verdict = Literal["pass", "part", "fail", "not run"]


class Reached(Struct, frozen=True, kw_only=True):
    """`faults` name what broke a promise; `note` says what else was counted."""

    reached: int
    faults: tuple[str, ...] = ()
    note: str = ""


class NotRun(Exception):
    """The piece cannot run here, and why."""


class Line(Struct, frozen=True, kw_only=True):
    """What is told of a piece. `verdict` is `part` where nothing broke and time was up."""

    promise: str
    piece: str
    verdict: Verdict
    reached: int
    promised: int
    unit: str
    seconds: float
    note: str
    faults: tuple[str, ...] = ()


def verdict(found: Reached, promised: int) -> Verdict:
    """Whether the promise held as far as it was put to the proof."""
    if found.faults:
        return "fail"
    return "pass" if found.reached >= promised else "part"


def in_words(line: Line) -> str:
    """One line of a report."""
    figure = f"{line.reached:,} of {line.promised:,} {line.unit}"
    said = (
        f"{line.promise:<7} {line.piece:<22} {line.verdict:<8} {figure:<34} {line.seconds:>6.0f} s"
    )
    return f"{said}  {line.note}".rstrip()


def time_left(until: float) -> bool:
    return time.monotonic() < until
