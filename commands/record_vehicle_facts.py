"""Record what is known of a vehicle itself: masses, length, seats, class. Its stream is its own.

Source: STV-028 to 030, RBW-011 to 014, NOR-141, NOR-142; X-019, X-020.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, VehicleFactsRecorded
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.values import mark_refusal, parse_mark

FOUNDS = True

Measure = Annotated[int, Meta(ge=0, le=1_000_000)]
"""Far beyond any vehicle: it catches a slipped key."""


class RecordVehicleFacts(Command, frozen=True, kw_only=True, tag="record_vehicle_facts"):
    vehicle: str
    max_authorised_mass_kg: Measure | None = None
    unladen_mass_kg: Measure | None = None
    goods_mass_kg: Measure | None = None
    length_mm: Measure | None = None
    passengers: Measure | None = None
    vehicle_class: str | None = None
    fits_bay: bool | None = None


def decide(command: RecordVehicleFacts, household: Household, context: Context) -> list[AnyEvent]:
    """Record them. Raises Refused with `vehicle.mark_invalid`."""
    refuse_if(mark_refusal(command.vehicle))
    mark = parse_mark(command.vehicle)
    assert mark is not None
    return [
        VehicleFactsRecorded(
            typed=mark.typed,
            shown=mark.shown,
            glyphs=mark.glyphs,
            max_authorised_mass_kg=command.max_authorised_mass_kg,
            unladen_mass_kg=command.unladen_mass_kg,
            goods_mass_kg=command.goods_mass_kg,
            length_mm=command.length_mm,
            passengers=command.passengers,
            vehicle_class=command.vehicle_class,
            fits_bay=command.fits_bay,
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    recorded = events[0]
    assert isinstance(recorded, VehicleFactsRecorded)
    return {"vehicle": recorded.shown}
