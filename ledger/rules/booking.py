"""When a visit may be booked, changed or cancelled.

A start is now or a chosen local time, never in the past; a channel may limit how far ahead, to
the same
wall-clock time so many dates later. Until the instant of its start a booking's vehicle can be
changed and the booking cancelled; at that instant and after it nothing can.

Source: STV-080 to 110, HAN-020 to 035; X-005, X-013, X-015, X-021, X-037, X-040, X-043, X-103.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ledger.calendar import NoSuchLocalTime, local_date, nearest_instant, occurs_twice, parse_local
from ledger.events import Cover
from ledger.household.state import Booking, Household
from ledger.refusals import Refusal
from ledger.scheme.products import ChannelTerms, Product
from ledger.scheme.schema import Scheme
from ledger.values import Period

FARTHEST = timedelta(days=36_525)
"""Beyond any holding: a slipped key, and short of the last year that a calendar knows."""


def start(text: str, at: datetime, scheme: Scheme) -> tuple[datetime, Refusal | None]:
    """The instant at which cover would begin, from `now` or a local time, and why it may not.

    A time within the current minute means now: nothing is ever dated back.
    """
    wanted, refusal = asked(text, at, scheme)
    if wanted < at.replace(second=0, microsecond=0):
        return at, Refusal("booking.start_in_past", "a visit cannot begin in the past")
    return max(wanted, at), refusal


def asked(text: str, at: datetime, scheme: Scheme) -> tuple[datetime, Refusal | None]:
    """The instant that was asked for, past or not: for a product that can be dated back.

    Of a local time that occurs twice the first is meant, or none where the scheme wants an offset
    with it (`2026-10-25 01:30+01:00`; X-103).
    """
    if text == "now":
        return at, None
    try:
        wanted = parse_local(text, scheme.tz)
        twice = scheme.calendar.fold == "offset" and occurs_twice(text, scheme.tz)
    except NoSuchLocalTime as error:
        return at, Refusal("booking.no_such_time", str(error))
    except (ValueError, OverflowError):
        return at, Refusal("booking.no_such_time", "a start is `now` or YYYY-MM-DD HH:MM")
    if abs(wanted - at) > FARTHEST:
        return at, Refusal("booking.no_such_time", "a start lies within a hundred years")
    if twice:
        return at, Refusal(
            "booking.no_such_time", "that time occurs twice: give its offset, +01:00 or +00:00"
        )
    return wanted, None


def channel_refusals(
    begins: datetime, at: datetime, terms: ChannelTerms, scheme: Scheme
) -> Iterator[Refusal]:
    """`booking.too_far_ahead` or `booking.not_immediate` for a start that this channel does not
    take.
    """
    if begins == at and not terms.immediate:
        yield Refusal("booking.not_immediate", "this channel does not book for now")
    if begins <= at:
        return
    if not terms.future:
        yield Refusal("booking.too_far_ahead", "this channel books for now only")
    elif terms.max_days is not None:
        wall = at.astimezone(scheme.tz).replace(tzinfo=None) + timedelta(days=terms.max_days)
        if begins > nearest_instant(wall, scheme.tz):
            yield Refusal("booking.too_far_ahead", f"at most {terms.max_days} days ahead")


def duplicate_refusals(
    household: Household,
    glyphs: Iterable[str],
    period: Period,
    product: Product,
    scheme: Scheme,
) -> Iterator[Refusal]:
    """`booking.duplicate` for a vehicle named twice, or that has a unit for that time already.

    Vouchers that last a day are one for each date; hourly ones may not overlap.
    """
    if product.use.duplicate != "reject":
        return
    seen: set[str] = set()
    for mark in glyphs:
        if mark in seen or mark in taken(household, period, product, scheme):
            yield Refusal("booking.duplicate", "this vehicle has a voucher for that time already")
        seen.add(mark)


def taken(household: Household, period: Period, product: Product, scheme: Scheme) -> set[str]:
    """The marks, as glyph keys, that units of this household cover at that time already."""
    return {
        cover.glyphs for cover in _covers(household) if _at_one_time(cover, period, product, scheme)
    }


def duplicate_warnings(
    household: Household, booked: Cover, product: Product, scheme: Scheme
) -> Iterator[str]:
    """A word about a vehicle that has another unit for that time, where a second one is allowed
    (use.duplicate = "warn"; X-021). The household holds the booked cover already.
    """
    if product.use.duplicate != "warn":
        return
    period = Period(booked.covers_from, booked.covers_until)
    for cover in _covers(household):
        if cover.cover_id == booked.cover_id or cover.glyphs != booked.glyphs:
            continue
        if _at_one_time(cover, period, product, scheme):
            yield f"{booked.shown} has another voucher for that time"
            return


def _at_one_time(cover: Cover, period: Period, product: Product, scheme: Scheme) -> bool:
    """Whether a unit is for the same date, or where units last hours overlaps the period."""
    held = Period(cover.covers_from, cover.covers_until)
    if product.use.end.kind == "hours":
        return held.overlaps(period)
    return local_date(held.begins, scheme.tz) == local_date(period.begins, scheme.tz)


def in_use_refusal(
    household: Household, product: Product, period: Period, count: int
) -> Refusal | None:
    """`permit.in_use` where so many more uses of a product would run at one time than may.

    Uses are counted over all that the household holds of it: a second set does not double them.
    """
    most = product.concurrency.uses
    if not most:
        return None
    held = [
        Period(cover.covers_from, cover.covers_until)
        for cover in _covers(household)
        if cover.product == product.id
    ]
    running = [each for each in held if each.overlaps(period)]
    # As many run at once as at the beginning of one of them, or of the new one.
    begins = [period.begins, *(each.begins for each in running if period.holds(each.begins))]
    using = max(sum(each.holds(at) for each in running) for at in begins)
    if using + count <= most:
        return None
    return Refusal("permit.in_use", f"{using} of {most} at one time, {count} more asked for")


def change_refusals(booking: Booking, at: datetime) -> Iterator[Refusal]:
    """Reasons why a booking can no longer be changed or cancelled."""
    if booking.cancelled_at is not None:
        yield Refusal("booking.already_cancelled", "the booking is cancelled")
    elif at >= booking.cover.covers_from:
        yield Refusal("booking.started", "the visit has begun")


def _covers(household: Household) -> Iterator[Cover]:
    for booking in household.bookings.values():
        if booking.cancelled_at is None:
            yield booking.cover
    for card in household.cards.values():
        if card.cover is not None and not card.void:
            yield card.cover
