"""The worker, as processes: one leads, another takes over, and what is due is recorded once.

Source: design sections 5 and 7; HAN-019, X-028, X-036.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from commands.apply_for_permit import ApplyForPermit
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import Actor
from ledger.scheme.loading import built_in
from services.council import Council
from services.councils import chosen, open_councils
from services.worker import run_due
from services.working import Leadership, Stopped, lapse

ROOT = Path(__file__).resolve().parent.parent.parent
STAFF = Actor("staff", "clerk")
LEADERS = (
    "select count(distinct pid) from pg_locks join pg_database on pg_database.oid = database"
    " where locktype = 'advisory' and granted and datname = current_database()"
    " and (classid::bigint << 32) | objid::bigint = hashtextextended('worker/stevenage', 7)"
)
PAST_DUE = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


class Workers:
    """Worker processes of one test. Whatever it does, none is left behind."""

    def __init__(self, dsn: str) -> None:
        self._environment = {**os.environ, "DATABASE_URL": dsn}
        self.running: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "scripts.main", "work"],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(worker)
        return worker

    def end(self) -> None:
        for worker in self.running:
            worker.kill()
            worker.communicate()


@pytest.fixture
def workers(database: str) -> Iterator[Workers]:
    started = Workers(database)
    try:
        yield started
    finally:
        started.end()


def test_what_fell_due_is_recorded_by_the_worker_and_only_once(
    database: str, workers: Workers
) -> None:
    """Units lapse at the end of their holding (HAN-019, X-028); two workers record it once."""
    household = _bought(database, "stevenage", at=PAST_DUE)
    workers.start()
    workers.start()

    _wait_until(lambda: _lapsed(database, household) > 0)
    time.sleep(1.5)

    assert _lapsed(database, household) == 1


def test_of_two_workers_exactly_one_leads(database: str, workers: Workers) -> None:
    """All locks of the councils are held by one process."""
    workers.start()
    workers.start()
    _wait_until(lambda: _asked(database, LEADERS) == 1)

    time.sleep(2)

    assert _asked(database, LEADERS) == 1


def test_the_other_worker_takes_over_when_the_leader_is_killed(
    database: str, workers: Workers
) -> None:
    """What falls due after a kill -9 of the leader is recorded by the one that was waiting."""
    first = workers.start()
    _wait_until(lambda: _asked(database, LEADERS) == 1)
    workers.start()
    time.sleep(1)
    first.send_signal(signal.SIGKILL)
    first.wait()

    household = _bought(database, "stevenage", at=PAST_DUE)

    _wait_until(lambda: _lapsed(database, household) == 1)


def test_a_leader_that_lost_its_connection_leads_again(database: str, workers: Workers) -> None:
    """A server that was restarted, or a connection that was cut, costs a second or two."""
    worker = workers.start()
    _wait_until(lambda: _asked(database, LEADERS) == 1)
    _asked(
        database,
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )

    household = _bought(database, "stevenage", at=PAST_DUE)

    _wait_until(lambda: _lapsed(database, household) == 1)
    assert worker.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_end_ends_cleanly(
    database: str, workers: Workers, number: signal.Signals
) -> None:
    """Exit status 0, no traceback, and the locks are free at once."""
    worker = workers.start()
    _wait_until(lambda: _asked(database, LEADERS) == 1)

    worker.send_signal(number)
    said = worker.communicate(timeout=10)[1]

    assert worker.returncode == 0, said
    assert "Traceback" not in said
    assert _asked(database, LEADERS) == 0


def test_a_worker_stops_between_two_lapses(database: str) -> None:
    """Told to stop, it leaves what is due for the next one rather than finishing a long list."""
    with open_councils(database, ["stevenage"]) as councils:
        household = _bought(database, "stevenage", at=PAST_DUE)
        stop = Event()
        stop.set()

        with pytest.raises(Stopped):
            lapse(councils["stevenage"], stop)

    assert _lapsed(database, household) == 0


def test_a_busy_household_holds_nobody_up(database: str) -> None:
    """What another process has locked is left for the next run; the rest is recorded."""
    households = {_bought(database, "stevenage", at=PAST_DUE, property_ref=ref) for ref in "12"}
    with _impatient(database) as council, psycopg.connect(database) as busy:
        first = council.next_due(datetime.now(UTC))
        assert first is not None
        locked = UUID(first[2])
        (other,) = households - {locked}
        busy.execute("select pg_advisory_lock(%s)", (council.ledger.lock_key(locked),))

        run_due(council, datetime.now(UTC))
        assert (_lapsed(database, locked), _lapsed(database, other)) == (0, 1)

        busy.execute("select pg_advisory_unlock_all()")
        run_due(council, datetime.now(UTC))
        assert (_lapsed(database, locked), _lapsed(database, other)) == (1, 1)


def test_leadership_is_of_each_council(database: str) -> None:
    """A process may lead some councils while another leads the rest."""
    with open_councils(database) as councils:
        one = Leadership(database, {"stevenage": councils["stevenage"]})
        rest = Leadership(database, councils)
        one.renew()
        rest.renew()
        rest.renew()
        try:
            assert one.led == {"stevenage"}
            assert rest.led == set(councils) - {"stevenage"}
            one.resign()
            rest.renew()
            assert rest.led == set(councils)
        finally:
            one.resign()
            rest.resign()


@contextmanager
def _impatient(dsn: str) -> Iterator[Council]:
    """A council whose commands wait for a lock for a tenth of a second only."""
    with ConnectionPool(
        dsn, min_size=0, max_size=2, kwargs={"autocommit": True, "options": "-c lock_timeout=100"}
    ) as pool:
        editions = chosen(built_in(), ["stevenage"])["stevenage"]
        yield Council("stevenage", pool, pool, editions)


def _bought(dsn: str, council_id: str, *, at: datetime, property_ref: str = "1") -> UUID:
    """A household that bought a set of vouchers then, and has long let them lapse."""
    with open_councils(dsn, [council_id]) as councils:
        wired = councils[council_id]
        editions = chosen(built_in(), [council_id])[council_id]
        council = Council(wired.id, wired.pool, wired.checks, editions, clock=lambda: at)
        household = council.ledger.household_id(property_ref)
        council.handle(
            household, ListProperty(property_ref=property_ref, zone=_zone(council)), _by(1)
        )
        resident = council.handle(
            household, EnrolResident(council_tax_account=f"CT-{property_ref}"), _by(2)
        ).values["resident"]
        me = Actor("resident", str(resident))
        application = str(
            council.handle(
                household, ApplyForPermit(product="virtual-visitor-vouchers"), _by(3, me)
            ).values["application"]
        )
        bill = UploadProof(
            application=application,
            document="utility_bill",
            dated=date(at.year, at.month, at.day) - timedelta(days=10),
        )
        council.handle(household, bill, _by(4, me))
        paid = PayForApplications(applications=(application,), result="authorised")
        council.handle(household, paid, _by(5, me))
        return household


def _zone(council: Council) -> str:
    return council.scheme_at(PAST_DUE).zones[0].id


def _by(number: int, who: Actor = STAFF) -> Sender:
    return Sender(by=who, key=f"key-{number}")


def _lapsed(dsn: str, household: UUID) -> int:
    return _asked(
        dsn,
        "select count(*) from stevenage.stored_events where originator_id = %s and topic like %s",
        (household, "holding_expired%"),
    )


def _asked(dsn: str, question: str, values: tuple[object, ...] = ()) -> int:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(question.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def _wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
