"""As whom the embedded server runs, and how a program is run as that user.

PostgreSQL refuses to run as root, so root runs it as a named ordinary user. An ordinary user runs it as
itself; the setting is for root alone.
"""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from msgspec import Struct

from services.postgres.faults import NoServerUser, Unreachable

USER_SETTING = "PERMIT_LEDGER_POSTGRES_USER"


class Account(Struct, frozen=True, kw_only=True):
    """An ordinary user. `switch` where we are root and have to become it."""

    name: str
    uid: int
    gid: int
    switch: bool


def server_account(named: str, cluster: Path | None) -> Account:
    """Who runs the server: ourselves, or for root the owner of the cluster, the user named by the
    setting, `postgres` or `nobody`. Raises NoServerUser or Unreachable."""
    owner = _owner(home.cluster) if home is not None else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            assert home is not None
            raise _not_ours(home.cluster)
        return _account(os.geteuid(), os.getegid(), switch=False)
    wanted = _named(named)
    if owner is None:
        return wanted
    if named and wanted.uid != owner:
        raise NoServerUser(f"{USER_SETTING} is {named}, but the data belongs to uid {owner}")
    if owner == 0:
        raise NoServerUser("the data belongs to root, and PostgreSQL refuses to run as root")
    assert home is not None
    return _account(owner, home.cluster.stat().st_gid, switch=True)


def _named(named: str) -> Account:
    for name in (named,) if named else ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise NoServerUser(f"{USER_SETTING} is {name}, which is root; name an ordinary user")
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    if named:
        raise NoServerUser(f"{USER_SETTING} is {named}, and there is no such user")
    raise NoServerUser(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: "
        f"name an ordinary user in {USER_SETTING}"
    )


def _account(uid: int, gid: int, *, switch: bool) -> Account:
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Account(name=name, uid=uid, gid=gid, switch=switch)


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except FileNotFoundError:
        return None


def can_enter(account: Account, folder: Path) -> bool:
    """Asked of the kernel as that user, so that access lists and mounts count as well."""
    if not account.switch:
        return os.access(folder, os.X_OK)
    answer = subprocess.run(
        ["/bin/sh", "-c", '[ -x "$1" ]', "sh", str(folder)],
        check=False,
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    )
    return answer.returncode == 0


def run_as(account: Account, command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run to the end as the server's user, with nothing of our own environment."""
    return subprocess.run(
        command,
        check=False,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **as_account(account),
        **more,
    )


def as_account(account: Account) -> dict[str, Any]:
    """The subprocess arguments that make a child the server's user, in a folder everybody may enter."""
    shared: dict[str, Any] = {
        "cwd": "/",
        "umask": 0o077,
        "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
    }
    if account.switch:
        shared |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return shared
