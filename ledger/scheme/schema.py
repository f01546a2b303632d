"""A council's scheme as Structs: everything a rule may ask of it, complete and frozen.

One TOML file is one edition of a scheme. Money is whole pence, times of day are local to
`timezone`, durations are named by their unit. `ledger.scheme.loading` makes a Scheme from text and
refuses what does not fit; nothing else should construct one from a file.

Source: reference/schemes.md, section 3; X-003, X-019, X-035, X-103, X-104.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, field

from ledger.calendar import start_of_day
from ledger.scheme.measures import (
    AtLeastOne,
    Count,
    DaysOrNone,
    LocalTime,
    Months,
    MonthsOrNone,
    Name,
    Pence,
    Seconds,
    SpelledAge,
    Text,
    Weekdays,
    Years,
    ZoneName,
)
from ledger.scheme.products import Lot, Part, Product


class Calendar(Part, frozen=True, kw_only=True):
    """Missing days and clock changes. gap reject: a local time that does not exist is refused."""

    missing_day: Literal["next", "last"] = "next"
    gap: Literal["reject"] = "reject"
    fold: Literal["first", "offset"] = "first"


class HouseholdTerms(Part, frozen=True, kw_only=True):
    """The unit that allowances count; `reset_on_move`: the next household starts afresh (X-104)."""

    key: Literal["property"] = "property"
    reset_on_move: bool = True


class View(Part, frozen=True, kw_only=True):
    """The list of booked sessions as a resident sees it (X-011, X-012)."""

    history_months: Months = 12
    default_months: Months = 3
    page_size: AtLeastOne = 25
    search_fields: tuple[Literal["location", "vrm", "date", "name"], ...] = (
        "location",
        "vrm",
        "date",
    )


class Flow(Part, frozen=True, kw_only=True):
    """The path of an application. `offer_days` and `target_working_days` 0: none (X-028, X-029)."""

    kind: Literal["prove_pay_issue", "offer_pay_issue", "pay_decide_post", "register_buy"] = (
        "prove_pay_issue"
    )
    save_draft: bool = True
    basket: bool = False
    cancel_unpaid: Literal["declined"] = "declined"
    refund_on_refusal: bool = True
    offer_days: DaysOrNone = 0
    target_working_days: DaysOrNone = 0
    delivery: Literal["none", "post"] = "none"
    confirmations: tuple[Name, ...] = ()


class Document(Part, frozen=True, kw_only=True):
    """A proof that is accepted. less_than: today < date + age; within: today <= date + age (X-008).

    `max_age` is None unless the test is one of those two. `accepts`, `conditions`: for people.
    """

    type: Name
    accepts: tuple[Name, ...] = ()
    conditions: tuple[Name, ...] = ()
    age_test: Literal["none", "less_than", "within", "current_tax_year", "latest_year"] = "within"
    max_age: SpelledAge | None = None


class CouncilCheck(Part, frozen=True, kw_only=True):
    """The council looks the occupier up itself, for a fee in pence."""

    allowed: bool = False
    fee_pence: Pence = 0
    fee_placeholder: bool = False
    fee_kept_on_failure: bool = True


class Proof(Part, frozen=True, kw_only=True):
    """When a proof is asked for and which serve. `reuse_months` 0: an upload serves once only."""

    per: Literal["application", "address", "registration"] = "address"
    documents_required: Count = 1
    reuse_months: MonthsOrNone = 0
    reuse_recheck_age: bool = False
    council_check: CouncilCheck = CouncilCheck()
    documents: tuple[Document, ...]


class EligibilityRule(Part, frozen=True, kw_only=True):
    """A test of a property. `areas` empty or "*": everywhere. Dates are included (on or after).

    `override` names the council's decision that sets the rule aside for one property; one that
    ends in "-only" is for properties that the rule concerns by that area alone (X-080).
    """

    rule: Literal[
        "built_on_or_after",
        "not_occupied_at_scheme_start",
        "conversion_or_subdivision",
        "in_permit_area",
        "road_or_property_excluded",
    ]
    result: Literal["refuse", "require", "treat_as_recent"]
    built_from: date | None = field(name="date", default=None)
    scheme_started_after: date | None = None
    occupied_means: Literal["council_tax_registered"] = "council_tax_registered"
    areas: tuple[Text, ...] = ()
    listed: tuple[Text, ...] = field(name="list", default=())
    unless: Literal["built_with_own_scheme"] | None = None
    override: Name | None = None


class VehicleLimit(Part, frozen=True, kw_only=True):
    """A vehicle of which `measure op value` holds gets no cover, or is refused (X-019, X-020)."""

    measure: Literal[
        "max_authorised_mass_kg",
        "unladen_mass_kg",
        "goods_mass_kg",
        "length_mm",
        "passengers",
        "class",
        "fits_bay",
    ]
    op: Literal["ge", "gt", "ne", "in"]
    value: Annotated[int, Meta(ge=0, le=1_000_000)] | bool | tuple[Name, ...]
    effect: Literal["no_cover", "refuse"] = "no_cover"


class ControlledHours(Part, frozen=True, kw_only=True):
    """Hours of control: days 0 (Monday) to 6, `[begins, ends)`; an end of 00:00 is midnight."""

    days: Weekdays
    begins: LocalTime = field(name="from")
    ends: LocalTime = field(name="to")


class Zone(Part, frozen=True, kw_only=True):
    """A zone of the council. Empty `hours`: always controlled.

    `scheme_started`: the day on which the permit scheme of the zone began, if known (NOR-126).
    """

    id: ZoneName
    name: Text = ""
    areas: tuple[Text, ...] = ()
    scheme_started: date | None = None
    hours: tuple[ControlledHours, ...] = ()


class Concession(Part, frozen=True, kw_only=True):
    """A price in pence that replaces the normal one (X-047). `min_age` 0: any age.

    The birthday itself counts (X-046). `requires` names benefits received; "listed_benefit" is any
    one of `benefits`.
    """

    id: Name
    products: tuple[Name, ...]
    pence: Pence
    per: Literal["unit", "holding"]
    requires: tuple[Name, ...] = ()
    benefits: tuple[Name, ...] = ()
    min_age: Years = 0
    evidence: bool = True
    each_claim: bool = True


class OrderGroup(Part, frozen=True, kw_only=True):
    """Products whose units are summed in an order (or a day); `multiple` holds for each line."""

    products: tuple[Name, ...]
    max_units: AtLeastOne
    multiple: AtLeastOne = 1
    scope: Literal["order", "day"] = "order"


class AllowanceGroup(Part, frozen=True, kw_only=True):
    """Products that share each allowance which names this group."""

    products: tuple[Name, ...]


class FairUse(Part, frozen=True, kw_only=True):
    """Over `flag_over` units in the window a purchase is flagged, never refused (X-045). 0: off."""

    flag_over: Count = 0
    window: Literal["rolling_12m", "calendar_month", "calendar_year"] = "rolling_12m"
    products: tuple[Name, ...] = ()


class GrantTerms(Part, frozen=True, kw_only=True):
    """An exception that may be agreed, case by case, by one role."""

    id: Name
    product: Name
    approver_role: Name
    adds_allowance: bool = False
    vehicle_bound: bool = False
    reason_required: bool = True


class MisuseTerms(Part, frozen=True, kw_only=True):
    """A permit seen so often a day, on more than `days_over` days, is reported (X-096)."""

    observations_per_day: AtLeastOne = 2
    days_over: Count = 14
    steps: tuple[Literal["observe", "letter", "reply", "decide"], ...] = (
        "observe",
        "letter",
        "reply",
        "decide",
    )
    automatic: bool = False


class Enforcement(Part, frozen=True, kw_only=True):
    """What an officer's check knows of bays and display; `max_lag_s` is a promise (X-027)."""

    suspended_bays: Literal["not_covered", "covered"] = "not_covered"
    bays: tuple[Literal["permit_holder", "shared_use"], ...] = ("permit_holder", "shared_use")
    requires_display: bool = False
    max_lag_s: Seconds = 5


class Support(Part, frozen=True, kw_only=True):
    """Where people get help; text for people, empty where the source has none (X-031)."""

    telephone: Text = ""
    email: Text = ""
    address: Text = ""


class Texting(Part, frozen=True, kw_only=True):
    """The number texts are sent to and the word they begin with (HAN-032)."""

    number: Text = ""
    keyword: Text = "VISITOR"


class Scheme(Part, frozen=True, kw_only=True):
    """One edition of a council's scheme.

    It begins at 00:00 of `effective_from`, or at `effective_at` where that is given. `revision`
    tells editions apart that begin at the same instant.
    """

    schema: Literal[1]
    id: Name
    council: Text
    status: Literal["live", "proposed", "superseded", "reference", "none"]
    effective_from: date
    effective_at: Annotated[datetime, Meta(tz=True)] | None = None
    revision: AtLeastOne = 1
    seed: Text = ""
    replaces: Name | None = None
    timezone: Text = "Europe/London"
    country: Literal["england", "scotland", "wales", "northern_ireland"] = "england"
    calendar: Calendar = Calendar()
    household: HouseholdTerms = HouseholdTerms()
    view: View = View()
    flow: Flow = Flow()
    proof: Proof
    eligibility: tuple[EligibilityRule, ...] = ()
    vehicle_limits: tuple[VehicleLimit, ...] = ()
    zones: tuple[Zone, ...] = ()
    concessions: tuple[Concession, ...] = ()
    order_groups: dict[Name, OrderGroup] = field(default_factory=dict)
    allowance_groups: dict[Name, AllowanceGroup] = field(default_factory=dict)
    fair_use: dict[Name, FairUse] = field(default_factory=dict)
    grants: tuple[GrantTerms, ...] = ()
    misuse: MisuseTerms | None = None
    enforcement: Enforcement = Enforcement()
    lot: Lot = Lot()
    support: Support = Support()
    texting: Texting = Texting()
    products: tuple[Product, ...] = ()

    @property
    def edition(self) -> str:
        """The name of this edition, as events record it: `a-council@2015-01-01`."""
        begins = (
            self.effective_from.isoformat()
            if self.effective_at is None
            else self.effective_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        )
        return f"{self.id}@{begins}" + (f"/{self.revision}" if self.revision > 1 else "")

    @property
    def begins_at(self) -> datetime:
        """The first instant of this edition, UTC."""
        if self.effective_at is not None:
            return self.effective_at.astimezone(UTC)
        return start_of_day(self.effective_from, self.tz)

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which this scheme's days and times are spoken."""
        return ZoneInfo(self.timezone)

    def product(self, product_id: str) -> Product | None:
        return next((product for product in self.products if product.id == product_id), None)

    def zone(self, zone_id: str) -> Zone | None:
        return next((zone for zone in self.zones if zone.id == zone_id), None)

    def concession(self, concession_id: str) -> Concession | None:
        return next((each for each in self.concessions if each.id == concession_id), None)

    def document(self, document_type: str) -> Document | None:
        return next((each for each in self.proof.documents if each.type == document_type), None)
