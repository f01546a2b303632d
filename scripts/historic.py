"""`permit-ledger history`: what was done in a household, filtered, in pages or whole.

It is written as it is read: a long history needs no more memory than a short one.
"""

import sys
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from ledger.calendar import start_of_day
from ledger.refusals import NotFound
from ledger.values import parse_mark
from replay.acts import ACTS
from replay.attempts import CHECKED, REFUSED_ATTEMPT
from replay.history import Act, Filter, history, write_csv, write_json_lines
from scripts.asking import asked_council, household_id, instant, shown
from scripts.wrong import Wrong
from services.council import Council

Format = Literal["text", "csv", "jsonl"]
KINDS = frozenset({telling.act for telling in ACTS.values()} | {CHECKED, REFUSED_ATTEMPT})


def tell(
    *,
    council: str,
    household: str = "",
    property_ref: Annotated[str, Parameter(name="--property")] = "",
    format: Format | None = None,  # noqa: A002
    act: tuple[str, ...] = (),
    who: str = "",
    since: str = "",
    until: str = "",
    mark: str = "",
    attempts: bool = False,
    checks: bool = False,
    cursor: str = "",
    limit: int | None = None,
    json: bool = False,
    csv: bool = False,
) -> int:
    """Tell everything that was done in a household, in order, and what it changed.

    Parameters
    ----------
    council
        The id of its scheme.
    household
        The household's id.
    property_ref
        Or the reference of its property.
    format
        text for people (the default), csv, or jsonl: one JSON object a line.
    act
        Only acts of this kind, such as booked; may be given several times.
    who
        Only acts by, or on behalf of, this role, name or id.
    since
        Only acts recorded from then on: YYYY-MM-DD [HH:MM[:SS]], local, or in UTC with a Z.
    until
        Only acts recorded before then.
    mark
        Only acts about this vehicle.
    attempts
        Tell the attempts that were refused as well.
    checks
        Tell the checks that were answered from the household's rights as well.
    cursor
        Go on after the act that an earlier page ended with.
    limit
        At most so many acts; the cursor of the next page is printed on standard error.
    json
        The same as --format jsonl.
    csv
        The same as --format csv.
    """
    how = _format(format, json, csv)
    if limit is not None and limit < 1:
        raise Wrong("--limit is one or more")
    with asked_council(council) as asked:
        zone = asked.editions.latest.tz
        wanted = Filter(
            acts=_kinds(act),
            who=who,
            since=_instant("--since", since, zone),
            until=_instant("--until", until, zone),
            mark=_mark(mark),
        )
        stream = household_id(asked, household, property_ref)
        acts = _acts(asked, stream, cursor, wanted, attempts=attempts, checks=checks)
        _write(acts, how, zone, limit)
    return 0


def _acts(
    asked: Council, stream: UUID, cursor: str, wanted: Filter, *, attempts: bool, checks: bool
) -> Iterator[Act]:
    """What is to be told. Raises NotFound, Wrong."""
    if next(asked.ledger.facts(stream), None) is None:
        raise NotFound("household")
    try:
        return history(
            asked.ledger,
            stream,
            cursor=cursor,
            time_zone=asked.editions.latest.tz,
            attempts=attempts,
            checks=checks,
            wanted=wanted,
        )
    except ValueError as error:
        raise Wrong(f"--cursor: {error}") from None


def _write(acts: Iterator[Act], how: Format, zone: ZoneInfo, limit: int | None) -> None:
    last: list[Act] = []

    def noted() -> Iterator[Act]:
        for act in islice(acts, limit):
            last[:] = [act]
            yield act

    match how:
        case "jsonl":
            write_json_lines(noted(), sys.stdout.buffer)
        case "csv":
            write_csv(noted(), sys.stdout)
        case "text":
            for act in noted():
                for line in _lines(act, zone):
                    sys.stdout.write(f"{line}\n")
    more = next(acts, None) if limit is not None else None
    if more is not None and last:
        sys.stderr.write(f"more: --cursor {last[0].cursor}\n")


def _lines(act: Act, zone: ZoneInfo) -> Iterator[str]:
    by = f"{act.role} {act.by}" if act.role != act.by else act.role
    how = f"{by}, {act.channel}" if act.channel else by
    version = act.version or "-"
    yield f"{version:>5}  {shown(act.recorded_at, zone)}  {act.act:<14} {act.sentence}  ({how})"
    for change in act.changed:
        yield f"{'':>7}{change}"


def _format(named: Format | None, json: bool, csv: bool) -> Format:
    if json and csv:
        raise Wrong("choose --json or --csv")
    short: Format | None = "jsonl" if json else "csv" if csv else None
    if named and short and named != short:
        raise Wrong(f"--format {named} and --{'json' if json else 'csv'} do not go together")
    return named or short or "text"


def _kinds(named: tuple[str, ...]) -> frozenset[str]:
    unknown = sorted(set(named) - KINDS)
    if unknown:
        raise Wrong(f"no such act: {', '.join(unknown)} (there are: {', '.join(sorted(KINDS))})")
    return frozenset(named)


def _instant(option: str, written: str, zone: ZoneInfo) -> datetime | None:
    try:
        return start_of_day(date.fromisoformat(written), zone)
    except ValueError:
        return instant(option, written, zone)


def _mark(typed: str) -> str:
    if typed and parse_mark(typed) is None:
        raise Wrong("--mark is a registration mark")
    return typed
