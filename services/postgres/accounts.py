"""As whom the embedded server runs, and how a program is run as that user.

PostgreSQL refuses to run as root, so root runs it as a named ordinary user. An ordinary user runs
it as itself; the setting is for root alone.
"""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from msgspec import Struct

from services.postgres.faults import NoServerUser

USER_SETTING = "PERMIT_LEDGER_POSTGRES_USER"


class Account(Struct, frozen=True, kw_only=True):
    """An ordinary user. `switch` where we are root and have to become it."""

    name: str
    uid: int
    gid: int
    switch: bool


def server_account(named: str, cluster: Path | None) -> Account:
    """Who runs the server: ourselves; or for root the owner of the cluster there is, else the user
    named by the setting, else `postgres`, else `nobody`. Raises NoServerUser."""
    if os.geteuid() != 0:
        return _account(os.geteuid(), os.getegid(), switch=False)
    if cluster is None:
        return _named(named)
    owner = cluster.stat()
    if owner.st_uid == 0:
        raise NoServerUser(f"{cluster} belongs to root, and PostgreSQL refuses to run as root")
    if named and _named(named).uid != owner.st_uid:
        raise NoServerUser(f"{USER_SETTING} is {named}, but {cluster} is of uid {owner.st_uid}")
    return _account(owner.st_uid, owner.st_gid, switch=True)


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


def can_enter(account: Account, folder: Path) -> bool:
    """Asked of the kernel as that user, so that access lists and mounts count as well."""
    return run_as(account, ["/bin/sh", "-c", '[ -x "$1" ]', "sh", str(folder)]).returncode == 0


def run_as(
    account: Account, command: list[str], *, text: str = "", keep_open: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run to the end as the server's user, with nothing of our own environment and `text` as its
    input.

    `keep_open`: descriptors the program holds too, so that a lock lasts as long as it does.
    """
    identity: dict[str, Any] = {}
    if account.switch:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        command,
        check=False,
        text=True,
        errors="replace",
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=keep_open,
        # A folder everybody may enter, and a session of its own: Ctrl-C in a terminal ends the
        # caller only.
        cwd="/",
        start_new_session=True,
        umask=0o077,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        **identity,
    )
