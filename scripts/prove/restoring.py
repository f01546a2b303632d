"""A base backup and its archive of WAL, restored to moments while the ledger went on.

The restored ledger is a beginning of every household, receipts and read models agree, and without
being told it notices that it was restored: every new position lies above all that were ever given,
those that were given after the moment, and lost, as well, and a node that had followed them does
not go on.

Source: promises P19 and "Order" (restore or move to another server).
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Literal
from urllib.parse import quote

import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from replay.verify import verify
from scripts.benches.households import Bookers
from scripts.prove.killing import day_after_tomorrow
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from scripts.prove.servers import OwnServer, own_server
from scripts.prove.tails import Place, stored_places, wrong_order
from scripts.prove.writers import a_council
from services.council import Council
from services.councils import open_councils
from services.node.following import Follower, OutOfStep
from services.postgres import places
from services.postgres.accounts import run_as
from services.postgres.initialising import ROLE

STEPS = 15
"""Commands of each of the two households before and after a moment."""
ARCHIVED_SECONDS = 60.0
_PORT = 54_392
How = Literal["name", "time", "lsn"]
HOWS: tuple[How, ...] = ("name", "time", "lsn")


class Moment(Struct, frozen=True, kw_only=True):
    """A moment to restore to. `stored` was there before it; nothing else was where it was quiet."""

    how: How
    target: str
    stored: tuple[Place, ...]
    quiet: bool


def run(restores: int, until: float) -> Reached:
    """So many restores of one backup, each to a moment of its own."""
    faults: list[str] = []
    lost = done = 0
    with own_server() as server:
        archive = archiving(server)
        name = a_council()
        with open_councils(server.dsn, [name]) as councils:
            council = councils[name]
            start = day_after_tomorrow(council)
            homes = [Bookers(council, f"home-{n}", start) for n in range(3)]
            base = base_backup(server)
            while done < restores and time_left(until) and not faults:
                moment = lived(server, council, homes, HOWS[done % 3], quiet=done % 2 == 0)
                given = places_of(council)
                archived(server)
                node = followed(council, server.dsn)
                with restored(server, base, archive, moment) as dsn:
                    faults += judged(dsn, name, moment, given)
                    faults += goes_on(node, dsn)
                lost += len(given) - len(moment.stored)
                done += 1
    note = f"{lost:,} events were given after the moments, and none of their positions again"
    return Reached(reached=done, faults=tuple(faults[:FAULTS_MAX]), note="" if faults else note)


def archiving(server: OwnServer) -> Path:
    """Have the server archive its WAL in a folder beside its data."""
    archive = server.home.cluster / "archive"
    places.make_folder(archive, 0o700, server.account)
    with server.superuser() as connection:
        connection.execute("alter system set archive_mode = 'on'")
        connection.execute(f"alter system set archive_command = 'cp %p {archive}/%f'".encode())
    server.stop()
    server.start()
    return archive


def base_backup(server: OwnServer) -> Path:
    """A copy of the running server."""
    folder = server.home.cluster / "backup"
    copied = ["-c", "fast", "-X", "none", "-D", str(folder)]
    status, said = server.run("pg_basebackup", *server.where(), *copied)
    assert status == 0, said
    return folder


def lived(
    server: OwnServer, council: Council, homes: Sequence[Bookers], how: How, *, quiet: bool
) -> Moment:
    """Commands, a moment, and as many commands again, which a restore to it loses.

    Where it is not quiet one household goes on through the moment.
    """
    *others, going_on = homes
    over = Event()

    def go_on() -> None:
        while not over.is_set():
            going_on.step()

    with ThreadPoolExecutor(1) as thread:
        if not quiet:
            thread.submit(go_on)
        try:
            for home in others * STEPS:
                home.step()
            stored = tuple(places_of(council))
            target = _marked(server, how)
            for home in others * STEPS:
                home.step()
        finally:
            over.set()
    return Moment(how=how, target=target, stored=stored, quiet=quiet)


def _marked(server: OwnServer, how: How) -> str:
    name = f"moment-{time.monotonic_ns()}"
    with server.superuser() as connection:
        match how:
            case "name":
                connection.execute("select pg_create_restore_point(%s)", (name,))
                return name
            case "time":
                row = connection.execute("select clock_timestamp()::text").fetchone()
            case "lsn":
                row = connection.execute("select pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None, "a function is one row"
    return str(row[0])


def places_of(council: Council) -> list[Place]:
    with council.pool.connection() as connection:
        return stored_places(connection, council.schema)


def archived(server: OwnServer) -> None:
    """Wait until everything so far is in the archive."""
    given_up = time.monotonic() + ARCHIVED_SECONDS
    with server.superuser() as connection:
        row = connection.execute("select pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None, "a function is one row"
        while time.monotonic() < given_up:
            found = connection.execute(
                "select last_archived_wal >= %s from pg_stat_archiver", row
            ).fetchone()
            if found == (True,):
                return
            time.sleep(0.02)
    raise AssertionError("the archive does not take what it is given")


@contextmanager
def restored(server: OwnServer, base: Path, archive: Path, moment: Moment) -> Iterator[str]:
    """The DSN of a server that was restored to the moment, ended and removed afterwards."""
    folder = server.home.cluster / "again"
    run_as(server.account, ["/bin/cp", "-a", str(base), str(folder)])
    run_as(server.account, ["/bin/touch", str(folder / "recovery.signal")])
    settings = {
        "archive_mode": "off",
        "restore_command": f"cp {archive}/%f %p",
        f"recovery_target_{moment.how}": moment.target,
        "recovery_target_action": "promote",
    }
    with (folder / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    options = f"-p {_PORT} -k {server.home.cluster} -c listen_addresses= -c max_connections=200"
    log = server.home.cluster / "again.log"
    data = ["-w", "-D", str(folder)]
    status, said = server.run("pg_ctl", "start", *data, "-l", str(log), "-o", options)
    assert status == 0, f"{said} {log.read_text()[-2000:]}"
    name = conninfo_to_dict(server.dsn)["dbname"]
    host = quote(str(server.home.cluster), safe="")
    dsn = f"postgresql://{ROLE}@/{name}?host={host}&port={_PORT}"
    try:
        _wait_until_promoted(dsn)
        yield dsn
    finally:
        server.run("pg_ctl", "stop", *data, "-m", "immediate")
        shutil.rmtree(folder)


def _wait_until_promoted(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        while connection.execute("select pg_is_in_recovery()").fetchone() != (False,):
            time.sleep(0.02)


def judged(dsn: str, name: str, moment: Moment, given: Sequence[Place]) -> Iterator[str]:
    """What is wrong with a restored ledger, before its first write and after it.

    Nobody tells it that it was restored: it is opened.
    """
    with open_councils(dsn, [name]) as councils:
        council = councils[name]
        kept = places_of(council)
        before, ever = set(moment.stored), set(given)
        if not before <= set(kept) <= ever:
            yield f"{len(before - set(kept))} events of before a restore by {moment.how} are lost"
        if moment.quiet and before != set(kept):
            yield f"{len(set(kept) - before)} events of after a restore by {moment.how} are there"
        if (noticed := _noticed(council)) != [kept[-1][0]]:
            yield f"what is lost is noticed after {noticed}, and {kept[-1][0]} is kept"
        newcomer = Bookers(council, f"after-{moment.target}", day_after_tomorrow(council))
        for _ in range(STEPS):
            newcomer.step()
        now = places_of(council)
        again = [place for place in now[len(kept) :] if place[0] <= given[-1][0]]
        if again or now[: len(kept)] != kept:
            yield f"{len(again)} positions were given that had been given before the restore"
        yield from wrong_order(now)
        yield from (str(problem) for problem in verify(council.ledger).problems)


def _noticed(council: Council) -> list[int]:
    """The last position that was kept, for each time that a restore was noticed."""
    with council.pool.connection() as connection:
        rows = connection.execute(
            f"select kept from {council.schema}.lost_positions order by begins"
        ).fetchall()
    return [int(kept) for (kept,) in rows]


def followed(council: Council, dsn: str) -> Follower:
    """A node that knows all there is, what a restore is about to lose as well."""
    node = Follower(council.id, council.schema, dsn)
    while node.look():
        pass
    node.hang_up()
    return node


def goes_on(node: Follower, dsn: str) -> Iterator[str]:
    """What is wrong with a node that is led to a restored ledger."""
    node.go_to(dsn)
    try:
        node.look()
    except OutOfStep:
        return
    finally:
        node.hang_up()
    yield "a node goes on from facts that a restore lost"
