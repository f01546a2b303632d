"""What share of the mutants of `ledger/rules` its tests catch, and which survive.

The tests are collected once, all of them in memory. Each mutant is a forked process in which one
function has the changed code, and of the tests only those run that call it, the module's own first,
until one fails. What loops for ever counts as caught, by its processor time. A mutant that could
not be put in place counts for nothing: it is a fault. In a process of its own, for pytest is not
made to be run within another program.

The score is that of the mutants that change something; those that are known to change nothing are
in `mutants/unchanged.toml`.

Source: promises.md 2.3.
"""

import ast
import gc
import inspect
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal

import msgspec
from msgspec import Struct

from scripts.prove.mutants.made import Made, functions, made
from scripts.prove.mutants.unchanged import sorted_out, unchanged
from scripts.prove.reached import FAULTS_MAX, NotRun, Reached

ROOT = Path(__file__).resolve().parents[2]
RULES = "ledger/rules"
TESTS = ("tests/rules", "tests/commands")
LOOP_SECONDS = 10.0
"""Of processor time, for one test: none of them needs a tenth of it."""
JOBS = 2
GREEN, RED, BROKEN = 0, 1, 70

Became = Literal["caught", "lost", "broken"]


class Judged(Struct, frozen=True, kw_only=True):
    """What became of one mutant; `changes` is false for one that is known to change nothing."""

    file: str
    line: int
    what: str
    became: Became
    changes: bool

    @property
    def fault(self) -> str:
        """What is wrong with the judgement or with the list; empty where nothing is."""
        if self.became == "broken":
            return f"{self.file}:{self.line} {self.what}: could not be put to the tests"
        if self.became == "caught" and not self.changes:
            return f"{self.file}:{self.line} {self.what}: is in unchanged.toml, and a test tells it"
        return ""


class _Task(Struct, frozen=True):
    module: ModuleType
    mutant: Made
    changes: bool


def modules(only: Sequence[str] = ()) -> list[Path]:
    """The modules that are scored, or those of these names."""
    found = sorted((ROOT / RULES).glob("*.py"))
    return [each for each in found if not only or each.stem in only]


class Scoring:
    """A pytest plugin: instead of running the tests once, it runs them against every mutant."""

    def __init__(self, until: float, only: Sequence[str], told: Callable[[Judged], None]) -> None:
        self._until, self._only, self._told = until, only, told
        self.count = 0

    def pytest_collection(self) -> None:
        """A counterexample is enough: it need not be the smallest, nor be kept."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        quick = settings(database=None, derandomize=True, deadline=None, phases=phases)
        settings.register_profile("scoring", quick)
        settings.load_profile("scoring")

    def pytest_runtestloop(self, session: Any) -> bool:
        tasks = list(self._tasks())
        self.count = len(tasks)
        calling = _calling(session.items, sorted({task.module.__name__ for task in tasks}))
        random.Random(1).shuffle(tasks)
        # What was there before is not walked again in every child, which would copy it.
        gc.collect()
        gc.freeze()
        running: dict[int, _Task] = {}
        while tasks or running:
            while tasks and len(running) < JOBS and time.monotonic() < self._until:
                task = tasks.pop()
                items = [session.items[n] for n in calling(task)]
                running[_forked(lambda t=task, i=items: _judge(t, i))] = task  # type: ignore[misc]
            if not running:
                break
            pid, status = os.wait()
            self._tell(running.pop(pid), status)
        return True

    def _tasks(self) -> Iterator[_Task]:
        known = unchanged()
        for path in modules(self._only):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if path.stem != "__init__":
                module = __import__(name, fromlist=["x"])
                mutants = made(path.read_text(encoding="utf-8"))
                for mutant, same in sorted_out(path.name, mutants, known):
                    yield _Task(module, mutant, not same)

    def _tell(self, task: _Task, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        file = Path(str(task.module.__file__)).name
        line, what = task.mutant.line, task.mutant.what
        became: Became = "lost" if code == GREEN else "broken" if code == BROKEN else "caught"
        self._told(Judged(file=file, line=line, what=what, became=became, changes=task.changes))


def _forked(act: Callable[[], int]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        status = act()
    finally:
        os._exit(status)


def _judge(task: _Task, items: Sequence[Any]) -> int:
    """RED where a test fails with the mutant in place, else GREEN."""
    try:
        put_in(task.module, task.mutant)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # A constant that cannot be: the module is not even imported.
        return BROKEN if task.mutant.function else RED
    for item in items:
        # By processor time: on a crowded machine a slow test is no loop.
        signal.setitimer(signal.ITIMER_PROF, LOOP_SECONDS)
        if _fails(item):
            return RED
    return GREEN


def _fails(item: Any) -> bool:
    from _pytest.runner import runtestprotocol

    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def put_in(module: ModuleType, mutant: Made) -> None:
    """Have the module's function do what the mutant does, whoever holds it by whatever name."""
    code = compile(mutant.tree, str(module.__file__), "exec")
    if mutant.function:
        function = _function(module, mutant.function)
        function.__code__ = _code_of(code, mutant.function)
        return
    before = dict(vars(module))
    namespace = {"__name__": module.__name__, "__file__": module.__file__}
    exec(code, namespace)
    for name, value in namespace.items():
        old = before.get(name)
        if name.startswith("__") or callable(old) or old == value:
            continue
        for each in list(sys.modules.values()):
            if vars(each).get(name) is old:
                setattr(each, name, value)


def _function(module: ModuleType, name: str) -> FunctionType:
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    if isinstance(found, property):
        found = found.fget
    found = inspect.unwrap(found)
    assert isinstance(found, FunctionType)
    return found


def _code_of(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        inner = (each for each in code.co_consts if isinstance(each, CodeType))
        code = next(each for each in inner if each.co_name == part)
    return code


def _calling(items: Sequence[Any], names: Sequence[str]) -> Callable[[_Task], list[int]]:
    """For a task the numbers of the tests that call its function: the module's own first, and of
    those and of the others the quickest. A constant's are also those that call nothing.
    """
    read, write = os.pipe()
    pid = _forked(lambda: _noted(items, names, write))
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    assert said, "the tests are green without a mutant"
    found: list[tuple[float, list[str]]] = msgspec.json.decode(said)
    quickest = sorted(range(len(found)), key=lambda n: found[n][0])

    def numbers(task: _Task) -> list[int]:
        module = task.module.__name__
        wanted = f"{module}:{task.mutant.function}"
        name = f"test_{module.rpartition('.')[2]}.py"
        own = {n for n in quickest if items[n].path.name == name}
        if task.mutant.function:
            calling = [n for n in quickest if wanted in found[n][1]]
        else:
            calling = [n for n in quickest if n in own or _called(module, found[n][1])]
        return sorted(calling, key=lambda n: n not in own)

    return numbers


def _called(module: str, functions: Sequence[str]) -> bool:
    return any(each.startswith(f"{module}:") for each in functions)


def _noted(items: Sequence[Any], names: Sequence[str], write: int) -> int:
    """Write, of each test, how long it took and which functions it called."""
    called: set[str] = set()
    for name in names:
        module = sys.modules[name]
        vars(module)["__called__"] = called.add
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for function, node in functions(tree):
            node.body.insert(0, ast.parse(f"__called__({f'{name}:{function}'!r})").body[0])
        code = compile(ast.fix_missing_locations(tree), str(module.__file__), "exec")
        for function, _ in functions(tree):
            _function(module, function).__code__ = _code_of(code, function)
    found = []
    for item in items:
        called.clear()
        began = time.monotonic()
        if _fails(item):
            return 1
        found.append((time.monotonic() - began, sorted(called)))
    with os.fdopen(write, "wb") as pipe:
        pipe.write(msgspec.json.encode(found))
    return 0


def run(figure: int, until: float) -> Reached:
    """The share of mutants that are caught, in per cent, of as many as there is time for.

    `figure` is the share that is promised: below it the promise is broken.
    """
    found, count = score(until, ())
    return reckoned(found, count, figure)


def reckoned(found: Sequence[Judged], count: int, figure: int) -> Reached:
    """The share of those that change something, rounded down, and the sample it is of.

    Raises NotRun where there was no time for one.
    """
    changing = [each for each in found if each.changes and each.became != "broken"]
    if not changing:
        raise NotRun("there was no time for a single mutant")
    lost = [each for each in changing if each.became == "lost"]
    caught = len(changing) - len(lost)
    share = 100 * caught // len(changing)
    faults = [each.fault for each in found if each.fault]
    if share < figure:
        faults += [f"{each.file}:{each.line} {each.what}" for each in lost]
    same = sum(not each.changes for each in found)
    note = (
        f"{100 * caught / len(changing):.1f} %: {caught:,} of {len(changing):,} caught;"
        f" {len(found):,} of the {count:,} that there are were tried, {same:,} change nothing"
    )
    return Reached(reached=share, faults=tuple(faults[:FAULTS_MAX]), note=note)


def score(until: float, only: Sequence[str]) -> tuple[list[Judged], int]:
    """What became of each mutant, and how many there are. Raises NotRun where there are no
    tests.
    """
    if not all((ROOT / each).is_dir() for each in TESTS):
        raise NotRun("there are no tests in this installation")
    seconds = str(max(0.0, until - time.monotonic()))
    command = [sys.executable, "-m", "scripts.prove.scoring", seconds, *only]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
    found = [msgspec.json.decode(line, type=Judged) for line in lines[:-1]]
    if done.returncode or not lines:
        raise NotRun("the tests of the rules are not green by themselves")
    return found, int(json.loads(lines[-1])["count"])


def main(arguments: Sequence[str]) -> int:
    """For so many seconds: one JSON object a mutant, and at last how many there are."""
    import pytest

    seconds, *only = arguments

    def tell(judged: Judged) -> None:
        sys.stdout.write("\n" + msgspec.json.encode(judged).decode() + "\n")
        sys.stdout.flush()

    plugin = Scoring(time.monotonic() + float(seconds), only, tell)
    options = ["-s", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-o", "addopts="]
    status = pytest.main([*options, *TESTS], plugins=[plugin])
    sys.stdout.write(f'\n{{"count": {plugin.count}}}\n')
    return int(status) if status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
