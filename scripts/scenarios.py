"""`permit-ledger scenarios`: run scenario files against a scratch database.

Exit status as of replay.scenarios.command: 0 all pass, 1 one fails, 2 not a valid scenario file.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from replay.scenarios import command
from replay.scenarios.world import worlds
from scripts.settings import database
from services.postgres.scratch import scratch_database


def main(
    paths: Sequence[Path],
    *,
    json: bool,
    only: Sequence[str],
    fail_fast: bool,
    jobs: int | None,
    scheme: str = "",
    scheme_file: Path | None = None,
) -> int:
    """The exit status, the report on standard output.

    `scheme` is the id of the scheme whose scenarios alone are run, `scheme_file` a file that
    stands for the program's own of that scheme.
    """
    # A scratch database is dropped on the way out, so being told to stop is a way out.
    signal.signal(signal.SIGTERM, _leave)
    with scratch_database(database(os.environ)) as dsn:
        return command.main(
            paths,
            worlds=worlds(dsn, scheme_file),
            json=json,
            only=only,
            fail_fast=fail_fast,
            jobs=jobs,
            out=sys.stdout,
            err=sys.stderr,
            scheme=scheme,
        )


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
