"""Where an allowance comes from: each unit, the act it is of, and when it stops counting.

Source: HAN-015 to 017, NOR-088, NOR-095; issue "The pages", item 4.
"""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from ledger.calendar import local_date
from ledger.events import Recorded
from ledger.household.state import Household
from ledger.rules import allowance
from ledger.rules.allowance import NEVER, Tally
from ledger.scheme.products import Allowance, Product
from replay.acts import ACTS
from replay.schemes.selling import SCOPES, WINDOWS
from replay.wording import day
from web.pages.audit.household import Opened, opened, product_name
from web.pages.framework import AUDITOR, View, Visit, get

_OWN_IDS = ("holding_id", "booking_id", "card_id", "stay_id")


class Unit(Struct, frozen=True, kw_only=True):
    """What one act counts. `version` is its step; `now` whether it counts today."""

    version: int
    says: str
    at: datetime
    amount: int
    begins: str
    until: str
    now: bool


class Cap(Struct, frozen=True, kw_only=True):
    """One limit of a product with all that ever counted on it."""

    terms: str
    used: int
    granted: int
    most: int
    units: tuple[Unit, ...]


def shown(visit: Visit) -> View:
    """Of the product that the address names, else of the first that has ever counted."""
    found = opened(visit)
    home = found.household.property
    assert home is not None
    products = [
        each
        for each in visit.scheme.products
        if each.offered_in(home.zone) and allowance.caps(each, home.zone)
    ]
    asked = visit.query.get("product", "")
    used = {each.counted.cap for each in allowance.tallies(found.household)}
    likely = [each for each in products if each.id == asked]
    likely += [each for each in products if used & set(_keys(each, home.zone))]
    chosen = next(iter([*likely, *products]), None)
    return View(
        template="audit/allowance.html",
        back=found.path("replay"),
        values={
            "found": found,
            "products": [(each.id, each.name) for each in products],
            "chosen": chosen.id if chosen else "",
            "name": product_name(chosen.id, visit.scheme) if chosen else "",
            "caps": list(_caps(visit, found, chosen, home.zone)) if chosen else [],
        },
    )


def _keys(product: Product, zone: str) -> list[str]:
    return [allowance.cap_key(cap, product) for cap in allowance.caps(product, zone)]


def _caps(visit: Visit, found: Opened, product: Product, zone: str) -> Iterator[Cap]:
    household = found.household
    acts = dict(_acts(found.facts))
    residents = [each.resident_id for each in household.living(visit.now)]
    for cap in allowance.caps(product, zone):
        key = allowance.cap_key(cap, product)
        for whose in residents if cap.scope == "resident" else [""]:
            stands = allowance.standing(household, product, cap, whose, visit.today, visit.now)
            counting = [each for each in _tallies(household, key, whose) if each.of in acts]
            yield Cap(
                terms=f"At most {cap.max} {SCOPES[cap.scope]} {WINDOWS[cap.window]}"
                + (f", resident {whose}" if whose else ""),
                used=stands.used,
                granted=stands.granted,
                most=stands.max + stands.granted,
                units=tuple(
                    _unit(visit, household, cap, each, acts[each.of], key) for each in counting
                ),
            )


def _tallies(household: Household, key: str, whose: str) -> Iterator[Tally]:
    for each in allowance.tallies(household):
        if each.counted.cap == key and whose in ("", each.resident_id):
            yield each


def _acts(facts: list[Recorded]) -> Iterator[tuple[str, Recorded]]:
    """The fact that counted, by the id of what it made."""
    for fact in facts:
        if getattr(fact.event, "counted", ()):
            for name in reversed(_OWN_IDS):
                own = getattr(fact.event, name, "")
                if own:
                    yield own, fact
                    break


def _unit(
    visit: Visit, household: Household, cap: Allowance, tally: Tally, fact: Recorded, key: str
) -> Unit:
    counted = tally.counted
    stopped = household.uncounted.get((tally.of, key))
    until = min(stopped or NEVER, counted.counts_until)
    today = local_date(visit.now, visit.tz)
    now = counted.counts_from <= today < until
    if stopped is None and counted.counts_until_at is not None:
        now = counted.counts_from <= today and visit.now < counted.counts_until_at
    return Unit(
        version=fact.originator_version,
        says=ACTS[type(fact.event)].sentence(fact.event, visit.council.editions.latest.tz),
        at=fact.recorded_at,
        amount=counted.amount,
        begins=day(counted.counts_from),
        until=_until(until, counted.counts_from, stopped),
        now=now,
    )


def _until(until: date, begins: date, stopped: date | None) -> str:
    if until <= begins:
        return "Never counted: it was undone"
    if until >= NEVER:
        return "As long as it is held"
    return f"{day(until)} (ended early)" if stopped == until else day(until)


PAGES = (get("/audit/households/{household}/allowance", AUDITOR, shown),)
