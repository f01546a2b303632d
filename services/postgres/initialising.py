"""A new cluster: made beside its place, and moved there only when it is whole.

Logins: the local socket trusts whoever can open it. Its folder is the server user's own and closed
(0700), so only that user and root get as far, and either could read the data anyway; `peer` would
add nothing and would need a map for root. There is no network to log in from; a password would be
asked for if there were.

The program's own role may make databases and is otherwise ordinary, as on a council's own server:
what works here works there.
"""

import os
import shutil
from pathlib import Path

from services.postgres.accounts import Account, run_as
from services.postgres.faults import ServerFailed
from services.postgres.places import Home

ROLE = "permit_ledger"
DATABASE = "permit_ledger"
LIBRARIES = "shared_preload_libraries=pg_stat_statements"

# In single-user mode a line is a statement.
_ROLE_AND_DATABASE = (
    f"create role {ROLE} login createdb in role pg_monitor, pg_checkpoint;\n"
    f"create database {DATABASE} owner {ROLE};\n"
)
_STATISTICS = "create extension pg_stat_statements;\n"


def initialise(programs: Path, account: Account, home: Home, lock: int) -> None:
    """Make the data folder. The lock is held by each program as well, so that one which outlives a
    killed caller is not met by the next. Raises ServerFailed."""
    new = home.cluster / "data.new"
    if new.exists():
        shutil.rmtree(new)
    initdb = [str(programs / "initdb"), "--pgdata", str(new), "--username=postgres"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    initdb += ["--data-checksums", "--auth-local=trust", "--auth-host=scram-sha-256"]
    _run(account, initdb, lock)
    alone = [str(programs / "postgres"), "--single", "-D", str(new), "-c", LIBRARIES]
    _run(account, [*alone, "postgres"], lock, _ROLE_AND_DATABASE)
    _run(account, [*alone, DATABASE], lock, _STATISTICS)
    new.rename(home.data)
    _sync(home.cluster)


def _run(account: Account, command: list[str], lock: int, text: str = "") -> None:
    done = run_as(account, command, text=text, keep_open=(lock,))
    # A single-user server goes on after a statement that failed, and ends well.
    if done.returncode != 0 or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
        name = Path(command[0]).name
        raise ServerFailed(f"{name} ended with status {done.returncode}", done.stdout[-4000:])


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
