"""How much is left: every cap a purchase counts against, what it uses up, and when that comes back.

A purchase on local date D counts on dates from D to the day before D plus twelve months
(rolling), or to
the end of its calendar month or year, or for as long as its holding is in force (concurrent).
Using or cancelling units frees nothing. A cap belongs to the household, or to each resident of it.

Source: NOR-088, NOR-095, HAN-015, HAN-016, RBW-042 to 044, STV-006; X-032, X-034, X-042, X-050,
X-072, X-083 to 085, X-094, X-104.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from ledger.calendar import add_months
from ledger.events import Counted
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal
from ledger.scheme.products import Allowance, Product
from ledger.scheme.schema import Scheme

NEVER = date(9999, 12, 31)


class Standing(Struct, frozen=True, kw_only=True):
    """One cap on one day: used, granted beyond it, its maximum, what is available, and the
    releases.
    """

    used: int
    granted: int
    max: int
    available: int
    releases: tuple[tuple[date, int], ...]


def caps(product: Product, zone: str) -> list[Allowance]:
    """The caps of a product in a zone; a zone's own maximum replaces the product's (X-050)."""
    override = next((each for each in product.zone_overrides if each.zone == zone), None)
    found = [cap for cap in product.allowance if not cap.zones or zone in cap.zones]
    if override is None:
        return found
    own = {"household": override.max_household, "resident": override.max_resident}
    return [
        cap if own.get(cap.scope) is None else _with_max(cap, own[cap.scope] or 0) for cap in found
    ]


def cap_key(cap: Allowance, product: Product) -> str:
    """The name of a cap in events and rows: what shares it has the same name."""
    return f"{cap.group or product.id}/{cap.scope}/{cap.window}/{cap.unit}"


def counted(
    product: Product,
    scheme: Scheme,
    zone: str,
    *,
    units: int,
    packs: int,
    bought_on: date,
    last_day: date,
) -> tuple[Counted, ...]:
    """What a purchase takes from each of its caps, and on which dates."""
    return tuple(
        Counted(
            cap=cap_key(cap, product),
            scope=cap.scope,
            unit=cap.unit,
            amount=amount(cap, units, packs),
            counts_from=bought_on,
            counts_until=_counts_until(cap, scheme, bought_on, last_day),
        )
        for cap in caps(product, zone)
    )


def amount(cap: Allowance, units: int, packs: int) -> int:
    """A purchase in the cap's own unit: packs, or units (a permit is a unit)."""
    return packs if cap.unit == "pack" else units


def used(
    household: Household, key: str, cap: Allowance, resident_id: str, on: date
) -> Iterator[tuple[Holding, Counted]]:
    """The purchases that count against a cap on that date."""
    for holding in household.holdings.values():
        if cap.scope == "resident" and holding.resident_id != resident_id:
            continue
        for each in holding.counted:
            if each.cap == key and each.counts_from <= on < _ends(household, holding, each):
                yield holding, each


def standing(
    household: Household, product: Product, cap: Allowance, resident_id: str, on: date
) -> Standing:
    """How a cap stands on that date, and on which dates units come back."""
    key = cap_key(cap, product)
    counting = list(used(household, key, cap, resident_id, on))
    total = sum(each.amount for _, each in counting)
    granted = sum(
        grant.units
        for grant in household.grants.values()
        if grant.product == product.id and grant.granted_on <= on < grant.counts_until
    )
    releases: dict[date, int] = {}
    for holding, each in counting:
        back_on = _ends(household, holding, each)
        if back_on < NEVER:
            releases[back_on] = releases.get(back_on, 0) + each.amount
    return Standing(
        used=total,
        granted=granted,
        max=cap.max,
        available=max(0, cap.max + granted - total),
        releases=tuple(sorted(releases.items())),
    )


def refusals(
    household: Household,
    product: Product,
    zone: str,
    resident_id: str,
    on: date,
    *,
    units: int,
    packs: int,
    already: Iterable[tuple[str, int]],
) -> Iterator[Refusal]:
    """A reason for each cap that so many more units would pass on that date.

    `already` holds (cap key, amount) of other lines that are bought in the same moment.
    """
    beside = list(already)
    for cap in caps(product, zone):
        key = cap_key(cap, product)
        now = standing(household, product, cap, resident_id, on)
        asked = amount(cap, units, packs) + sum(n for name, n in beside if name == key)
        taken = 0 if cap.window == "per_application" else now.used
        if taken + asked <= cap.max + now.granted:
            continue
        if cap.window == "concurrent" and cap.max == 1:
            yield Refusal("allowance.in_force", f"one is in force already, {asked} asked for")
        else:
            of = f"{taken} of {cap.max + now.granted} used, {asked} asked for"
            yield Refusal("allowance.exceeded", of + _back(now.releases))


def _back(releases: tuple[tuple[date, int], ...]) -> str:
    """When the next units come back, as the end of a sentence; nothing where none are out."""
    if not releases:
        return ""
    on, units = releases[0]
    return f"; {units} can be bought again on {on}"


def _with_max(cap: Allowance, most: int) -> Allowance:
    return Allowance(
        max=most,
        unit=cap.unit,
        scope=cap.scope,
        window=cap.window,
        granularity=cap.granularity,
        counts=cap.counts,
        group=cap.group,
        zones=cap.zones,
    )


def _ends(household: Household, holding: Holding, each: Counted) -> date:
    """The first date on which a purchase no longer counts: it may have ended early."""
    return min(household.uncounted.get((holding.holding_id, each.cap), NEVER), each.counts_until)


def _counts_until(cap: Allowance, scheme: Scheme, bought_on: date, last_day: date) -> date:
    match cap.window:
        case "rolling_12m":
            return add_months(bought_on, 12, scheme.calendar.missing_day)
        case "calendar_month":
            return add_months(bought_on.replace(day=1), 1, "next")
        case "calendar_year":
            return date(bought_on.year + 1, 1, 1)
        case "concurrent":
            return last_day + timedelta(days=1)
        case "per_application":
            return bought_on
