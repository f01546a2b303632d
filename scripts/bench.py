"""`scripts/bench NAME [--quick] [--json]`: figures, each against one measured in the same run.

Without `DATABASE_URL` it runs on an embedded server of its own, which it stops afterwards. Exit
status: 0 done, 1 the peers could not be fetched, 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from scripts.benches import append, check, pages, replay, scale
from scripts.benches.figures import Figure, Report, in_json, in_lines, machine
from scripts.benches.peers import installing
from services.postgres import EmbeddedPostgres, server_dsn

BENCHES: Mapping[str, Callable[[str, bool], Iterator[Figure]]] = {
    "append": append.figures,
    "check": check.figures,
    "replay": replay.figures,
    "scale": scale.figures,
    "pages": pages.figures,
}
PLACE = Path(".data") / "bench"
_FETCH = "scripts/bench append --peers"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the ledger.")
    parser.add_argument("name", choices=tuple(BENCHES))
    parser.add_argument("--quick", action="store_true", help="smaller data, within 45 seconds")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--peers", action="store_true", help="append: fetch the peers first")
    parser.add_argument("--keep", action="store_true", help="check: its database is not dropped")
    asked = parser.parse_args(arguments)
    if asked.peers:
        try:
            installing.install()
        except installing.NotInstalled as error:
            sys.stderr.write(f"bench: {error}\n")
            return 1
    dsn = server_dsn(os.environ, PLACE)
    try:
        report = measured(asked.name, dsn, asked.quick, asked.keep)
    finally:
        if not os.environ.get("DATABASE_URL"):
            EmbeddedPostgres(PLACE).stop()
    print(in_json(report) if asked.json else "\n".join(in_lines(report)))
    if asked.name == "append" and not installing.installed():
        sys.stderr.write(f"{' and '.join(append.PEERS)}: not installed: {_FETCH}\n")
    return 0


def measured(name: str, dsn: str, quick: bool, keep: bool = False) -> Report:
    """The bench of that name, on the server of that DSN. `keep` is for the check alone."""
    bench = partial(check.figures, keep=keep) if name == "check" else BENCHES[name]
    found = tuple(bench(dsn, quick))
    return Report(bench=name, machine=machine(), figures=found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
