"""Facts of applying, proving, deciding, paying, issuing and ending.

Source: STV-034 to 078, GRV-019 to 024, HAN-012 to 019, RBW-048 to 068, NOR-076 to 096, NOR-137 to
139.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from ledger.events.base import Counted, Cover, Event

ApplicationState = Literal[
    "saved",
    "awaiting_proof",
    "awaiting_decision",
    "offered",
    "awaiting_payment",
    "issued",
    "declined",
    "refused",
]


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product of an application and what it costs, in pence. `units` are vouchers or
    permits.
    """

    product: str
    units: int
    packs: int
    pence: int
    months: int = 0
    slot: int = 0
    pools: tuple[int, ...] = ()


class ListedVehicle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A vehicle named in an application or put on a permit's list."""

    typed: str
    shown: str
    glyphs: str


class ApplicationSubmitted(Event, frozen=True, kw_only=True, tag="application_submitted.v1"):
    """What a resident asked for, what it will cost and from when, under which edition."""

    application_id: str
    number: str
    resident_id: str
    lines: tuple[Line, ...]
    pence: int
    starts_on: date
    start_chosen: bool
    last_day: date
    zone: str
    edition: str
    state: ApplicationState
    vehicles: tuple[ListedVehicle, ...] = ()
    concession: str = ""
    evidence: bool = False
    support: str = ""
    confirmed: tuple[str, ...] = ()
    target_on: date | None = None
    replaces_holding: str = ""


class ProofUploaded(Event, frozen=True, kw_only=True, tag="proof_uploaded.v1"):
    """A document was accepted for an application. Its content is never shown back."""

    document_id: str
    application_id: str
    resident_id: str
    document_type: str
    dated_on: date | None
    uploaded_on: date
    state: ApplicationState
    target_on: date | None = None


class ProofReused(Event, frozen=True, kw_only=True, tag="proof_reused.v1"):
    """An earlier upload was used again for this application."""

    document_id: str
    application_id: str
    state: ApplicationState
    target_on: date | None = None


class OccupancyChecked(Event, frozen=True, kw_only=True, tag="occupancy_checked.v1"):
    """The council looked the occupier up itself; the fee is due whether found or not."""

    application_id: str
    found: bool
    fee_pence: int
    pence: int
    state: ApplicationState
    target_on: date | None = None


class OfferMade(Event, frozen=True, kw_only=True, tag="offer_made.v1"):
    """The council offers what was applied for; `lapses_at` where the scheme lets offers lapse."""

    application_id: str
    lapses_at: datetime | None = None


class ApplicationApproved(Event, frozen=True, kw_only=True, tag="application_approved.v1"):
    """The council decided in favour; what follows is `state`."""

    application_id: str
    state: ApplicationState


class ApplicationRefused(Event, frozen=True, kw_only=True, tag="application_refused.v1"):
    """The council decided against; a payment already made is refunded.

    `payment_refunded_pence` is all that has gone back of its payment, which may be a basket's.
    """

    application_id: str
    reason: str
    refunded_pence: int = 0
    payment_id: str = ""
    payment_refunded_pence: int = 0


class ApplicationDeclined(Event, frozen=True, kw_only=True, tag="application_declined.v1"):
    """The applicant cancelled before proof or payment; a fresh application is needed."""

    application_id: str


class OfferLapsed(Event, frozen=True, kw_only=True, tag="offer_lapsed.v1"):
    """An offer was not taken up in time; the application is closed."""

    application_id: str
    lapsed_at: datetime


class PaymentAuthorised(Event, frozen=True, kw_only=True, tag="payment_authorised.v1"):
    """Money was taken for these applications: `shares` in pence, in the same order."""

    payment_id: str
    provider_reference: str
    applications: tuple[str, ...]
    shares: tuple[int, ...]
    pence: int
    state: ApplicationState


class PaymentFailed(Event, frozen=True, kw_only=True, tag="payment_failed.v1"):
    """The provider declined, or the payer cancelled; nothing else changed."""

    payment_id: str
    provider_reference: str
    applications: tuple[str, ...]
    pence: int
    result: Literal["declined", "cancelled"]


class HoldingIssued(Event, frozen=True, kw_only=True, tag="holding_issued.v1"):
    """A household now holds `units` of a product; in force over `[in_force_from,
    in_force_until)`. `address` is what is printed on its paper, where the scheme prints it.
    """

    holding_id: str
    application_id: str
    resident_id: str
    product: str
    zone: str
    units: int
    packs: int
    pence: int
    bought_on: date
    starts_on: date
    last_day: date
    in_force_from: datetime
    in_force_until: datetime
    counted: tuple[Counted, ...]
    edition: str
    slot: int = 0
    pools: tuple[int, ...] = ()
    flagged: bool = False
    tell: bool = False
    serials: tuple[str, ...] = ()
    vehicles: tuple[ListedVehicle, ...] = ()
    active: str = ""
    covers: tuple[Cover, ...] = ()
    address: str = ""


class HoldingExpired(Event, frozen=True, kw_only=True, tag="holding_expired.v1"):
    """A holding's last instant has passed; `units_lapsed` were never used. Recorded by the
    worker.
    """

    holding_id: str
    expired_at: datetime
    units_lapsed: int


class HoldingEnded(Event, frozen=True, kw_only=True, tag="holding_ended.v1"):
    """A holding ended before its last day: surrendered, rescinded or void, with the reason.

    `caps` are those that the holding itself no longer counts on; `uncounted` names void bookings
    with theirs.
    """

    holding_id: str
    ended_at: datetime
    ended_on: date
    why: str
    caps: tuple[str, ...] = ()
    void_bookings: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()
    uncounted: tuple[tuple[str, str], ...] = ()


class HoldingRefunded(Event, frozen=True, kw_only=True, tag="holding_refunded.v1"):
    """Money went back for an issued holding, in pence; `payment_refunded_pence` is all that has
    gone back of its payment.
    """

    holding_id: str
    application_id: str
    payment_id: str
    pence: int
    payment_refunded_pence: int


class HoldingReplaced(Event, frozen=True, kw_only=True, tag="holding_replaced.v1"):
    """New paper was made for a lost permit, for a fee, or for unused cards; paper named in
    `void_serials` is void.
    """

    holding_id: str
    serials: tuple[str, ...]
    fee_pence: int
    void_serials: tuple[str, ...] = ()


class AllowanceGranted(Event, frozen=True, kw_only=True, tag="allowance_granted.v1"):
    """An exception was agreed: more units than the allowance, or a permit bound to a vehicle
    (`holding_id`).
    """

    grant_id: str
    product: str
    units: int
    resident_id: str
    approver: str
    reason: str
    granted_on: date
    counts_until: date
    vehicle: ListedVehicle | None = None
    holding_id: str = ""
