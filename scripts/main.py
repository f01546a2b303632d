"""`permit-ledger`: what the program can be told to do. Flags, wiring and exit status; nothing else.

Exit status: 0 done, 1 refused or failed, 2 asked for wrongly or given a file that is not valid.
Every import of weight is inside a command, so that `--help` is quick.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130

app = App(
    name="permit-ledger",
    help="Visitor-parking permits of a council as an event-sourced ledger on PostgreSQL.",
    default_parameter=Parameter(negative=()),
    version_flags=[],
    exit_on_error=False,
    print_error=False,
    result_action="return_value",
)


@app.command
def scenarios(
    *paths: Annotated[Path, Parameter(name="FILE_OR_FOLDER")],
    json: bool = False,
    only: tuple[str, ...] = (),
    fail_fast: bool = False,
    jobs: int | None = None,
) -> int:
    """Run worked examples of a scheme, each against an empty ledger.

    Parameters
    ----------
    paths
        Scenario files, and folders of them.
    json
        Print one JSON object at the end instead of a line for each scenario.
    only
        Run this scenario alone; may be given several times.
    fail_fast
        Stop at the first failure.
    jobs
        How many processes run them (default: one a processor).
    """
    from scripts import scenarios as running

    if not paths:
        return _wrong("scenarios needs a file or a folder")
    return running.main(paths, json=json, only=only, fail_fast=fail_fast, jobs=jobs)


@app.command
def work() -> int:
    """Do what falls due, until told to stop: units, permits and unpaid offers lapse."""
    from scripts import working

    return working.main()


def _wrong(detail: str) -> int:
    _say(detail)
    return WRONG


def _say(detail: str) -> None:
    sys.stderr.write(f"permit-ledger: {detail}\n")


def _expected() -> tuple[type[Exception], ...]:
    """What may go wrong without a fault of the program: told in one line. Imported only then."""
    import psycopg
    from psycopg_pool import PoolTimeout

    from ledger.refusals import LedgerError
    from ledger.scheme.faults import SchemeRejected
    from ledger.store.migrating import MigrationError
    from services.postgres import PostgresFault

    return (LedgerError, SchemeRejected, MigrationError, PostgresFault, psycopg.Error, PoolTimeout)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status. What is printed is for a person: one clear line for whatever went wrong."""
    try:
        status = app(arguments)
    except CycloptsError as error:
        return _wrong(" ".join(str(error).split()))
    except KeyboardInterrupt:
        return INTERRUPTED
    except _expected() as error:
        _say(str(error).strip() or type(error).__name__)
        return FAILED
    return status if isinstance(status, int) else DONE


if __name__ == "__main__":
    sys.exit(main())
