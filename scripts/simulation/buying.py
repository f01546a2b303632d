"""How something is bought: applied for, proved, decided and paid, and what goes wrong there."""

from collections.abc import Generator
from datetime import timedelta
from random import Random
from typing import Literal

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.calendar import local_date
from ledger.events import Actor
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from scripts.simulation.doing import STAFF, Clock, Deed, Doing, Outcome

MINUTES, DAYS = timedelta(minutes=1), timedelta(days=1)
STEPS_MAX = 12

Bought = Generator[Deed, Outcome, str]
"""Ends with the id of the first holding; empty where nothing was issued."""


def buy(
    product: Product,
    vehicles: tuple[str, ...],
    scheme: Scheme,
    clock: Clock,
    by: Actor,
    chance: Random,
) -> Bought:
    """Apply, and do what the application waits for until it is issued or given up."""
    told = yield Doing(
        at=clock.daytime(), command=_application(product, vehicles, scheme, clock, chance), by=by
    )
    application = told.text("application")
    for _ in range(STEPS_MAX):
        match told.text("state") if told.done else "":
            case "awaiting_proof":
                told = yield from _prove(application, scheme, clock, by, chance)
            case "awaiting_decision":
                told = yield from _decide(application, scheme, clock, chance)
            case "awaiting_payment" | "offered":
                told = yield from _pay(application, scheme, clock, by, chance)
            case "issued":
                return told.first("holdings")
            case _:
                return ""
    return ""


def _application(
    product: Product, vehicles: tuple[str, ...], scheme: Scheme, clock: Clock, chance: Random
) -> ApplyForPermit:
    pack = product.pack
    least = pack.min * pack.multiple
    packs = least * chance.choice((1, 1, 1, 2, 3))
    if pack.max:
        packs = min(packs, pack.max)
    start = None
    if product.holding.starts == "chosen" and product.holding.postpone and chance.random() < 0.15:
        start = local_date(clock.at, scheme.tz) + timedelta(days=chance.randint(1, 20))
    months = None
    if product.holding.months is None:
        months = chance.randint(product.holding.months_min, product.holding.months_max)
    return ApplyForPermit(
        product=product.id,
        quantity=packs * pack.size,
        months=months,
        vehicles=vehicles,
        start=start,
        support=product.requires_support or "",
        confirm=scheme.flow.confirmations or None,
    )


def _prove(
    application: str, scheme: Scheme, clock: Clock, by: Actor, chance: Random
) -> Generator[Deed, Outcome, Outcome]:
    """A document, at times one that is too old first, or the council's own look-up."""
    if scheme.proof.council_check.allowed and chance.random() < 0.1:
        at = clock.wait(DAYS, 3 * DAYS)
        return (
            yield Doing(
                at=at, command=CheckOccupancy(application=application, found=True), by=STAFF
            )
        )
    clock.wait(2 * MINUTES, 2 * DAYS)
    documents = scheme.proof.documents
    told = Outcome(values={}, refused=("document.too_old",))
    for attempt in range(3):
        kind = chance.choice(documents).type
        age = chance.randint(400, 900) if attempt == 0 and chance.random() < 0.08 else 3
        dated = local_date(clock.at, scheme.tz) - timedelta(days=age)
        command = UploadProof(application=application, document=kind, dated=dated)
        told = yield Doing(at=clock.daytime(), command=command, by=by)
        if told.done:
            break
        clock.wait(MINUTES, 10 * MINUTES)
    return told


def _decide(
    application: str, scheme: Scheme, clock: Clock, chance: Random
) -> Generator[Deed, Outcome, Outcome]:
    """The office decides within days; now and then it refuses."""
    clock.wait(timedelta(hours=4), 4 * DAYS)
    refuse = chance.random() < 0.04
    yes: Literal["offer", "approve"] = (
        "offer" if scheme.flow.kind == "offer_pay_issue" else "approve"
    )
    return (
        yield Doing(
            at=clock.daytime(),
            command=DecideApplication(
                application=application,
                outcome="refuse" if refuse else yes,
                reason="the address is outside the zone" if refuse else "",
            ),
            by=STAFF,
        )
    )


def _pay(
    application: str, scheme: Scheme, clock: Clock, by: Actor, chance: Random
) -> Generator[Deed, Outcome, Outcome]:
    """Most pay at once, some after a declined card, some never."""
    clock.wait(MINUTES, 30 * MINUTES if chance.random() < 0.8 else 5 * DAYS)
    given_up = chance.random()
    if given_up < 0.02:
        cancelled = CancelApplication(application=application)
        return (yield Doing(at=clock.daytime(), command=cancelled, by=by))
    if given_up < 0.09:
        declined = PayForApplications(applications=(application,), result="declined")
        yield Doing(at=clock.daytime(), command=declined, by=by)
        clock.wait(MINUTES, 20 * MINUTES)
    paid = PayForApplications(applications=(application,), result="authorised")
    return (yield Doing(at=clock.daytime(), command=paid, by=by))
