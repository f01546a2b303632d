"""What a purchase costs.

Prices are whole pence. `admin_plus_monthly` is one admin fee a permit plus a price for each
month; tiers
are rungs (the lowest free slot of the household) or pools (the cheapest that is not used up, each
purchase
freeing its own pool when it no longer counts); a concession replaces the price, it is not taken
off it.

Source: scheme TOML `products[].price`, `concessions`; NOR-076 to 078, RBW-035 to 050, X-047,
X-049, X-063, X-086, X-087.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from ledger.calendar import add_months, age_on
from ledger.events import Line
from ledger.household.state import Application, Holding, Household, Resident
from ledger.refusals import Refusal
from ledger.scheme.products import Price, Product
from ledger.scheme.schema import Concession, Scheme


class Cost(Struct, frozen=True):
    """Pence, the rung declared or found (0 where there are none), and the units taken from each
    pool.
    """

    pence: int
    slot: int = 0
    pools: tuple[int, ...] = ()


def cost(
    product: Product,
    scheme: Scheme,
    household: Household,
    *,
    units: int,
    packs: int,
    months: int,
    slot: int,
    zone: str,
    concession: Concession | None,
    on: date,
    beside: Sequence[Line],
) -> Cost:
    """What these units cost this household on that day.

    `beside` holds the other lines that are bought in the same moment: what they take of a ladder
    or a pool is gone.
    """
    price = product.price
    rung = slot or free_slot(product, household, on, beside)
    if concession is not None and product.id in concession.products:
        pence = concession.pence * (units if concession.per == "unit" else 1)
        return Cost(pence, rung if price.by == "lowest_free_slot" else 0)
    times = {"unit": units, "pack": packs, "holding": 1}[price.per]
    match price.model:
        case "flat":
            return Cost(price.pence * times)
        case "by_zone":
            return Cost(_zone_pence(price, zone) * times)
        case "admin_plus_monthly":
            return Cost((price.admin_pence + price.month_pence * months) * units)
        case "per_hour":
            return Cost(price.hour_pence * units)
        case "tiers" if not price.tiers:
            # Allowed while the amounts are not known.
            return Cost(0)
        case "tiers" if price.by == "lowest_free_slot":
            found = next((tier for tier in price.tiers if tier.slot == rung), price.tiers[-1])
            return Cost(found.pence * times, rung)
        case "tiers":
            return _from_pools(product, scheme, household, times, on, beside)


def lowest_free_slot(product: Product, household: Household, on: date) -> int:
    """The first rung that nothing of the household occupies on that day; 0 without a ladder."""
    return free_slot(product, household, on, ())


def free_slot(product: Product, household: Household, on: date, beside: Sequence[Line]) -> int:
    """As lowest_free_slot, with what is bought in the same moment."""
    if not has_ladder(product):
        return 0
    taken = held_slots(product, household, on)
    taken |= {
        line.slot for line in (*_paid_lines(household), *beside) if line.product == product.id
    }
    return next(slot for slot in range(1, len(taken) + 2) if slot not in taken)


def has_ladder(product: Product) -> bool:
    return product.price.model == "tiers" and product.price.by == "lowest_free_slot"


def held_slots(product: Product, household: Household, on: date) -> set[int]:
    """The rungs that the household's holdings occupy: from the purchase to the last day."""
    return {
        holding.slot
        for holding in household.holdings_of(product.id)
        if holding.bought_on <= on <= holding.last_day and not holding.ended_why
    }


def _paid_lines(household: Household) -> Iterator[Line]:
    """What is paid for and waits for its decision: its rung and its pools are taken already."""
    for application in household.applications.values():
        if application.payment_id and application.state == "awaiting_decision":
            yield from application.lines


def changed_refusals(
    application: Application,
    scheme: Scheme,
    household: Household,
    on: date,
    beside: Sequence[Line],
) -> Iterator[Refusal]:
    """Reasons why what was asked for can no longer be had at the price it was given.

    A rung that is occupied, or no longer the lowest free one, is `application.slot`: a new
    application is needed (RBW-051). Pools that others have drawn on, or that came back, change the
    price: `payment.amount_differs`, and nothing is charged that was not said. What is paid keeps
    its price, and its rung unless somebody else has it by now.
    """
    bought = list(beside)
    concession = concession_of(application.concession, scheme)
    for line in application.lines:
        product = scheme.product(line.product)
        if product is None or product.price.model != "tiers":
            continue
        if has_ladder(product):
            yield from _slot_refusals(application, product, household, line, on, bought)
        elif not application.payment_id:
            now = cost(
                product,
                scheme,
                household,
                units=line.units,
                packs=line.packs,
                months=line.months,
                slot=0,
                zone=application.zone,
                concession=concession,
                on=on,
                beside=bought,
            ).pence
            if now != line.pence:
                yield Refusal(
                    "payment.amount_differs",
                    f"{line.units} units cost {now} pence now, {line.pence} when they were asked"
                    " for; apply again at today's price",
                )
        bought.append(line)


def _slot_refusals(
    application: Application,
    product: Product,
    household: Household,
    line: Line,
    on: date,
    beside: Sequence[Line],
) -> Iterator[Refusal]:
    if application.payment_id:
        if line.slot in held_slots(product, household, on):
            yield Refusal("application.slot", f"permit number {line.slot} is taken by now")
        return
    free = free_slot(product, household, on, beside)
    if line.slot != free:
        yield Refusal(
            "application.slot", f"permit number {free} is the next now, {line.slot} was applied for"
        )


def _zone_pence(price: Price, zone: str) -> int:
    return next((each.pence for each in price.by_zone if each.zone == zone), price.pence)


def _from_pools(
    product: Product,
    scheme: Scheme,
    household: Household,
    wanted: int,
    on: date,
    beside: Sequence[Line],
) -> Cost:
    """Draw on the cheapest pool first; what exceeds every pool costs as the last one does."""
    tiers = product.price.tiers
    left = [tier.capacity for tier in tiers]
    for line in (*_paid_lines(household), *beside):
        if line.product == product.id:
            for n, drawn in enumerate(line.pools[: len(left)]):
                left[n] -= drawn
    for holding in household.holdings_of(product.id):
        until = add_months(holding.bought_on, 12, scheme.calendar.missing_day)
        if holding.bought_on <= on < until and not _let_go(household, holding, on):
            for n, drawn in enumerate(holding.pools[: len(left)]):
                left[n] -= drawn
    taken = [0] * len(tiers)
    for n in sorted(range(len(tiers)), key=lambda n: tiers[n].pence):
        taken[n] = min(max(0, left[n]), wanted - sum(taken))
    taken[-1] += wanted - sum(taken)
    pence = sum(tier.pence * drawn for tier, drawn in zip(tiers, taken, strict=True))
    return Cost(pence, 0, tuple(taken))


def _let_go(household: Household, holding: Holding, on: date) -> bool:
    """True where it counts on none of its caps any more: another household lives here (X-104)."""
    stopped = (household.uncounted.get((holding.holding_id, each.cap)) for each in holding.counted)
    return bool(holding.counted) and all(day is not None and day <= on for day in stopped)


def concession_refusals(
    concession_id: str, scheme: Scheme, resident: Resident, evidence: bool, on: date
) -> Iterator[Refusal]:
    """`eligibility.evidence_missing` for a reduced price that is not this resident's, or not
    shown.
    """
    if not concession_id:
        return
    concession = scheme.concession(concession_id)
    if concession is None:
        yield Refusal("eligibility.evidence_missing", "the scheme has no such concession")
        return
    if concession.evidence and not evidence:
        yield Refusal("eligibility.evidence_missing", "the reduced price needs evidence")
    if concession.min_age and (
        resident.born_on is None or age_on(resident.born_on, on) < concession.min_age
    ):
        yield Refusal(
            "eligibility.evidence_missing",
            f"the reduced price is for those of {concession.min_age}",
        )
    received = set(resident.receives)
    for benefit in concession.requires:
        wanted = set(concession.benefits) if benefit == "listed_benefit" else {benefit}
        if not wanted & received:
            yield Refusal("eligibility.evidence_missing", f"the reduced price needs {benefit}")


def shown_before(
    household: Household, scheme: Scheme, resident: Resident, concession_id: str
) -> bool:
    """True where this resident showed the evidence with an earlier claim that was not refused, and
    the scheme does not ask for it each time (X-057).
    """
    concession = scheme.concession(concession_id)
    if concession is None or concession.each_claim:
        return False
    return any(
        application.resident_id == resident.resident_id
        and application.concession == concession_id
        and application.evidence
        and not application.closed
        for application in household.applications.values()
    )


def concession_of(concession_id: str, scheme: Scheme) -> Concession | None:
    return scheme.concession(concession_id) if concession_id else None
