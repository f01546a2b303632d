"""`permit-ledger work`: the worker, until it is told to stop (SIGTERM, or Ctrl-C).

Any number may run; one at a time does the work of a council, and another takes over when it dies.
"""

import logging
import os
import signal
import sys
from threading import Event
from types import FrameType

from scripts.settings import database
from scripts.upgrading import filled
from services.councils import open_councils
from services.working import work


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
        work(dsn, councils, stop)
    return 0
