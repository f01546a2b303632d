"""Every fact the ledger can hold, as one union: `AnyEvent`."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.events.applying import (
    AllowanceGranted,
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationRefused,
    ApplicationState,
    ApplicationSubmitted,
    HoldingEnded,
    HoldingExpired,
    HoldingIssued,
    HoldingRefunded,
    HoldingReplaced,
    Line,
    ListedVehicle,
    OccupancyChecked,
    OfferLapsed,
    OfferMade,
    PaymentAuthorised,
    PaymentFailed,
    ProofReused,
    ProofUploaded,
)
from ledger.events.base import (
    Actor,
    Answer,
    Channel,
    Counted,
    Cover,
    CoverKind,
    Event,
    Receipt,
    Role,
)
from ledger.events.desk import (
    AppealDecided,
    AppealLodged,
    CaseClosed,
    CaseDecided,
    CaseKind,
    CaseOpened,
    DeskFact,
    EvidenceMade,
    NoticeCancelled,
    NoticeNoted,
    OutageCorrected,
    OutageDeclared,
    OutageWithdrawn,
    Service,
)
from ledger.events.people import (
    EligibilityOverridden,
    EmailChanged,
    MobileLinked,
    PinSent,
    PropertyListed,
    ResidentMovedOut,
    ResidentRegistered,
    VehicleFactsRecorded,
    VisitorForgotten,
    VisitorSaved,
)
from ledger.events.using import (
    BookingAmended,
    BookingCancelled,
    CardUsed,
    CoverCorrected,
    DrawnUnits,
    MisuseStep,
    NotBooked,
    PermitObserved,
    StayBegan,
    StayEnded,
    TextReceived,
    VehicleAdded,
    VehicleRemoved,
    VehicleSwitched,
    VoucherBooked,
)

AnyEvent = (
    PropertyListed
    | EligibilityOverridden
    | ResidentRegistered
    | MobileLinked
    | EmailChanged
    | PinSent
    | ResidentMovedOut
    | VisitorSaved
    | VisitorForgotten
    | VehicleFactsRecorded
    | ApplicationSubmitted
    | ProofUploaded
    | ProofReused
    | OccupancyChecked
    | OfferMade
    | ApplicationApproved
    | ApplicationRefused
    | ApplicationDeclined
    | OfferLapsed
    | PaymentAuthorised
    | PaymentFailed
    | HoldingIssued
    | HoldingExpired
    | HoldingEnded
    | HoldingRefunded
    | HoldingReplaced
    | AllowanceGranted
    | VoucherBooked
    | BookingAmended
    | BookingCancelled
    | TextReceived
    | VehicleAdded
    | VehicleRemoved
    | VehicleSwitched
    | CardUsed
    | StayBegan
    | StayEnded
    | PermitObserved
    | CoverCorrected
    | MisuseStep
    | NoticeNoted
    | NoticeCancelled
    | CaseOpened
    | EvidenceMade
    | CaseDecided
    | AppealLodged
    | AppealDecided
    | CaseClosed
    | OutageDeclared
    | OutageCorrected
    | OutageWithdrawn
)


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is stored of one event: the fact, and who recorded it when and how.

    The last event of a command also carries the command's receipt.
    """

    recorded_at: datetime
    by: Actor
    channel: Channel
    event: AnyEvent
    on_behalf_of: str = ""
    receipt: Receipt | None = None


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """A stored event with its place: version in its household, position in the council's ledger.

    Position 0 means: not stored yet. The names beginning with `originator` are the event store's.
    """

    originator_id: UUID
    originator_version: int
    position: int
    entry: Entry

    @property
    def event(self) -> AnyEvent:
        return self.entry.event

    @property
    def recorded_at(self) -> datetime:
        return self.entry.recorded_at

    @property
    def household_id(self) -> str:
        return str(self.originator_id)


def tag_of(event: Event) -> str:
    """The stable name under which an event is stored."""
    tag = event.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


__all__ = [
    "Actor",
    "AllowanceGranted",
    "Answer",
    "AnyEvent",
    "AppealDecided",
    "AppealLodged",
    "ApplicationApproved",
    "ApplicationDeclined",
    "ApplicationRefused",
    "ApplicationState",
    "ApplicationSubmitted",
    "BookingAmended",
    "BookingCancelled",
    "CardUsed",
    "CaseClosed",
    "CaseDecided",
    "CaseKind",
    "CaseOpened",
    "Channel",
    "Counted",
    "Cover",
    "CoverCorrected",
    "CoverKind",
    "DeskFact",
    "DrawnUnits",
    "EligibilityOverridden",
    "EmailChanged",
    "Entry",
    "Event",
    "EvidenceMade",
    "HoldingEnded",
    "HoldingExpired",
    "HoldingIssued",
    "HoldingRefunded",
    "HoldingReplaced",
    "Line",
    "ListedVehicle",
    "MisuseStep",
    "MobileLinked",
    "NotBooked",
    "NoticeCancelled",
    "NoticeNoted",
    "OccupancyChecked",
    "OfferLapsed",
    "OfferMade",
    "OutageCorrected",
    "OutageDeclared",
    "OutageWithdrawn",
    "PaymentAuthorised",
    "PaymentFailed",
    "PermitObserved",
    "PinSent",
    "ProofReused",
    "ProofUploaded",
    "PropertyListed",
    "Receipt",
    "Recorded",
    "ResidentMovedOut",
    "ResidentRegistered",
    "Role",
    "Service",
    "StayBegan",
    "StayEnded",
    "TextReceived",
    "VehicleAdded",
    "VehicleFactsRecorded",
    "VehicleRemoved",
    "VehicleSwitched",
    "VisitorForgotten",
    "VisitorSaved",
    "VoucherBooked",
    "tag_of",
]
