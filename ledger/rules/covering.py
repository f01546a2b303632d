"""Is this vehicle covered here, at that instant? The officer's question, answered from what was
known.

The answer names its reason. Cover is a right in this zone whose period holds the instant; a
vehicle over
the scheme's limits, or a suspended bay, has none whatever its right. Outside controlled hours
nobody
needs one. A mark that differs by O/0 or I/1 only is the same plate; nearer than that is a hint at
most.

After cover ends a notice is barred for ten minutes more: at that very instant still, after it no
longer.

Source: design section 5; STV-028 to 030, STV-087, GRV-010 to 013, RBW-011 to 021, NOR-141,
NOR-142; X-004, X-019, X-020, X-101, X-102.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from ledger.rules.hours import control_from, controlled
from ledger.scheme.schema import Scheme, VehicleLimit

Reason = Literal[
    "",
    "no_right",
    "not_started",
    "ended",
    "wrong_zone",
    "not_active",
    "vehicle_excluded",
    "suspended_bay",
    "not_controlled",
    "unknown",
]
"""`unknown` is no verdict: what is stored of the mark is in doubt."""
Bay = Literal["", "suspended", "permit_holder", "shared_use"]

STATUTORY_GRACE = timedelta(minutes=10)
"""Regulation 5 of SI 2022/71: no penalty while the overstay does not exceed ten minutes."""


class Right(Struct, frozen=True, kw_only=True):
    """A row of the active registrations: a vehicle's cover as it was known, with the event it is
    from.
    """

    kind: str
    holding_id: str
    product: str
    shown: str
    zone: str
    covers_from: datetime
    covers_until: datetime
    household_id: str
    version: int

    def holds(self, at: datetime) -> bool:
        return self.kind != "listed" and self.covers_from <= at < self.covers_until


class VehicleFacts(Struct, frozen=True, kw_only=True):
    """What is known of the vehicle; None is not known, and excludes nobody."""

    max_authorised_mass_kg: int | None = None
    unladen_mass_kg: int | None = None
    goods_mass_kg: int | None = None
    length_mm: int | None = None
    passengers: int | None = None
    vehicle_class: str | None = None
    fits_bay: bool | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """The answer, without the near marks: those are a second question."""

    covered: bool
    reason: Reason
    until: datetime | None = None
    match: Literal["", "exact", "same_glyphs"] = ""
    right: Right | None = None
    earliest_pcn_at: datetime | None = None
    limit: str = ""


def verdict(
    shown: str,
    rights: Sequence[Right],
    facts: VehicleFacts,
    scheme: Scheme,
    zone: str,
    at: datetime,
    bay: Bay,
) -> Verdict:
    """What an officer is told of a mark in a zone at an instant, from all its rights known then."""
    if bay == "suspended" and scheme.enforcement.suspended_bays == "not_covered":
        return Verdict(covered=False, reason="suspended_bay")
    covering = [right for right in rights if right.holds(at)]
    here = [right for right in covering if right.zone == zone]
    over = excluded_by(facts, scheme.vehicle_limits)
    if here and over is None:
        best = max(here, key=lambda right: (right.covers_until, right.shown == shown))
        return Verdict(
            covered=True,
            reason="",
            until=best.covers_until,
            match="exact" if any(r.shown == shown for r in here) else "same_glyphs",
            right=best,
        )
    place = scheme.zone(zone)
    if not controlled(place, scheme, at):
        until = control_from(place, scheme, at)
        return Verdict(covered=True, reason="not_controlled", until=until)
    if here:
        return Verdict(covered=False, reason="vehicle_excluded", right=here[0], limit=over or "")
    if covering:
        return Verdict(covered=False, reason="wrong_zone", right=covering[0])
    return _uncovered([right for right in rights if right.zone == zone], at)


def _uncovered(here: Sequence[Right], at: datetime) -> Verdict:
    """The nearest thing to a right: listed but not active, just ended, about to start, or none."""
    listed = next(
        (r for r in here if r.kind == "listed" and r.covers_from <= at < r.covers_until), None
    )
    ended = max((r for r in here if r.covers_until <= at), key=_by_end, default=None)
    later = min((r for r in here if r.covers_from > at), key=_by_start, default=None)
    grace = None if ended is None else ended.covers_until + STATUTORY_GRACE
    if listed is not None:
        return Verdict(covered=False, reason="not_active", right=listed, earliest_pcn_at=grace)
    if ended is not None and (
        later is None
        or (grace is not None and at <= grace)
        or at - ended.covers_until < later.covers_from - at
    ):
        return Verdict(covered=False, reason="ended", right=ended, earliest_pcn_at=grace)
    if later is not None:
        return Verdict(covered=False, reason="not_started", right=later)
    return Verdict(covered=False, reason="no_right")


def _by_end(right: Right) -> datetime:
    return right.covers_until


def _by_start(right: Right) -> datetime:
    return right.covers_from


def excluded_by(facts: VehicleFacts, limits: Iterable[VehicleLimit]) -> str | None:
    """The measure for which the vehicle is over a limit; None where no known fact is."""
    for limit in limits:
        name = "vehicle_class" if limit.measure == "class" else limit.measure
        value = getattr(facts, name)
        if value is not None and _over(value, limit):
            return limit.measure
    return None


def _over(value: int | str | bool, limit: VehicleLimit) -> bool:
    bound = limit.value
    match limit.op:
        case "ge":
            return isinstance(value, int) and isinstance(bound, int) and value >= bound
        case "gt":
            return isinstance(value, int) and isinstance(bound, int) and value > bound
        case "ne":
            return value != bound
        case "in":
            return isinstance(bound, tuple) and value in bound
