"""`permit-ledger replica`: a streaming replica of the embedded server, on this machine.

Reads go to it by its DSN: `permit-ledger node --from DSN --to PRIMARY`, and every command that only
reads with `DATABASE_URL` set to it. It refuses every write by itself.
"""

import os
import sys
from statistics import median

from cyclopts import App

from scripts.keeping import restored
from scripts.settings import data_folder
from scripts.wrong import Wrong
from services.postgres.accounts import USER_SETTING
from services.postgres.replica import NotReplayed, Replica

replica = App(name="replica", help="Look after a streaming replica of the embedded PostgreSQL.")


@replica.command
def start() -> int:
    """Make it, or start it again, and print how to connect."""
    _say(_replica().start())
    return 0


@replica.command
def stop() -> int:
    """End it and give it up: the primary keeps nothing for it. One that was promoted is kept."""
    _say("stopped" if _replica().stop() else "there was none")
    return 0


@replica.command
def status() -> int:
    """Say what it is, and how far behind: bytes now, and milliseconds of probes; 1 if none runs."""
    asked = _replica()
    found = asked.status()
    parts = [found.role, found.dsn or ""]
    if found.behind_bytes is not None:
        parts.append(f"{found.behind_bytes} bytes behind")
        try:
            lags = asked.lag_milliseconds()
        except NotReplayed as error:
            _say(" ".join(each for each in parts if each))
            sys.stderr.write(f"permit-ledger: {error}\n")
            return 1
        parts.append(f"{median(lags):.2f} ms (worst of {len(lags)}: {lags[-1]:.2f} ms)")
    _say(" ".join(each for each in parts if each))
    return 0 if found.role in ("following", "promoted") else 1


@replica.command
def promote() -> int:
    """Make it the ledger, after the primary has ended. Positions go on above all that were given.

    What the primary had acknowledged and not sent is not in it. From then on the old primary
    is refused.
    """
    dsn = _replica().promote()
    status = restored(dsn)
    _say(f"set DATABASE_URL to this before anything is started; the old one is refused:\n{dsn}")
    return status


def _replica() -> Replica:
    if os.environ.get("DATABASE_URL"):
        raise Wrong("DATABASE_URL names a server of your own: its replicas are not looked after")
    return Replica(data_folder(os.environ), user=os.environ.get(USER_SETTING, ""))


def _say(detail: str) -> None:
    sys.stdout.write(f"{detail}\n")
