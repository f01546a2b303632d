"""A vehicle leaves: its stay ends now, and the time in which it may not return begins.

The permit need not be named. A stay that only an officer's reading of the clock tells of ends too.

Source: NOR-144, NOR-164; A-154, A-155, A-157, A-158; X-064.
"""

from collections.abc import Sequence

from msgspec import Struct

from commands import vehicles_named
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, Cover, StayEnded
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import observing, stays, vehicles


class EndStay(Command, frozen=True, kw_only=True, tag="end_stay"):
    """`zone` is where the vehicle stands, as far as is known, where none is given."""

    vehicle: str
    zone: str = ""


class Stopped(Struct, frozen=True):
    """What a departure puts an end to."""

    stay_id: str
    holding_id: str
    product: str
    zone: str
    cover: Cover | None


def decide(command: EndStay, household: Household, context: Context) -> list[AnyEvent]:
    """Record the departure. Raises Refused with `vehicle.mark_invalid` or `permit.not_in_use`."""
    refuse_if(*vehicles_named.refusals([command.vehicle]))
    (vehicle,) = vehicles_named.listed([command.vehicle])
    stopped = _stopped(household, vehicle.glyphs, command.zone)
    refuse_if(
        None
        if stopped
        else Refusal("permit.not_in_use", "no stay of this vehicle is known in the zone")
    )
    assert stopped is not None
    covers, uncovers = vehicles.cut_short(stopped.cover, context.at)
    return [
        StayEnded(
            stay_id=stopped.stay_id,
            holding_id=stopped.holding_id,
            product=stopped.product,
            glyphs=vehicle.glyphs,
            zone=stopped.zone,
            left_at=context.at,
            covers=covers,
            uncovers=uncovers,
        )
    ]


def _stopped(household: Household, glyphs: str, zone: str) -> Stopped | None:
    stay = stays.open_stay(household, glyphs, zone)
    if stay is not None:
        return Stopped(stay.stay_id, stay.holding_id, stay.product, stay.zone, stay.cover)
    seen = observing.last_clock(household, glyphs, zone)
    return None if seen is None else Stopped("", seen.holding_id, seen.product, seen.zone, None)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    ended = events[0]
    assert isinstance(ended, StayEnded)
    return {"stay": ended.stay_id or None, "holding": ended.holding_id}
