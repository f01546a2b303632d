"""`permit-ledger as-at` and `exceptions`: a household on three axes, and what is worth a look."""

import sys
from datetime import timedelta
from typing import Annotated

import msgspec
from cyclopts import Parameter

from replay.as_at import as_at as state_as_at
from replay.as_at import sentences
from replay.exceptions import Exceptional
from replay.exceptions import exceptions as every_exception
from scripts.asking import asked_council, household_id, instant, shown
from scripts.wrong import Wrong

DAYS_MAX = 3660


def as_at(
    *,
    council: str,
    household: str = "",
    property_ref: Annotated[str, Parameter(name="--property")] = "",
    known: str = "",
    on: str = "",
    json: bool = False,
) -> int:
    """Say what a household was at an instant, from what was known at another.

    Parameters
    ----------
    council
        The id of its scheme.
    household
        The household's id.
    property_ref
        Or the reference of its property.
    known
        From what was recorded by this local time (default: now).
    on
        The local time asked about (default: now).
    json
        Print one JSON object.
    """
    with asked_council(council) as asked:
        zone = asked.editions.latest.tz
        with asked.pool.connection() as connection:
            now = asked.now(connection)
        state = state_as_at(
            asked.ledger,
            asked.editions,
            household_id(asked, household, property_ref),
            known_at=instant("--known", known, zone) or now,
            on=instant("--on", on, zone) or now,
        )
    if json:
        sys.stdout.write(f"{msgspec.json.encode(state).decode()}\n")
    else:
        sys.stdout.writelines(f"{sentence}\n" for sentence in sentences(state, zone))
    return 0


def exceptions(*, council: str, days: int = 31, json: bool = False) -> int:
    """List what staff did that is worth a second look: dated back, granted, attempted.

    Parameters
    ----------
    council
        The id of its scheme.
    days
        How far back.
    json
        One JSON object a line.
    """
    if not 1 <= days <= DAYS_MAX:
        raise Wrong(f"--days is 1 to {DAYS_MAX}, not {days}")
    with asked_council(council) as asked:
        zone = asked.editions.latest.tz
        with asked.pool.connection() as connection:
            until = asked.now(connection) + timedelta(seconds=1)
        for each in every_exception(asked.ledger, until - timedelta(days=days), until):
            line = msgspec.json.encode(each).decode() if json else _line(each)
            sys.stdout.write(f"{line if json else f'{shown(each.at, zone)}  {line}'}\n")
    return 0


def _line(each: Exceptional) -> str:
    back = f"  dated back {timedelta(seconds=each.back_seconds)}" if each.back_seconds else ""
    second = f", with {each.approver}" if each.approver else ""
    why = ", ".join(each.codes) if each.codes else each.reason
    place = f"{each.household}/{each.version}" if each.version else each.household
    return f"{each.kind:<16} {each.role} {each.by}{second}  {place}{back}  {why}"
