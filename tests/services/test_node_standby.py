"""A node that reads a replica: a server in recovery takes no lock, no write and no LISTEN."""

import os
import shutil
from contextlib import contextmanager
from time import monotonic, sleep
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from services.node.answering import KnowledgeTooOld
from services.postgres import EmbeddedPostgres, in_database
from services.postgres.accounts import run_as, server_account
from services.postgres.places import PRIVATE_ROOT, existing_home
from services.postgres.programs import usable_programs
from tests.replay.town import town
from tests.services.test_node import Asking, booked, home, same_answers

PORT = 54_391


class Standby:
    """A replica of the embedded server, in a folder of its own."""

    def __init__(self, cluster, dsn):
        made = existing_home(cluster.resolve(), PRIVATE_ROOT)
        self.account = server_account("", made.cluster)
        self.programs = usable_programs(self.account, made)
        self.folder = cluster.parent / "standby"
        self.folder.mkdir(mode=0o700)
        if self.account.switch:
            os.chown(self.folder, self.account.uid, self.account.gid)
        self.data = self.folder / "data"
        primary = conninfo_to_dict(dsn)
        copy = ["-h", primary["host"], "-p", primary["port"], "-U", "postgres", "-R", "-c", "fast"]
        self._run("pg_basebackup", *copy, "-X", "stream", "-D", str(self.data))
        # The replica asks an idle primary for a word at half of its time-out.
        settings = "-c max_connections=200 -c listen_addresses= -c wal_receiver_timeout=1s"
        self._ctl("start", "-l", str(self.folder / "log"), "-o", self._options(settings))
        host = quote(str(self.folder), safe="")
        self.dsn = f"postgresql://permit_ledger@/{primary['dbname']}?host={host}&port={PORT}"

    def _options(self, settings):
        return f"{settings} -p {PORT} -k {self.folder}"

    def promote(self):
        self._ctl("promote")

    def stop(self):
        self._ctl("stop", "-m", "immediate")
        shutil.rmtree(self.folder)

    def _ctl(self, act, *more):
        self._run("pg_ctl", act, "-w", "-D", str(self.data), *more)

    def _run(self, program, *arguments):
        # What a server says goes to its log: a pipe that it keeps open would never end.
        done = run_as(self.account, [str(self.programs / program), *arguments])
        assert done.returncode == 0, done.stdout


@contextmanager
def replicated(cluster):
    """An embedded primary with a database of its own, and a replica of it."""
    server = EmbeddedPostgres(cluster).start()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop database if exists replicated with (force)")
        connection.execute("create database replicated")
    dsn = in_database(server, "replicated")
    standby = Standby(cluster, dsn)
    try:
        yield dsn, standby
    finally:
        standby.stop()


@pytest.fixture
def pair(shared_cluster):
    with replicated(shared_cluster) as (primary, standby):
        yield primary, standby


def test_a_replica_serves_a_node_until_its_primary_is_silent(pair, tmp_path):
    """Followed in recovery, answered as the primary does; idle is not old; cut off is."""
    primary, standby = pair
    with town(primary) as each:
        home(each)
        asked = Asking(each, primary, tmp_path, dsn=standby.dsn, age_limit=2.0)
        asked.catch_up()
        booked(each, "AB12CDE")
        asked.catch_up()
        assert asked.says("AB12CDE").answer.covered
        assert same_answers(asked, ("AB12CDE", "AB12CDF", "ZZ99ZZZ"))

        # Nothing is written for longer than the limit: the primary's word is enough.
        idle = monotonic() + 2.5
        while monotonic() < idle:
            asked.follower.look()
            sleep(0.05)
        assert asked.node.age() < 2

        # Cut off from its primary, the replica goes on answering reads; the node does not.
        with psycopg.connect(standby.dsn, autocommit=True) as connection:
            assert connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
        with psycopg.connect(standby.dsn, user="postgres", autocommit=True) as connection:
            connection.execute("alter system set primary_conninfo = 'host=/nowhere'")
            connection.execute("select pg_reload_conf()")
        cut = monotonic() + 3.0
        while monotonic() < cut:
            asked.follower.look()
            sleep(0.05)
        with pytest.raises(KnowledgeTooOld):
            asked.says("AB12CDE")

        # Promoted, it is the ledger: what it has is known at once.
        standby.promote()
        asked.until(lambda: asked.node.age() is not None and asked.node.age() < 1)
        assert asked.says("AB12CDE").answer.covered
        asked.close()
