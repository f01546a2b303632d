"""Facts of use: bookings, the vehicles of a permit, texts, cards, stays, sightings and corrections.

Source: STV-079 to 121, GRV-005 to 037, HAN-020 to 035, NOR-085 to 087, NOR-143 to 165, RBW-031 to
032.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from ledger.events.base import Counted, Cover, Event


class DrawnUnits(Struct, frozen=True, kw_only=True, gc=False):
    """Units of one holding that a use took, or gave back."""

    holding_id: str
    units: int


class NotBooked(Struct, frozen=True, kw_only=True, gc=False):
    """A vehicle that was named beside those that were booked, and a reason why it was not."""

    typed: str
    code: str
    detail: str


class VoucherBooked(Event, frozen=True, kw_only=True, tag="voucher_booked.v1"):
    """`units` of a holding cover one vehicle. The mark is a snapshot: saved visitors never alter
    it. `not_booked`, on the first booking of a command, says what could not be booked with it.

    `others` are units of further holdings, where a visit takes several and the first has too few.
    """

    booking_id: str
    holding_id: str
    product: str
    units: int
    resident_id: str
    edition: str
    covers: tuple[Cover, ...]
    name: str = ""
    tell: bool = False
    stated_until: str = ""
    pence: int = 0
    not_booked: tuple[NotBooked, ...] = ()
    counted: tuple[Counted, ...] = ()
    others: tuple[DrawnUnits, ...] = ()


class BookingAmended(Event, frozen=True, kw_only=True, tag="booking_amended.v1"):
    """The vehicle of a booking that had not begun was changed."""

    booking_id: str
    was_shown: str
    covers: tuple[Cover, ...]


class BookingCancelled(Event, frozen=True, kw_only=True, tag="booking_cancelled.v1"):
    """A booking that had not begun was cancelled; its units go back to its own holding, and it
    counts on none of `caps` any more.
    """

    booking_id: str
    holding_id: str
    product: str
    units_returned: int
    tell: bool
    uncovers: tuple[str, ...]
    caps: tuple[str, ...] = ()
    others_returned: tuple[DrawnUnits, ...] = ()


class TextReceived(Event, frozen=True, kw_only=True, tag="text_received.v1"):
    """A linked number texted; the stay it asked for begins when its confirmation is sent."""

    resident_id: str
    received_at: datetime
    confirmation_sent_at: datetime
    booking_id: str


class VehicleAdded(Event, frozen=True, kw_only=True, tag="vehicle_added.v1"):
    """A vehicle was listed on a permit; `active` where the list was empty before."""

    holding_id: str
    typed: str
    shown: str
    glyphs: str
    active: bool
    covers: tuple[Cover, ...]


class VehicleRemoved(Event, frozen=True, kw_only=True, tag="vehicle_removed.v1"):
    """A vehicle was taken off a permit's list; the time it was covered stays covered."""

    holding_id: str
    shown: str
    glyphs: str
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()


class VehicleSwitched(Event, frozen=True, kw_only=True, tag="vehicle_switched.v1"):
    """Another listed vehicle is active from this instant; the one before it is not."""

    holding_id: str
    shown: str
    glyphs: str
    was_shown: str
    covers: tuple[Cover, ...]
    uncovers: tuple[str, ...] = ()


class CardUsed(Event, frozen=True, kw_only=True, tag="card_used.v1"):
    """A paper voucher was dated (and timed) for a vehicle: one unit. `resident_id`: the holder;
    `address`: the property visited, as it is printed on the card (X-074).
    """

    card_id: str
    holding_id: str
    product: str
    edition: str
    used_on: date
    units: int
    covers: tuple[Cover, ...]
    void: bool = False
    address: str = ""
    resident_id: str = ""
    counted: tuple[Counted, ...] = ()


class StayBegan(Event, frozen=True, kw_only=True, tag="stay_began.v1"):
    """A vehicle began a stay on a clock permit; the clock shows the arrival rounded up.

    `resident_id`: the permit's holder.
    """

    stay_id: str
    holding_id: str
    product: str
    edition: str
    began_at: datetime
    clock: str
    covers: tuple[Cover, ...]
    resident_id: str = ""
    counted: tuple[Counted, ...] = ()


class StayEnded(Event, frozen=True, kw_only=True, tag="stay_ended.v1"):
    """The vehicle left the zone; the rest of its stay covers nobody.

    `stay_id` is empty where only officers had seen the stay: the departure still counts.
    """

    stay_id: str
    holding_id: str
    product: str
    glyphs: str
    zone: str
    left_at: datetime
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()


class PermitObserved(Event, frozen=True, kw_only=True, tag="permit_observed.v1"):
    """An officer read a paper permit in a vehicle. `verdict` is a reason, empty where it was
    valid.

    `void_cards` are the recorded uses of a card that was found spoilt: it covers nobody from then
    on, and stays used.
    """

    observation_id: str
    holding_id: str
    product: str
    observed_at: datetime
    observed_on: date
    typed: str
    shown: str
    glyphs: str
    zone: str
    dates: tuple[date, ...] = ()
    clock: str = ""
    altered: bool = False
    note_only: bool = False
    valid: bool = False
    verdict: str = ""
    valid_until: datetime | None = None
    serial: str = ""
    void_cards: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()


class CoverCorrected(Event, frozen=True, kw_only=True, tag="cover_corrected.v1"):
    """Staff recorded that an earlier fact was otherwise; what was known before stays as it was.

    `booking_id` is empty where the cover is a card's or a stay's: `covers` names it in any case.
    `reason_code` is empty in what was recorded before there were codes.
    """

    correction_id: str
    booking_id: str
    was: Cover
    reason: str
    approver: str
    covers: tuple[Cover, ...]
    reason_code: str = ""


class MisuseStep(Event, frozen=True, kw_only=True, tag="misuse_step.v1"):
    """One step of the misuse procedure: a letter, a reply, or the decision after it."""

    holding_id: str
    step: Literal["letter", "reply", "decide"]
    text: str
    rescinded: bool = False
