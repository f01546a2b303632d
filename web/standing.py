"""A household on three axes, and the exceptions report, over HTTP.

Source: design section 5; X-102; E10, E11.
"""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from replay.as_at import StateAsAt, as_at
from replay.exceptions import Exceptional, exceptions
from web.access import TIME_TRAVELLERS, Roles, household_of
from web.asking import Asking, Instant
from web.operations import Call, Operation, Site

COUNCIL = "/api/v1/{council}"
LISTED_MAX = 1000


class AsAtAsked(Asking, frozen=True, kw_only=True):
    """About `on`, from what was recorded by `known_at`; both are now unless given."""

    known_at: Instant | None = None
    on: Instant | None = None


class ExceptionsAsked(Asking, frozen=True, kw_only=True):
    """Of `[since, until)`: the last `days` unless given."""

    since: Instant | None = None
    until: Instant | None = None
    days: Annotated[int, Meta(ge=1, le=3660)] = 31


class ExceptionsSeen(Struct, frozen=True, kw_only=True):
    """At most 1,000, oldest first; `more`: there are others after them."""

    exceptions: list[Exceptional]
    more: bool


def state(call: Call) -> StateAsAt:
    """Raises NotFound for a household of which nothing was known then."""
    asked: AsAtAsked = call.query
    stream = household_of(call.by, call.params["household"])
    with call.council.pool.connection() as connection:
        now = call.council.now(connection)
    return as_at(
        call.council.ledger,
        call.council.editions,
        stream,
        known_at=asked.known_at or now,
        on=asked.on or now,
    )


def report(call: Call) -> ExceptionsSeen:
    """What staff did that is worth a second look."""
    asked: ExceptionsAsked = call.query
    with call.council.pool.connection() as connection:
        now = call.council.now(connection)
    until = asked.until or now + timedelta(seconds=1)
    since = asked.since or until - timedelta(days=asked.days)
    found: list[Exceptional] = []
    for each in exceptions(call.council.ledger, since, until):
        if len(found) == LISTED_MAX:
            return ExceptionsSeen(exceptions=found, more=True)
        found.append(each)
    return ExceptionsSeen(exceptions=found, more=False)


def _auditors(site: Site) -> Roles:
    return frozenset({"auditor"})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path=f"{COUNCIL}/households/{{household}}/as-at",
        name="as_at",
        about="What a household was at an instant, from what was known at another, and what"
        " officers were shown that day.",
        roles=lambda site: TIME_TRAVELLERS | {"dispute"},
        act=state,
        query=AsAtAsked,
        answer=StateAsAt,
    ),
    Operation(
        method="GET",
        path=f"{COUNCIL}/exceptions",
        name="exceptions",
        about="What staff did that is worth a second look: dated back, granted, attempted.",
        roles=_auditors,
        act=report,
        query=ExceptionsAsked,
        answer=ExceptionsSeen,
    ),
)
