"""The worker process: due jobs on a schedule, for the councils this process leads.

One connection holds the advisory lock of every council led, so that the leader of a council is
whoever holds it: the server frees the locks of a process that dies, and the next one takes them
within a second. A job may still run twice at a hand-over; its key makes that one effect.

The scheduler keeps nothing: what is due is asked of the ledger, by the database's clock, each time.

Source: design sections 5 and 7; services.md section 1 (schedule).
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Lock

import psycopg
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from ledger.calendar import local_date
from ledger.store.pool import Connection
from ledger.store.restoring import notice_restored
from services import proofs, retention
from services.council import Council
from services.payments import orders
from services.payments.sandbox import SandboxProvider
from services.worker import lead, run_due

_logger = logging.getLogger(__name__)

DUE_SECONDS, FOLLOW_SECONDS, LEAD_SECONDS = 1.0, 0.2, 1.0
SETTLE_SECONDS, TIDY_SECONDS = 60.0, 3_600.0
HOME_SECONDS, LOOK_OVER_SECONDS = 5.0, 3_600.0
Job = Callable[[Council, Event], None]
_THREADS = 4
# A leader whose machine is gone is noticed in about ten seconds; one that only died, at once.
_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=10s -c tcp_keepalives_idle=5"
    " -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)


class Stopped(Exception):
    """The worker is told to end; what is due is left for the next one."""


class Leadership:
    """Which councils this process leads. `led` may be read by any thread."""

    def __init__(self, dsn: str, councils: Mapping[str, Council]) -> None:
        self.led: frozenset[str] = frozenset()
        self._dsn = dsn
        self._councils = councils
        self._connection: Connection | None = None
        self._lock = Lock()

    def renew(self) -> None:
        """Keep what is led while the connection lives, and take what nobody leads."""
        with self._lock:
            try:
                self._renew()
            except psycopg.OperationalError as error:
                # The locks went with the connection: another process may hold them by now.
                self._lose()
                _logger.warning("no connection to lead with: %s", str(error).strip())

    def resign(self) -> None:
        """Lead nothing any more: once this returns, another process can lead at once."""
        with self._lock:
            if self._connection is not None:
                # Closing alone is a word to the server, which lets go when it has read it.
                with suppress(psycopg.OperationalError):
                    self._connection.execute("select pg_advisory_unlock_all()")
            self._lose()

    def _renew(self) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._dsn, autocommit=True, options=_OPTIONS, application_name="permit-ledger work"
            )
        self._connection.execute("select")
        for name, council in self._councils.items():
            # Asked of those not led alone: a lock that is held already would be counted twice.
            if name not in self.led and lead(self._connection, council):
                self.led |= {name}
                _logger.info("leading %s", name)

    def _lose(self) -> None:
        if self.led:
            _logger.info("no longer leading %s", ", ".join(sorted(self.led)))
        self.led = frozenset()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def work(
    dsn: str, councils: Mapping[str, Council], stop: Event, look_over: Job | None = None
) -> None:
    """Work until told to stop, and then until the job under way has ended.

    `look_over` is done every hour, the first time an hour after the start, and beside the others.
    """
    leadership = Leadership(dsn, councils)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={
            "default": ThreadPoolExecutor(_THREADS),
            # Its own thread, so that no long job makes a living leader miss its turn.
            "leadership": ThreadPoolExecutor(1),
            "looking over": ThreadPoolExecutor(1),
        },
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    now = datetime.now(UTC)
    scheduler.add_job(
        leadership.renew,
        "interval",
        seconds=LEAD_SECONDS,
        next_run_time=now,
        executor="leadership",
    )
    for council in councils.values():
        for job, seconds in (
            (lapse, DUE_SECONDS),
            (follow, FOLLOW_SECONDS),
            (settle, SETTLE_SECONDS),
            (tidy, TIDY_SECONDS),
            (come_home, HOME_SECONDS),
        ):
            scheduler.add_job(
                _led,
                "interval",
                seconds=seconds,
                next_run_time=now,
                name=f"{job.__name__} {council.id}",
                args=(job, council, leadership, stop),
            )
        if look_over is not None:
            scheduler.add_job(
                _led,
                "interval",
                seconds=LOOK_OVER_SECONDS,
                name=f"look over {council.id}",
                args=(look_over, council, leadership, stop),
                executor="looking over",
            )
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
        leadership.resign()


def _led(job: Job, council: Council, leadership: Leadership, stop: Event) -> None:
    """Do a job where this process leads. A database that is away for a while is no fault of it."""
    if council.id not in leadership.led:
        return
    try:
        job(council, stop)
    except Stopped:
        return
    except psycopg.OperationalError as error:
        _logger.warning("%s of %s put off: %s", job.__name__, council.id, str(error).strip())


def lapse(council: Council, stop: Event) -> None:
    """Record whatever is due by the database's clock: the one that also decides whether it is."""

    def refuse_stopped(due_at: datetime) -> None:
        if stop.is_set():
            raise Stopped

    with council.pool.connection() as connection:
        now = council.now(connection)
    run_due(council, now, refuse_stopped)


def follow(council: Council, stop: Event) -> None:
    """Bring the following read models to the present."""
    council.catch_up()


def settle(council: Council, stop: Event) -> None:
    """Ask the provider of payments that nobody came back from. The sandbox's is the only one yet:
    elsewhere no payment is under way.
    """
    orders.settle_all(council, SandboxProvider())


def come_home(council: Council, stop: Event) -> None:
    """Notice that the ledger goes on from another moment: a replica was promoted, say, and this
    process was only connected anew.
    """
    with council.pool.connection() as connection:
        notice_restored(connection, council.schema)


def tidy(council: Council, stop: Event) -> None:
    """Remove the proofs whose time is over, and whatever else is kept no longer."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        today = local_date(now, council.scheme_at(now).tz)
        proofs.remove_due(connection, council.schema, today, now)
        for each in retention.remove_due(council, connection, now):
            _logger.info("%s: %d %s deleted", council.id, each.rows, each.kind)
