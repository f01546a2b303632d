"""Pages of an export, in the order in which things were recorded.

A page goes on from a position of the ledger: what is recorded meanwhile comes after it, so that
nothing is passed over and nothing comes twice, as it would by counting.

Source: reference/enforcement-and-evidence.md, C.1 (list meta) and C.4.
"""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from ledger.events import HoldingIssued, Recorded
from ledger.household.state import Household
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
from services.council import Council

ISSUED, OBSERVED = "holding_issued.v1", "permit_observed.v1"
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


def words_of(council: Council, profile: Profile) -> Words:
    names = [scheme.edition for scheme in council.editions.ordered]
    return Words(
        profile=profile,
        council=council.editions.latest.council,
        version_of=lambda edition: names.index(edition) + 1,
    )


def rights(council: Council, profile: Profile, after: int, size: int) -> Page[AssignedRight]:
    """Assigned rights that were issued after a position, each as it is now."""
    words = words_of(council, profile)
    facts, meta = _facts(council, ISSUED, after, size)
    households: dict[UUID, Household] = {}
    made = []
    for fact in facts:
        event, stream = fact.event, fact.originator_id
        assert isinstance(event, HoldingIssued)
        if stream not in households:
            households[stream] = council.ledger.household(stream)
        household = households[stream]
        holding = household.holdings[event.holding_id]
        scheme = council.editions.edition(holding.edition)
        made.append(assigned_right(household, holding, scheme, words))
    return Page(meta=meta, data=made)


def observations(council: Council, after: int, size: int) -> Page[ObservationElement]:
    """What officers observed, recorded after a position. The platform's profile has none."""
    words = words_of(council, "apds")
    facts, meta = _facts(council, OBSERVED, after, size)
    return Page(
        meta=meta,
        data=[observation(each, council.scheme_at(each.recorded_at), words) for each in facts],
    )


def every_specification(council: Council, profile: Profile) -> Page[RightSpecification]:
    """What each edition of the scheme offers, the latest edition last."""
    words = words_of(council, profile)
    made = [each for scheme in council.editions.ordered for each in specifications(scheme, words)]
    with council.pool.connection() as connection:
        now = council.now(connection)
    return Page(meta=Meta(reference_instant=now, page_size=len(made)), data=made)


def _facts(council: Council, tag: str, after: int, size: int) -> tuple[list[Recorded], Meta]:
    """So many facts of one kind above a position, and where the next page begins."""
    with council.pool.connection() as connection:
        now = council.now(connection)
        found = council.ledger.positions.read_from(connection, after, size + 1, topics=[tag])
    page = [recorded(council.ledger, each) for each in found[:size]]
    further = found[size - 1].id if len(found) > size else None
    return page, Meta(reference_instant=now, page_size=size, next=further)
