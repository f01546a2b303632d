"""What the types of a price cannot say: its amounts are those of its model, and they are given.

An amount that the source does not give may be left out, or stand as a sample, only under the mark
`placeholder`. A price marked so is not compared with another until a real amount replaces it.

Source: STV-019 (a product dearer than another), X-041, X-049, X-061, X-085 to X-087, X-091.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import Table, entries, is_true, joined, number, table, text, words
from ledger.scheme.references import ids, unknown, zone_unknown

AMOUNTS_OF_MODEL: Final[dict[str, tuple[str, ...]]] = {
    "flat": ("pence",),
    "tiers": ("tiers",),
    "admin_plus_monthly": ("admin_pence", "month_pence"),
    "per_hour": ("hour_pence",),
    "by_zone": ("by_zone",),
}
ALL_AMOUNTS: Final = tuple(key for keys in AMOUNTS_OF_MODEL.values() for key in keys)


def price_faults(plain: Table, product: Table, path: str) -> Iterator[SchemeError]:
    """Every fault of the price of one product of a completed table."""
    price, at = table(product, "price"), joined(path, "price")
    model = text(price, "model")
    if model in AMOUNTS_OF_MODEL:
        yield from _amounts(price, model, at)
    if model == "tiers":
        yield from _tiers(price, at)
    if model == "by_zone":
        yield from _by_zone(plain, product, price, at)
    if "above" in price:
        yield from _above(plain, product, price, at)


def _amounts(price: Table, model: str, path: str) -> Iterator[SchemeError]:
    needed = AMOUNTS_OF_MODEL[model]
    for key in needed:
        if not is_true(price, "placeholder") and (key not in price or price[key] == []):
            yield SchemeError(
                path=joined(path, key),
                found=shown(price[key]) if key in price else "nothing",
                allowed=f"the {key} of model {shown(model)}, or placeholder = true while unknown",
            )
    for key in ALL_AMOUNTS:
        if key in price and key not in needed:
            yield SchemeError(
                path=joined(path, key),
                found=shown(price[key]),
                allowed=f"only {', '.join(needed)} where model is {shown(model)}",
            )


def _tiers(price: Table, path: str) -> Iterator[SchemeError]:
    by = text(price, "by") or "pool"
    key, other = ("slot", "capacity") if by == "lowest_free_slot" else ("capacity", "slot")
    for place, (at, tier) in enumerate(entries(price, "tiers", path), start=1):
        value = number(tier, key)
        fits = value == place if key == "slot" else bool(value)
        if value is None or not fits:
            wanted = f"{place}: slots are counted from 1" if key == "slot" else "1 or more"
            yield SchemeError(
                path=joined(at, key),
                found=shown(tier[key]) if key in tier else "nothing",
                allowed=wanted,
            )
        if other in tier:
            yield SchemeError(
                path=joined(at, other), found=shown(tier[other]), allowed=f"only {key} by {by}"
            )


def _by_zone(plain: Table, product: Table, price: Table, path: str) -> Iterator[SchemeError]:
    priced: set[str] = set()
    for at, line in entries(price, "by_zone", path):
        zone = text(line, "zone")
        yield from zone_unknown(plain, zone, joined(at, "zone"))
        if zone is not None and zone in priced:
            yield SchemeError(
                path=joined(at, "zone"),
                found=f"{shown(zone)} a second time",
                allowed="one price for each zone",
            )
        priced.add(zone or "")
    only = {zone for _, zone in words(product, "zones_only", "")}
    excluded = {zone for _, zone in words(product, "zones_excluded", "")}
    offered = [zone for zone in ids(plain, "zones") if zone in (only or {zone}) - excluded]
    for zone in offered:
        if zone not in priced and not is_true(price, "placeholder"):
            yield SchemeError(
                path=joined(path, "by_zone"),
                found=f"no price for zone {shown(zone)}",
                allowed="a price for each zone that is offered the product",
            )


def _above(plain: Table, product: Table, price: Table, path: str) -> Iterator[SchemeError]:
    """A price for one unit must exceed that of the named product; an equal one does not."""
    name, own = text(price, "above"), text(product, "id")
    others = tuple(other for other in ids(plain, "products") if other != own)
    yield from unknown(name, joined(path, "above"), others)
    other = next((each for _, each in entries(plain, "products", "") if each.get("id") == name), {})
    cheaper = table(other, "price")
    if is_true(price, "placeholder") or is_true(cheaper, "placeholder") or name not in others:
        return
    models = text(price, "model"), text(cheaper, "model")
    if None in models:
        return
    if models != ("flat", "flat"):
        yield SchemeError(
            path=joined(path, "above"),
            found=f"{shown(models[0])} above {shown(models[1])}",
            allowed='two prices of model "flat"',
        )
        return
    ours, theirs = _unit_price(product), _unit_price(other)
    if ours is not None and theirs is not None and ours <= theirs:
        yield SchemeError(
            path=joined(path, "pence"),
            found=f"{shown(price['pence'])}, a price of {_pence(ours)} for one unit",
            allowed=f"more than the {_pence(theirs)} for one unit of {name}",
        )


def _unit_price(product: Table) -> Fraction | None:
    """Pence for one unit of a flat price; None where it cannot be told."""
    price = table(product, "price")
    pence, size = number(price, "pence"), number(table(product, "pack"), "size") or 1
    if pence is None or size < 1:
        return None
    return Fraction(pence, size) if price.get("per") == "pack" else Fraction(pence)


def _pence(pence: Fraction) -> str:
    whole = pence.denominator == 1
    return f"{pence.numerator} pence" if whole else f"{float(pence):.2f} pence"
