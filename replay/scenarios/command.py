"""Run scenario files: read them all, perform them in parallel, report in the order of the files.

Exit status 0 only when every scenario passes, 1 when one fails, 2 when a file is not a valid
scenario file or what was asked for is not there; then nothing at all is run.

Source: the scenario language, its command line.
"""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from replay.scenarios.faults import InvalidScenarioFile
from replay.scenarios.files import NoSuchScenario, read_scenarios, select
from replay.scenarios.language import Scenario, ZoneOf
from replay.scenarios.outcomes import StepFailure
from replay.scenarios.reporting import lines_of, report_json, summary
from replay.scenarios.running import ScenarioResult, WorldFactory, result_of, run_scenario

PASSED, FAILED, INVALID = 0, 1, 2


class Worlds(Struct, frozen=True, kw_only=True):
    """How scenarios meet a ledger.

    Worker processes are spawned, so `open_worker` and `world` must be picklable: functions of a
    module, or `functools.partial` of one.
    """

    zone_of: ZoneOf
    """Called in this process only, once for each scenario read."""
    open_worker: Callable[[], None]
    """Called once in each worker before its first scenario: opens its connection pool."""
    world: WorldFactory


def main(
    paths: Sequence[Path],
    *,
    worlds: Worlds,
    json: bool,
    only: Sequence[str],
    fail_fast: bool,
    jobs: int | None,
    out: TextIO,
    err: TextIO,
    scheme: str = "",
) -> int:
    """Run the scenarios of these files and folders and return the exit status.

    `scheme` is the id of the scheme whose scenarios alone are run (empty: those of every one),
    `only` names ids (none: all), `jobs` the worker processes (None: one a processor; 1: none, the
    scenarios run in this process). A line is written as soon as all before it are known; with
    `json`, one object at the end. With `fail_fast` the first failure is the last one reported.
    """
    try:
        read = read_scenarios(paths, worlds.zone_of)
        scenarios = select((each for each in read if scheme in ("", each.scheme)), only)
    except (InvalidScenarioFile, NoSuchScenario) as error:
        err.write(f"{error}\n")
        return INVALID
    workers = os.cpu_count() or 1 if jobs is None else jobs
    if workers < 1:
        err.write(f"{workers} worker processes cannot run anything\n")
        return INVALID
    results: list[ScenarioResult] = []
    with closing(_results(scenarios, worlds, min(workers, len(scenarios)))) as finished:
        for result in finished:
            results.append(result)
            if not json:
                out.writelines(f"{line}\n" for line in lines_of(result))
                out.flush()
            if fail_fast and not result.ok:
                break
    out.write(f"{report_json(results) if json else summary(results)}\n")
    out.flush()
    return PASSED if all(result.ok for result in results) else FAILED


def _results(
    scenarios: tuple[Scenario, ...], worlds: Worlds, workers: int
) -> Generator[ScenarioResult, None, None]:
    """The result of each scenario in their order, as soon as it and all before it are there."""
    if workers == 1:
        worlds.open_worker()
        for scenario in scenarios:
            yield run_scenario(scenario, worlds.world)
        return
    # Spawned, because a fork would copy the locks of whatever threads this process has.
    executor = ProcessPoolExecutor(
        max_workers=workers, mp_context=get_context("spawn"), initializer=worlds.open_worker
    )
    try:
        futures = [_sent(executor, scenario, worlds.world) for scenario in scenarios]
        for scenario, future in zip(scenarios, futures, strict=True):
            yield _received(scenario, future)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _sent(
    executor: ProcessPoolExecutor, scenario: Scenario, world: WorldFactory
) -> Future[ScenarioResult]:
    try:
        return executor.submit(run_scenario, scenario, world)
    except BrokenProcessPool as error:
        future: Future[ScenarioResult] = Future()
        future.set_exception(error)
        return future


def _received(scenario: Scenario, future: Future[ScenarioResult]) -> ScenarioResult:
    try:
        return future.result()
    except BrokenProcessPool:
        died = StepFailure(
            step=0,
            do="",
            expected="a result from its worker process",
            actual="a worker process could not start, or died",
        )
        return result_of(scenario, [died])
