"""`permit-ledger work`: the worker, until it is told to stop (SIGTERM, or Ctrl-C).

Every hour it looks over what officers are answered from. Any number may run; one at a time does the
work of a council, and another takes over when it dies.
"""

import logging
import os
import signal
import sys
from collections import Counter
from threading import Event
from types import FrameType

from projections.active_registrations import ActiveRegistrations
from replay.verify import Step, verify
from scripts.settings import database
from scripts.upgrading import filled
from services.council import Council
from services.councils import open_councils
from services.working import Stopped, work

_logger = logging.getLogger(__name__)


def main() -> int:
    """0 once it has stopped; nothing is left half done."""
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    # Before the database is asked for: a stop while it starts is not lost.
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    # One line for each run of each job, several times a second: of no use to anybody.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    dsn = database(os.environ)
    with open_councils(dsn, grown=filled) as councils:
        sys.stderr.write(f"working for {', '.join(councils)}\n")
        work(dsn, councils, stop, look_over)
    return 0


def look_over(council: Council, stop: Event) -> None:
    """Tell again from the facts what officers are answered from; plates that differ are marked.

    What was altered behind the ledger's back, and behind the database's watch, is found within the
    hour. Raises Stopped where the worker is to end.
    """

    def refuse_stopped(step: Step, events: int) -> None:
        if stop.is_set():
            raise Stopped

    found = verify(council.ledger, (ActiveRegistrations(),), refuse_stopped)
    if not found.ok:
        kinds = Counter(each.kind for each in found.problems)
        _logger.error(
            "%s: the ledger is not whole: %d problems (%s); %s plates are answered as unknown; run"
            " `permit-ledger verify`",
            council.id,
            found.found,
            ", ".join(f"{kind} {times}" for kind, times in kinds.items()),
            found.in_doubt,
        )
