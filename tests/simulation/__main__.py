"""`python -m tests.simulation --seed N`: live one seed again and say where the two accounts part.

With `--histories N` it counts instead: what was accepted, refused and left open, and each pair.
With `--stored` the histories are lived on a PostgreSQL of their own, with the faults of the seeds.
"""

import argparse
import logging
import sys

from tests.simulation.histories import COMMANDS, live
from tests.simulation.proving import failure, run_seeds
from tests.simulation.stored import run_stored


def main() -> int:
    """1 where the product and the oracle do not agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--stored", action="store_true")
    asked = parser.parse_args()
    if asked.stored:
        return _stored(range(asked.seed, asked.seed + max(1, asked.histories)), asked.commands)
    if asked.histories:
        return _counted(range(asked.seed, asked.seed + asked.histories), asked.commands)
    lived = live(asked.seed, asked.commands)
    if not lived.failed:
        sys.stdout.write(f"seed {asked.seed}: {lived.tally.steps} steps agree, {lived.digest}\n")
        return 0
    found = failure(asked.seed, asked.commands, lived)
    sys.stdout.write(f"seed {found.seed}, commit {found.commit}, step {found.step}\n")
    sys.stdout.write(f"{found.reason}\n{found.again}\n")
    sys.stdout.writelines(f"  {step}\n" for step in found.steps)
    return 1


def _stored(seeds: range, commands: int) -> int:
    # Of connections that were cut on purpose there are many.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    found = run_stored(seeds, commands, float("inf"))
    sys.stdout.write(f"{found.reached} histories, {found.note}\n")
    sys.stdout.writelines(f"FAIL {fault}\n" for fault in found.faults)
    return 1 if found.faults else 0


def _counted(seeds: range, commands: int) -> int:
    report = run_seeds(seeds, commands, float("inf"))
    tally = report.tally
    sys.stdout.write(f"{report.histories} histories, {tally.steps} steps, {report.digest}\n")
    for name in ("accepted", "refused", "checks", "unsure", "codes", "boundaries"):
        counted = sorted(getattr(tally, name).items(), key=lambda item: (-item[1], item[0]))
        sys.stdout.write(f"{name}: {', '.join(f'{what} {many}' for what, many in counted)}\n")
    rare = [pair for pair, many in sorted(tally.pairs.items()) if many < 20]
    sys.stdout.write(f"{len(tally.pairs)} pairs, {len(rare)} of them fewer than 20 times\n")
    for each in report.failures:
        sys.stdout.write(f"FAIL seed {each.seed}: {each.reason}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
