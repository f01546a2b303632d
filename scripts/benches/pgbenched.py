"""The plain lookup by PostgreSQL's own bench, at many clients: what the server itself could do.

`pgbench` of the embedded server's programs, with prepared statements; where it is not installed
the bench says so and goes on without.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services.postgres.programs import client_program

CLIENTS = 16
_OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off -c timezone=UTC"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class PgbenchFailed(Exception):
    """It ended otherwise than it should; the message is what it said."""


def pgbench_rate(dsn: str, query: str, marks: Sequence[str], seconds: float) -> float | None:
    """Lookups a second of `query` at CLIENTS clients, `{mark}` in it being one mark after another
    by chance; None where there is no pgbench. Raises PgbenchFailed.
    """
    program = client_program("pgbench")
    if program is None:
        return None
    named = ", ".join(f"'{mark}'" for mark in marks)
    # pgbench's own variables are numbers: which of the marks, then.
    asked = query.format(mark=f"(array[{named}])[:n]")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "lookup.sql"
        script.write_text(f"\\set n random(1, {len(marks)})\n{asked};\n")
        command = [str(program), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
        command += ["-T", str(max(1, round(seconds))), "-f", str(script), dsn]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": _OPTIONS}
        )
    found = _RATE.search(done.stdout)
    if done.returncode or found is None:
        raise PgbenchFailed(done.stderr[-2000:])
    return float(found.group(1))
