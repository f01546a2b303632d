"""Stays on a clock permit: which run, and when a vehicle may begin another.

A permit is in one vehicle at a time. A vehicle comes back to a zone no sooner than so many hours
after it left; exactly that long is enough, and another vehicle may use the permit at once. Where
nobody recorded the departure, the vehicle is taken to have left when its stay ran out.

Source: NOR-060, NOR-061, NOR-144, NOR-164; A-154 to A-157; X-064.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ledger.household.state import Departure, Household, Stay
from ledger.refusals import Refusal
from ledger.scheme.products import NoReturn, Product


def running(household: Household, at: datetime) -> list[Stay]:
    """The stays whose vehicle has not left and whose time has not run out."""
    return [
        stay
        for stay in household.stays.values()
        if stay.left_at is None and at < stay.cover.covers_until
    ]


def open_stay(household: Household, glyphs: str, zone: str) -> Stay | None:
    """The latest stay of a vehicle in a zone (any, where empty) whose departure was not
    recorded.
    """
    found = [
        stay
        for stay in household.stays.values()
        if stay.left_at is None and stay.glyphs == glyphs and zone in ("", stay.zone)
    ]
    return max(found, key=lambda stay: stay.began_at, default=None)


def in_use_refusal(
    household: Household, holding_id: str, product: Product, glyphs: str, at: datetime
) -> Refusal | None:
    """`permit.in_use` while as many vehicles use the permit as may, or this one does already."""
    using = [stay for stay in running(household, at) if stay.holding_id == holding_id]
    most = product.concurrency.uses
    if not (most and len(using) >= most) and all(stay.glyphs != glyphs for stay in using):
        return None
    return Refusal("permit.in_use", f"{len(using)} of {most or 'any number of'} vehicles use it")


def no_return_refusal(
    household: Household, product: Product, glyphs: str, zone: str, at: datetime
) -> Refusal | None:
    """`permit.no_return` for a vehicle that left this zone too short a time ago."""
    if product.no_return is None:
        return None
    left_at = max(departures(household, product, glyphs, zone), default=None)
    if left_at is None or at >= may_return_at(left_at, product.no_return):
        return None
    return Refusal(
        "permit.no_return", f"no return to the zone within {product.no_return.hours} hours"
    )


def may_return_at(left_at: datetime, terms: NoReturn) -> datetime:
    """The first instant at which a vehicle that left then may be back."""
    return left_at + timedelta(hours=terms.hours)


def departures(
    household: Household, product: Product, glyphs: str, zone: str
) -> Iterator[datetime]:
    """When a vehicle left a zone, as far as this product looks: recorded, or its stay run out."""
    any_product = product.no_return is not None and not product.no_return.other_products_exempt

    def counts(used: Stay | Departure) -> bool:
        same = (used.glyphs, used.zone) == (glyphs, zone)
        return same and (any_product or used.product == product.id)

    yield from (departure.left_at for departure in household.departures if counts(departure))
    yield from (
        stay.cover.covers_until
        for stay in household.stays.values()
        if stay.left_at is None and counts(stay)
    )
