"""The embedded server: one for each data folder, shared by every process that asks for it.

It belongs to no process: it outlives whoever started it, and is ended only by `stop`. Starting is
done under a file lock, so that any number of processes that start at once share one server. A
server that died is started again, and its recovery is waited for as long as its process lives.

Source: design.md section 7; services.md section 2.
"""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from msgspec import Struct
from psycopg.pq import PGconn, Ping

from services.postgres import places
from services.postgres.accounts import Account, run_as, server_account
from services.postgres.faults import NoBinaries, ServerFailed, Superseded, Unreachable
from services.postgres.initialising import DATABASE, LIBRARIES, ROLE, initialise
from services.postgres.processes import (
    Postmaster,
    clear_remains,
    has_ended,
    live_postmaster,
    send,
    supported,
    wait_until_ended,
    watch,
)
from services.postgres.programs import usable_programs

_logger = logging.getLogger(__name__)

# On the command line, where nothing in the data folder's own files can turn them off. For a replica
# that is away no more of the log is kept than this: it is copied anew afterwards.
SETTINGS = (
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "max_slot_wal_keep_size=4GB",
    "timezone=UTC",
    "log_timezone=UTC",
    LIBRARIES,
)
_LOG_BYTES_MAX = 16 * 1024 * 1024
_LOG_TAIL_BYTES = 4000
_POLL_SECONDS = 0.02
_SOCKET_LOST_SECONDS = 5.0
_SAY_SO_SECONDS = 10.0

State = Literal["absent", "stopped", "starting", "running"]


class Status(Struct, frozen=True, kw_only=True):
    """`starting` is any living server that does not take connections: recovering, or shutting
    down."""

    state: State
    pid: int | None = None
    dsn: str | None = None
    data: str | None = None


class EmbeddedPostgres:
    """The server whose data is below `data_folder`. `user`: as whom root runs it, else root's
    default."""

    def __init__(
        self, data_folder: Path, *, user: str = "", private_root: Path = places.PRIVATE_ROOT
    ) -> None:
        if not supported():
            raise NoBinaries("the embedded PostgreSQL needs Linux with /proc: set DATABASE_URL")
        self._requested = data_folder.resolve()
        self._user = user
        self._private_root = private_root

    def start(self) -> str:
        """The DSN of the running server, started (and made) if need be. Raises any
        PostgresFault."""
        home = self._existing()
        if home is not None:
            server = live_postmaster(home.data)
            if server is not None and _answers(server):
                return dsn_of(server)
        # Whoever comes second finds the cluster the first has made.
        if home is None:
            account = server_account(self._user, None)
            home = places.new_home(self._requested, account, self._private_root)
        with locked(home) as lock:
            account = server_account(self._user, home.cluster if home.cluster.is_dir() else None)
            return dsn_of(_started(home, account, lock))

    def stop(self) -> bool:
        """End the server and wait for it: its clients are cut off, its data is on disk. False if
        none ran."""
        home = self._existing()
        if home is None:
            return False
        with locked(home):
            server = live_postmaster(home.data)
            if server is None:
                return False
            send(server.pid, signal.SIGINT, home.data)
            wait_until_ended(server.pid, home.data)
            return True

    def status(self) -> Status:
        """What there is now, without starting anything."""
        home = self._existing()
        if home is None:
            return Status(state="absent")
        data = str(home.data)
        server = live_postmaster(home.data)
        if server is None:
            return Status(state="stopped", data=data)
        if not _answers(server):
            return Status(state="starting", pid=server.pid, data=data)
        return Status(state="running", pid=server.pid, dsn=dsn_of(server), data=data)

    def _existing(self) -> places.Home | None:
        return places.existing_home(self._requested, self._private_root)


@contextmanager
def locked(home: places.Home) -> Iterator[int]:
    """Alone with this cluster. The kernel lets go of the lock when its holder is killed."""
    try:
        handle = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except PermissionError as error:
        raise places.not_ours(home.lock) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _started(home: places.Home, account: Account, lock: int) -> Postmaster:
    """The server, once it answers; under the lock.

    Where one is alive already it is waited for: it recovers from a crash, or shuts down and is then
    followed by a new one. Only one is started: if that dies, its log says why.
    """
    began = said = time.monotonic()
    launched: int | None = None
    try:
        while True:
            # Asked in this order: a server that ends after it was looked at has not answered.
            ended = launched is not None and has_ended(launched)
            server = live_postmaster(home.data)
            if server is not None:
                if _answers(server):
                    return server
                _refuse_lost_socket(server, began)
            elif launched is None:
                if clear_remains(home.data, home.socket_folder, account):
                    launched = _launch(home, account, lock)
            elif ended:
                detail = f"PostgreSQL ended while starting; its log is {home.log}"
                raise ServerFailed(detail, tail(home.log))
            if time.monotonic() - said > _SAY_SO_SECONDS:
                said = time.monotonic()
                _logger.warning("waiting for PostgreSQL in %s to recover", home.data)
            time.sleep(_POLL_SECONDS)
    finally:
        if launched is not None:
            os.close(launched)


def _launch(home: places.Home, account: Account, lock: int) -> int:
    """Start a server that is nobody's child, the cluster first if there is none; a handle on it."""
    programs = usable_programs(account, home)
    refuse_superseded(home)
    places.make_folder(home.cluster, 0o700, account)
    if not home.data.is_dir():
        initialise(programs, account, home, lock)
    places.make_socket_folder(home, account)
    _rotate(home.log)
    command = [str(programs / "postgres"), "-D", str(home.data), "-p", str(places.PORT)]
    command += ["-k", str(home.socket_folder)]
    for setting in SETTINGS:
        command += ["-c", setting]
    # The shell ends at once, so the server is never a child of ours, whose zombie we would have to
    # reap.
    detach = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'
    done = run_as(account, ["/bin/sh", "-c", detach, "sh", str(home.log), *command])
    if done.returncode != 0:
        raise ServerFailed(f"the shell that starts PostgreSQL said: {done.stdout.strip()}")
    handle = watch(int(done.stdout))
    if handle is None:
        raise ServerFailed(f"PostgreSQL ended at once; its log is {home.log}", tail(home.log))
    return handle


def timeline(home: places.Home) -> int:
    """The timeline of a cluster, running or not: a promotion begins another, and writes its history
    into the log's folder, from where it is never removed."""
    histories = (home.data / "pg_wal").glob("*.history")
    return max((int(each.name[:8], 16) for each in histories), default=1)


def refuse_superseded(home: places.Home) -> None:
    """Raise Superseded for the primary whose replica was promoted: what it would acknowledge is in
    no ledger.

    `replica promote` leaves a mark before it promotes. Without one, a replica that follows nobody
    any more and is on a later timeline says it as well.
    """
    other = home.replica
    if not home.superseded.exists():
        if not other.data.is_dir() or (other.data / "standby.signal").exists():
            return
        ours, theirs = timeline(home), timeline(other)
        if ours >= theirs:
            return
        place = f"{other.data} is on timeline {theirs}, and this server on {ours}"
    else:
        place = home.superseded.read_text(encoding="utf-8").strip()
    raise Superseded(
        f"this server's replica was promoted, and is the ledger now: {place}. `permit-ledger"
        " replica start` starts it and prints the DATABASE_URL to set"
    )


def _answers(server: Postmaster) -> bool:
    """Whether it takes commands. While it recovers from an archive it can already be read, and even
    calls itself ready: so it is asked."""
    if not server.socket_folder:
        return False
    dsn = f"{dsn_of(server)}&connect_timeout=5"
    # Whether it lets anybody in is known first: one that begins to between the two is not full.
    if PGconn.ping(dsn.encode()) != Ping.OK:
        return False
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            return connection.execute("select pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        # A server that has no connection to spare is up; one that has begun to end says so here.
        return PGconn.ping(dsn.encode()) == Ping.OK


def _refuse_lost_socket(server: Postmaster, began: float) -> None:
    """A server whose socket was deleted from below it would be waited for for ever."""
    socket = Path(server.socket_folder) / f".s.PGSQL.{server.port}"
    waited = time.monotonic() - began
    if server.ready and waited > _SOCKET_LOST_SECONDS and not socket.exists():
        raise Unreachable(f"{socket} of the running server {server.pid} is gone: stop it first")


def dsn_of(server: Postmaster) -> str:
    folder = quote(server.socket_folder, safe="")
    return f"postgresql://{ROLE}@/{DATABASE}?host={folder}&port={server.port}"


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))


def tail(log: Path) -> str:
    """Its last lines; the first of them may be cut."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
