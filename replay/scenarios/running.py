"""A scenario performed in a world, step by step, and what did not come out as its author wrote.

What a verb does is the world's. The clock moves first, and every job that has become due runs
before the step. After a wrong turn (an unexpected refusal or acceptance, an error) the rest of the
scenario means nothing and is not performed; after wrong values it goes on.

Source: the scenario language, `at` and `expect`.
"""

import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from replay.scenarios.language import Scenario
from replay.scenarios.outcomes import Judgement, Outcome, StepFailure, failure_of, judge
from replay.scenarios.steps import Step


class World(Protocol):
    """An empty ledger of one scenario, with its clock in the scenario's hands."""

    def move_clock(self, to: datetime) -> None:
        """Set the clock to this UTC instant, running the jobs due on the way, in order of due time.

        Called before `perform` for every step with an `at`; never with an earlier instant.
        """
        ...

    def perform(self, step: Step) -> Outcome:
        """Do what the step says, at the clock's instant, and say what came of it.

        What the rules refuse is a Refusal; an exception means that the world itself is at fault.
        """
        ...

    def events_appended(self) -> int:
        """How many facts the ledger holds. A kept record of a refused attempt is not one."""
        ...

    def close(self) -> None:
        """Leave nothing behind. Called once, whatever happened before."""
        ...


WorldFactory = Callable[[Scenario], World]
"""A world for one scenario: its scheme with `set` applied, `home` and `res` in place."""


class ScenarioResult(Struct, frozen=True, kw_only=True):
    """What became of one scenario. `ok` where there is no failure."""

    id: str
    title: str
    file: str
    ok: bool
    failures: tuple[StepFailure, ...]


def run_scenario(scenario: Scenario, world_factory: WorldFactory) -> ScenarioResult:
    """Perform a scenario in a world of its own. What the world raises is a failure of a step."""
    failures: list[StepFailure] = []
    try:
        world = world_factory(scenario)
    except Exception as error:
        failures.append(_world_failure("a world for this scenario", error))
    else:
        failures.extend(_perform(scenario, world))
        try:
            world.close()
        except Exception as error:
            failures.append(_world_failure("the world closed", error))
    return result_of(scenario, failures)


def result_of(scenario: Scenario, failures: list[StepFailure]) -> ScenarioResult:
    """The result of a scenario with these failures."""
    return ScenarioResult(
        id=scenario.id,
        title=scenario.title,
        file=scenario.file,
        ok=not failures,
        failures=tuple(failures),
    )


def _perform(scenario: Scenario, world: World) -> list[StepFailure]:
    failures: list[StepFailure] = []
    for step in scenario.steps:
        judgement = _perform_step(scenario, world, step)
        failures.extend(judgement.failures)
        if judgement.wrong_turn:
            break
    return failures


def _perform_step(scenario: Scenario, world: World, step: Step) -> Judgement:
    try:
        if step.at is not None:
            world.move_clock(step.at)
        # Counted after the clock has moved, because a due job may rightly append something.
        before = world.events_appended() if step.refused is not None else 0
        outcome = world.perform(step)
        after = world.events_appended() if step.refused is not None else 0
        return judge(step, outcome, after - before, scenario.zone)
    except Exception as error:
        # One broken verb must not hide what the other scenarios have to say.
        return Judgement(failures=(failure_of(step, error, _where(error)),), wrong_turn=True)


def _world_failure(expected: str, error: Exception) -> StepFailure:
    return StepFailure(
        step=0,
        do="",
        expected=expected,
        actual=f"{type(error).__name__}: {error} ({_where(error)})",
    )


def _where(error: Exception) -> str:
    """The file and line that raised it, without the machine's folders."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name} line {frames[-1].lineno}"
