"""How much is left: every cap that is counted against, what uses it up, and when that comes back.

A purchase on local date D counts on dates from D to the day before D plus twelve months (rolling),
or to the end of its calendar month or year, or for as long as its holding is in force (concurrent).
Where a cap counts to the instant, a rolling purchase counts to the same wall-clock time twelve
months later. A cap belongs to the household, or to each resident of it.

Using or cancelling units frees nothing, unless the cap counts what is used: then it is not about
purchases at all. A booking, a card or a stay counts by the date that it is for, and in advance; a
cancelled booking counts no longer.

Source: scheme TOML `products[].allowance`; NOR-088, NOR-095, HAN-015, HAN-016, RBW-042 to 044,
STV-006; X-032, X-034, X-042, X-050, X-072, X-083 to 085, X-094, X-104.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from ledger.calendar import add_months, at_local_time, start_of_day
from ledger.events import Counted
from ledger.household.state import Household
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
    used = "/used" if cap.counts == "used" else ""
    return f"{cap.group or product.id}/{cap.scope}/{cap.window}/{cap.unit}{used}"


def counted(
    product: Product,
    scheme: Scheme,
    zone: str,
    *,
    units: int,
    packs: int,
    bought_on: date,
    bought_at: datetime,
    last_day: date,
) -> tuple[Counted, ...]:
    """What a purchase takes from each of its caps, and on which dates."""
    found = []
    for cap in caps(product, zone):
        if cap.counts == "used":
            continue
        until = _counts_until(cap, scheme, bought_on, last_day)
        instant = cap.granularity == "instant" and cap.window == "rolling_12m"
        clock = bought_at.astimezone(scheme.tz).time()
        found.append(
            Counted(
                cap=cap_key(cap, product),
                scope=cap.scope,
                unit=cap.unit,
                amount=amount(cap, units, packs),
                counts_from=bought_on,
                counts_until=until,
                counts_until_at=at_local_time(until, clock, scheme.tz) if instant else None,
            )
        )
    return tuple(found)


def counted_use(
    product: Product, scheme: Scheme, zone: str, *, units: int, used_on: date, last_day: date
) -> tuple[Counted, ...]:
    """What a use takes from each cap that counts uses: by its date, whatever the granularity."""
    return tuple(
        Counted(
            cap=cap_key(cap, product),
            scope=cap.scope,
            unit=cap.unit,
            amount=units,
            counts_from=used_on,
            counts_until=_counts_until(cap, scheme, used_on, last_day),
        )
        for cap in caps(product, zone)
        if cap.counts == "used"
    )


def amount(cap: Allowance, units: int, packs: int) -> int:
    """A purchase in the cap's own unit: packs, or units (a permit is a unit)."""
    return packs if cap.unit == "pack" else units


class Tally(Struct, frozen=True):
    """What counts on one cap: of which holding or use, and of which resident."""

    of: str
    resident_id: str
    counted: Counted


def tallies(household: Household) -> Iterator[Tally]:
    """Everything of the household that counts on a cap or did; a cancelled booking never did."""
    for holding in household.holdings.values():
        for each in holding.counted:
            yield Tally(holding.holding_id, holding.resident_id, each)
    for booking in household.bookings.values():
        if booking.cancelled_at is None:
            for each in booking.counted:
                yield Tally(booking.booking_id, booking.resident_id, each)
    for card in household.cards.values():
        for each in card.counted:
            yield Tally(card.card_id, card.resident_id, each)
    for stay in household.stays.values():
        for each in stay.counted:
            yield Tally(stay.stay_id, stay.resident_id, each)


def _counting(
    household: Household, key: str, cap: Allowance, resident_id: str, on: date, at: datetime
) -> Iterator[tuple[int, date]]:
    """What counts on a cap on that date, at that instant: how much, and when it comes back."""
    for tally in tallies(household):
        each = tally.counted
        if each.cap != key or on < each.counts_from:
            continue
        if cap.scope == "resident" and tally.resident_id != resident_id:
            continue
        stopped_on = household.uncounted.get((tally.of, key))
        until = min(stopped_on or NEVER, each.counts_until)
        until_at = each.counts_until_at if stopped_on is None else None
        if on < until if until_at is None else at < until_at:
            yield each.amount, until


def standing(
    household: Household,
    product: Product,
    cap: Allowance,
    resident_id: str,
    on: date,
    at: datetime,
) -> Standing:
    """How a cap stands on that date, and on which dates units come back.

    `at` is an instant of that date: its first one where only the date matters.
    """
    counting = list(_counting(household, cap_key(cap, product), cap, resident_id, on, at))
    total = sum(amount for amount, _ in counting)
    granted = sum(
        grant.units
        for grant in household.grants.values()
        if grant.product == product.id and grant.granted_on <= on < grant.counts_until
    )
    releases: dict[date, int] = {}
    for units, back_on in counting:
        if back_on < NEVER:
            releases[back_on] = releases.get(back_on, 0) + units
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
    at: datetime,
    *,
    units: int,
    packs: int,
    already: Iterable[tuple[str, int]],
) -> Iterator[Refusal]:
    """A reason for each cap that so many more units, bought at that instant, would pass.

    `already` holds (cap key, amount) of other lines that are bought in the same moment.
    """
    beside = list(already)
    for cap in caps(product, zone):
        if cap.counts == "used":
            continue
        key = cap_key(cap, product)
        now = standing(household, product, cap, resident_id, on, at)
        asked = amount(cap, units, packs) + sum(n for name, n in beside if name == key)
        taken = 0 if cap.window == "per_application" else now.used
        if taken + asked <= cap.max + now.granted:
            continue
        if cap.window == "concurrent" and cap.max == 1:
            again = f"; it can be bought again on {now.releases[0][0]}" if now.releases else ""
            of = f"one is in force already, {asked} asked for"
            yield Refusal("allowance.in_force", of + again)
        else:
            of = f"{taken} of {cap.max + now.granted} used, {asked} asked for"
            yield Refusal("allowance.exceeded", of + _back(now.releases))


def use_refusals(
    household: Household,
    product: Product,
    scheme: Scheme,
    zone: str,
    resident_id: str,
    *,
    units: int,
    used_on: date,
    last_day: date,
) -> Iterator[Refusal]:
    """`allowance.exceeded` for each cap on uses that so many more, on that date, would pass.

    A use that is booked ahead counts already: the cap holds on its date too, not only on this one.
    """
    new = counted_use(product, scheme, zone, units=units, used_on=used_on, last_day=last_day)
    kept = [cap for cap in caps(product, zone) if cap.counts == "used"]
    for cap, each in zip(kept, new, strict=True):
        days = {used_on} | {
            tally.counted.counts_from
            for tally in tallies(household)
            if tally.counted.cap == each.cap
            and used_on <= tally.counted.counts_from < each.counts_until
        }
        stands = [
            standing(household, product, cap, resident_id, day, start_of_day(day, scheme.tz))
            for day in sorted(days)
        ]
        fullest = max(stands, key=lambda found: found.used - found.granted)
        taken = 0 if cap.window == "per_application" else fullest.used
        most = cap.max + fullest.granted
        if taken + units > most:
            yield Refusal(
                "allowance.exceeded", f"{taken} of {most} uses made or booked, {units} asked for"
            )


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


def _counts_until(cap: Allowance, scheme: Scheme, bought_on: date, last_day: date) -> date:
    match cap.window:
        case "rolling_12m":
            return add_months(bought_on, 12, scheme.calendar.missing_day)
        case "calendar_month":
            return add_months(bought_on.replace(day=1), 1, "next")
        case "calendar_year":
            return date(bought_on.year + 1, 1, 1)
        case "concurrent":
            return NEVER if last_day == NEVER else last_day + timedelta(days=1)
        case "per_application":
            return bought_on
