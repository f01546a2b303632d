"""What a council sells, as Structs: one value for every key, none left to be guessed.

A loaded product is complete: where its file is silent it has what `ledger.scheme.defaults` gives.
`kind` is a label for people; behaviour comes from the other keys. Zero means "no limit" for
`pack.max`, `vehicles.listed_max` and `concurrency.uses`, and nowhere else.

Source: reference/schemes.md, sections 1 and 3.
"""

from typing import Literal

from msgspec import Struct, field

from ledger.scheme.measures import (
    AtLeastOne,
    Channel,
    Count,
    DaysOrNone,
    Hours,
    Months,
    Name,
    Notice,
    Pence,
    SpelledEnd,
    StepMinutes,
    Text,
    UseEnd,
    ZoneName,
)

ProductKind = Literal[
    "day_voucher",
    "hourly_voucher",
    "multi_day_permit",
    "clock_permit",
    "annual_permit",
    "long_stay_permit",
    "resident_permit",
]
Medium = Literal["virtual", "paper"]
UseStart = Literal[
    "chosen",
    "scratched_time",
    "start_of_day",
    "clock",
    "on_switch",
    "on_display",
    "on_confirmation",
    "holding_start",
]
Pick = Literal["earliest_expiry", "oldest"]
Place = Literal["none", "windscreen", "windscreen_nearside", "windscreen_or_side"]
CardMark = Literal["weekday", "day", "date", "month", "time", "am_pm", "vrm", "address"]
Window = Literal["rolling_12m", "calendar_month", "calendar_year", "concurrent", "per_application"]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a scheme file: frozen, by keyword, and without keys of its own invention."""


class Pack(Part, frozen=True, kw_only=True):
    """What is sold: `size` units a pack; min, max and multiple of one purchase, counted in PACKS.

    `max` 0 is no maximum.
    """

    size: AtLeastOne = 1
    min: AtLeastOne = 1
    max: Count = 0
    multiple: AtLeastOne = 1


class Tier(Part, frozen=True, kw_only=True):
    """One rung. pool: `capacity` units (packs where price.per is pack); by slot: `slot`, from 1."""

    pence: Pence
    slot: Count = 0
    capacity: Count = 0


class ZonePrice(Part, frozen=True, kw_only=True):
    """What a product costs in one zone, in pence."""

    zone: ZoneName
    pence: Pence


class Price(Part, frozen=True, kw_only=True):
    """What a product costs. Only the amounts that `model` needs are other than 0 or empty.

    flat: `pence` for each `per`. by_zone: the zone's pence for each `per`. tiers: see Tier.
    admin_plus_monthly: `admin_pence` + `month_pence` x months for each permit (NOR-078).
    per_hour: `hour_pence` for each hour. `above` names a product whose unit price this one must
    exceed. `placeholder`: the amounts are not the council's.
    """

    model: Literal["flat", "tiers", "admin_plus_monthly", "per_hour", "by_zone"]
    per: Literal["unit", "pack", "holding"] = "unit"
    pence: Pence = 0
    admin_pence: Pence = 0
    month_pence: Pence = 0
    hour_pence: Pence = 0
    by: Literal["pool", "lowest_free_slot"] = "pool"
    tiers: tuple[Tier, ...] = ()
    by_zone: tuple[ZonePrice, ...] = ()
    declared_by_applicant: bool = False
    above: Name | None = None
    placeholder: bool = False


class Allowance(Part, frozen=True, kw_only=True):
    """One cap: at most `max` of `unit` for each `scope` in each `window`.

    `group` names an allowance group whose products are counted together. Empty `zones`: every zone.
    """

    max: Count = 0
    unit: Literal["unit", "pack", "permit"] = "unit"
    scope: Literal["household", "resident", "permit"] = "household"
    window: Window = "rolling_12m"
    granularity: Literal["date", "instant"] = "date"
    counts: Literal["purchased", "used"] = "purchased"
    group: Name | None = None
    zones: tuple[ZoneName, ...] = ()
    placeholder: bool = False


class Holding(Part, frozen=True, kw_only=True):
    """How long what was bought lasts. `months` is None where the applicant chooses.

    `months_min` and `months_max` are always set: both equal `months` where that is fixed. `starts`
    chosen: a day the applicant names, today unless `postpone`. `round` month_end moves the last day
    to the end of its month (X-003).
    """

    months: Months | None = None
    months_min: Months = 12
    months_max: Months = 12
    starts: Literal["purchase", "issue", "chosen"] = "purchase"
    postpone: bool = False
    round: Literal["exact", "month_end"] = "exact"
    ends_on_move: bool = True


class Use(Part, frozen=True, kw_only=True):
    """One use: when cover begins, when it ends, and what may not be.

    `measure` elapsed: hours are real hours across a clock change (X-054). `tail_past_expiry`: only
    the date of the use must lie in the holding (X-071).
    """

    start: UseStart = "chosen"
    end: SpelledEnd = UseEnd(kind="end_of_day")
    measure: Literal["elapsed", "wall"] = "elapsed"
    backdate: bool = False
    duplicate: Literal["reject", "warn"] = "reject"
    tail_past_expiry: bool = False
    several_dates: Literal["one_card_each"] = "one_card_each"
    units_per_vehicle: AtLeastOne = 1


class ChannelTerms(Part, frozen=True, kw_only=True):
    """What one channel may do. `max_days` None: no limit ahead; it is counted as in X-040."""

    immediate: bool = True
    future: bool = False
    max_days: DaysOrNone | None = None
    effective: Literal["at_once", "on_confirmation"] = "at_once"


class Clock(Part, frozen=True, kw_only=True):
    """How a parking clock is set and read (X-065 to X-067)."""

    step_min: StepMinutes = 15
    round: Literal["up"] = "up"
    counts: Literal["wall", "controlled"] = "wall"
    outside_hours: Literal["next_start"] = "next_start"
    reset: Literal["invalid"] = "invalid"


class NoReturn(Part, frozen=True, kw_only=True):
    """How long a vehicle stays away after it left; a gap of exactly `hours` is enough (X-064)."""

    hours: Hours
    scope: Literal["vehicle_zone"] = "vehicle_zone"
    counted_from: Literal["departure"] = field(name="from", default="departure")
    other_products_exempt: bool = True


class Change(Part, frozen=True, kw_only=True):
    """What may be changed of a use. before_start: allowed while now < start (X-005)."""

    amend: tuple[Literal["vehicle"], ...] = ("vehicle",)
    cancel: bool = True
    deadline: Literal["before_start", "none"] = "before_start"
    returns_unit: bool = True


class Refund(Part, frozen=True, kw_only=True):
    """Whether money comes back for what was issued, and whether unused units are exchanged."""

    money: bool = False
    replaces_unused: bool = False


class Replacement(Part, frozen=True, kw_only=True):
    """A duplicate of lost or stolen paper, for a fee in pence."""

    allowed: bool = False
    fee_pence: Pence = 0
    fee_placeholder: bool = False
    voids_original: bool = True


class Concurrency(Part, frozen=True, kw_only=True):
    """Uses at one time; `uses` 0: as many as units held. `multi_atomic`: all or none (X-013)."""

    uses: Count = 0
    multi_atomic: bool = True


class Vehicles(Part, frozen=True, kw_only=True):
    """Which vehicles are covered. `listed_max` counts the active one too (X-025); 0: unlimited."""

    binding: Literal["at_use", "at_purchase", "listed"] = "at_use"
    active_max: AtLeastOne = 1
    listed_max: Count = 0
    preferred: Count = 1
    foreign: bool = True
    excludes_own: bool = False
    first_auto: bool = True
    on_remove_active: Literal["reject", "promote_next", "none"] = "reject"


class Display(Part, frozen=True, kw_only=True):
    """Where paper is displayed, what its user marks on it and what the council prints on it."""

    place: Place = "none"
    permit_place: Place = "none"
    clock_place: Place = "none"
    with_clock: bool = False
    marks: tuple[CardMark, ...] = ()
    prints: tuple[Literal["zone", "address", "serial", "expiry"], ...] = ()


class Notify(Part, frozen=True, kw_only=True):
    """What is sent when a holding is issued and when a visit is booked."""

    issued: Notice = "email"
    booked: Notice = "none"


class Lot(Part, frozen=True, kw_only=True):
    """Which holding is drawn on when several could be (X-018)."""

    pick: Pick = "earliest_expiry"


class ZoneOverride(Part, frozen=True, kw_only=True):
    """Other caps in one zone; None leaves the product's own."""

    zone: ZoneName
    max_household: Count | None = None
    max_resident: Count | None = None


class Product(Part, frozen=True, kw_only=True):
    """One product of a scheme, every value resolved; `lot` is the scheme's or its own."""

    id: Name
    name: Text
    kind: ProductKind
    medium: Medium = "virtual"
    zones_only: tuple[ZoneName, ...] = ()
    zones_excluded: tuple[ZoneName, ...] = ()
    zone_overrides: tuple[ZoneOverride, ...] = ()
    requires_product: Name | None = None
    requires_support: Literal["health_professional", "care_worker"] | None = None
    pack: Pack = Pack()
    price: Price
    allowance: tuple[Allowance, ...] = ()
    holding: Holding = Holding(months=12)
    use: Use = Use()
    channels: dict[Channel, ChannelTerms]
    clock: Clock | None = None
    no_return: NoReturn | None = None
    change: Change = Change()
    refund: Refund = Refund()
    replacement: Replacement = Replacement()
    concurrency: Concurrency = Concurrency()
    vehicles: Vehicles = Vehicles()
    display: Display = Display()
    notify: Notify = Notify()
    lot: Lot = Lot()

    def offered_in(self, zone: str) -> bool:
        """True where an address of this zone may have the product."""
        if zone in self.zones_excluded:
            return False
        return not self.zones_only or zone in self.zones_only

    @property
    def draws_units(self) -> bool:
        """True where each use takes a unit of a balance; False where the permit itself covers."""
        return self.use.start not in ("clock", "on_switch", "on_display", "holding_start")
