"""What must hold of any history, told again from its events alone, by other means than the rules.

Source: promises P4; GRV-006 (one active vehicle); X-018, X-100 (units); X-034, X-042 (allowances).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise

from ledger.events import (
    AnyEvent,
    BookingCancelled,
    CardUsed,
    Counted,
    Cover,
    HoldingEnded,
    HoldingIssued,
    ResidentMovedOut,
    VoucherBooked,
)
from ledger.household.state import Household
from ledger.rules import allowance
from ledger.scheme.editions import Editions

History = list[tuple[datetime, AnyEvent]]


def covers_at_last(history: History) -> list[Cover]:
    """Every cover as it is known after the last event."""
    known: dict[str, Cover] = {}
    for _, event in history:
        for cover_id in getattr(event, "uncovers", ()):
            known.pop(cover_id, None)
        for cover in getattr(event, "covers", ()):
            known[cover.cover_id] = cover
    return list(known.values())


def two_active(history: History) -> Iterator[tuple[Cover, Cover]]:
    """Pairs of active covers of one holding that overlap: more than one active vehicle."""
    of_holding: dict[str, list[Cover]] = defaultdict(list)
    for cover in covers_at_last(history):
        if cover.kind == "active" and cover.covers_from < cover.covers_until:
            of_holding[cover.holding_id].append(cover)
    for covers in of_holding.values():
        covers.sort(key=lambda cover: cover.covers_from)
        for one, following in pairwise(covers):
            if following.covers_from < one.covers_until:
                yield one, following


def units_out(history: History) -> dict[str, int]:
    """How many units of each holding are with a booking or a card, by the events alone."""
    used: dict[str, int] = defaultdict(int)
    booked: dict[str, VoucherBooked] = {}
    for _, event in history:
        match event:
            case VoucherBooked():
                booked[event.booking_id] = event
                used[event.holding_id] += event.units
                for drawn in event.others:
                    used[drawn.holding_id] += drawn.units
            case CardUsed():
                used[event.holding_id] += event.units
            case BookingCancelled():
                used[event.holding_id] -= event.units_returned
                for drawn in event.others_returned:
                    used[drawn.holding_id] -= drawn.units
            case HoldingEnded():
                _void(used, [booked[each] for each in event.void_bookings], {event.holding_id})
            case ResidentMovedOut():
                _void(used, [booked[each] for each in event.void_bookings], event.ended_holdings)
            case _:
                pass
    return used


def _void(used: dict[str, int], void: list[VoucherBooked], ended: Collection[str]) -> None:
    """Where a visit took units of several holdings, those of one that goes on are there again."""
    for event in void:
        drawn = {event.holding_id: event.units} | {
            each.holding_id: each.units for each in event.others
        }
        for holding_id, units in drawn.items() if event.others else ():
            if holding_id not in ended:
                used[holding_id] -= units


def units_lost(household: Household, history: History) -> Iterator[str]:
    """Holdings whose units are not all there: left, or with a visit that stands."""
    used = units_out(history)
    for holding in household.holdings.values():
        if holding.units != holding.units_left + used[holding.holding_id]:
            yield f"{holding.holding_id}: {holding.units} units, {holding.units_left} left"
        if not 0 <= holding.units_left <= holding.units:
            yield f"{holding.holding_id}: {holding.units_left} of {holding.units} left"


def passed_caps(history: History, editions: Editions) -> Iterator[str]:
    """Caps that are passed on some date, by counting the purchases of that date one by one.

    What stopped counting (a permit that ended, a household that left) is left out from its start.
    """
    issued = [event for _, event in history if isinstance(event, HoldingIssued)]
    stopped = set(_stopped(event for _, event in history))
    for event in issued:
        product = editions.edition(event.edition).product(event.product)
        assert product is not None
        for cap in allowance.caps(product, event.zone):
            key = allowance.cap_key(cap, product)
            whose = event.resident_id if cap.scope == "resident" else None
            counting = [
                each
                for other in issued
                if whose in (None, other.resident_id)
                for each in other.counted
                if each.cap == key and (other.holding_id, key) not in stopped
            ]
            for day in {each.counts_from for each in counting}:
                total = sum(each.amount for each in counting if _counts(each, day))
                if total > cap.max:
                    yield f"{key}: {total} of {cap.max} on {day}"


def _stopped(events: Iterable[AnyEvent]) -> Iterator[tuple[str, str]]:
    for event in events:
        match event:
            case ResidentMovedOut():
                yield from event.uncounted
            case HoldingEnded():
                yield from ((event.holding_id, cap) for cap in event.caps)
            case _:
                pass


def _counts(each: Counted, day: date) -> bool:
    return each.counts_from <= day < each.counts_until
