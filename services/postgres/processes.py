"""Which server process, if any, is alive; and how to end what is left of a dead one.

A pid in a file proves nothing: the process may be a zombie nobody has waited for, or another
program that was given the same number. So the kernel is asked what the process is, what state it is
in and in which folder it works; PostgreSQL itself asks only whether the number exists, and would
refuse to start.
"""

import os
import select
import signal
import time
from pathlib import Path

from msgspec import Struct

from services.postgres.accounts import Account, run_as

_PROC = Path("/proc")
_GONE = frozenset("ZXx")
_LEAVE_SECONDS = 1.0
_KILL_SECONDS = 5.0
_POLL_SECONDS = 0.02


class Postmaster(Struct, frozen=True, kw_only=True):
    """What `postmaster.pid` says. `socket_folder` is empty until the server has opened its
    socket."""

    pid: int
    port: int
    socket_folder: str
    ready: bool


def supported() -> bool:
    return (_PROC / "self" / "stat").exists() and hasattr(os, "pidfd_open")


def live_postmaster(data: Path) -> Postmaster | None:
    """The recorded server if it lives and is this data folder's; a zombie or a reused pid is
    not."""
    recorded = _recorded(data)
    if recorded is None or not is_postmaster(recorded.pid, data):
        return None
    return recorded


def _recorded(data: Path) -> Postmaster | None:
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    # The server writes the file in several steps, so that any line after the first may be missing.
    line = dict(enumerate(text.strip() for text in lines))
    try:
        pid, port = abs(int(line[0])), int(line.get(3) or 0)
    except (KeyError, ValueError):
        return None
    return Postmaster(
        pid=pid, port=port, socket_folder=line.get(4, ""), ready=line.get(7, "") == "ready"
    )


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process is a living server that works in this data folder."""
    if not _is_living_postgres(pid):
        return False
    try:
        return os.path.samefile(_PROC / str(pid) / "cwd", data)
    except PermissionError:
        # Root without the right to trace (a container): the arguments can be read by anybody.
        return str(data).encode() in _arguments(pid)
    except FileNotFoundError:
        return False


def _is_living_postgres(pid: int) -> bool:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The name is in brackets and may itself hold any character.
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] not in _GONE


def _arguments(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def send(pid: int, number: signal.Signals, data: Path) -> None:
    """Signal the server of this data folder; nothing where it has ended, even if its pid is
    reused."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # Checked once the handle is held: from here on it means this process and no later one.
        if is_postmaster(pid, data):
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def wait_until_ended(pid: int, data: Path) -> None:
    while is_postmaster(pid, data):
        time.sleep(_POLL_SECONDS)


def watch(pid: int) -> int | None:
    """A handle on this very process, for `has_ended`; None where it is gone. The caller closes
    it."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def has_ended(handle: int) -> bool:
    """True from the moment the process ends, whether or not anybody has reaped it."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(0))


def clear_remains(data: Path, socket_folder: Path, account: Account) -> bool:
    """End what a dead server left behind: its backends, then its lock files. False where a living
    one turned up meanwhile, started by a caller who was killed before its lock file was written.

    A backend outlives a killed server until it next looks up from its query; a new server beside it
    would write the same files. It is given a second to leave, then told to, then killed: no worse
    than the crash that has already happened, and recovery undoes both.
    """
    began = time.monotonic()
    wanted = "0"
    while _signalled(wanted, data, account):
        time.sleep(_POLL_SECONDS)
        if live_postmaster(data) is not None:
            return False
        waited = time.monotonic() - began
        if waited > _LEAVE_SECONDS:
            wanted = "QUIT" if waited < _KILL_SECONDS else "KILL"
    # PostgreSQL would believe the number in each of them, a zombie's or a stranger's.
    for lock in (data / "postmaster.pid", *socket_folder.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)
    return True


def _signalled(wanted: str, data: Path, account: Account) -> bool:
    """Whether any PostgreSQL process works in this folder; each is sent the signal (0: none is).

    Done as the server's own user, who may look at its own processes and at no one else's: root in a
    container may not look at all.
    """
    script = """
        for process in /proc/[0-9]*; do
            [ "$process/cwd" -ef "$1" ] || continue
            read -r name <"$process/comm" && [ "$name" = postgres ] || continue
            kill -s "$2" "${process##*/}" && echo found
        done
    """
    answer = run_as(account, ["/bin/sh", "-c", script, "sh", str(data), wanted])
    return "found" in answer.stdout
