"""Look-ups, read by dispute handlers and auditors: what was shown, and who looked up how many.

Source: promises P8, P9; threat model ("looks up an acquaintance").
"""

from datetime import UTC, datetime, timedelta

from ledger.refusals import Refused
from ledger.values import mark_refusal
from projections import lookups
from web.asking import LookupSearch, LookupsSeen, OfficersAsked, OfficersSeen
from web.operations import Call

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def of_mark(call: Call) -> LookupsSeen:
    """Raises Refused with `vehicle.mark_invalid`."""
    asked: LookupSearch = call.body
    refusal = mark_refusal(asked.mark)
    if refusal is not None:
        raise Refused([refusal])
    with call.council.pool.connection() as connection:
        until = asked.until or call.council.now(connection) + timedelta(seconds=1)
        found = lookups.of_mark(
            connection,
            call.council.schema,
            asked.mark,
            asked.since or LONG_AGO,
            until,
            asked.after,
            asked.limit + 1,
        )
    page = found[: asked.limit]
    return LookupsSeen(lookups=page, next=page[-1].receipt if len(found) > len(page) else None)


def of_officers(call: Call) -> OfficersSeen:
    """Every officer's busiest hours."""
    asked: OfficersAsked = call.query
    with call.council.pool.connection() as connection:
        until = asked.until or call.council.now(connection) + timedelta(seconds=1)
        since = asked.since or until - timedelta(days=1)
        found = lookups.officers_hours(connection, call.council.schema, since, until, asked.most)
    return OfficersSeen(hours=found)
