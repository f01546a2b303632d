"""Work that takes longer than a page may: done by a process of its own, looked at while it goes on.

A process, because the work is all computing: threads of this one would make every check wait. One
of each kind for a council at a time. What came of the last one is kept for as long as the server
runs, and nothing of it is stored. A process ends with the server that began it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

import msgspec
from msgspec import Struct

from services.council import Council

ROOT = Path(__file__).resolve().parent.parent
Kind = Literal["verify", "examples", "what-if"]
State = Literal["running", "done", "failed"]
SORRY = "The work ended before it was done. Begin it again."


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a worker: how far it is, or what came of it, or why nothing did."""

    done: int = 0
    whole: int = 0
    result: dict[str, Any] | None = None
    failed: str = ""


class Job(Struct, kw_only=True):
    """One piece of work. `about` tells apart what it is about; `done` of `whole` steps."""

    kind: Kind
    about: str
    by: str
    began_at: datetime
    state: State = "running"
    done: int = 0
    whole: int = 0
    result: dict[str, Any] = {}
    failed: str = ""

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.whole) if self.whole else 0


class Background:
    """The work of one server, by council, kind and what it is about."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: dict[tuple[str, Kind], Job] = {}

    def job(self, council: Council, kind: Kind) -> Job | None:
        """The latest of its kind."""
        with self._lock:
            return self._jobs.get((council.id, kind))

    def begin(
        self,
        council: Council,
        kind: Kind,
        *,
        by: str,
        at: datetime,
        about: str = "",
        asked: Sequence[str] = (),
        text: str = "",
    ) -> bool:
        """Begin it; False where one of its kind is under way. `text` goes to the worker first."""
        job = Job(kind=kind, about=about, by=by, began_at=at)
        with self._lock:
            before = self._jobs.get((council.id, kind))
            if before is not None and before.state == "running":
                return False
            self._jobs[council.id, kind] = job
        # Not among the arguments: every user of the machine may read those.
        environment = {**os.environ, "DATABASE_URL": str(council.pool.conninfo)}
        worker = subprocess.Popen(
            [sys.executable, "-m", "web.background_work", kind, council.id, *asked],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        Thread(target=_follow, args=(worker, job, text), daemon=True).start()
        return True


def _follow(worker: subprocess.Popen[bytes], job: Job, text: str) -> None:
    """Hear the worker out. Its input stays open: where it ends, so does the worker."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    with worker:
        worker.stdin.write(msgspec.json.encode(text) + b"\n")
        worker.stdin.flush()
        for line in worker.stdout:
            said = msgspec.json.decode(line, type=Said)
            job.done, job.whole = said.done or job.done, said.whole or job.whole
            job.failed = said.failed or job.failed
            if said.result is not None:
                job.result = said.result
    if worker.returncode or not (job.result or job.failed):
        job.failed = job.failed or SORRY
    job.state = "failed" if job.failed else "done"
