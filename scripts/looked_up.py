"""`permit-ledger lookups`: who looked up how many marks, for auditors.

Source: promises.md, threat model ("looks up an acquaintance").
"""

import sys
from datetime import timedelta

import msgspec

from projections import lookups
from scripts.asking import asked_council, shown
from scripts.wrong import Wrong

HOURS_MAX = 24 * 366


def report(*, council: str, hours: int, most: int, json: bool) -> int:
    """0 whether or not an hour stands out. Raises NotFound, Wrong."""
    if not 0 < hours <= HOURS_MAX or most < 1:
        raise Wrong(f"--hours is 1 to {HOURS_MAX}, and --most is 1 or more")
    with asked_council(council) as asked, asked.pool.connection() as connection:
        zone = asked.editions.latest.tz
        until = asked.now(connection) + timedelta(seconds=1)
        since = until - timedelta(hours=hours)
        found = lookups.officers_hours(connection, asked.schema, since, until, most)
    for each in found:
        if json:
            sys.stdout.write(f"{msgspec.json.encode(each).decode()}\n")
            continue
        stands_out = "  STANDS OUT" if each.stands_out else ""
        sys.stdout.write(
            f"{shown(each.hour, zone)}  {each.officer:<20} {each.lookups:>6} look-ups of"
            f" {each.marks} marks on {each.devices} devices{stands_out}\n"
        )
    return 0
