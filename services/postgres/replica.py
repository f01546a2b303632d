"""A streaming replica of the embedded server, on this machine: one for each data folder.

It lives in a folder beside the primary's, is copied from it once, and follows it through a slot, so
that the primary keeps what it has not had yet, up to `max_slot_wal_keep_size`; one that was away
for longer is lost, and copied anew. A replica that is stopped is given up with its slot. Promoted,
it is nobody's replica and is never deleted, and the primary that it was made of is refused from
then on: the mark is there before the promotion begins, so that no moment is without it.

Source: services.md section 8.
"""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Literal

import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from services.postgres import places
from services.postgres.accounts import Account, run_as, server_account
from services.postgres.embedded import SETTINGS, EmbeddedPostgres, dsn_of, locked, tail
from services.postgres.faults import ServerFailed, Unreachable
from services.postgres.processes import clear_remains, live_postmaster, send, wait_until_ended
from services.postgres.programs import usable_programs

SLOT = "permit_ledger_replica"
_SUPERUSER = "postgres"
# The replica asks an idle primary for a word at half of this: then a node knows that it is fresh.
_FOLLOWING = ("hot_standby=on", "wal_receiver_timeout=2s")
_PROBES = 9
_REPLAYED_SECONDS_MAX = 10.0

Role = Literal["absent", "stopped", "starting", "following", "lost", "promoted"]


class ReplicaStatus(Struct, frozen=True, kw_only=True):
    """`behind_bytes`: the primary's log that is not replayed yet; None without a living primary.

    `lost`: the primary no longer keeps what it has not had; started again, it is copied anew.
    """

    role: Role
    dsn: str | None = None
    behind_bytes: int | None = None


class NotReplayed(Exception):
    """The replica did not replay a probe in time; the message says how long was waited."""


class Replica:
    """The replica of the embedded server whose data is below `data_folder`."""

    def __init__(
        self, data_folder: Path, *, user: str = "", private_root: Path = places.PRIVATE_ROOT
    ) -> None:
        self._requested = data_folder.resolve()
        self._private_root = private_root
        self.primary = EmbeddedPostgres(data_folder, user=user, private_root=private_root)

    def start(self) -> str:
        """The DSN of the running replica, copied and started if need be. Raises any PostgresFault.

        One that was promoted is started as what it is; one that is lost is copied anew.
        """
        home, account = self._home()
        if not (home.data.is_dir() and not _follows(home)):
            self.primary.start()
        places.make_folder(home.folder, 0o755, None)
        with locked(home):
            if _follows(home) and self._lost():
                _end(home)
                shutil.rmtree(home.data)
            if live_postmaster(home.data) is None:
                places.make_folder(home.cluster, 0o700, account)
                if not home.data.is_dir():
                    self._copy(home, account)
                self._launch(home, account)
            return self._dsn(home)

    def stop(self) -> bool:
        """End it. A replica is given up with its slot and its copy; one that was promoted keeps its
        data. False if there was none."""
        home, _ = self._home()
        if not home.data.is_dir():
            return False
        with locked(home):
            follows = _follows(home)
            ran = _end(home)
            if follows:
                shutil.rmtree(home.data)
                self._give_up_slot()
        return follows or ran

    def promote(self) -> str:
        """Make it take writes; its DSN. Raises Unreachable while the primary runs: two ledgers
        would go on from one, and each would acknowledge what the other does not know."""
        home, account = self._home()
        old = self._primary_home()
        # Under the lock that a start takes: nobody starts the primary in between.
        with locked(old):
            if live_postmaster(old.data) is not None:
                raise Unreachable("the primary runs: stop it first (`permit-ledger database stop`)")
            if live_postmaster(home.data) is None:
                raise Unreachable("no replica runs")
            with locked(home):
                if _follows(home):
                    _mark(old, account, f"its data is in {home.data}")
                    self._ctl(home, account, "promote")
                return self._dsn(home)

    def status(self) -> ReplicaStatus:
        """What there is now, without starting anything."""
        home, _ = self._home()
        if not home.data.is_dir():
            return ReplicaStatus(role="absent")
        if live_postmaster(home.data) is None:
            return ReplicaStatus(role="stopped")
        dsn = self._dsn(home)
        try:
            with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as replica:
                row = replica.execute(
                    "select pg_is_in_recovery(), pg_last_wal_replay_lsn()::text"
                ).fetchone()
        except psycopg.OperationalError:
            return ReplicaStatus(role="starting")
        assert row is not None, "a row without a table"
        if not row[0]:
            return ReplicaStatus(role="promoted", dsn=dsn)
        primary = self.primary.status().dsn
        if primary is not None and self._lost():
            return ReplicaStatus(role="lost", dsn=dsn)
        behind = None if primary is None else _behind(primary, row[1])
        return ReplicaStatus(role="following", dsn=dsn, behind_bytes=behind)

    def lag_milliseconds(self) -> list[float]:
        """From a probe's being on the primary's disk to its being seen on the replica, sorted.

        Raises NotReplayed, Unreachable.
        """
        primary, status = self.primary.status(), self.status()
        if primary.dsn is None or status.role != "following" or status.dsn is None:
            raise Unreachable("a primary and its replica are needed, and both running")
        with (
            psycopg.connect(primary.dsn, autocommit=True) as written,
            psycopg.connect(status.dsn, autocommit=True) as read,
        ):
            return sorted(_probe(written, read) for _ in range(_PROBES))

    def _home(self) -> tuple[places.Home, Account]:
        made = self._primary_home()
        return made.replica, server_account("", made.cluster)

    def _primary_home(self) -> places.Home:
        """The primary's, which is made and started if there is none."""
        made = places.existing_home(self._requested, self._private_root)
        if made is None:
            self.primary.start()
            made = places.existing_home(self._requested, self._private_root)
        assert made is not None, "the primary has just been started"
        return made

    def _lost(self) -> bool:
        """Whether a living primary has given up what the replica has not had."""
        dsn = self.primary.status().dsn
        if dsn is None:
            return False
        with psycopg.connect(dsn, user=_SUPERUSER, autocommit=True) as connection:
            row = connection.execute(
                "select wal_status from pg_replication_slots where slot_name = %s", (SLOT,)
            ).fetchone()
        return row is None or row[0] == "lost"

    def _copy(self, home: places.Home, account: Account) -> None:
        """The primary's data as it is now: whole in its place, or not there. Raises ServerFailed.

        A slot of an attempt that was killed is given up first.
        """
        self._give_up_slot()
        new = home.cluster / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        primary = conninfo_to_dict(self.primary.start())
        from_ = ["-h", str(primary["host"]), "-p", str(primary["port"]), "-U", _SUPERUSER]
        slot = ["-X", "stream", "-C", "-S", SLOT, "-R", "-c", "fast"]
        self._run(home, account, "pg_basebackup", [*from_, *slot, "-D", str(new)])
        new.rename(home.data)

    def _give_up_slot(self) -> None:
        """Let the primary forget what the replica has not had. A primary that is down keeps it."""
        dsn = self.primary.status().dsn
        if dsn is None:
            return
        with psycopg.connect(dsn, user=_SUPERUSER, autocommit=True) as connection:
            connection.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                " where slot_name = %s and not active",
                (SLOT,),
            )

    def _launch(self, home: places.Home, account: Account) -> None:
        places.make_socket_folder(home, account)
        clear_remains(home.data, home.socket_folder, account)
        options = f"-p {places.PORT} -k {home.socket_folder}"
        for setting in (*SETTINGS, *_FOLLOWING):
            options += f" -c {setting}"
        self._ctl(home, account, "start", "-l", str(home.log), "-o", options)

    def _ctl(self, home: places.Home, account: Account, act: str, *more: str) -> None:
        self._run(home, account, "pg_ctl", [act, "-w", "-D", str(home.data), *more])

    def _run(self, home: places.Home, account: Account, program: str, arguments: list[str]) -> None:
        done = run_as(account, [str(usable_programs(account, home) / program), *arguments])
        if done.returncode != 0:
            detail = f"{program} ended with status {done.returncode}: {done.stdout.strip()[-2000:]}"
            raise ServerFailed(detail, tail(home.log))

    def _dsn(self, home: places.Home) -> str:
        server = live_postmaster(home.data)
        if server is None or not server.socket_folder:
            raise ServerFailed(f"the replica has ended; its log is {home.log}", tail(home.log))
        return dsn_of(server)


def _end(home: places.Home) -> bool:
    """End its server, and wait for it; False if none ran."""
    server = live_postmaster(home.data)
    if server is None:
        return False
    send(server.pid, signal.SIGINT, home.data)
    wait_until_ended(server.pid, home.data)
    return True


def _mark(old: places.Home, account: Account, text: str) -> None:
    """Say on the old primary's disk, for good, that it is not to be started again."""
    with old.superseded.open("w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        if account.switch:
            os.chown(file.fileno(), account.uid, account.gid)
        file.flush()
        os.fsync(file.fileno())


def _follows(home: places.Home) -> bool:
    """Whether its data is a copy that another server's is the truth of."""
    return (home.data / "standby.signal").exists()


def _behind(primary: str, replayed: str) -> int | None:
    try:
        with psycopg.connect(primary, autocommit=True, connect_timeout=5) as connection:
            row = connection.execute(
                "select greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), %s::pg_lsn), 0)::bigint",
                (replayed,),
            ).fetchone()
    except psycopg.OperationalError:
        return None
    assert row is not None, "a row without a table"
    return int(row[0])


def _probe(
    written: psycopg.Connection[tuple[object, ...]], read: psycopg.Connection[tuple[object, ...]]
) -> float:
    """A message that means nothing is put into the primary's log, and waited for."""
    row = written.execute("select pg_logical_emit_message(false, 'lag', '', true)::text").fetchone()
    assert row is not None, "a row without a table"
    began = time.monotonic()
    while True:
        seen = read.execute("select pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone()
        waited = time.monotonic() - began
        if seen == (True,):
            return waited * 1000
        if waited > _REPLAYED_SECONDS_MAX:
            raise NotReplayed(f"the replica has not replayed a probe in {waited:.0f} s")
