"""`permit-ledger notices`, `cases` and `outages`: the disputes desk on the command line.

Source: reference/enforcement-and-evidence.md C.5, D6, E15, E16.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ledger.values import FOREVER
from projections import cases as every_case
from projections import incidents
from projections.cases import CaseSeen, Which
from projections.incidents import OutageSeen
from scripts.asking import asked_council, instant, shown
from scripts.wrong import Wrong
from services import disputes
from services.disputes import NoticeTold, OutageTold

PAGE = 200
MARGIN_MAX = 24 * 60
DAYS_MAX = 366


def notices(
    *,
    council: str,
    number: str = "",
    since: str = "",
    until: str = "",
    contradicted: bool = False,
    json: bool = False,
) -> int:
    """List penalty charge notices, with what speaks against each.

    Parameters
    ----------
    council
        The id of its scheme.
    number
        This notice alone.
    since
        Issued at this local time or later.
    until
        Issued before this local time.
    contradicted
        Only those that a warning speaks against.
    json
        One JSON object a line.
    """
    with asked_council(council) as asked:
        zone = asked.editions.latest.tz
        begins, ends = instant("--since", since, zone), instant("--until", until, zone)
        if number:
            _tell_notice(disputes.told(asked, number), zone, json)
            return 0
        after = ""
        while page := disputes.issued(asked, begins, ends, after, PAGE):
            for each in page:
                if each.contradicted or not contradicted:
                    _tell_notice(each, zone, json)
            after = page[-1].notice.number
    return 0


def cases(*, council: str, which: Which = "open", days: int = 14, json: bool = False) -> int:
    """List disputes with the law's clock that runs, the soonest due first.

    Parameters
    ----------
    council
        The id of its scheme.
    which
        Due: the last day is today or within --days; overdue: it is over.
    days
        How far ahead.
    json
        One JSON object a line.
    """
    if not 0 <= days <= DAYS_MAX:
        raise Wrong(f"--days is 0 to {DAYS_MAX}, not {days}")
    with asked_council(council) as asked:
        today = disputes.today(asked)
        with asked.pool.connection() as connection:
            found = every_case.listed(
                connection, asked.schema, today=today, which=which, within_days=days
            )
    for each in found:
        sys.stdout.write(f"{_json(each) if json else _case(each)}\n")
    return 0


def outages(
    *, council: str, outage: str = "", margin: int = 60, known: str = "", json: bool = False
) -> int:
    """List outages, or the notices that were issued in one of them.

    Parameters
    ----------
    council
        The id of its scheme.
    outage
        The outage whose notices are asked for.
    margin
        How many minutes after it are looked at too.
    known
        The register as it was known then (default: now).
    json
        One JSON object a line.
    """
    if not 0 <= margin <= MARGIN_MAX:
        raise Wrong(f"--margin is 0 to {MARGIN_MAX} minutes, not {margin}")
    with asked_council(council) as asked:
        zone = asked.editions.latest.tz
        if outage:
            told = disputes.touched(asked, outage, timedelta(minutes=margin))
            sys.stdout.write(f"{_json(told)}\n" if json else _touched(told, zone))
            return 0
        with asked.pool.connection() as connection:
            found = incidents.outages(
                connection,
                asked.schema,
                since=disputes.LONG_AGO,
                until=FOREVER,
                known_at=instant("--known", known, zone),
            )
    for each in found:
        sys.stdout.write(f"{_json(each) if json else _outage(each, zone)}\n")
    return 0


def _json(told: Struct) -> str:
    return msgspec.json.encode(told).decode()


def _tell_notice(told: NoticeTold, zone: ZoneInfo, json: bool) -> None:
    if json:
        sys.stdout.write(f"{_json(told)}\n")
        return
    seen = told.notice
    state = f"  withdrawn: {seen.cancelled_why}" if seen.cancelled_at else ""
    flag = "  CONTRADICTED" if told.contradicted else ""
    sys.stdout.write(
        f"{seen.number}  {seen.mark}  zone {seen.zone}  {shown(seen.issued_at, zone)}"
        f"  code {seen.contravention}{state}{flag}\n"
    )
    lines = [f"{each.code}: {each.detail}" for each in told.warnings]
    if told.check is not None:
        at = shown(told.check.asked_at, zone)
        lines.append(f"check {told.check.receipt} by {told.check.officer} at {at}")
    lines += [_case(each) for each in told.cases]
    lines += [_outage(each, zone) for each in told.outages]
    sys.stdout.writelines(f"    {line}\n" for line in lines)


def _case(case: CaseSeen) -> str:
    clock = f"  {case.clock} by {case.due_on} ({_left(case.days_left)})" if case.clock else ""
    taken = "  TAKEN AS ACCEPTED" if case.taken_as_accepted else ""
    outcome = f", {case.outcome.replace('_', ' ')}" if case.outcome else ""
    return f"{case.case_id}  {case.number}  {case.kind}  {case.state}{outcome}{clock}{taken}"


def _left(days: int | None) -> str:
    if days is None:
        return ""
    return f"{-days} days late" if days < 0 else f"{days} days left"


def _outage(outage: OutageSeen, zone: ZoneInfo) -> str:
    until = shown(outage.failed_until, zone) if outage.failed_until else "now"
    services = ", ".join(outage.services)
    return (
        f"{outage.outage_id}  {shown(outage.failed_from, zone)} to {until}  {services}:"
        f" {outage.reason} ({outage.found_how})"
    )


def _touched(told: OutageTold, zone: ZoneInfo) -> str:
    lines: Sequence[str] = [
        f"{each.number}  {each.mark}  zone {each.zone}  {shown(each.issued_at, zone)}"
        f"{'  withdrawn' if each.cancelled else ''}"
        f"{f'  booked {shown(each.booked_at, zone)}' if each.booked_at else ''}"
        f"{f'  {len(each.attempts)} attempts failed' if each.attempts else ''}"
        for each in told.notices
    ]
    after = f"up to {told.margin_minutes} minutes after it"
    head = f"{_outage(told.outage, zone)}\n{len(lines)} notices were issued in it, or {after}\n"
    return head + "".join(f"    {line}\n" for line in lines)
