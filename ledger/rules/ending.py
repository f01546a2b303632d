"""What ends when a holding ends early: its covers, the visits booked on it, the caps it counts on.

A visit that runs ends then, one that had not begun is void; the time that was covered stays
covered. A cap that counts what is in force is free again at once, one that counts purchases is
not, unless the purchase itself was reversed.

Source: RBW-007, A-121; X-042, X-055, X-100.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from msgspec import Struct

from ledger.events import Cover
from ledger.household.state import Holding, Household
from ledger.rules import vehicles


class Cut(Struct, frozen=True):
    """What an event says of the covers that end: shortened, taken back, void bookings, and the
    caps that those no longer count on.
    """

    covers: tuple[Cover, ...]
    uncovers: tuple[str, ...]
    void_bookings: tuple[str, ...]
    uncounted: tuple[tuple[str, str], ...]


def cut(household: Household, holdings: Collection[str], at: datetime) -> Cut:
    """Everything that these holdings covered ends at this instant."""
    covers: list[Cover] = []
    uncovers: list[str] = []
    for cover in live_covers(household, holdings):
        shortened, taken_back = vehicles.cut_short(cover, at)
        covers += shortened
        uncovers += taken_back
    void = tuple(cover_id for cover_id in uncovers if cover_id in household.bookings)
    uncounted = tuple(
        (booking_id, each.cap)
        for booking_id in void
        for each in household.bookings[booking_id].counted
    )
    return Cut(tuple(covers), tuple(uncovers), void, uncounted)


def live_covers(household: Household, holdings: Collection[str]) -> Iterator[Cover]:
    """The covers of these holdings that nothing has ended yet."""
    for holding_id in holdings:
        yield from household.holdings[holding_id].covers.values()
    for booking in household.bookings.values():
        if booking.cancelled_at is None and any(
            drawn.holding_id in holdings for drawn in booking.drawn
        ):
            yield booking.cover
    for card in household.cards.values():
        if card.holding_id in holdings and card.cover is not None and not card.void:
            yield card.cover
    for stay in household.stays.values():
        if stay.holding_id in holdings and stay.left_at is None:
            yield stay.cover


def concurrent_caps(holding: Holding) -> tuple[str, ...]:
    """The caps that count this holding only while it is in force."""
    return tuple(each.cap for each in holding.counted if "/concurrent/" in each.cap)


def every_cap(holding: Holding) -> tuple[str, ...]:
    """All that the purchase counts on: a reversed purchase never was one."""
    return tuple(each.cap for each in holding.counted)
