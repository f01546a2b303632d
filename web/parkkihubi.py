"""A check in parkkihubi's shape, for devices that speak it: `check_parking`.

A client written for parkkihubi needs another base address only, which names the council and the
zone it patrols: `.../api/v1/{council}/parkkihubi/{zone}`, before its own
`/enforcement/v1/check_parking/`. Each row of both tables has a test.

| the same                                      | answered, there and here                       |
|-----------------------------------------------|------------------------------------------------|
| no key; a key of another role                 | 401; 403                                       |
| a naive `time`; a mark over 20 characters; a  | 400                                            |
| latitude beyond 90 degrees                    |                                                |
| the poles; a longitude of 180 degrees         | taken                                          |
| lower case, spaces, hyphens in a mark         | the same mark                                  |
| a covered vehicle                             | `allowed` true, and its `end_time`             |
| one whose cover ended moments ago             | `allowed` false, and the `end_time` gone by    |
| a right of another domain (here: council)     | not seen                                       |
| every check                                   | on record                                      |

| on purpose not    | parkkihubi                        | here                                     |
|-------------------|-----------------------------------|------------------------------------------|
| ends              | inclusive: at 12:00:00 the right  | half-open: the right that ended covers   |
|                   | that ended and the next both hold | no more                                  |
| O and 0, I and 1  | two marks                         | one plate, and `match` says so           |
| why               | worked out, then dropped          | `reason`, `match`, `near`                |
| grace             | `end_time` shown for 15 minutes   | for the statutory ten, to the second,    |
|                   |                                   | with `earliest_pcn_at`                   |
| a whole stay in   | missed                            | found                                    |
| the grace         |                                   |                                          |
| `time`            | anybody's, answered from the rows | staff's and auditors'; an officer's may  |
|                   | of today                          | be 5 minutes off, and is taken as now    |
| a second clock    | none                              | `known_at`, for staff and auditors       |
| a vehicle that is | past instants are judged by       | past instants are judged by what held    |
| switched off      | today's rows: denied              | then: allowed                            |
| the place         | coordinates find a zone           | the address names the zone; coordinates  |
|                   |                                   | are checked, neither used nor kept       |
| controlled hours  | none                              | outside them nobody needs a right:       |
|                   |                                   | allowed, with `reason` not_controlled    |
| `payment_zone`    | a number                          | null; `permit_area` names the zone       |
| other zones       | a dearer zone's right covers      | a right covers its own zone              |
|                   | cheaper zones                     |                                          |
| no mark at all    | not allowed                       | 422: a slip is no answer                 |
| rows altered      | answered as they are              | 503: neither allowed nor not             |
| the record        | blanked after a day               | the exact answer, never changed          |
| what is wrong     | an object of fields               | application/problem+json                 |

Source: reference/enforcement-and-evidence.md, B.1, B.2, B.4 and F.1.
"""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from ledger.rules.covering import STATUTORY_GRACE, Reason
from ledger.values import utc
from projections.enforcement import CheckAnswer
from web import access
from web.access import TIME_TRAVELLERS
from web.asking import Asking, CheckRequest, Instant
from web.enforcement import UNKNOWN, device_of, refuse_unknown_zone
from web.operations import Call, Header, Operation
from web.problems import Wrong

CLOCK_SLIP = timedelta(minutes=5)
DEVICE = "parkkihubi client"


class Point(Asking, frozen=True, kw_only=True):
    """Degrees, WGS 84."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class CheckParking(Asking, frozen=True, kw_only=True):
    """As parkkihubi's; `known_at` is ours."""

    registration_number: Annotated[str, Meta(min_length=1, max_length=20)]
    location: Point
    time: Instant | None = None
    known_at: Instant | None = None


class Place(Struct, frozen=True, kw_only=True):
    """`payment_zone` is always null."""

    payment_zone: int | None
    permit_area: str


class ParkingChecked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As parkkihubi's, and from `reason` on what it does not tell. `end_time` is the first instant
    that is not covered.
    """

    allowed: bool
    location: Place
    time: datetime
    reason: Reason
    match: str
    near: list[str]
    end_time: datetime | None = None
    earliest_pcn_at: datetime | None = None


def check_parking(call: Call) -> ParkingChecked:
    """Raises Refused with `vehicle.mark_invalid` or `eligibility.zone`; Wrong `not-allowed`;
    TooManyLookups.
    """
    request: CheckParking = call.body
    zone = call.params["zone"]
    at = _instant(call, request)
    refuse_unknown_zone(call.council, zone, at)
    asked = CheckRequest(
        mark=request.registration_number,
        zone=zone,
        at=at,
        known_at=request.known_at and utc(request.known_at),
    )
    found = call.council.check(
        typed=asked.mark,
        zone=zone,
        at=asked.at,
        known_at=asked.known_at,
        bay="",
        officer=call.by.name,
        device=device_of(call.headers.get("x-device", "")) or DEVICE,
    )
    return _shaped(found)


def _instant(call: Call, request: CheckParking) -> datetime | None:
    """The instant asked about; None is now, by the ledger's clock."""
    if call.by.role in TIME_TRAVELLERS:
        return request.time and utc(request.time)
    if request.known_at is not None:
        raise Wrong("not-allowed", "Only staff and auditors may ask what was known: known_at.")
    if request.time is not None:
        with call.council.checks.connection() as connection:
            now = call.council.now(connection)
        if abs(request.time - now) > CLOCK_SLIP:
            raise Wrong(
                "not-allowed", "Only staff and auditors may ask about another instant: time."
            )
    return None


def _shaped(found: CheckAnswer) -> ParkingChecked:
    if found.covered is None:
        # The shape knows yes and no alone, and it is neither.
        raise Wrong("unavailable", f"Unknown: {found.hint}. Do not issue a notice on this.")
    ends = found.until
    barred = found.earliest_pcn_at
    if not found.covered and barred is not None and found.at <= barred:
        # Of a vehicle that was switched off, the right that is named is its place on the list,
        # which ends later: what the grace follows on is when its cover ended.
        ends = barred - STATUTORY_GRACE
    return ParkingChecked(
        allowed=found.covered,
        location=Place(payment_zone=None, permit_area=found.zone),
        time=found.at,
        reason=found.reason,
        match=found.match,
        near=found.near,
        end_time=ends,
        earliest_pcn_at=barred,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/api/v1/{council}/parkkihubi/{zone}/enforcement/v1/check_parking",
        name="check_parking",
        about="The check in parkkihubi's shape. A token may be sent as `ApiKey` as well.",
        roles=lambda site: access.CHECKERS,
        act=check_parking,
        body=CheckParking,
        answer=ParkingChecked,
        headers=(Header(name="X-Device", about="The officer's device, kept with the look-up."),),
        problems=("refused", "too-many"),
        on_checks=True,
        unavailable=UNKNOWN,
    ),
)
