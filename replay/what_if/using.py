"""What was asked for when a right was used: booked, changed, dated, begun, switched, corrected.

As in buying: each function yields the command as it may have been sent, the likeliest first. A
unit is asked for by its product, not by its lot: under other terms the lots may be others.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import product as every

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.end_stay import EndStay
from commands.observe_permit import ObservePermit
from commands.receive_text import ReceiveText
from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from commands.use_card import UseCard
from ledger.calendar import local_date
from ledger.events import (
    BookingAmended,
    BookingCancelled,
    CardUsed,
    CoverCorrected,
    PermitObserved,
    StayBegan,
    StayEnded,
    TextReceived,
    VehicleAdded,
    VehicleRemoved,
    VehicleSwitched,
    VoucherBooked,
)
from replay.what_if.asked import Asked


def book(asked: Asked) -> Iterator[Command]:
    """Those that could not be booked then are asked for too, after the others."""
    booked = [event for event in asked.act.events if isinstance(event, VoucherBooked)]
    first = booked[0]
    left_out = dict.fromkeys(each.typed for each in first.not_booked)
    vehicles = (*(event.covers[0].typed for event in booked), *left_out)
    lots = asked.names.holding_if_any(first.holding_id)
    named = ((first.product, ""), ("", lots), (first.product, lots), ("", ""))
    zones = ("", first.covers[0].zone)
    starts = _starts(first.covers[0].covers_from, asked)
    for start, (product, holding), zone, email in every(starts, named, zones, (True, False)):
        if not first.tell or email:
            yield BookVoucher(
                vehicles=vehicles,
                product=product,
                holding=holding,
                start=start,
                zone=zone,
                until=first.stated_until,
                email=email,
                name=first.name,
            )


def _starts(covers_from: datetime, asked: Asked) -> tuple[str, ...]:
    """What begins later was asked for by its time, in the minute or to the second."""
    if covers_from == asked.act.at:
        return ("now",)
    local = covers_from.astimezone(asked.scheme.tz)
    if local.fold:
        return (f"{covers_from:%Y-%m-%d %H:%M:%S}Z",)
    times = (f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d %H:%M:%S}")
    # A use that begins with its day began before it was asked for.
    if covers_from < asked.act.at:
        return ("now", *times)
    return times[::-1] if local.second else times


def text(asked: Asked) -> Iterator[Command]:
    """The word is the one that these terms want."""
    received, booked = asked.act.events[:2]
    assert isinstance(received, TextReceived)
    assert isinstance(booked, VoucherBooked)
    body = f"{asked.scheme.texting.keyword} {booked.covers[0].typed}"
    confirmed_at = received.confirmation_sent_at
    at_once = confirmed_at == asked.act.at
    yield ReceiveText(body=body, confirmed_at=None if at_once else confirmed_at)


def amend(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, BookingAmended)
    booking = asked.names.booking(event.booking_id)
    yield AmendBooking(booking=booking, vehicle=event.covers[0].typed)


def cancel(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, BookingCancelled)
    yield CancelBooking(booking=asked.names.booking(event.booking_id))


def add(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, VehicleAdded)
    for holding in ("", asked.names.holding(event.holding_id)):
        yield AddVehicle(vehicle=event.typed, holding=holding)


def remove(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, VehicleRemoved)
    for holding in ("", asked.names.holding(event.holding_id)):
        yield RemoveVehicle(vehicle=event.shown, holding=holding)


def switch(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, VehicleSwitched)
    for holding in ("", asked.names.holding_if_any(event.holding_id)):
        yield SwitchVehicle(vehicle=event.shown, holding=holding)


def card(asked: Asked) -> Iterator[Command]:
    """Of today unless another day or time is written on it."""
    event = asked.act.events[0]
    assert isinstance(event, CardUsed)
    cover = event.covers[0]
    local = cover.covers_from.astimezone(asked.scheme.tz)
    today = event.used_on == local_date(asked.act.at, asked.scheme.tz)
    now = asked.act.at.replace(second=0, microsecond=0)
    whole_day = local.hour == local.minute == 0
    written = "" if whole_day or cover.covers_from == now else f"{local:%Y-%m-%d %H:%M}"
    lot = asked.names.holding_if_any(event.holding_id)
    for product, holding in ((event.product, ""), ("", lot), (event.product, lot), ("", "")):
        yield UseCard(
            vehicle=cover.typed,
            product=product,
            holding=holding,
            on=None if today or written else event.used_on,
            time=written,
        )


def begin_stay(asked: Asked) -> Iterator[Command]:
    """On the permit that was used, or on whichever is in force."""
    event = asked.act.events[0]
    assert isinstance(event, StayBegan)
    cover = event.covers[0]
    permit = asked.names.holding_if_any(event.holding_id)
    for holding, zone in ((permit, ""), ("", ""), (permit, cover.zone), ("", cover.zone)):
        yield BeginStay(vehicle=cover.typed, holding=holding, zone=zone)


def end_stay(asked: Asked) -> Iterator[Command]:
    """The mark as it was typed on arrival, or as the ledger compares it. Raises Missing for a stay
    that is not there.
    """
    event = asked.act.events[0]
    assert isinstance(event, StayEnded)
    if event.stay_id:
        asked.names.use(event.stay_id)
    typed = asked.names.mark_of_stay(event.stay_id) or event.glyphs
    for vehicle in (typed, event.glyphs):
        for zone in (event.zone, ""):
            yield EndStay(vehicle=vehicle, zone=zone)


def observe(asked: Asked) -> Iterator[Command]:
    """What is known of the vehicle lies in another stream: it is not looked up again."""
    event = asked.act.events[0]
    assert isinstance(event, PermitObserved)
    yield ObservePermit(
        vehicle=event.typed,
        holding=asked.names.holding(event.holding_id) if not event.product else "",
        product=event.product,
        zone=event.zone,
        dates=event.dates,
        clock=event.clock,
        altered=event.altered,
        note_only=event.note_only,
        serial=event.serial,
    )


def correct(asked: Asked) -> Iterator[Command]:
    event = asked.act.events[0]
    assert isinstance(event, CoverCorrected)
    was, now = event.was, event.covers[0]
    yield CorrectCover(
        act=asked.names.use(was.cover_id),
        covers_from=None if now.covers_from == was.covers_from else now.covers_from,
        vehicle="" if now.typed == was.typed else now.typed,
        reason=event.reason,
        approver=event.approver,
    )
