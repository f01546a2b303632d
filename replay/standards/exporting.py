"""Pages of an export, in the order in which things were recorded.

A page goes on from a position of the ledger: what is recorded meanwhile comes after it, so that
nothing is passed over and nothing comes twice, as it would by counting. A ledger deletes nothing
either: a right that ended has its expiry, and the standard's `deletedReferences` are always none,
and left out.

Source: reference/enforcement-and-evidence.md, C.1 (list meta) and C.4.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from ledger.events import HoldingIssued, Recorded
from ledger.household.state import Holding, Household
from ledger.store.reading import recorded
from replay.standards.apds import (
    AssignedRight,
    ObservationElement,
    Profile,
    RightSpecification,
    Shape,
    Words,
    assigned_right,
    observation,
    specifications,
)
from replay.standards.sessions import ObservationSet, Session, observation_sets, session
from services.council import Council

ISSUED, OBSERVED = "holding_issued.v1", "permit_observed.v1"
BEGAN = ("voucher_booked.v1", "stay_began.v1")
Item = TypeVar("Item")


class Meta(Shape, frozen=True, kw_only=True):
    """`next` is the `after` of the next page; it is left out on the last."""

    reference_instant: datetime
    page_size: int
    next: int | None = None


class Page(Shape, Generic[Item], frozen=True, kw_only=True):
    """Some of them, oldest first."""

    meta: Meta
    data: list[Item]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rights a client asks for, in the standard's own words; None or "" is any.

    `modified_since` is of its household's last fact. The others are of the time in which the right
    is in force: it starts, or ends, at or after `..._after` and before `..._before`.
    """

    modified_since: datetime | None = None
    start_after: datetime | None = None
    start_before: datetime | None = None
    end_after: datetime | None = None
    end_before: datetime | None = None
    right_spec: str = ""
    place: str = ""

    def takes(self, household: Household, holding: Holding, right: AssignedRight) -> bool:
        changed = household.last_recorded_at
        assert changed is not None, "a household that holds something has a past"
        return (
            _within(changed, self.modified_since, None)
            and _within(holding.in_force_from, self.start_after, self.start_before)
            and _within(holding.in_force_until, self.end_after, self.end_before)
            and self.right_spec in ("", right.right_specification.id)
            and self.place in ("", holding.zone)
        )


ANY = Wanted()


def _within(at: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or at >= after) and (before is None or at < before)


def words_of(council: Council, profile: Profile) -> Words:
    names = [scheme.edition for scheme in council.editions.ordered]
    return Words(
        profile=profile,
        council=council.editions.latest.council,
        version_of=lambda edition: names.index(edition) + 1,
    )


def rights(
    council: Council, profile: Profile, after: int, size: int, wanted: Wanted = ANY
) -> Page[AssignedRight]:
    """Assigned rights that were issued after a position, each as it is now.

    A page is of so many that were issued; of those, the ones that are wanted are on it.
    """
    words = words_of(council, profile)
    facts, meta = _facts(council, (ISSUED,), after, size)
    households = _Households(council)
    made = []
    for fact in facts:
        event, household = fact.event, households.of(fact.originator_id)
        assert isinstance(event, HoldingIssued)
        holding = household.holdings[event.holding_id]
        scheme = council.editions.edition(holding.edition)
        right = assigned_right(household, holding, scheme, words)
        if wanted.takes(household, holding, right):
            made.append(right)
    return Page(meta=meta, data=made)


class _Households:
    """The households of a page, each read once."""

    def __init__(self, council: Council) -> None:
        self._council = council
        self._found: dict[UUID, Household] = {}

    def of(self, stream: UUID) -> Household:
        if stream not in self._found:
            self._found[stream] = self._council.ledger.household(stream)
        return self._found[stream]


def sessions(council: Council, profile: Profile, after: int, size: int) -> Page[Session]:
    """Visits and stays that were recorded after a position and have begun.

    What was booked ahead comes once it has begun: a client asks again from a position as old as
    visits are booked ahead, and knows by `validationId` what it has.
    """
    words = words_of(council, profile)
    facts, meta = _facts(council, BEGAN, after, size)
    households = _Households(council)
    made = (
        session(fact.event, households.of(fact.originator_id), meta.reference_instant, words)
        for fact in facts
    )
    return Page(meta=meta, data=[each for each in made if each is not None])


def observations(council: Council, after: int, size: int) -> Page[ObservationElement]:
    """What officers observed, recorded after a position. The platform's profile has none."""
    words = words_of(council, "apds")
    facts, meta = _facts(council, (OBSERVED,), after, size)
    return Page(
        meta=meta,
        data=[observation(each, council.scheme_at(each.recorded_at), words) for each in facts],
    )


def observation_set(council: Council, after: int, size: int) -> Page[ObservationSet]:
    """The same page of observations as one set."""
    page = observations(council, after, size)
    sets = observation_sets(page.data, page.meta.reference_instant, words_of(council, "apds"))
    return Page(meta=page.meta, data=list(sets))


def every_specification(council: Council, profile: Profile) -> Page[RightSpecification]:
    """What each edition of the scheme offers, the latest edition last."""
    words = words_of(council, profile)
    made = [each for scheme in council.editions.ordered for each in specifications(scheme, words)]
    with council.pool.connection() as connection:
        now = council.now(connection)
    return Page(meta=Meta(reference_instant=now, page_size=len(made)), data=made)


def _facts(
    council: Council, tags: Sequence[str], after: int, size: int
) -> tuple[list[Recorded], Meta]:
    """So many facts of these kinds above a position, and where the next page begins."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        found = council.ledger.positions.read_from(connection, after, size + 1, topics=tags)
    page = [recorded(council.ledger, each) for each in found[:size]]
    further = found[size - 1].id if len(found) > size else None
    return page, Meta(reference_instant=now, page_size=size, next=further)
