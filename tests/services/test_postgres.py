"""One embedded server for a data folder, whatever is killed around it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from services.postgres import EmbeddedPostgres, ServerFailed, in_database, server_dsn
from tests.databases import appended, eventually

ROOT = Path(__file__).resolve().parents[2]


def cluster_of(folder: Path) -> Path:
    return folder / "postgres-18"


def pid_of(server: EmbeddedPostgres) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


@contextmanager
def client(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process of ours; its first line of output says that it is ready. Killed
    afterwards.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def state_of(pid: int) -> str:
    """The kernel's letter for the process's state; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def keep_a_fact(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("drop table if exists facts")
        connection.execute("create table facts as select 'AB12CDE' as vrm")


def kept_facts(dsn: str) -> list[tuple[str]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("select vrm from facts").fetchall()


def test_database_url_is_used_as_it_is_and_nothing_is_started(place: Path) -> None:
    url = "postgresql://council@db.example:6432/permits?sslmode=verify-full"

    assert server_dsn({"DATABASE_URL": url}, place / "data") == url
    assert not (place / "data").exists()


def test_an_empty_database_url_is_none(shared_cluster: Path) -> None:
    dsn = server_dsn({"DATABASE_URL": ""}, shared_cluster)

    assert dsn == EmbeddedPostgres(shared_cluster).status().dsn


def test_processes_that_start_at_once_share_one_server(place: Path) -> None:
    command = [sys.executable, "-m", "services.postgres", "start", str(place / "data")]
    starting = [
        subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) for _ in range(4)
    ]
    said = [process.communicate()[0] for process in starting]

    assert [process.returncode for process in starting] == [0, 0, 0, 0]
    assert len(set(said)) == 1
    log = (cluster_of(place / "data") / "server.log").read_text()
    assert log.count("starting PostgreSQL") == 1
    assert "already exists" not in log


def test_a_killed_server_is_started_again_with_its_data(shared_cluster: Path) -> None:
    """The same object and the same process ask again: nothing about the dead server is
    remembered.
    """
    server = EmbeddedPostgres(shared_cluster)
    keep_a_fact(server.start())
    killed = pid_of(server)
    os.kill(killed, signal.SIGKILL)

    dsn = server.start()

    assert pid_of(server) != killed
    assert kept_facts(dsn) == [("AB12CDE",)]


STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
import psycopg
from services.postgres import EmbeddedPostgres
connection = psycopg.connect(EmbeddedPostgres(Path(sys.argv[1])).start())
connection.execute("select 1")
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_client_leaves_the_server_to_the_others(shared_cluster: Path) -> None:
    server = EmbeddedPostgres(shared_cluster)
    with client(STARTS_AND_WAITS, shared_cluster) as process:
        assert first_line(process) == "ready"
        before = pid_of(server)
        process.kill()
        process.wait()

    server.start()
    assert pid_of(server) == before


def test_a_client_killed_while_it_makes_the_cluster_leaves_no_half_one(place: Path) -> None:
    making = cluster_of(place / "data") / "data.new"
    with client(STARTS_AND_WAITS, place / "data") as process:
        eventually(making.exists)
        process.kill()
        process.wait()

    keep_a_fact(EmbeddedPostgres(place / "data").start())

    assert not making.exists()
    assert kept_facts(EmbeddedPostgres(place / "data").start()) == [("AB12CDE",)]


REAPS_NOBODY = """
import ctypes, sys, time
from pathlib import Path
from services.postgres import EmbeddedPostgres
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.status().pid, flush=True)
time.sleep(600)
"""


def test_a_zombie_is_a_dead_server(shared_cluster: Path) -> None:
    """In a container without an init nobody ever waits for the server: it stays a zombie for
    good.
    """
    server = EmbeddedPostgres(shared_cluster)
    server.stop()
    with client(REAPS_NOBODY, shared_cluster) as process:
        zombie = int(first_line(process))
        keep_a_fact(server.start())
        os.kill(zombie, signal.SIGKILL)
        eventually(lambda: state_of(zombie) == "Z")

        assert server.status().state == "stopped"
        dsn = server.start()

        assert state_of(zombie) == "Z"
        assert pid_of(server) != zombie
        assert kept_facts(dsn) == [("AB12CDE",)]


def test_a_reused_pid_is_not_the_server(place: Path, shared_cluster: Path) -> None:
    """The recorded number now belongs to another program, or to another data folder's server."""
    other = EmbeddedPostgres(place / "other")
    other.start()
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    record = cluster_of(shared_cluster) / "data" / "postmaster.pid"
    for reused in (os.getpid(), pid_of(other)):
        text = record.read_text()
        assert server.stop()
        record.write_text(text.replace(text.split()[0], str(reused), 1))

        assert server.status().state == "stopped"
        assert not server.stop()
        server.start()

        assert pid_of(server) != reused
        assert other.status().state == "running"


BUSY_FOR_A_MINUTE = """
do $$
declare until timestamptz := clock_timestamp() + interval '1 minute';
begin
    while clock_timestamp() < until loop
    end loop;
end $$
"""


def test_a_busy_backend_of_a_killed_server_is_ended_first(shared_cluster: Path) -> None:
    """It never looks up from its query, so it would hold the dead server's memory for ever."""
    server = EmbeddedPostgres(shared_cluster)
    dsn = server.start()
    keep_a_fact(dsn)
    busy = psycopg.connect(dsn, autocommit=True)
    backend = busy.info.backend_pid

    def loop() -> None:
        with pytest.raises(psycopg.OperationalError):
            busy.execute(BUSY_FOR_A_MINUTE)

    thread = threading.Thread(target=loop)
    thread.start()
    eventually(lambda: state_of(backend) == "R")
    os.kill(pid_of(server), signal.SIGKILL)

    assert kept_facts(server.start()) == [("AB12CDE",)]
    thread.join(10)
    assert state_of(backend) in ("", "Z")


def test_recovery_is_waited_for(shared_cluster: Path) -> None:
    """To its end: an archive that answers slowly is asked for several files, while the server can
    already be read."""
    server = EmbeddedPostgres(shared_cluster)
    keep_a_fact(server.start())
    server.stop()
    data = cluster_of(shared_cluster) / "data"
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(server.start()))

    with appended(data / "postgresql.conf", "restore_command = 'sleep 0.5; false'\n"):
        (data / "recovery.signal").touch()
        thread.start()
        eventually(lambda: server.status().state == "starting")
        began = time.monotonic()
        thread.join()

    assert time.monotonic() - began > 1
    assert kept_facts(answers[0]) == [("AB12CDE",)]
    keep_a_fact(answers[0])


def test_a_server_that_dies_while_starting_shows_the_end_of_its_log(shared_cluster: Path) -> None:
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    server.stop()
    conf = cluster_of(shared_cluster) / "data" / "postgresql.conf"

    with appended(conf, "parking_spaces = 12\n"), pytest.raises(ServerFailed) as caught:
        server.start()

    assert "parking_spaces" in caught.value.log_tail
    assert server.status().state == "stopped"


def test_a_server_in_the_middle_of_a_shut_down_is_followed_by_a_new_one(
    shared_cluster: Path,
) -> None:
    server = EmbeddedPostgres(shared_cluster)
    keep_a_fact(server.start())
    ending = pid_of(server)
    os.kill(ending, signal.SIGINT)

    dsn = server.start()

    assert kept_facts(dsn) == [("AB12CDE",)]


def test_the_server_is_started_and_stopped_from_the_command_line(shared_cluster: Path) -> None:
    def run(action: str, folder: Path) -> tuple[int, str]:
        command = [sys.executable, "-m", "services.postgres", action, str(folder)]
        done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
        return done.returncode, done.stdout.strip()

    EmbeddedPostgres(shared_cluster).stop()

    assert run("status", shared_cluster / "none") == (1, "absent")
    status, dsn = run("start", shared_cluster)
    assert (status, dsn) == (0, EmbeddedPostgres(shared_cluster).status().dsn)
    assert run("status", shared_cluster)[1].startswith("running ")
    assert run("stop", shared_cluster) == (0, "stopped")
    assert run("stop", shared_cluster) == (0, "was not running")
    assert run("status", shared_cluster)[1].startswith("stopped ")


@pytest.mark.parametrize(
    ("dsn", "moved"),
    [
        (
            "postgresql://u@/one?host=%2Fsockets&port=1",
            "postgresql://u@/two?host=%2Fsockets&port=1",
        ),
        ("postgresql://u:p@db:6432/one", "postgresql://u:p@db:6432/two"),
        ("postgres://db", "postgres://db/two"),
        ("dbname=one host=db", "dbname=two host=db"),
    ],
)
def test_another_database_of_the_same_server(dsn: str, moved: str) -> None:
    assert in_database(dsn, "two") == moved
