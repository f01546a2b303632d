"""Work that takes longer than a page may: done by a process of its own, looked at while it goes on.

A process, because the work is all computing: threads of this one would make every check wait. One
of each kind for a council at a time, whichever server began it. What came of the last one is kept
in the database. A process ends with the server that began it, and its work is then told as not
finished.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import msgspec
import psycopg
import structlog
from msgspec import Struct

from services import long_work
from services.council import Council
from services.long_work import Holding, Work

ROOT = Path(__file__).resolve().parent.parent
Kind = Literal["verify", "examples", "what-if"]
SORRY = "The work ended before it was done. Begin it again."
_log = structlog.get_logger("web")


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a worker: how far it is, or what came of it, or why nothing did."""

    done: int = 0
    whole: int = 0
    result: dict[str, Any] | None = None
    failed: str = ""


class Background:
    """The work that pages begin, by council and kind."""

    def job(self, council: Council, kind: Kind) -> Work | None:
        """The latest of its kind."""
        with council.pool.connection() as connection:
            return long_work.latest(connection, council.schema, kind)

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
        dsn = str(council.pool.conninfo)
        holding = long_work.begin(dsn, council.schema, kind=kind, about=about, by=by, at=at)
        if holding is None:
            return False
        try:
            # Not among the arguments: every user of the machine may read those.
            environment = {**os.environ, "DATABASE_URL": dsn}
            worker = subprocess.Popen(
                [sys.executable, "-m", "web.background_work", kind, council.id, *asked],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError:
            holding.let_go()
            raise
        Thread(target=_follow, args=(worker, holding, text), daemon=True).start()
        return True


def _follow(worker: subprocess.Popen[bytes], holding: Holding, text: str) -> None:
    """Hear the worker out. Its input stays open: where it ends, so does the worker."""
    try:
        _heard(worker, holding, text)
    except (OSError, psycopg.Error) as error:
        # Its lock goes with the connection: whoever looks is told that it did not finish.
        _log.error("work not kept", kind=type(error).__name__)
        worker.kill()
    finally:
        holding.let_go()


def _heard(worker: subprocess.Popen[bytes], holding: Holding, text: str) -> None:
    assert worker.stdin is not None
    assert worker.stdout is not None
    result: dict[str, Any] = {}
    failed = ""
    with worker:
        worker.stdin.write(msgspec.json.encode(text) + b"\n")
        worker.stdin.flush()
        for line in worker.stdout:
            said = msgspec.json.decode(line, type=Said)
            failed = said.failed or failed
            if said.result is not None:
                result = said.result
            if said.whole:
                holding.progressed(said.done, said.whole)
    if worker.returncode or not (result or failed):
        failed = failed or SORRY
    holding.ended(result, failed)
