"""A resident moves out: what they held ends at that instant, and nothing is refunded.

Visits of theirs that had not begun are void; one that is running ends then. When nobody is left,
what was bought no longer counts against those who live there next, where the scheme says so and
staff recorded the move, and no exception agreed for those who left is theirs.

Source: RBW-007, RBW-065, A-121; X-055, X-104.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from commands import ending as early
from commands.base import Command, Context, Values
from ledger.calendar import local_date
from ledger.events import AnyEvent, ResidentMovedOut
from ledger.household.state import Holding, Household, Resident
from ledger.refusals import Refusal, refuse_if
from ledger.rules import allowance, ending


class MoveOut(Command, frozen=True, kw_only=True, tag="move_out"):
    """`on` is the instant of moving out; now where none is given."""

    resident: str
    on: Annotated[datetime, Meta(tz=True)] | None = None


def decide(command: MoveOut, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused: `eligibility.not_resident` for one who does not live there, and
    `correction.staff_alone` for a resident who says it of another, or of another instant than now.
    """
    refuse_if(*_strangers(command, context))
    resident = household.residents.get(command.resident)
    gone = resident is None or resident.moved_out_at is not None
    refuse_if(
        Refusal("eligibility.not_resident", "nobody of that name lives at this property now")
        if gone
        else None
    )
    assert resident is not None
    at = command.on or context.at
    ended = [h for h in _held(household, resident, context) if h.in_hand(at)]
    ids = {holding.holding_id for holding in ended}
    cut = ending.cut(household, ids, at)
    emptied = all(
        other.resident_id == resident.resident_id or other.moved_out_at is not None
        for other in household.residents.values()
    )
    return [
        ResidentMovedOut(
            resident_id=resident.resident_id,
            moved_out_at=at,
            moved_out_on=local_date(at, context.scheme.tz),
            emptied=emptied,
            ended_holdings=tuple(holding.holding_id for holding in ended),
            void_bookings=cut.void_bookings,
            uncounted=(*_uncounted(household, ids, emptied, at, context), *cut.uncounted),
            covers=cut.covers,
            uncovers=cut.uncovers,
            ended_grants=_ended_grants(household, emptied, at, context),
        ),
        *early.dependants(household, ids, at, context),
    ]


def _strangers(command: MoveOut, context: Context) -> Iterator[Refusal]:
    """A move that was is a correction of what was covered, and one that will be can change."""
    if context.by.role != "resident":
        return
    if command.resident != context.by.name:
        yield Refusal("correction.staff_alone", "you can say this of yourself alone")
    if command.on is not None and command.on != context.at:
        yield Refusal(
            "correction.staff_alone", "you can say this on the day; the parking team can for others"
        )


def _held(household: Household, resident: Resident, context: Context) -> Iterator[Holding]:
    """What ends with this resident: theirs, of products whose holdings end on a move."""
    for holding in household.holdings.values():
        product = context.edition(holding.edition).product(holding.product)
        if product and product.holding.ends_on_move and holding.resident_id == resident.resident_id:
            yield holding


def _uncounted(
    household: Household, ended: set[str], emptied: bool, at: datetime, context: Context
) -> Iterator[tuple[str, str]]:
    """What stops counting: permits that ended, and all purchases and uses when nobody is left.

    What had stopped counting before is left as it was: a move never lengthens anything.
    """
    # What was bought begins anew for another household: that nobody is left is staff's to say. Else
    # whoever lives alone could move out, register again, and buy a second allowance.
    said_by_staff = context.by.role != "resident"
    resets = emptied and context.scheme.household.reset_on_move and said_by_staff
    moved_on = local_date(at, context.scheme.tz)
    for tally in allowance.tallies(household):
        each = tally.counted
        before = household.uncounted.get((tally.of, each.cap), each.counts_until)
        if before <= moved_on:
            continue
        concurrent = "/concurrent/" in each.cap
        if resets or (concurrent and tally.of in ended):
            yield tally.of, each.cap


def _ended_grants(
    household: Household, emptied: bool, at: datetime, context: Context
) -> tuple[str, ...]:
    """Exceptions that still count, when nobody is left of those for whom they were agreed."""
    if not (emptied and context.scheme.household.reset_on_move):
        return ()
    moved_on = local_date(at, context.scheme.tz)
    return tuple(
        grant.grant_id for grant in household.grants.values() if moved_on < grant.counts_until
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    moved = events[0]
    assert isinstance(moved, ResidentMovedOut)
    return {"resident": moved.resident_id, "ended": list(moved.ended_holdings)}
