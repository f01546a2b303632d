"""How a right came about, said of the fact behind it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ledger import events as facts
from ledger.events import Recorded
from ledger.scheme.schema import Scheme
from replay.wording import day, named, near

_THINGS = {
    "booking": "the booking",
    "active": "the permit",
    "listed": "the permit",
    "holding": "the permit",
    "card": "the card",
    "stay": "the stay",
    "correction": "the corrected cover",
}


def thing(kind: str, product: str, scheme: Scheme) -> str:
    """`The booking (Virtual Visitor Vouchers)`."""
    sold = scheme.product(product)
    name = sold.name if sold is not None and sold.name else named(product)
    word = _THINGS.get(kind, "the right")
    return f"{word[:1].upper()}{word[1:]} ({name})"


def origin(fact: Recorded, covers_from: datetime, about: datetime, tz: ZoneInfo) -> str:
    """What made a right as it is known: `booked at 14:12 for 14:20`. Days are left out where they
    are the day of `about`.
    """
    at = near(fact.recorded_at, about, tz)
    start = near(covers_from, about, tz)
    match fact.event:
        case facts.VoucherBooked():
            return f"booked at {at} for {start}"
        case facts.BookingAmended() as event:
            return f"the booking was changed at {at} from {event.was_shown}"
        case facts.VehicleSwitched() as event:
            return f"the permit was switched to {event.shown} at {at}"
        case facts.VehicleAdded() as event:
            return f"{event.shown} was put on the permit's list at {at}"
        case facts.VehicleRemoved() as event:
            return f"{event.shown} was taken off the permit's list at {at}"
        case facts.HoldingIssued():
            return f"the permit was issued at {at}, in force from {start}"
        case facts.HoldingEnded() as event:
            return f"it was ended at {at}: {event.why.replace('_', ' ')}"
        case facts.ResidentMovedOut() as event:
            return f"the resident moved out at {near(event.moved_out_at, about, tz)}"
        case facts.CardUsed() as event:
            return f"the card was dated {day(event.used_on)}, recorded at {at}"
        case facts.StayBegan() as event:
            return f"the stay began at {near(event.began_at, about, tz)}, clock {event.clock}"
        case facts.StayEnded() as event:
            return f"the vehicle left at {near(event.left_at, about, tz)}"
        case facts.PermitObserved() as event:
            found = event.verdict.replace("_", " ")
            return f"an officer read it at {near(event.observed_at, about, tz)}: {found or 'valid'}"
        case facts.CoverCorrected() as event:
            return f"corrected at {at}: {event.reason}"
        case _:
            return f"recorded at {at}"
