"""APDS shapes of what took place: sessions of booked visits and stays, and sets of observations.

A session is a visit that has begun: a booking that was not cancelled, or a stay on a clock. It ends
where its cover does, or where the vehicle was seen to have left, and has no end while it goes on.
`validationId` is the booking's or the stay's own number. The standard's `validationType` is a list
whose words the reference does not give: it is there, and empty.

Source: reference/enforcement-and-evidence.md, C.1 (Session, ObservationSet).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import field

from ledger.events import AnyEvent, StayBegan, VoucherBooked
from ledger.household.state import Household
from replay.standards.apds import (
    Credential,
    ObservationElement,
    Reference,
    Shape,
    VersionedReference,
    Words,
)


class Segment(Shape, frozen=True, kw_only=True):
    """A session's only part: all of it is under one right."""

    actual_start: datetime
    actual_end: datetime | None = None
    assigned_right: VersionedReference
    validation_type: list[str] = field()
    validation_id: str


class Session(Shape, frozen=True, kw_only=True):
    """A visit that has begun."""

    actual_start: datetime
    actual_end: datetime | None = None
    initiator: Reference
    identified_credentials: list[Credential]
    segments: list[Segment]


class ObservationSet(Shape, frozen=True, kw_only=True):
    """Observations that were taken away together."""

    creation_date_time: datetime
    creator: VersionedReference
    observation_elements: list[ObservationElement]


def session(event: AnyEvent, household: Household, at: datetime, words: Words) -> Session | None:
    """The session of a booking or a stay, as it is known now; None where it has not begun at that
    instant, or was cancelled.
    """
    match event:
        case VoucherBooked():
            booking = household.bookings[event.booking_id]
            if booking.cancelled_at is not None:
                return None
            number, holding_id, cover = booking.booking_id, booking.holding_id, booking.cover
            begins, ends = cover.covers_from, cover.covers_until
        case StayBegan():
            stay = household.stays[event.stay_id]
            number, holding_id, cover = stay.stay_id, stay.holding_id, stay.cover
            begins, ends = stay.began_at, stay.left_at or cover.covers_until
        case _:
            raise AssertionError("a session is of a booking or a stay")
    if begins > at:
        return None
    over = ends if ends <= at else None
    return Session(
        actual_start=begins,
        actual_end=over,
        initiator=words.organisation,
        identified_credentials=[words.plate(cover.shown)],
        segments=[
            Segment(
                actual_start=begins,
                actual_end=over,
                assigned_right=VersionedReference(
                    id=holding_id, version=household.version, class_name="AssignedRight"
                ),
                validation_type=[],
                validation_id=number,
            )
        ],
    )


def observation_sets(
    elements: Sequence[ObservationElement], at: datetime, words: Words
) -> Iterator[ObservationSet]:
    """One set of all of them; none of none."""
    if elements:
        yield ObservationSet(
            creation_date_time=at,
            creator=VersionedReference(id=words.council, version=1, class_name="Organisation"),
            observation_elements=list(elements),
        )
