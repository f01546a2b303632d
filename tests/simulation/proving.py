"""Seed after seed, on every processor there is, until the figure or the time is reached.

A seed that fails is cut down to the shortest history that fails so, and told with the one command
that lives it again. Source: promises P14, P21 and section 3.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context

import msgspec
from msgspec import Struct, field

from scripts.prove.reached import FAULTS_MAX, Reached
from tests.simulation.histories import COMMANDS, Lived, live, shrunk
from tests.simulation.instants import SIDES
from tests.simulation.running import Tally
from tests.simulation.worlds import WORLDS

AT_ONCE = 25
"""Seeds a processor takes at a time."""


AIM = 20
"""How often each side of each kind of boundary is to be met (promises 2.3)."""


class Failure(Struct, frozen=True, kw_only=True):
    """A seed at which the product and the oracle part. `steps`: the shortest history found."""

    seed: int
    commit: str
    step: int
    reason: str
    steps: tuple[str, ...]
    again: str


class Report(Struct, kw_only=True):
    """What came of some seeds. `digest` is of every trace, in the order of the seeds."""

    histories: int = 0
    tally: Tally = field(default_factory=Tally)
    failures: tuple[Failure, ...] = ()
    digest: str = ""

    def add(self, other: "Report") -> None:
        self.histories += other.histories
        self.tally.add(other.tally)
        self.failures += other.failures
        self.digest = sha256((self.digest + other.digest).encode()).hexdigest()


def run_seeds(seeds: Sequence[int], commands: int, until: float) -> Report:
    """Live the histories of these seeds, as far as `time.monotonic()` stays below `until`."""
    report, digest = Report(), sha256()
    for seed in seeds:
        if time.monotonic() >= until:
            break
        lived = live(seed, commands)
        report.histories += 1
        report.tally.add(lived.tally)
        digest.update(lived.digest.encode())
        if lived.failed and len(report.failures) < FAULTS_MAX:
            report.failures += (failure(seed, commands, lived),)
    report.digest = digest.hexdigest()
    return report


def failure(seed: int, commands: int, lived: Lived) -> Failure:
    """The failing seed as it is told: shrunk, and with the command that lives it again."""
    least = shrunk(lived)
    count = "" if commands == COMMANDS else f" --commands {commands}"
    return Failure(
        seed=seed,
        commit=commit(),
        step=len(lived.steps),
        reason=least.failed,
        steps=tuple(in_words(least.worlds, step) for step in least.steps),
        again=f"python -m tests.simulation --seed {seed}{count}",
    )


def in_words(worlds: tuple[int, ...], step: dict[str, object]) -> str:
    """One step as one line: whose scheme, and what was asked."""
    home = step["home"]
    assert isinstance(home, int)
    shown = msgspec.json.encode({k: v for k, v in step.items() if k != "key"}, order="sorted")
    return f"{WORLDS[worlds[home]][0]} {shown.decode()}"


def commit() -> str:
    """The commit that is checked out, or `unknown` outside a repository."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    try:
        found = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def run(figure: int, until: float) -> Reached:
    """So many histories of 200 commands, from seed 0 on. See `scripts.prove.reached`."""
    processors = max(1, min(8, os.cpu_count() or 1))
    report = Report()
    with ProcessPoolExecutor(processors, get_context("spawn")) as pool:
        parts = [
            pool.submit(run_seeds, range(n, min(n + AT_ONCE, figure)), COMMANDS, until)
            for n in range(0, figure, AT_ONCE)
        ]
        for part in parts:
            report.add(part.result())
    told = [f"seed {f.seed}, step {f.step}: {f.reason} ({f.again})" for f in report.failures]
    open_questions = sum(report.tally.unsure.values())
    return Reached(
        reached=report.histories,
        faults=tuple(told),
        note=f"{report.tally.steps:,} steps, {len(report.tally.pairs):,} pairs of kinds, "
        f"{open_questions:,} left open by the rules, {at_boundaries(report.tally)}, "
        f"trace {report.digest[:12]}",
    )


def at_boundaries(tally: Tally) -> str:
    """How often an instant was on a boundary or a microsecond from it, by its kind and side."""
    met = tally.boundaries
    kinds = sorted(
        {each.removesuffix(f" {side}") for each in met for side in SIDES if side in each}
    )
    every = [f"{kind} {side}" for kind in kinds for side in SIDES]
    rare = [f"{each} {met[each]}" for each in every if met[each] < AIM]
    said = f"{len(kinds)} kinds of boundary, {sum(met.values()):,} times"
    return f"{said}; fewer than {AIM}: {', '.join(rare) or 'none'}"
