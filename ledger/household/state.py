"""What a household is, as its facts have made it.

The Structs here are changed in place, by `evolve` alone and only on a household that its fold
owns: a
copy of every dictionary for each of five hundred events would cost more than reading them. A
decision is handed a household to read, never to write.
"""

from datetime import date, datetime

from msgspec import Struct, field

from ledger.events import ApplicationState, Counted, Cover, DrawnUnits, Line, ListedVehicle
from ledger.household.desk import Desk


class Property(Struct, kw_only=True):
    """The property that a household is. `areas` are named parts of the town that rules speak of."""

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
    overrides: tuple[str, ...] = ()
    """The names of the rules' overrides that the council gave it."""


class Resident(Struct, kw_only=True):
    """A person of the household; `moved_out_at` is None while they live there."""

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
    moved_out_at: datetime | None = None


class Document(Struct, kw_only=True):
    """An uploaded proof: its type and dates. Its content is kept elsewhere and never shown back."""

    document_id: str
    resident_id: str
    document_type: str
    dated_on: date | None
    uploaded_on: date


class Application(Struct, kw_only=True):
    """An application with the figures it was given when it was made."""

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
    vehicles: tuple[ListedVehicle, ...]
    concession: str
    evidence: bool
    support: str
    submitted_at: datetime
    target_on: date | None = None
    documents: tuple[str, ...] = ()
    lapses_at: datetime | None = None
    payment_id: str = ""
    paid_pence: int = 0
    refunded_pence: int = 0
    fee_pence: int = 0
    refusal: str = ""
    replaces_holding: str = ""

    @property
    def product(self) -> str:
        return self.lines[0].product

    @property
    def closed(self) -> bool:
        return self.state in ("declined", "refused")


class Holding(Struct, kw_only=True):
    """What was bought: in force over `[in_force_from, in_force_until)`, cut short when ended
    early.
    """

    holding_id: str
    application_id: str
    resident_id: str
    product: str
    zone: str
    units: int
    units_used: int
    packs: int
    pence: int
    slot: int
    pools: tuple[int, ...]
    bought_on: date
    starts_on: date
    last_day: date
    in_force_from: datetime
    in_force_until: datetime
    counted: tuple[Counted, ...]
    edition: str
    issued_at: datetime
    serials: tuple[str, ...] = ()
    void_serials: tuple[str, ...] = ()
    vehicles: dict[str, ListedVehicle] = field(default_factory=dict)
    active: str = ""
    covers: dict[str, Cover] = field(default_factory=dict)
    """The covers that still can change: the active vehicle's, the listed ones', a stay's."""
    flagged: bool = False
    expired: bool = False
    ended_why: str = ""
    address: str = ""

    @property
    def units_left(self) -> int:
        return self.units - self.units_used

    def in_force(self, at: datetime) -> bool:
        return self.in_force_from <= at < self.in_force_until

    def in_hand(self, at: datetime) -> bool:
        """Not over yet: in force, or to be in force later."""
        return at < self.in_force_until


class Booking(Struct, kw_only=True):
    """One vehicle's use of a holding's units."""

    booking_id: str
    holding_id: str
    product: str
    edition: str
    units: int
    cover: Cover
    booked_at: datetime
    name: str = ""
    tell: bool = False
    cancelled_at: datetime | None = None
    resident_id: str = ""
    counted: tuple[Counted, ...] = ()
    others: tuple[DrawnUnits, ...] = ()

    @property
    def drawn(self) -> list[DrawnUnits]:
        """Every holding that it took units of, and how many."""
        return [DrawnUnits(holding_id=self.holding_id, units=self.units), *self.others]


class Card(Struct, kw_only=True):
    """A paper voucher that was dated for a vehicle."""

    card_id: str
    holding_id: str
    product: str
    used_on: date
    glyphs: str
    covers_from: datetime
    covers_until: datetime
    cover: Cover | None = None
    void: bool = False
    resident_id: str = ""
    counted: tuple[Counted, ...] = ()


class Stay(Struct, kw_only=True):
    """A stay on a clock permit; `left_at` is None while the vehicle is there."""

    stay_id: str
    holding_id: str
    product: str
    glyphs: str
    zone: str
    began_at: datetime
    clock: str
    cover: Cover
    left_at: datetime | None = None
    resident_id: str = ""
    counted: tuple[Counted, ...] = ()


class Sighting(Struct, kw_only=True):
    """What an officer read in a vehicle: kept to tell a clock that was set on, and for misuse."""

    holding_id: str
    product: str
    glyphs: str
    zone: str
    observed_at: datetime
    observed_on: date
    clock: str
    dates: tuple[date, ...] = ()


class Departure(Struct, kw_only=True):
    """A vehicle that had used a clock permit left the zone."""

    product: str
    glyphs: str
    zone: str
    left_at: datetime


class MisuseTaken(Struct, kw_only=True):
    """One step of the misuse procedure that was taken about a holding."""

    holding_id: str
    step: str
    taken_at: datetime


class Visitor(Struct, kw_only=True):
    """A saved visitor's vehicle."""

    visitor_id: str
    typed: str
    shown: str
    glyphs: str
    name: str
    preferred: bool


class Payment(Struct, kw_only=True):
    """Money that was taken. `refunded_pence` of it went back."""

    payment_id: str
    applications: tuple[str, ...]
    pence: int
    paid_at: datetime
    refunded_pence: int = 0


class Grant(Struct, kw_only=True):
    """An agreed exception: `units` more of a product on dates `[granted_on, counts_until)`."""

    grant_id: str
    product: str
    units: int
    granted_on: date
    counts_until: date


class Household(Struct, kw_only=True):
    """A property with everything its residents asked for, hold and used. Version 0: nothing known
    yet.
    """

    household_id: str
    version: int = 0
    last_recorded_at: datetime | None = None
    property: Property | None = None
    residents: dict[str, Resident] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    misuse: list[MisuseTaken] = field(default_factory=list)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    uncounted: dict[tuple[str, str], date] = field(default_factory=dict)
    """By (holding, cap): the first date on which a purchase no longer counts, ended early."""
    desk: Desk | None = None
    """A notice, or the register of outages: those streams are no households."""

    def living(self, at: datetime) -> list[Resident]:
        """The residents who live here at that instant."""
        return [
            resident
            for resident in self.residents.values()
            if resident.moved_out_at is None or at < resident.moved_out_at
        ]

    def holdings_of(self, product: str) -> list[Holding]:
        return [holding for holding in self.holdings.values() if holding.product == product]

    def units_left(self, product: str, at: datetime) -> int:
        """Units of a product that can still be used at or after that instant."""
        return sum(h.units_left for h in self.holdings_of(product) if h.in_hand(at))
