"""Tests of the checkout whose figure is a setting, at a deeper one: so many in each run of them.

Source: promises P6 to P8, and P20.
"""

import os
import subprocess
import sys
import time
from typing import Literal

from scripts.prove.programs import ROOT
from scripts.prove.reached import NotRun, Reached, time_left

KILLS_A_RUN, CUTS_A_RUN, COUNCILS, PAIRS_A_RUN = 10, 60, 4, 2_000
ANSWERS_A_RUN = 300
GOLDEN = ROOT / "tests" / "events" / "golden"


def rebuilt(kills: int, until: float) -> Reached:
    """A rebuild killed at random: the live tables are whole each time, and the next ends well."""
    return _many(
        "tests/replay/test_rebuild.py::test_a_killed_rebuild_leaves_whole_tables",
        "PERMIT_LEDGER_KILLS",
        min(kills, KILLS_A_RUN),
        min(kills, KILLS_A_RUN),
        kills,
        until,
    )


def cut_points(cuts: int, until: float) -> Reached:
    """Rebuilt to a position, read models are what the live ones were there."""
    return _many(
        "tests/replay/test_rebuild_cuts.py",
        "PERMIT_LEDGER_CUTS",
        CUTS_A_RUN,
        CUTS_A_RUN * COUNCILS,
        cuts,
        until,
    )


def checked(pairs: int, until: float) -> Reached:
    """Commands, each followed by a check that is never behind it."""
    test = "tests/services/test_checking.py::test_what_was_acknowledged_is_in_the_next_check"
    times = max(1, min(5, pairs // PAIRS_A_RUN))
    return _many(test, "PERMIT_LEDGER_DEEP", times, times * PAIRS_A_RUN, pairs, until)


def shown(answers: int, until: float) -> Reached:
    """Answers made again from the facts of their snapshots: the very bytes that were shown."""
    test = "tests/replay/test_shown.py"
    times = max(1, min(5, answers // ANSWERS_A_RUN))
    return _many(test, "PERMIT_LEDGER_DEEP", times, times * ANSWERS_A_RUN, answers, until)


def golden(files: int, until: float) -> Reached:
    """Every event as it was ever stored is read as the same fact."""
    found = _many("tests/events/test_events.py", "PERMIT_LEDGER_GOLDEN", 0, files, files, until)
    if found.faults or not found.reached:
        return found
    return Reached(reached=sum(1 for _ in GOLDEN.iterdir()), note="one for each kind of event")


Outcome = Literal["passed", "failed", "out of time"]


def _many(test: str, setting: str, asked: int, each: int, figure: int, until: float) -> Reached:
    """Run a test until the figure is reached; each run asks for `asked` and counts for `each`."""
    if not (ROOT / test.partition("::")[0]).is_file():
        raise NotRun("it needs the checkout's tests")
    reached = 0
    while reached < figure and time_left(until):
        outcome, said = _run(test, {setting: str(asked)}, until)
        if outcome == "out of time":
            break
        if outcome == "failed":
            return Reached(reached=reached, faults=tuple(said.splitlines()[-6:]))
        reached += each
    return Reached(reached=reached)


def _run(test: str, settings: dict[str, str], until: float) -> tuple[Outcome, str]:
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", test]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=max(1.0, until - time.monotonic()),
        )
    except subprocess.TimeoutExpired:
        return "out of time", ""
    return ("passed" if done.returncode == 0 else "failed"), done.stdout
