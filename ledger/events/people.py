"""Facts of a property, its residents, and the visitors they have saved.

Source: STV-001 to 007, STV-081, STV-122 to 125; HAN-001 to 012, HAN-031; NOR-123 to 129; RBW-007.
"""

from datetime import date, datetime

from ledger.events.base import Cover, Event


class PropertyListed(Event, frozen=True, kw_only=True, tag="property_listed.v1"):
    """What the council knows of a property; a later one replaces it."""

    property_ref: str
    zone: str
    areas: tuple[str, ...] = ()
    built_on: date | None = None
    council_tax_from: date | None = None
    converted: bool = False
    built_with_own_scheme: bool = False
    excluded: bool = False
    council_tax_accounts: tuple[str, ...] = ()
    address: str = ""


class EligibilityOverridden(Event, frozen=True, kw_only=True, tag="eligibility_overridden.v1"):
    """The council set a rule of eligibility aside for this property, with its reason.

    It outlasts a later listing of the property. Source: X-080.
    """

    override: str
    reason: str
    approver: str


class ResidentRegistered(Event, frozen=True, kw_only=True, tag="resident_registered.v1"):
    """A person of this household.

    `verified`: the account may apply; `proved`: the residence was shown when they registered.
    """

    resident_id: str
    verified: bool
    lives_from: date
    name: str = ""
    born_on: date | None = None
    receives: tuple[str, ...] = ()
    council_tax_account: str = ""
    mobile: str = ""
    email: str = ""
    proved: bool = True


class MobileLinked(Event, frozen=True, kw_only=True, tag="mobile_linked.v1"):
    """Texts from this number (E.164) now speak for the resident; it replaces an earlier number."""

    resident_id: str
    mobile: str


class EmailChanged(Event, frozen=True, kw_only=True, tag="email_changed.v1"):
    """The resident is reached at this address from now on, and signs in with it."""

    resident_id: str
    email: str


class PinSent(Event, frozen=True, kw_only=True, tag="pin_sent.v1"):
    """A one-time PIN left for the resident by e-mail or text. The PIN itself is not a fact."""

    resident_id: str
    by_way_of: str


class ResidentMovedOut(Event, frozen=True, kw_only=True, tag="resident_moved_out.v1"):
    """The resident left at `moved_out_at`: what they held ended then, and covers were cut short.

    `emptied`: nobody of this household is left. `uncounted` holds the holdings whose purchases no
    longer count against the allowance of whoever lives here next; nor are `ended_grants`, the
    exceptions agreed for those who left, theirs. Source: X-055, X-104.
    """

    resident_id: str
    moved_out_at: datetime
    moved_out_on: date
    emptied: bool
    ended_holdings: tuple[str, ...] = ()
    void_bookings: tuple[str, ...] = ()
    uncounted: tuple[tuple[str, str], ...] = ()
    covers: tuple[Cover, ...] = ()
    uncovers: tuple[str, ...] = ()
    ended_grants: tuple[str, ...] = ()


class VisitorSaved(Event, frozen=True, kw_only=True, tag="visitor_saved.v1"):
    """A visitor's vehicle was saved, named or renamed. It never alters a booking. Source: X-001."""

    visitor_id: str
    typed: str
    shown: str
    glyphs: str
    name: str = ""
    preferred: bool = False


class VisitorForgotten(Event, frozen=True, kw_only=True, tag="visitor_forgotten.v1"):
    """A saved visitor was taken off the list."""

    visitor_id: str


class VehicleFactsRecorded(Event, frozen=True, kw_only=True, tag="vehicle_facts_recorded.v1"):
    """What is known of a vehicle itself: masses in kg, length in mm. In a stream of its own."""

    typed: str
    shown: str
    glyphs: str
    max_authorised_mass_kg: int | None = None
    unladen_mass_kg: int | None = None
    goods_mass_kg: int | None = None
    length_mm: int | None = None
    passengers: int | None = None
    vehicle_class: str | None = None
    fits_bay: bool | None = None
