"""`scripts/bench NAME [--quick] [--json]`: figures, each against one measured in the same run.

Without `DATABASE_URL` it runs on an embedded server of its own, which it stops afterwards. Exit
status: 0 done, 1 the peers could not be fetched, 2 wrong usage.

`scripts/bench scale [--households N ...] [--minutes M]` has a server to itself, which is removed
afterwards: it is large.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from scripts.benches import append, check, pages, replay, replicated, scale
from scripts.benches.figures import Figure, Report, in_json, in_lines, machine
from scripts.benches.peers import installing
from services.postgres import EmbeddedPostgres, server_dsn

BENCHES: Mapping[str, Callable[[str, bool], Iterator[Figure]]] = {
    "append": append.figures,
    "check": check.figures,
    "replay": replay.figures,
    "scale": scale.figures,
    "pages": pages.figures,
    "replica": replicated.figures,
}
PLACE = Path(".data") / "bench"
SCALE_PLACE = Path(".data") / "bench-scale"
_FETCH = "scripts/bench append --peers"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the ledger.")
    parser.add_argument("name", choices=tuple(BENCHES))
    parser.add_argument("--quick", action="store_true", help="smaller data, within 45 seconds")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--peers", action="store_true", help="append: fetch the peers first")
    parser.add_argument("--keep", action="store_true", help="check: its database is not dropped")
    parser.add_argument("--households", type=_count, nargs="+", default=(), help="scale: sizes")
    parser.add_argument("--minutes", type=float, default=scale.MINUTES, help="scale: at most")
    asked = parser.parse_args(arguments)
    if asked.peers:
        try:
            installing.install()
        except installing.NotInstalled as error:
            sys.stderr.write(f"bench: {error}\n")
            return 1
    if (asked.households or asked.minutes != scale.MINUTES) and asked.name != "scale":
        parser.error("--households and --minutes are for scale")
    with _server(asked.name) as dsn:
        report = measured(
            asked.name, dsn, asked.quick, asked.keep, tuple(asked.households), asked.minutes
        )
    print(in_json(report) if asked.json else "\n".join(in_lines(report)))
    if asked.name == "append" and not installing.installed():
        sys.stderr.write(f"{' and '.join(append.PEERS)}: not installed: {_FETCH}\n")
    return 0


@contextmanager
def _server(name: str) -> Iterator[str]:
    """The server to measure on. One of the bench's own is stopped; that of `scale` is removed."""
    if name == "replica":
        # It makes two of its own.
        yield ""
        return
    place = SCALE_PLACE if name == "scale" else PLACE
    dsn = server_dsn(os.environ, place)
    try:
        yield dsn
    finally:
        if not os.environ.get("DATABASE_URL"):
            server = EmbeddedPostgres(place)
            data = server.status().data
            server.stop()
            if name == "scale" and data is not None:
                shutil.rmtree(Path(data).parent)


def _count(text: str) -> int:
    """A number of households, one or more."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def measured(
    name: str,
    dsn: str,
    quick: bool,
    keep: bool = False,
    sizes: tuple[int, ...] = (),
    minutes: float = scale.MINUTES,
) -> Report:
    """The bench of that name, on the server of that DSN. `keep` is for the check alone, `sizes`
    (households) and `minutes` for the scale."""
    bench = BENCHES[name]
    if name == "check":
        bench = partial(check.figures, keep=keep)
    elif name == "scale":
        bench = partial(scale.figures, sizes=sizes, minutes=minutes)
    found = tuple(bench(dsn, quick))
    return Report(bench=name, machine=machine(), figures=found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
