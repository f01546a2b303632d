"""Work that a page began: its result outlives the server, and a server that was killed is told."""

import signal
import subprocess
import sys

from ledger.store.pool import connect
from services import long_work
from services.long_work import UNFINISHED, Work
from tests.projections.facts import AT, LATER

SCHEMA = "gravesham"
BEGUN = """
import sys
from datetime import UTC, datetime
from services import long_work
holding = long_work.begin(sys.argv[1], sys.argv[2], kind="verify", about="", by="ada",
                          at=datetime(2026, 11, 19, tzinfo=UTC))
holding.progressed(3, 10)
print("begun", flush=True)
sys.stdin.read()
"""


def begin(database, kind="verify", by="ada", at=AT):
    return long_work.begin(database, SCHEMA, kind=kind, about="it", by=by, at=at)


def latest(database, kind="verify"):
    with connect(database) as connection:
        return long_work.latest(connection, SCHEMA, kind)


def test_one_of_a_kind_is_under_way_at_a_time_and_its_result_is_kept(database):
    """Whichever server began it; another kind is not in its way."""
    assert latest(database) is None
    holding = begin(database)
    assert begin(database) is None
    other = begin(database, kind="examples")
    other.let_go()
    holding.progressed(2, 8)
    known = latest(database)
    assert (known.state, known.by, known.percent) == ("running", "ada", 25)

    holding.ended({"ok": True}, "")
    holding.let_go()

    assert latest(database) == Work(
        kind="verify", about="it", by="ada", began_at=AT, state="done", done=2, whole=8,
        result={"ok": True},
    )  # fmt: skip
    again = begin(database, by="bob", at=LATER)
    assert (latest(database).by, latest(database).result) == ("bob", {})
    again.ended({}, "it cannot be read")
    again.let_go()
    assert (latest(database).state, latest(database).failed) == ("failed", "it cannot be read")


def test_work_of_a_server_that_was_killed_did_not_finish(database):
    """It is not told as running, and the next may begin at once."""
    server = subprocess.Popen(
        [sys.executable, "-c", BEGUN, database, SCHEMA],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server:
        assert server.stdout.readline() == b"begun\n"
        assert latest(database).state == "running"
        server.send_signal(signal.SIGKILL)
        server.wait(20)

    with connect(database) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    known = latest(database)
    assert (known.state, known.failed, known.percent) == ("failed", UNFINISHED, 30)
    next_one = begin(database)
    assert next_one is not None
    next_one.let_go()
