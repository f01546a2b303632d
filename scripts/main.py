"""`permit-ledger`: what the program can be told to do. Flags, wiring and exit status; nothing else.

Exit status: 0 done, 1 refused or failed, 2 asked for wrongly or given a file that is not valid.
Every import of weight is inside a command, so that `--help` is quick.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from scripts.wrong import Wrong, expected, told

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

app.command("scripts.tokens:token", name="token", help="Make, list and revoke sign-in tokens.")
app.command(
    "scripts.staff:staff",
    name="staff",
    help="Accounts of staff, officers and auditors: make, list, reset, end.",
)
app.command(
    "scripts.keys:keys",
    name="keys",
    help="The keys that seal the secrets of staff's one-time codes.",
)
app.command(
    "scripts.resident:resident",
    name="resident",
    help="Record what a resident says of themselves: another address, a move, a visitor forgotten.",
)
app.command(
    "scripts.node:node",
    name="node",
    help="Answer checks from memory, for fleets of cameras.",
)
app.command(
    "scripts.replica:replica",
    name="replica",
    help="Look after a streaming replica of the embedded PostgreSQL.",
)
app.command(
    "scripts.schemes:scheme",
    name="scheme",
    help="Read a scheme in words, compare two, check a file.",
)
app.command(
    "scripts.standing:as_at",
    name="as-at",
    help="Say what a household was at an instant, from what was known at another.",
)
app.command(
    "scripts.standing:exceptions",
    name="exceptions",
    help="List what staff did that is worth a second look.",
)
app.command(
    "scripts.disputes:notices",
    name="notices",
    help="List penalty charge notices, with what speaks against each.",
)
app.command(
    "scripts.disputes:cases",
    name="cases",
    help="List disputes with the law's clock that runs, the soonest due first.",
)
app.command(
    "scripts.disputes:outages",
    name="outages",
    help="List outages, or the notices that were issued in one of them.",
)
app.command(
    "scripts.historic:tell",
    name="history",
    help="Tell everything that was done in a household, in order, and what it changed.",
)
app.command(
    "scripts.subject:main",
    name="subject-access",
    help="Write everything that is held about one resident into a folder.",
)
app.command(
    "scripts.replaying:rebuild_models",
    name="rebuild",
    help="Rebuild read models from the facts, while commands go on.",
)
app.command(
    "scripts.replaying:verify_ledger",
    name="verify",
    help="Tell everything again from the facts, and say where the ledger is not whole.",
)
app.command(
    "scripts.evidence:evidence",
    name="evidence",
    help="Write the evidence pack of a case, as PDF and JSON: the same bytes every time.",
)
app.command(
    "scripts.prove.proving:prove",
    name="prove",
    help="Put the promises to the proof: kills, cuts, full disks, restores. One line for each.",
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
        raise Wrong("scenarios needs a file or a folder")
    return running.main(paths, json=json, only=only, fail_fast=fail_fast, jobs=jobs)


@app.command
def check(
    *,
    council: str,
    mark: str,
    zone: str = "",
    at: str = "",
    known: str = "",
    json: bool = False,
) -> int:
    """Ask whether a vehicle is covered, and why. The answer is kept, as an officer's is.

    Parameters
    ----------
    council
        The id of its scheme.
    mark
        The registration mark, as typed.
    zone
        Where; needed where the scheme has more than one.
    at
        The instant asked about: YYYY-MM-DD HH:MM[:SS], local, or in UTC with a Z (default: now).
    known
        Answer from what was recorded by this instant (default: now).
    json
        Print the whole answer as one JSON object.
    """
    from scripts import checking

    return checking.main(council=council, mark=mark, zone=zone, at=at, known=known, json=json)


@app.command
def lookups(*, council: str, hours: int = 24, most: int = 500, json: bool = False) -> int:
    """Report how many marks each officer looked up, by the hour, and which hours stand out.

    Parameters
    ----------
    council
        The id of its scheme.
    hours
        How far back.
    most
        From how many look-ups on an hour stands out.
    json
        One JSON object a line.
    """
    from scripts import looked_up

    return looked_up.report(council=council, hours=hours, most=most, json=json)


@app.command
def allowance(
    *,
    council: str,
    property_ref: Annotated[str, Parameter(name="--property")],
    product: str,
    on: str = "",
    json: bool = False,
) -> int:
    """Say how much of a product's allowance is used, left, and when it comes back.

    Parameters
    ----------
    council
        The id of its scheme.
    property_ref
        The reference of the household's property.
    product
        The product's id in the scheme.
    on
        The date asked about, YYYY-MM-DD (default: today).
    json
        Print one JSON array.
    """
    from scripts import looking

    return looking.allowance(
        council=council, property_ref=property_ref, product=product, on=on, json=json
    )


@app.command(name="what-if")
def what_if(
    *,
    council: str,
    scheme: tuple[str, ...],
    begins: Annotated[str, Parameter(name="--from")],
    ends: Annotated[str, Parameter(name="--to")],
    csv: Path | None = None,
    html: Path | None = None,
    json: bool = False,
    quiet: bool = False,
) -> int:
    """Ask again what real households asked for, under terms that are only proposed.

    Parameters
    ----------
    council
        The id of its scheme, or what the id begins with.
    scheme
        A proposal: a scheme file, a file of only the values that change, or a scheme's id; may be
        given several times.
    begins
        The first day of the period, YYYY-MM-DD.
    ends
        The first day after it.
    csv
        Write the figures to this file as comma-separated values.
    html
        Write the report to this file as a page with plots.
    json
        Print one JSON object.
    quiet
        Print no progress.
    """
    from scripts import what_if as asking

    return asking.main(
        council=council,
        schemes=scheme,
        begins=begins,
        ends=ends,
        csv_file=csv,
        html_file=html,
        json=json,
        quiet=quiet,
    )


@app.command
def simulate(
    *,
    council: str,
    households: int = 100,
    years: float = 1.0,
    seed: int = 1,
    quiet: bool = False,
    one_by_one: bool = False,
) -> int:
    """Invent a history for a council that has none: the same seed gives the same events.

    Parameters
    ----------
    council
        The id of its scheme.
    households
        How many households.
    years
        How long, up to now.
    seed
        What chance starts from.
    quiet
        Print no progress.
    one_by_one
        Send each command by itself, as where the council has facts; else the same decisions are
        made in memory, and stored at once.
    """
    from scripts import simulating
    from scripts.settings import database as dsn

    return simulating.main(council, households, years, seed, dsn(), quiet, one_by_one=one_by_one)


@app.command
def serve(*, host: str = "127.0.0.1", port: int = 8080, sandbox: bool = False) -> int:
    """Serve the HTTP interface and the officer's page.

    Parameters
    ----------
    host
        The address to listen on.
    port
        And the port.
    sandbox
        For trying it: residents say themselves that they paid, and PINs go to a private file.
    """
    from scripts import serving

    return serving.main(host, port, sandbox=sandbox)


@app.command
def work() -> int:
    """Do what falls due, until told to stop: units, permits and unpaid offers lapse."""
    from scripts import working

    return working.main()


@app.command
def migrate(*, council: str = "") -> int:
    """Bring the database of every council to this version of the program.

    Parameters
    ----------
    council
        This council's alone.
    """
    from scripts import keeping

    return keeping.migrate(council)


@app.command
def database(act: Literal["start", "stop", "status", "dsn", "restored"], /) -> int:
    """Look after the embedded PostgreSQL, which is used where DATABASE_URL is not set.

    Parameters
    ----------
    act
        dsn starts it if need be, and prints how to connect; restored is said once after every
        restore and move to another server, before the first write, of DATABASE_URL as well.
    """
    from scripts import keeping

    return keeping.act(act)


def _wrong(detail: str) -> int:
    _say(detail)
    return WRONG


def _say(detail: str) -> None:
    sys.stderr.write(f"permit-ledger: {detail}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status. What is printed is for a person: one clear line for whatever went wrong."""
    try:
        status = app(arguments)
    except CycloptsError as error:
        return _wrong(" ".join(str(error).split()))
    except Wrong as error:
        return _wrong(str(error))
    except BrokenPipeError:
        # Whoever read has read enough; nothing is to be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except expected() as error:
        _say(told(error))
        return FAILED
    return status if isinstance(status, int) else DONE


if __name__ == "__main__":
    sys.exit(main())
