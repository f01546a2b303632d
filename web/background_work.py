"""The worker of `web.background`: `python -m web.background_work KIND COUNCIL ...`.

It says how far it is and what came of it, a line of JSON each. `DATABASE_URL` names the database;
the first line of its input is a text to work on; when its input ends, so does it.
"""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from threading import Thread
from time import monotonic
from typing import Any

import msgspec
import psycopg

from ledger.calendar import start_of_day
from ledger.refusals import LedgerError
from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in
from replay.scenarios.running import run_scenario
from replay.scenarios.world import worlds
from replay.schemes import shipped
from replay.verify import verify
from replay.what_if import page
from replay.what_if.proposals import named, of_text
from replay.what_if.replaying import replayed, setting
from replay.what_if.report import report
from replay.what_if.streams import events_stored
from services.council import working_days
from services.councils import open_councils
from services.postgres.scratch import scratch_database
from web.background import Said

SAID_EVERY = 0.5
NICER = 10
Progress = Callable[[int, int], None]


def verified(dsn: str, council: str, told: Progress) -> dict[str, Any]:
    """The whole ledger told again. Every fact is read once by itself, and once for the rows."""
    with open_councils(dsn, [council], commands_max=2, checks_max=1, migrate=False) as opened:
        asked = opened[council]
        with asked.pool.connection() as connection:
            events = events_stored(connection, asked.schema)
        found = verify(
            asked.ledger,
            progress=lambda step, done: told(done + (events if step == "rows" else 0), 2 * events),
        )
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return {**plain, "problems": [_problem(each) for each in plain["problems"]]}


def _problem(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in plain.items() if name != "difference"}


def examples_run(dsn: str, scheme: str, told: Progress) -> dict[str, Any]:
    """Every worked example of a scheme, in a database that is made for it and dropped."""
    with scratch_database(dsn) as scratch:
        world = worlds(scratch)
        scenarios = shipped.examples(scheme, world.zone_of)
        world.open_worker()
        results = []
        for number, each in enumerate(scenarios, start=1):
            results.append(run_scenario(each, world.world))
            told(number, len(scenarios))
    return {
        "scheme": scheme,
        "results": [
            {
                "id": each.id,
                "ok": each.ok,
                "failures": [
                    f"Step {one.step}: {one.expected} was expected, and {one.actual} came."
                    for one in each.failures
                ],
            }
            for each in results
        ],
    }


def reported(
    dsn: str, council: str, asked: Sequence[str], text: str, told: Progress
) -> dict[str, Any]:
    """What-if, for a proposal by its name or as the text of a file. Raises SchemeRejected."""
    first, after, name = asked
    begins, ends = date.fromisoformat(first), date.fromisoformat(after)
    with open_councils(dsn, [council], commands_max=2, checks_max=1, migrate=False) as opened:
        at = opened[council]
        base = at.editions.in_force(begins)
        library = built_in()
        of_file = of_text(text, name, base, library) if text else None
        proposals = [of_file or named(name, base, library)]
        period = (start_of_day(begins, base.tz), start_of_day(ends, base.tz))
        again = setting(at.editions, working_days(), proposals, *period)
        sums = replayed(at.ledger, again, told)
        found = report(council, base, begins, ends, proposals, sums)
    if not found.households:
        return {"households": 0}
    return {
        "households": found.households,
        "title": found.proposals[0].title,
        "begins": first,
        "ends": after,
        "checked": found.checked,
        "changes": list(found.proposals[0].changes),
        "html": page.html(found),
    }


def _end_with_the_server() -> None:
    # Not by the buffer: its lock would be held when the worker is done.
    while os.read(0, 4096):
        pass
    os._exit(1)


def main(kind: str, council: str, *asked: str) -> None:
    """Do it, and say so."""
    os.nice(NICER)
    text = msgspec.json.decode(sys.stdin.buffer.readline(), type=str)
    Thread(target=_end_with_the_server, daemon=True).start()
    dsn = os.environ["DATABASE_URL"]
    last = 0.0

    def told(done: int, whole: int) -> None:
        nonlocal last
        if monotonic() - last >= SAID_EVERY:
            last = monotonic()
            _say(Said(done=done, whole=whole))

    try:
        match kind:
            case "verify":
                result = verified(dsn, council, told)
            case "examples":
                result = examples_run(dsn, asked[0], told)
            case _:
                result = reported(dsn, council, asked, text, told)
    except SchemeRejected as rejected:
        _say(Said(failed="; ".join(map(str, rejected.errors))))
    except LedgerError as error:
        _say(Said(failed=str(error)))
    except psycopg.errors.InsufficientPrivilege:
        why = "The database's login may not make a database of its own to run them in."
        _say(Said(failed=why))
    else:
        _say(Said(result=result))


def _say(said: Said) -> None:
    sys.stdout.write(f"{msgspec.json.encode(said).decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
