"""`permit-ledger what-if`: real households under terms that are only proposed.

Exit status: 0 done, 1 nothing was done in the period or something failed, 2 asked for wrongly or a
proposal that is not valid.
"""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ledger.calendar import start_of_day
from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in
from ledger.scheme.schema import Scheme
from replay.what_if import page, writing
from replay.what_if.plots import count, pounds
from replay.what_if.proposals import Proposal, named
from replay.what_if.replaying import replayed, setting
from replay.what_if.report import Report, Row, report
from scripts.asking import asked_council
from scripts.wrong import Wrong
from services.council import Council, working_days

DONE, NOTHING, INVALID = 0, 1, 2


def main(
    *,
    council: str,
    schemes: Sequence[str],
    begins: str,
    ends: str,
    csv_file: Path | None,
    html_file: Path | None,
    json: bool,
    quiet: bool,
) -> int:
    """Report on stdout, and into the files. Raises Wrong, NotFound, CorruptLedger."""
    first, after = _day("--from", begins), _day("--to", ends)
    if first >= after:
        raise Wrong(f"the period is empty: --from {first} is not before --to {after}")
    if not schemes:
        raise Wrong("name at least one proposal by --scheme")
    with asked_council(_known(council)) as asked:
        base = asked.editions.in_force(first)
        proposals: list[Proposal] = []
        for name in schemes:
            try:
                proposals.append(_proposal(name, base))
            except SchemeRejected as rejected:
                return _not_valid(name, rejected)
        _refuse_same_titles(proposals)
        told = _report(asked, base, first, after, proposals, quiet)
    if not told.households:
        sys.stderr.write(f"{asked.id}: nobody did anything from {first} until before {after}\n")
        return NOTHING
    _write(told, csv_file, html_file)
    if json:
        sys.stdout.write(writing.json(told).decode())
    else:
        _print(told)
    return DONE


def _report(
    asked: Council,
    base: Scheme,
    first: date,
    after: date,
    proposals: Sequence[Proposal],
    quiet: bool,
) -> Report:
    period = (start_of_day(first, base.tz), start_of_day(after, base.tz))
    again = setting(asked.editions, working_days(), proposals, *period)
    with _progress(quiet) as progress:
        task = progress.add_task(f"{asked.id}: facts", total=None)
        sums = replayed(
            asked.ledger,
            again,
            lambda read, whole: progress.update(task, completed=read, total=whole),
        )
    return report(asked.id, base, first, after, proposals, sums)


def _known(council: str) -> str:
    """The id of a live scheme; or what its id begins with, where there is one such."""
    live = {each.scheme.id for each in built_in().read if each.scheme.status == "live"}
    begun = sorted(each for each in live if each.startswith(f"{council}-"))
    return begun[0] if council not in live and len(begun) == 1 else council


def _proposal(name: str, base: Scheme) -> Proposal:
    try:
        return named(name, base, built_in())
    except OSError as error:
        raise Wrong(f"{name}: {error.strerror}") from error


def _not_valid(name: str, rejected: SchemeRejected) -> int:
    sys.stderr.writelines(f"{fault}\n" for fault in rejected.errors)
    faults = len(rejected.errors)
    sys.stderr.write(f"{name}: not valid, {faults} fault{'' if faults == 1 else 's'}\n")
    return INVALID


def _refuse_same_titles(proposals: Sequence[Proposal]) -> None:
    titles = [each.title for each in proposals]
    for title in titles:
        if titles.count(title) > 1:
            raise Wrong(f"{titles.count(title)} proposals are called {title}: give each a title")


def _day(option: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Wrong(f"{option} is a date YYYY-MM-DD, not {written}") from None


def _write(told: Report, csv_file: Path | None, html_file: Path | None) -> None:
    try:
        if csv_file is not None:
            with csv_file.open("w", encoding="utf-8", newline="") as into:
                writing.write_csv(told, into)
        if html_file is not None:
            html_file.write_text(page.html(told), encoding="utf-8")
    except OSError as error:
        raise Wrong(f"{error.filename}: {error.strerror}") from error


def _print(told: Report) -> None:
    console = Console()
    console.print(Text(f"{told.council}: {told.begins} until before {told.ends}"))
    console.print(Text(f"{told.households:,} households. {told.checked}"))
    for different in told.check.differing:
        place = f"household {different.household_id}, version {different.version}"
        console.print(Text(f"  {place}: {different.command}: {different.now}"))
    for each in told.proposals:
        console.print(Text(f"\n{each.title}"), style="bold")
        for line in (*each.changes, *each.warnings):
            console.print(Text(f"  {line}"))
    console.print()
    console.print(_table(told))
    for heading, counts in (
        ("acts that cannot be asked again", told.not_asked),
        ("refused attempts that cannot be asked again", told.attempts_not_asked),
    ):
        if counts:
            named_ = ", ".join(f"{each.number:,} {each.of}" for each in counts)
            console.print(Text(f"{heading}: {named_}"))
    console.print(Text("\nTaken for granted:"))
    for assumed in told.assumptions:
        console.print(Text(f"- {assumed}"))


SHOWN = frozenset(
    {("income", ""), ("income", "zone"), ("units sold", "product"), ("purchases made", "")}
    | {("purchases refused", ""), ("purchases refused", "reason"), ("visits made", "")}
    | {("visits lost", ""), ("visits lost", "reason"), ("visits shorter", "")}
    | {("households", ""), ("households affected", ""), ("households affected", "zone")}
    | {("households", "purchases refused"), ("households", "share of visits lost")}
    | {("households", "what they pay"), ("refused then, sold now", ""), ("worth of it", "")}
)
"""What a screen has room for; the files have every figure."""


def _table(told: Report) -> Table:
    table = Table("", "now")
    for each in told.proposals:
        table.add_column(Text(each.title))
    before = ("", "")
    for row in told.rows:
        if (row.measure, row.by) not in SHOWN:
            continue
        if before[0] not in ("", row.measure):
            table.add_section()
        if row.by and before != (row.measure, row.by):
            table.add_row(Text(f"{row.measure}, by {row.by}"))
        before = (row.measure, row.by)
        table.add_row(*map(Text, _cells(row)))
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    return table


def _cells(row: Row) -> list[str]:
    say = pounds if row.unit == "pence" else count
    label = f"  {row.of}" if row.by else row.measure
    return [label, "" if row.now is None else say(row.now), *map(say, row.then)]


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
