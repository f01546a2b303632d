"""The command line of scenarios: what it prints, in which order, and with which exit status."""

import json
import os
import signal
from collections.abc import Sequence
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from replay.scenarios.command import Worlds, main
from replay.scenarios.language import Scenario
from replay.scenarios.running import World
from tests.replay.test_scenario_language_running import CountingWorld, counting, zone_of


def no_pool() -> None:
    """The counting world needs no connections."""


def dying(scenario: Scenario) -> World:
    os.kill(os.getpid(), signal.SIGKILL)
    return CountingWorld(scenario)


def noting_world(folder: Path, scenario: Scenario) -> World:
    """The counting world, leaving a mark in the folder for each that was made, and by whom."""
    (folder / f"{scenario.id}.{os.getpid()}").touch()
    return CountingWorld(scenario)


def noting_worker(folder: Path) -> None:
    (folder / f"worker.{os.getpid()}").touch()


COUNTING = Worlds(zone_of=zone_of, open_worker=no_pool, world=counting)


def scenario_text(name: str, *, remaining: int) -> str:
    return f"""
[[scenario]]
id = "{name}"
title = "the title of {name}"
scheme = "counting"
steps = [
  {{ at = "2026-11-19 10:00", do = "buy", product = "x", quantity = 7 }},
  {{ do = "balance", product = "x", expect = {{ remaining = {remaining} }} }},
]
"""


GOOD = partial(scenario_text, remaining=7)
BAD = partial(scenario_text, remaining=8)


def run(
    paths: Sequence[Path],
    *,
    worlds: Worlds = COUNTING,
    as_json: bool = False,
    only: Sequence[str] = (),
    fail_fast: bool = False,
    jobs: int | None = 1,
) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    status = main(
        paths,
        worlds=worlds,
        json=as_json,
        only=only,
        fail_fast=fail_fast,
        jobs=jobs,
        out=out,
        err=err,
    )
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.toml").write_text(BAD("B-1") + GOOD("B-2"))
    (tmp_path / "a.toml").write_text(GOOD("A-1") + GOOD("A-2"))
    (tmp_path / "notes.txt").write_text("no scenario")
    return tmp_path


def test_each_scenario_has_a_line_each_failure_its_step_and_the_end_the_count(folder: Path) -> None:
    status, out, err = run([folder])

    assert status == 1
    assert out.splitlines() == [
        "pass A-1 the title of A-1",
        "pass A-2 the title of A-2",
        "FAIL B-1 the title of B-1",
        f"  step 2 (balance), {folder / 'inner' / 'b.toml'}",
        "    expected: remaining = 8",
        "    actual:   remaining = 7",
        "pass B-2 the title of B-2",
        "3 passed, 1 failed",
    ]
    assert err == ""


def test_the_status_is_nought_only_when_all_pass(folder: Path) -> None:
    assert run([folder / "a.toml"])[0] == 0


def test_json_is_one_object_of_the_documented_shape(folder: Path) -> None:
    status, out, _ = run([folder], as_json=True)

    report = json.loads(out)
    assert status == 1
    assert list(report) == ["passed", "failed", "scenarios"]
    assert (report["passed"], report["failed"]) == (3, 1)
    assert report["scenarios"][0] == {
        "id": "A-1",
        "title": "the title of A-1",
        "file": str(folder / "a.toml"),
        "ok": True,
        "failures": [],
    }
    assert report["scenarios"][2]["failures"] == [
        {"step": 2, "expected": "remaining = 8", "actual": "remaining = 7"}
    ]


def test_only_runs_the_named_scenarios_in_file_order(folder: Path) -> None:
    status, out, _ = run([folder], only=["B-2", "A-1"])

    assert status == 0
    assert out.splitlines() == [
        "pass A-1 the title of A-1",
        "pass B-2 the title of B-2",
        "2 passed, 0 failed",
    ]


def test_an_unknown_id_runs_nothing(folder: Path) -> None:
    assert run([folder], only=["A-1", "Z-9"]) == (2, "", "no scenario has the id Z-9\n")


@pytest.mark.parametrize("jobs", [1, 2])
def test_fail_fast_reports_nothing_after_the_first_failure(folder: Path, jobs: int) -> None:
    status, out, _ = run([folder], fail_fast=True, jobs=jobs)

    assert status == 1
    assert [line for line in out.splitlines() if line.startswith(("pass", "FAIL"))] == [
        "pass A-1 the title of A-1",
        "pass A-2 the title of A-2",
        "FAIL B-1 the title of B-1",
    ]
    assert out.splitlines()[-1] == "2 passed, 1 failed"


def test_an_invalid_file_runs_nothing_and_all_its_faults_are_said_with_those_of_the_others(
    folder: Path,
) -> None:
    (folder / "c.toml").write_text(GOOD("C-1").replace("balance", "ballance"))
    (folder / "d.toml").write_bytes(b"\xff")

    status, out, err = run([folder])

    assert (status, out) == (2, "")
    assert err.splitlines() == [
        f'{folder / "c.toml"}: scenario C-1: step 2: do: unknown verb "ballance"; '
        "did you mean balance?",
        f"{folder / 'd.toml'}: not UTF-8 text",
    ]


def test_a_missing_path_an_empty_folder_and_no_worker_are_refused(folder: Path) -> None:
    (folder / "none").mkdir()

    assert run([folder / "gone"])[::2] == (2, f"no such file or folder: {folder / 'gone'}\n")
    assert run([folder / "none"])[::2] == (2, "there is no scenario to run\n")
    assert run([folder], jobs=0)[::2] == (2, "0 worker processes cannot run anything\n")


def test_a_file_named_twice_is_run_once(folder: Path) -> None:
    _, out, _ = run([folder / "a.toml", folder, folder / "inner" / ".." / "a.toml"], as_json=True)

    assert len(json.loads(out)["scenarios"]) == 4


def test_in_parallel_the_report_is_the_same_and_each_worker_is_opened_once(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    marks = tmp_path_factory.mktemp("marks")
    worlds = Worlds(
        zone_of=zone_of,
        open_worker=partial(noting_worker, marks),
        world=partial(noting_world, marks),
    )

    parallel = run([folder], worlds=worlds, jobs=2)

    assert parallel == run([folder])
    names = [mark.name.split(".") for mark in marks.iterdir()]
    workers = {pid for name, pid in names if name == "worker"}
    assert sorted(name for name, _ in names if name != "worker") == ["A-1", "A-2", "B-1", "B-2"]
    assert {pid for name, pid in names if name != "worker"} <= workers
    assert str(os.getpid()) not in workers


def test_a_worker_that_dies_fails_its_scenarios_and_not_the_run(folder: Path) -> None:
    worlds = Worlds(zone_of=zone_of, open_worker=no_pool, world=dying)

    status, out, _ = run([folder], worlds=worlds, jobs=2)

    assert status == 1
    assert out.splitlines()[-1] == "0 passed, 4 failed"
    assert "a worker process could not start, or died" in out
