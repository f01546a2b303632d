"""Seeded mutants: a mistake is put into a copy of the tree, and its own test must go red.

A test that has never failed proves nothing. The tree itself is never touched; the copy's tests run
on the server that the tests share, in databases of their own.

Source: promises.md 2.3.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from scripts.prove.reached import NotRun, Reached, time_left
from services.postgres import server_dsn

ROOT = Path(__file__).resolve().parents[2]
SEEDED = Path(__file__).parent / "mutants" / "seeded.toml"
TEST_SECONDS = 240.0
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".data", ".hypothesis", ".*_cache", "__pycache__", "node_modules"
)
_FAILED = re.compile(r"^FAILED ", re.MULTILINE)


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`old` occurs once in the file, and becomes `new`."""

    file: str
    old: str
    new: str


class Mutant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mistake: `what` it is, which promise it breaks, and the tests of which one must fail."""

    name: str
    promise: str
    what: str
    tests: tuple[str, ...]
    edits: tuple[Edit, ...]


class Ran(Struct, frozen=True, kw_only=True):
    """What came of some tests: pytest's exit status (None: not ended in time), and how it ended."""

    status: int | None
    failed: int
    seconds: float
    said: str

    @property
    def red(self) -> bool:
        return self.status == 1 and self.failed > 0


def seeded() -> tuple[Mutant, ...]:
    """Every seeded mutant. Raises NotRun where this installation has none, or no tests."""
    if not SEEDED.is_file() or not (ROOT / "tests").is_dir():
        raise NotRun("there are no tests in this installation")
    found = tomllib.loads(SEEDED.read_text(encoding="utf-8"))
    return tuple(msgspec.convert(found["mutants"], list[Mutant]))


def mutated(root: Path, mutant: Mutant) -> dict[Path, str]:
    """The text of each file that the mutant changes. Raises ValueError where an edit does not
    apply: its old text is to occur in the file exactly once.
    """
    texts: dict[Path, str] = {}
    for edit in mutant.edits:
        path = root / edit.file
        text = texts.get(path) or path.read_text(encoding="utf-8")
        times = text.count(edit.old)
        if times != 1:
            raise ValueError(f"{mutant.name}: {times} times in {edit.file}: {edit.old.strip()}")
        texts[path] = text.replace(edit.old, edit.new)
    return texts


@contextmanager
def put_in(root: Path, mutant: Mutant) -> Iterator[None]:
    """The tree with the mistake in it, for as long as the context lasts."""
    before = {path: path.read_text(encoding="utf-8") for path in mutated(root, mutant)}
    try:
        for path, text in mutated(root, mutant).items():
            _write(path, text)
        yield
    finally:
        for path, text in before.items():
            _write(path, text)


def _write(path: Path, text: str) -> None:
    """A file and nothing that was compiled of it: two of one size in one second look the same."""
    path.write_text(text, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


@contextmanager
def a_copy() -> Iterator[Path]:
    """The tree, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="permit-mutants-") as folder:
        # The servers that tests start are another user's.
        Path(folder).chmod(0o755)
        copy = Path(folder).resolve() / "tree"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT, symlinks=True)
        yield copy


class Bench:
    """Runs tests in a copy of the tree, on the shared server."""

    def __init__(self, copy: Path) -> None:
        self._copy = copy
        dsn = server_dsn(os.environ, ROOT / ".data" / "test-postgres")
        self._environment = {**os.environ, "PYTHONPATH": str(copy), "DATABASE_URL": dsn}
        told = self._run([sys.executable, "-c", "import ledger; print(ledger.__file__)"], 60.0)
        assert Path(told.said).is_relative_to(copy), f"not the copy is tested, but {told.said}"

    def test(self, tests: Sequence[str], seconds: float = TEST_SECONDS) -> Ran:
        """These tests, to the first that fails."""
        command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider"]
        return self._run([*command, "-x", "-q", "--tb=line", "-rf", *tests], seconds)

    def _run(self, command: list[str], seconds: float) -> Ran:
        began = time.monotonic()
        with subprocess.Popen(
            command,
            cwd=self._copy,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                said, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                # The children of a test as well: they are of its own session.
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                return Ran(status=None, failed=0, seconds=time.monotonic() - began, said="")
        return Ran(
            status=process.returncode,
            failed=len(_FAILED.findall(said)),
            seconds=time.monotonic() - began,
            said=said.strip(),
        )


def run(figure: int, until: float) -> Reached:
    """So many seeded mutants, each caught or not. `figure` beyond their number means all."""
    return judged(seeded()[:figure], until)


def judged(mutants: Sequence[Mutant], until: float) -> Reached:
    """Each mutant in turn, in a copy of the tree."""
    with a_copy() as copy:
        return tried(copy, mutants, until)


def tried(copy: Path, mutants: Sequence[Mutant], until: float) -> Reached:
    """Each mutant in turn; a fault for every one that survived or no longer fits the tree, and
    for a test that was red without any.
    """
    faults: list[str] = []
    times: dict[str, float] = {}
    caught = 0
    bench = Bench(copy)
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    sound = bench.test(tests, 4 * TEST_SECONDS)
    if sound.status != 0:
        return Reached(reached=0, faults=(f"red without a mutant: {last(sound)}",))
    for mutant in mutants:
        if not time_left(until):
            break
        try:
            with put_in(copy, mutant):
                ran = bench.test(mutant.tests)
        except ValueError as unfit:
            faults.append(f"no such place in the tree any more: {unfit}")
            continue
        times[mutant.name] = ran.seconds
        if ran.red:
            caught += 1
        else:
            faults.append(f"{mutant.name} survived ({mutant.promise}): {last(ran)}")
    slowest = max(times, key=lambda name: times[name], default="none")
    return Reached(
        reached=caught,
        faults=tuple(faults),
        note=f"{caught} of {len(times)} caught; the slowest {_told(times, slowest)}",
    )


def last(ran: Ran) -> str:
    """How some tests ended, in a line: the first that failed, or the last thing that was said."""
    if ran.status is None:
        return f"not ended after {ran.seconds:.0f} s"
    lines = ran.said.splitlines() or [f"exit status {ran.status}"]
    return next((each for each in lines if _FAILED.match(each)), lines[-1])


def _told(times: Mapping[str, float], name: str) -> str:
    return f"{name}, {times.get(name, 0.0):.0f} s"
