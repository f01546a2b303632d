"""What must hold of any life under any scheme, told from its events in the order they came in.

Source: promises P4; X-015 (nothing dated back), X-034, X-042 (allowances), NOR-052 (grants).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct, field

from ledger.calendar import local_date
from ledger.events import (
    AllowanceGranted,
    AnyEvent,
    CoverCorrected,
    HoldingEnded,
    HoldingIssued,
    ResidentMovedOut,
)
from ledger.rules import allowance
from ledger.scheme.editions import Editions
from ledger.scheme.products import Allowance, Product
from tests.properties.invariants import History, covers_at_last

EARLIEST = timedelta(minutes=1)
"""Clocks of cards have no seconds."""


class Bought(Struct):
    """What counts on the caps so far, and what was granted beyond them."""

    issued: list[HoldingIssued] = field(default_factory=list)
    granted: list[AllowanceGranted] = field(default_factory=list)
    stopped: set[tuple[str, str]] = field(default_factory=set)

    def used(self, key: str, resident_id: str | None, on: date) -> int:
        return sum(
            each.amount
            for event in self.issued
            if resident_id in (None, event.resident_id)
            for each in event.counted
            if each.cap == key
            and (event.holding_id, key) not in self.stopped
            and each.counts_from <= on < each.counts_until
        )

    def beyond(self, product: str, on: date) -> int:
        return sum(
            grant.units
            for grant in self.granted
            if grant.product == product and grant.granted_on <= on < grant.counts_until
        )


def passed_when_bought(history: History, editions: Editions) -> Iterator[str]:
    """Caps that a purchase passed on the day of the purchase, or on the day it was issued."""
    bought = Bought()
    for at, event in history:
        match event:
            case AllowanceGranted():
                bought.granted.append(event)
            case HoldingEnded():
                bought.stopped.update((event.holding_id, cap) for cap in event.caps)
            case ResidentMovedOut():
                bought.stopped.update(event.uncounted)
            case HoldingIssued():
                bought.issued.append(event)
                scheme = editions.edition(event.edition)
                days = {event.bought_on, local_date(at, scheme.tz)}
                product = scheme.product(event.product)
                assert product is not None
                for cap in allowance.caps(product, event.zone) if event.counted else ():
                    yield from _passed(bought, event, product, cap, days)
            case _:
                pass


def _passed(
    bought: Bought, event: HoldingIssued, product: Product, cap: Allowance, days: set[date]
) -> Iterator[str]:
    key = allowance.cap_key(cap, product)
    if cap.window == "per_application":
        amounts = [
            each.amount
            for other in bought.issued
            if other.application_id == event.application_id
            for each in other.counted
            if each.cap == key
        ]
        most = cap.max + bought.beyond(product.id, max(days))
        if sum(amounts) > most:
            yield f"{key}: {sum(amounts)} of {most} in one application"
        return
    whose = event.resident_id if cap.scope == "resident" else None
    for on in days:
        used, most = bought.used(key, whose, on), cap.max + bought.beyond(product.id, on)
        if used > most:
            yield f"{key}: {used} of {most} on {on}"


def dated_back(history: History, editions: Editions) -> Iterator[str]:
    """Covers that begin before they were recorded, where nobody corrected them."""
    known: set[str] = set()
    for at, event in history:
        for cover in getattr(event, "covers", ()):
            new = cover.cover_id not in known
            known.add(cover.cover_id)
            if not new or isinstance(event, CoverCorrected) or _may_be_past(event, editions):
                continue
            earliest = at
            if cover.kind == "card":
                tz = editions.latest.tz
                earliest = datetime.combine(local_date(at, tz), datetime.min.time(), tz)
            if cover.covers_from < earliest - EARLIEST:
                yield f"{cover.kind} from {cover.covers_from}, recorded {at}"


def _may_be_past(event: AnyEvent, editions: Editions) -> bool:
    edition, name = getattr(event, "edition", ""), getattr(event, "product", "")
    product = editions.edition(edition).product(name) if edition else None
    return product is not None and product.use.backdate


def outside_its_holding(history: History, editions: Editions) -> Iterator[str]:
    """Covers that reach beyond the holding they are of, but for the tail of a card or voucher."""
    issued = {event.holding_id: event for _, event in history if isinstance(event, HoldingIssued)}
    corrected = {
        cover.cover_id
        for _, event in history
        if isinstance(event, CoverCorrected)
        for cover in event.covers
    }
    for cover in covers_at_last(history):
        holding = issued[cover.holding_id]
        product = editions.edition(holding.edition).product(holding.product)
        assert product is not None
        if cover.covers_until < cover.covers_from:
            yield f"{cover.kind} ends {cover.covers_until} before it begins"
        if (cover.product, cover.zone) != (holding.product, holding.zone):
            yield f"{cover.kind} of {cover.product} in {cover.zone}"
        if cover.cover_id in corrected:
            continue
        tail = product.use.tail_past_expiry
        if cover.covers_until > holding.in_force_until and not tail:
            yield f"{cover.kind} until {cover.covers_until}, held to {holding.in_force_until}"
        if cover.covers_from >= holding.in_force_until and cover.covers_from < cover.covers_until:
            yield f"{cover.kind} from {cover.covers_from}, held to {holding.in_force_until}"
