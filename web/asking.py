"""What is asked and answered over HTTP, as Structs: strict to decode, and the schemas' source.

Instants carry their offset; a naive one is refused. Periods are half-open: `until` is the first
instant that is no longer in them. Money is whole pence.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from ledger.rules.covering import Bay
from projections.enforcement import CheckAnswer
from projections.lookups import SEEN_AN_HOUR, LookupSeen, OfficerHour
from replay.changing import Change
from web.problems import Reason

Instant = Annotated[datetime, Meta(tz=True)]
Mark = Annotated[str, Meta(max_length=64, description="a registration mark, as it is typed")]
Line = Annotated[str, Meta(max_length=200)]


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request: what it does not know it refuses."""


class CheckRequest(Asking, frozen=True, kw_only=True):
    """Is this vehicle covered here? `at` and `known_at` are now unless staff or an auditor ask.

    `device_at`: the device's own clock when it asked, kept with the look-up.
    """

    mark: Mark
    zone: Annotated[str, Meta(min_length=1, max_length=32)]
    at: Instant | None = None
    known_at: Instant | None = None
    bay: Bay = ""
    device_at: Instant | None = None


class BatchRequest(Asking, frozen=True, kw_only=True):
    """A street of marks, or a camera's: each is answered, and kept, as if it were asked alone."""

    checks: Annotated[tuple[CheckRequest, ...], Meta(min_length=1, max_length=200)]
    device_at: Instant | None = None


class CheckedMark(Struct, frozen=True, kw_only=True):
    """The answer to one mark; None where it was refused instead."""

    mark: str
    answer: CheckAnswer | None
    refused: list[Reason]


class CheckedMarks(Struct, frozen=True, kw_only=True):
    """An answer for each mark, in the order in which they were sent."""

    answers: list[CheckedMark]


class LookupSearch(Asking, frozen=True, kw_only=True):
    """Which look-ups of a mark, asked in `[since, until)`; `after` is the last page's `next`."""

    mark: Mark
    since: Instant | None = None
    until: Instant | None = None
    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class LookupsSeen(Struct, frozen=True, kw_only=True):
    """Look-ups in the order of their numbers; `next` is None at the end."""

    lookups: list[LookupSeen]
    next: int | None


class OfficersAsked(Asking, frozen=True, kw_only=True):
    """Look-ups in `[since, until)`, the last day unless given; `most`: from when an hour stands
    out.
    """

    since: Instant | None = None
    until: Instant | None = None
    most: Annotated[int, Meta(ge=1, le=1_000_000)] = SEEN_AN_HOUR


class OfficersSeen(Struct, frozen=True, kw_only=True):
    """The busiest hours of officers first, at most 1,000 of them."""

    hours: list[OfficerHour]


class Registration(Asking, frozen=True, kw_only=True):
    """A person registers for a property; what the scheme proves it by is in the request."""

    property_ref: Annotated[str, Meta(min_length=1, max_length=64)]
    council_tax_account: Annotated[str, Meta(max_length=64)] = ""
    name: Line = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    mobile: Annotated[str, Meta(max_length=32)] = ""
    born_on: date | None = None


class PinRequest(Asking, frozen=True, kw_only=True):
    """An e-mail address or a mobile number: exactly one of the two.

    `ticket`: random, of your own making, the same when the PIN is sent back: the PIN is good with
    it alone. Without one it is good from the same network address, with whoever else asks there.
    """

    email: Annotated[str, Meta(max_length=254)] = ""
    mobile: Annotated[str, Meta(max_length=32)] = ""
    ticket: Annotated[str, Meta(pattern="^([A-Za-z0-9_-]{16,100})?$")] = ""


class SignIn(PinRequest, frozen=True, kw_only=True):
    """The same address, and the PIN that was sent to it."""

    pin: Annotated[str, Meta(pattern="^[0-9]{6}([0-9]{6})?$")]


class TextIn(Asking, frozen=True, kw_only=True):
    """A text that the gateway received. `confirmed_at`: when its confirmation is sent."""

    sender: Annotated[str, Meta(min_length=1, max_length=32)] = field(name="from")
    body: Annotated[str, Meta(max_length=1_000)]
    confirmed_at: Instant | None = None


class HistoryPage(Asking, frozen=True, kw_only=True):
    """Entries after a version, oldest first; of one kind of act, by one role or name, recorded in
    `[since, until)`, where these are given.
    """

    after: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    act: Annotated[str, Meta(max_length=40)] = ""
    who: Annotated[str, Meta(max_length=64)] = ""
    since: Instant | None = None
    until: Instant | None = None


class HistoryExport(Asking, frozen=True, kw_only=True):
    """The whole history as one file: one JSON object a line, or comma-separated values."""

    format: Literal["jsonl", "csv"] = "jsonl"
    attempts: bool = False
    checks: bool = False


class AllowanceDay(Asking, frozen=True, kw_only=True):
    """The local date asked about; today unless it is given."""

    on: date | None = None


class SessionPage(Asking, frozen=True, kw_only=True):
    """One page of booked sessions. `months` back; the scheme's own choice unless it is given."""

    months: Annotated[int, Meta(ge=1, le=240)] | None = None
    search: Annotated[str, Meta(max_length=64)] = ""
    page: Annotated[int, Meta(ge=1, le=100_000)] = 1


class Accepted(Struct, frozen=True, kw_only=True):
    """Heard. Whether anything is sent is not said."""

    accepted: bool = True


class SignedInAs(Struct, frozen=True, kw_only=True):
    """A resident's token: the only time that it is shown."""

    token: str
    household: str
    resident: str
    expires_at: datetime


class Registered(Struct, frozen=True, kw_only=True):
    """The new account; sign in with a PIN to use it."""

    household: str
    resident: str
    verified: bool


class PropertyFound(Struct, frozen=True, kw_only=True):
    """Where a property's household is."""

    property_ref: str
    household: str


class ResidentSeen(Struct, frozen=True, kw_only=True):
    """A person of the household, with their own contact data where the caller may see them."""

    resident: str
    verified: bool
    lives_from: date
    moved_out_at: datetime | None
    name: str
    email: str
    mobile: str


class ApplicationSeen(Struct, frozen=True, kw_only=True):
    """An application and its figures."""

    application: str
    number: str
    resident: str
    product: str
    state: str
    pence: int
    starts_on: date
    last_day: date
    submitted_at: datetime


class VehicleSeen(Struct, frozen=True, kw_only=True):
    """A vehicle listed on a permit."""

    mark: str
    active: bool


class HoldingSeen(Struct, frozen=True, kw_only=True):
    """What was bought, in force over `[in_force_from, in_force_until)`."""

    holding: str
    application: str
    resident: str
    product: str
    zone: str
    units: int
    units_left: int
    in_force_from: datetime
    in_force_until: datetime
    in_force: bool
    last_day: date
    ended_why: str
    edition: str
    vehicles: list[VehicleSeen]


class VisitorSeen(Struct, frozen=True, kw_only=True):
    """A saved visitor's vehicle."""

    visitor: str
    mark: str
    name: str
    preferred: bool


class Balance(Struct, frozen=True, kw_only=True):
    """Units of a product that the household can still use."""

    product: str
    remaining: int


class HouseholdSeen(Struct, frozen=True, kw_only=True):
    """A household as it is now. A resident sees the household's figures and their own facts."""

    household: str
    version: int
    at: datetime
    property_ref: str
    zone: str
    address: str
    residents: list[ResidentSeen]
    applications: list[ApplicationSeen]
    holdings: list[HoldingSeen]
    balances: list[Balance]
    visitors: list[VisitorSeen]


class EntrySeen(Struct, frozen=True, kw_only=True):
    """One fact: what was recorded, when, by which role and on which channel, and a sentence of it.

    `about` holds the fact's own fields, without contact data, dates of birth and account numbers.
    `changed` is what it changed, before and after: units left, allowance used, the active vehicle,
    cover.
    """

    version: int
    act: str
    says: str
    at: datetime
    role: str
    channel: str
    about: dict[str, Any]
    changed: list[Change]


class HistorySeen(Struct, frozen=True, kw_only=True):
    """Entries in order; `next` is the `after` of the next page, None at the end."""

    household: str
    entries: list[EntrySeen]
    next: int | None


class Release(Struct, frozen=True, kw_only=True):
    """So many units can be bought again from that local date."""

    on: date
    units: int


class CapSeen(Struct, frozen=True, kw_only=True):
    """One cap of a product on the date; `resident` where each resident has their own."""

    product: str
    scope: str
    window: str
    unit: str
    resident: str
    used: int
    granted: int
    max: int
    available: int
    releases: list[Release]


class AllowancesSeen(Struct, frozen=True, kw_only=True):
    """How the household's caps stand on a local date."""

    household: str
    on: date
    caps: list[CapSeen]


class SessionSeen(Struct, frozen=True, kw_only=True):
    """A booked visit over `[begins_at, until)`; `changeable` until it begins."""

    booking: str
    holding: str
    product: str
    zone: str
    mark: str
    name: str
    begins_at: datetime
    until: datetime
    pence: int
    booked_at: datetime
    changeable: bool


class SessionsSeen(Struct, frozen=True, kw_only=True):
    """One page, latest start first, and how many there are in all."""

    household: str
    page: int
    page_size: int
    total: int
    sessions: list[SessionSeen]


class Health(Struct, frozen=True, kw_only=True):
    """The program runs and the ledger answers."""

    status: Literal["ok"] = "ok"
