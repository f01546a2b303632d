"""What a product costs and how many of it may be had, in words.

Source: scheme TOML `products[].price`, `pack`, `allowance`, `zone_overrides`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.scheme.products import Allowance, Price, Product, ZoneOverride
from ledger.scheme.schema import Scheme
from replay.schemes.words import Fact, counted, listed, money, months, noun

WINDOWS: Final = {
    "rolling_12m": "in any 12 months",
    "calendar_month": "in a calendar month",
    "calendar_year": "in a calendar year",
    "concurrent": "at any one time",
    "per_application": "in one application",
}
SCOPES: Final = {
    "household": "for each household",
    "resident": "for each resident",
    "permit": "for each permit",
}
PLACEHOLDER: Final = "a sample amount: the council's own is not known"


def a_set(product: Product) -> str:
    """One pack: "a set of 20", or "a voucher" where they are sold one by one."""
    return f"a set of {product.pack.size}" if product.pack.size > 1 else f"a {noun(product)}"


def each(product: Product) -> str:
    """What a price is for: `for a set of 20`, `for each voucher`."""
    match product.price.per:
        case "pack" if product.pack.size > 1:
            return f"for {a_set(product)}"
        case "holding" if product.draws_units:
            return "for a purchase, however many"
        case _:
            return f"for each {noun(product)}"


def price(product: Product, scheme: Scheme) -> Fact:
    terms = product.price
    nothing_known = terms.placeholder and not any(_amounts(terms))
    words = "an amount that is not known yet" if nothing_known else _price(product, scheme)
    dearer = product.price.above
    if dearer is not None:
        other = scheme.product(dearer)
        words += f", always more than {other.name if other else dearer}"
    if terms.placeholder and not nothing_known:
        words += f" ({PLACEHOLDER})"
    costs = "It is" if words.startswith("free") else "It costs"
    return Fact(label="the price", value=words, sentence=f"{costs} {words}.")


def _amounts(terms: Price) -> Iterator[int]:
    yield from (terms.pence, terms.admin_pence, terms.month_pence, terms.hour_pence)
    yield from (tier.pence for tier in terms.tiers)
    yield from (line.pence for line in terms.by_zone)


def _price(product: Product, scheme: Scheme) -> str:
    terms = product.price
    match terms.model:
        case "flat":
            return _flat(terms.pence, product)
        case "by_zone":
            lines = [
                f"{_flat(line.pence, product)} in {zone_name(scheme, line.zone)}"
                for line in terms.by_zone
            ]
            return listed(lines) or _flat(terms.pence, product)
        case "admin_plus_monthly":
            term = months(product.holding.months_min, product.holding.months_max)
            return (
                f"{money(terms.admin_pence)} and {money(terms.month_pence)} a month"
                f" for each {noun(product)}, for {term}"
            )
        case "per_hour":
            return f"{money(terms.hour_pence)} for each hour"
        case "tiers" if terms.by == "lowest_free_slot":
            return _ladder(product)
        case "tiers":
            return _pools(product)


def _flat(pence: int, product: Product) -> str:
    return money(pence) if pence == 0 else f"{money(pence)} {each(product)}"


def _ladder(product: Product) -> str:
    """ "£100 for the first permit of a household, £150 for the second"."""
    rungs = [
        f"{money(tier.pence)} for the {_ordinal(tier.slot)} {noun(product)}"
        for tier in product.price.tiers
    ]
    words = listed(rungs) + " of a household at the same time"
    if product.price.declared_by_applicant:
        words += ", and you say which one it is when you apply"
    return words


def _ordinal(place: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    if place <= len(words):
        return words[place - 1]
    ending = "th" if place // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _pools(product: Product) -> str:
    """ "free for each of the first 50 permits, £1 for each of the next 50 permits"."""
    by_sets = product.price.per == "pack" and product.pack.size > 1
    parts = []
    for n, tier in enumerate(product.price.tiers):
        many = tier.capacity
        what = sets(many, product.pack.size) if by_sets else counted(many, noun(product))
        place = "first" if n == 0 else "next"
        which = f"each of the {place} {what}" if many > 1 else f"the {place} {what[2:]}"
        parts.append(f"{money(tier.pence)} for {which}")
    return listed(parts) + " that a household buys in 12 months"


def sets(number: int, size: int) -> str:
    """ "1 set of 25", "2 sets of 25"; without a size "2 sets"."""
    return counted(number, "set") + (f" of {size}" if size else "")


def zone_name(scheme: Scheme, zone_id: str) -> str:
    """ "zone OT (Old Town)", or "zone M" where its name says no more."""
    zone = scheme.zone(zone_id)
    name = zone.name if zone is not None else ""
    return f"zone {zone_id} ({name})" if name and name != zone_id else f"zone {zone_id}"


def zone_names(scheme: Scheme, zone_ids: Sequence[str]) -> str:
    """ "zone M", "zones H01, M01 and OT (Old Town)", "no zone"."""
    named = [zone_name(scheme, zone_id).removeprefix("zone ") for zone_id in zone_ids]
    return f"{'zone' if len(named) == 1 else 'zones'} {listed(named)}" if named else "no zone"


def purchase(product: Product, scheme: Scheme) -> Fact:
    """How many at a time."""
    pack, unit = product.pack, noun(product)
    kind = "set" if pack.size > 1 else unit
    if pack.max and pack.min == pack.max:
        value = counted(pack.max, kind) + _units(pack.max, product)
    else:
        lower = f"at least {counted(pack.min, kind)}" if pack.min > 1 else ""
        upper = f"at most {counted(pack.max, kind)}{_units(pack.max, product)}" if pack.max else ""
        bounds = listed([part for part in (lower, upper) if part]) or "as many as you like"
        in_sets = f"sets of {pack.size} {unit}s, " if pack.size > 1 else ""
        value = in_sets + bounds
    if pack.multiple > 1:
        value += f", in multiples of {counted(pack.multiple, kind)}"
    value += " at a time"
    return Fact(label="how many at a time", value=value, sentence=f"You buy {value}.")


def _units(packs: int, product: Product) -> str:
    size = product.pack.size
    return f" ({counted(packs * size, noun(product))})" if size > 1 else ""


def allowance(product: Product, scheme: Scheme) -> Fact:
    """How many a year, a month or at one time, and for whom."""
    caps = [cap(each_cap, product, scheme) for each_cap in product.allowance]
    value = listed(caps) if caps else "no limit"
    if product.zone_overrides:
        value += "; " + listed(_override(each_zone, scheme) for each_zone in product.zone_overrides)
    sentence = f"You can have {value}." if caps else "There is no limit to how many you can have."
    return Fact(label="the limit", value=value, sentence=sentence)


def cap(terms: Allowance, product: Product, scheme: Scheme) -> str:
    """ "60 scratchcards for each household in any 12 months"."""
    most = counted(terms.max, noun(product))
    if terms.unit == "pack" and product.pack.size > 1:
        # Sets of several sizes share one limit where a group is named.
        most = sets(terms.max, 0 if terms.group else product.pack.size)
    words = f"at most {most} {SCOPES[terms.scope]} {WINDOWS[terms.window]}"
    if terms.counts == "used":
        words += ", counted as they are used"
    if terms.group is not None:
        names = _others(terms.group, product, scheme)
        words += f", together with {listed(names)}" if names else ""
    if terms.zones:
        words += f" in {zone_names(scheme, terms.zones)}"
    return f"{words} ({PLACEHOLDER})" if terms.placeholder else words


def _others(group: str, product: Product, scheme: Scheme) -> list[str]:
    members = scheme.allowance_groups[group].products if group in scheme.allowance_groups else ()
    found = (scheme.product(name) for name in members if name != product.id)
    return [other.name for other in found if other is not None]


def _override(terms: ZoneOverride, scheme: Scheme) -> str:
    limits = []
    if terms.max_household is not None:
        limits.append(f"{terms.max_household:,} for each household")
    if terms.max_resident is not None:
        limits.append(f"{terms.max_resident:,} for each resident")
    return f"in {zone_name(scheme, terms.zone)} at most {listed(limits) or 'the same'}"
