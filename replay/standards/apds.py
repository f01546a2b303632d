"""APDS shapes of what a council has: assigned rights, right specifications, observations.

Names are APDS's in camel case; what is not known is left out. Instants are UTC, and every end is
the first instant that is no longer in the period. Two profiles differ in how a text is written: a
list of languages in APDS itself, an object by language at the National Parking Platform, which has
no observations either.

The published schema of an AssignedRight refuses every credential, by a fault of its own: two lines
of patch mend it (reference C.3; `tests/replay/apds_schemas.py` holds both forms).

Source: reference/enforcement-and-evidence.md, C.1 to C.4 (parkingdata/spec at c64c5f5, MIT).
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from ledger.events import PermitObserved, Recorded
from ledger.household.state import Booking, Card, Holding, Household, Stay
from ledger.scheme.schema import Scheme
from ledger.values import FOREVER

Profile = Literal["apds", "npp"]
IssueMethod = Literal["electronic", "ticket", "permit"]
CredentialType = Literal["licensePlate", "permit"]


class Language(Struct, frozen=True, kw_only=True):
    """A text in one language."""

    language: str
    string: str


Text = list[Language] | dict[str, str]
"""APDS's list of languages, or the National Parking Platform's object by language."""


class Shape(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A shape of the standard: camel case, and nothing said of what is not known."""


class Reference(Shape, frozen=True, kw_only=True):
    """Something by its class and id."""

    class_name: str
    id: str


class VersionedReference(Shape, frozen=True, kw_only=True):
    """One version of something."""

    id: str
    version: int
    class_name: str = ""


class Credential(Shape, frozen=True, kw_only=True):
    """What shows the right: a vehicle's plate, or the permit's number."""

    type: CredentialType
    identifier: Reference
    issuer: Text


class RightHolder(Shape, frozen=True, kw_only=True):
    """The holder, by credentials alone."""

    credentials: list[Credential]


class PlannedUse(Shape, frozen=True, kw_only=True):
    """One use of a right: a booking, a dated card, a stay."""

    start_time: datetime
    end_time: datetime | None = None
    cancel_time: datetime | None = None
    issuance_time: datetime | None = None
    credentials_assigned: list[Credential]


class AssignedRight(Shape, frozen=True, kw_only=True):
    """A holding. Its version rises with every fact of its household."""

    id: str
    version: int
    right_specification: VersionedReference
    right_holder: RightHolder
    issuance_time: datetime
    expiry: datetime | None = None
    assigned_right_issuer: Reference
    issue_method: IssueMethod
    total_instances: int | None = None
    instances_used: int | None = None
    instances_available: int | None = None
    planned_uses: list[PlannedUse] | None = None


class RightSpecification(Shape, frozen=True, kw_only=True):
    """A product of the scheme in one zone."""

    id: str
    version: int
    description: Text
    issuer: Reference
    transferable: bool
    type: Literal["permitParking"] = "permitParking"
    hierarchy_elements: list[VersionedReference]

    def __post_init__(self) -> None:
        assert self.hierarchy_elements, "a right is of some place"


class ObserverLocation(Shape, frozen=True, kw_only=True):
    """Where the observer stood: the zone, as no coordinates are kept."""

    description: Text


class ObservedPlace(Shape, frozen=True, kw_only=True):
    """Where it was observed."""

    observed_location_textual: Text
    observer_location: ObserverLocation


class ObservationElement(Shape, frozen=True, kw_only=True):
    """A permit that an officer read in a vehicle."""

    id: str
    version: int
    method: Literal["visual"]
    type: CredentialType
    observed_credential_id: str
    observation_start_time: datetime
    creation_date_time: datetime
    location: ObservedPlace
    observer_organisation: VersionedReference
    description: Text | None = None


_UNITED_KINGDOM = re.compile(
    r"[A-Z]{2}[0-9]{2}[A-Z]{3}|[A-Z][0-9]{1,3}[A-Z]{3}|[A-Z]{3}[0-9]{1,3}[A-Z]"
    r"|[A-Z]{1,3}[0-9]{1,4}|[0-9]{1,4}[A-Z]{1,3}"
)


class Words(Struct, frozen=True, kw_only=True):
    """How one profile writes for one council; `version_of` numbers the editions of its scheme."""

    profile: Profile
    council: str
    version_of: Callable[[str], int]

    def text(self, english: str) -> Text:
        if self.profile == "npp":
            return {"en": english}
        return [Language(language="en", string=english)]

    def plate(self, shown: str) -> Credential:
        """A vehicle's credential. A mark that has no form of the United Kingdom names no issuer."""
        home = _UNITED_KINGDOM.fullmatch(shown) is not None
        return Credential(
            type="licensePlate",
            identifier=Reference(class_name="UKNumberPlate" if home else "NumberPlate", id=shown),
            issuer=self.text("DVLA" if home else "unknown"),
        )

    def permit(self, number: str) -> Credential:
        return Credential(
            type="permit",
            identifier=Reference(class_name="Permit", id=number),
            issuer=self.text(self.council),
        )

    @property
    def organisation(self) -> Reference:
        return Reference(class_name="Organisation", id=self.council)


def specification_id(product: str, zone: str) -> str:
    return f"{product}.{zone}"


def assigned_right(
    household: Household, holding: Holding, scheme: Scheme, words: Words
) -> AssignedRight:
    """A holding as it is in this household. `scheme` is the edition that it was sold under."""
    product = scheme.product(holding.product)
    assert product is not None, "an edition names what was sold under it"
    uses = [
        *(
            _of_booking(booking, words)
            for booking in household.bookings.values()
            if booking.holding_id == holding.holding_id
        ),
        *(
            _of_card(card, words)
            for card in household.cards.values()
            if card.holding_id == holding.holding_id and card.cover is not None
        ),
        *(
            _of_stay(stay, words)
            for stay in household.stays.values()
            if stay.holding_id == holding.holding_id
        ),
    ]
    counted = product.draws_units
    method: IssueMethod = "electronic"
    if product.medium == "paper":
        method = "ticket" if counted else "permit"
    return AssignedRight(
        id=holding.holding_id,
        version=household.version,
        right_specification=VersionedReference(
            id=specification_id(holding.product, holding.zone),
            version=words.version_of(holding.edition),
            class_name="RightSpecification",
        ),
        right_holder=RightHolder(
            credentials=[
                words.permit(holding.holding_id),
                *(words.plate(each.shown) for each in holding.vehicles.values()),
            ]
        ),
        issuance_time=holding.issued_at,
        expiry=_known(holding.in_force_until),
        assigned_right_issuer=words.organisation,
        issue_method=method,
        total_instances=holding.units if counted else None,
        instances_used=holding.units_used if counted else None,
        instances_available=holding.units_left if counted else None,
        planned_uses=sorted(uses, key=lambda use: use.start_time) or None,
    )


def _of_booking(booking: Booking, words: Words) -> PlannedUse:
    return PlannedUse(
        start_time=booking.cover.covers_from,
        end_time=_known(booking.cover.covers_until),
        cancel_time=booking.cancelled_at,
        issuance_time=booking.booked_at,
        credentials_assigned=[words.plate(booking.cover.shown)],
    )


def _of_card(card: Card, words: Words) -> PlannedUse:
    assert card.cover is not None
    return PlannedUse(
        start_time=card.covers_from,
        end_time=_known(card.covers_until),
        credentials_assigned=[words.plate(card.cover.shown)],
    )


def _of_stay(stay: Stay, words: Words) -> PlannedUse:
    return PlannedUse(
        start_time=stay.began_at,
        end_time=stay.left_at or _known(stay.cover.covers_until),
        credentials_assigned=[words.plate(stay.cover.shown)],
    )


def _known(ends: datetime) -> datetime | None:
    return None if ends >= FOREVER else ends


def specifications(scheme: Scheme, words: Words) -> list[RightSpecification]:
    """Every product of an edition in every zone that it is offered in."""
    version = words.version_of(scheme.edition)
    return [
        RightSpecification(
            id=specification_id(product.id, zone.id),
            version=version,
            description=words.text(product.name),
            issuer=words.organisation,
            # A holding never passes to another household; its vehicle may change.
            transferable=False,
            hierarchy_elements=[
                VersionedReference(id=zone.id, version=version, class_name="IdentifiedArea")
            ],
        )
        for product in scheme.products
        for zone in scheme.zones
        if product.offered_in(zone.id)
    ]


def observation(fact: Recorded, scheme: Scheme, words: Words) -> ObservationElement:
    """What an officer read in a vehicle. Only of a PermitObserved."""
    event = fact.event
    assert isinstance(event, PermitObserved)
    zone = scheme.zone(event.zone)
    place = words.text(f"{event.zone}, {zone.name}" if zone and zone.name else event.zone)
    return ObservationElement(
        id=event.observation_id,
        version=1,
        method="visual",
        type="licensePlate",
        observed_credential_id=event.shown,
        observation_start_time=event.observed_at,
        creation_date_time=fact.recorded_at,
        location=ObservedPlace(
            observed_location_textual=place,
            observer_location=ObserverLocation(description=place),
        ),
        observer_organisation=VersionedReference(
            id=words.council, version=1, class_name="Organisation"
        ),
        description=words.text(event.verdict) if event.verdict else None,
    )
