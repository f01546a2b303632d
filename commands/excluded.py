"""Words for a resident whose visitor's vehicle is known to be one that the scheme does not cover.

The visit is booked all the same: what is known of a vehicle may be put right, and cover is judged
when an officer asks. A vehicle of which nothing is known earns no word.

Source: X-020, STV-030.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from commands.base import Context, Values
from ledger.events import (
    AnyEvent,
    BookingAmended,
    CardUsed,
    Cover,
    StayBegan,
    VehicleSwitched,
    VoucherBooked,
)
from ledger.rules.covering import VehicleFacts, excluded_by

Known = Callable[[str, datetime], VehicleFacts]
"""What is known of the vehicle with this glyph key, at an instant."""

USES = (VoucherBooked, BookingAmended, CardUsed, StayBegan, VehicleSwitched)


def warned(values: Values, events: Sequence[AnyEvent], context: Context, known: Known) -> Values:
    """What the sender is told, with a warning for each vehicle that is over a limit."""
    if not context.scheme.vehicle_limits:
        return values
    found = list(_warnings(events, context, known))
    if not found:
        return values
    before = values.get("warnings", [])
    assert isinstance(before, list)
    return {**values, "warnings": [*before, *found]}


def _warnings(events: Sequence[AnyEvent], context: Context, known: Known) -> Iterator[str]:
    covers = (
        cover
        for event in events
        if isinstance(event, USES)
        for cover in event.covers
        if cover.kind != "listed"
    )
    used: dict[str, Cover] = {cover.glyphs: cover for cover in covers}
    for glyphs, cover in used.items():
        limit = excluded_by(known(glyphs, context.at), context.scheme.vehicle_limits)
        if limit is not None:
            named = "kind of vehicle" if limit == "class" else limit.replace("_", " ")
            yield f"{cover.shown} has no cover under this scheme: over its limit for {named}"
