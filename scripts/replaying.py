"""`permit-ledger rebuild` and `verify`: read models made anew from the facts, and everything told
again.

Exit status: 0 done or whole; 1 where a fact cannot be read, another rebuild is under way, or
something differs; 2 for a model that there is not.

Source: design, section 6; promises P5, P7, P10.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ledger.refusals import ConcurrentChange, CorruptLedger
from ledger.store.rows import ReadModel
from projections import doubts
from projections.registry import EVERY
from replay.rebuild import rebuild
from replay.verify import Step, VerifyReport, verify
from replay.wording import counted
from scripts.asking import asked_council
from scripts.wrong import Wrong
from services.council import Council

STEPS: dict[Step, str] = {"events": "events read", "rows": "events folded"}


def rebuild_models(
    *models: str, council: str, quiet: bool = False, facts_are_right: bool = False
) -> int:
    """Rebuild read models from the facts, beside the live tables, while commands go on.

    Plates that are answered as unknown because of altered rows are answered again afterwards.

    Parameters
    ----------
    models
        Their names (default: every one).
    council
        The id of its scheme.
    quiet
        Print no progress.
    facts_are_right
        Facts that were altered are put right again: end the doubts about them as well.
    """
    chosen = chosen_models(models)
    with asked_council(council) as asked, _progress(quiet) as progress:
        task = progress.add_task(council, total=stored_events(asked))
        try:
            done = rebuild(
                asked.ledger, chosen, lambda events: progress.update(task, completed=events)
            )
        except (CorruptLedger, ConcurrentChange) as error:
            raise type(error)(f"{error}; the live tables are as they were") from error
        with asked.pool.connection() as connection:
            if facts_are_right:
                with connection.transaction():
                    doubts.end(connection, asked.schema, "facts")
            left = doubts.standing(connection, asked.schema)
    for each in done:
        rows = ", ".join(f"{count:,} in {table}" for table, count in each.rows.items())
        sys.stdout.write(f"{each.model}: {each.events:,} events, rows: {rows}\n")
    if left:
        about = " and ".join(sorted({each.about for each in left}))
        count = counted(len({each.glyphs for each in left}), "plate")
        sys.stdout.write(f"{count} answered as unknown still, because of altered {about}\n")
    return 0


def verify_ledger(*, council: str, json: bool = False, quiet: bool = False) -> int:
    """Tell everything again from the facts, and say where the ledger is not whole.

    Parameters
    ----------
    council
        The id of its scheme.
    json
        Print the report as one JSON object.
    quiet
        Print no progress.
    """
    with asked_council(council) as asked, _progress(quiet or json) as progress:
        total = stored_events(asked)
        tasks = {step: progress.add_task(words, total=total) for step, words in STEPS.items()}
        report = verify(
            asked.ledger,
            progress=lambda step, events: progress.update(tasks[step], completed=events),
        )
    if json:
        sys.stdout.write(f"{msgspec.json.encode(report, enc_hook=str).decode()}\n")
    else:
        for line in said(report):
            sys.stdout.write(f"{line}\n")
    return 0 if report.ok else 1


def said(report: VerifyReport) -> Iterator[str]:
    """The report for a person: the problems in order, how many there are, what is in doubt."""
    for problem in report.problems:
        yield str(problem)
    looked = f"{report.events:,} events of {report.households:,} households"
    if report.ok:
        yield f"whole: {looked}, and every read model is what they make"
    else:
        more = report.found - len(report.problems)
        first = f"; the first {len(report.problems):,} are named" if more else ""
        yield f"{counted(report.found, 'problem')} in {looked}{first}"
    if report.in_doubt is None:
        yield "this server takes no writes: no plate was marked as in doubt"
    elif report.in_doubt:
        yield (
            f"{counted(report.in_doubt, 'plate')} answered as unknown: put right what is altered,"
            " then `permit-ledger rebuild` (facts: with --facts-are-right)"
        )


def chosen_models(named: Sequence[str]) -> tuple[ReadModel, ...]:
    """The models of these names; every one where none is named. Raises Wrong."""
    known = {model.name: model for model in EVERY}
    unknown = [name for name in named if name not in known]
    if unknown:
        raise Wrong(f"no such model: {', '.join(unknown)} (there are: {', '.join(known)})")
    return tuple(known[name] for name in dict.fromkeys(named)) or EVERY


def stored_events(council: Council) -> int:
    """How many events are stored: what a progress bar runs up to."""
    with council.pool.connection() as connection:
        row = connection.execute(f"select count(*) from {council.schema}.stored_events").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """A bar on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    ) as progress:
        yield progress
