"""An application in words: how its price is made, what is confirmed, how it stands and goes on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from ledger.events import Line
from ledger.household.state import Application
from ledger.rules import flow
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from replay.schemes import council, selling
from replay.schemes.words import DAYS, capital, counted, listed, noun, spoken
from replay.wording import day, money
from services.council import working_days
from web.pages.resident.own import Own

STATES: Final = {
    "saved": ("Not sent", "grey"),
    "awaiting_proof": ("Waiting for your proof", "yellow"),
    "awaiting_decision": ("With the council", "blue"),
    "offered": ("Offered to you", "yellow"),
    "awaiting_payment": ("Ready to pay", "yellow"),
    "issued": ("Issued", "green"),
    "declined": ("Cancelled", "grey"),
    "refused": ("Refused", "red"),
    "lapsed": ("Offer ended", "grey"),
}
"""What a state is called, and the colour of its tag."""
ANOTHER_PROOF: Final = ("Another proof is needed", "red")


def state_of(mine: Own, application: Application) -> str:
    """The state; an offer whose time is over has lapsed, whether or not that is recorded."""
    return "lapsed" if flow.lapsed(application, mine.now) else application.state


def made_of(lines: Sequence[Line], scheme: Scheme, concession: str) -> list[str]:
    """A sentence for each line: how its price is made."""
    found = []
    for line in lines:
        product = scheme.product(line.product)
        if product is not None:
            found.append(_made(line, product, scheme, concession))
    return found


def _made(line: Line, product: Product, scheme: Scheme, concession: str) -> str:
    reduced = scheme.concession(concession) if concession else None
    unit = noun(product)
    if reduced is not None and product.id in reduced.products:
        each = f" for each {unit}" if reduced.per == "unit" else ""
        return f"The reduced price: {money(reduced.pence)}{each}"
    price = product.price
    if price.placeholder and line.pence == 0:
        return "The council has not said yet what this costs"
    match price.model:
        case "admin_plus_monthly":
            months = counted(line.months, "month")
            return f"{money(price.admin_pence)} once, and {money(price.month_pence)} × {months}"
        case "tiers" if price.by == "lowest_free_slot":
            return f"The price of permit number {line.slot} of your household"
        case "tiers":
            drawn = [
                f"{counted(count, unit)} at {money(tier.pence)}"
                for tier, count in zip(price.tiers, line.pools, strict=False)
                if count
            ]
            return capital(listed(drawn)) if drawn else "No amount is set"
        case _:
            times = {"unit": line.units, "pack": line.packs, "holding": 1}[price.per]
            named = selling.sets(line.packs, product.pack.size)
            what = named if price.per == "pack" and product.pack.size > 1 else counted(times, unit)
            if times == 1:
                return capital(what)
            return f"{capital(what)} × {money(line.pence // times)}"


def many(line: Line, product: Product) -> str:
    """`60 scratchcards (6 sets of 10)`."""
    units = counted(line.units, noun(product))
    if product.pack.size == 1:
        return units
    return f"{units} ({selling.sets(line.packs, product.pack.size)})"


def statement(name: str, scheme: Scheme) -> str:
    """What is confirmed by a tick."""
    limits = [council.vehicle_limit(each).value for each in scheme.vehicle_limits]
    if name == "vehicle_limits" and limits:
        return f"I understand that {listed(limits)}."
    return f"I confirm: {spoken(name)}."


def weekday(on: date) -> str:
    """`Tuesday 24 November 2026`."""
    return f"{DAYS[on.weekday()]} {day(on)}"


def target(mine: Own, on: date) -> str:
    """By when the council means to decide, and how many working days that is from today."""
    if on < mine.today:
        return f"The council meant to decide by {weekday(on)}. Ask the parking team about it."
    calendar, left, at = working_days(), 0, mine.today
    while at < on:
        at += timedelta(days=1)
        left += calendar.is_working(at)
    within = "today" if left == 0 else f"in {counted(left, 'working day')}"
    return f"The council means to decide by {weekday(on)}, {within}."


def next_step(mine: Own, application: Application, scheme: Scheme) -> str:
    """What happens next, and who does it."""
    by = target(mine, application.target_on) if application.target_on else ""
    match state_of(mine, application):
        case "awaiting_proof":
            return "Next, send your proof of address."
        case "awaiting_decision":
            return f"You need do nothing now. {by}".strip()
        case "offered":
            until = ""
            if application.lapses_at:
                last = (application.lapses_at - timedelta(microseconds=1)).astimezone(scheme.tz)
                until = f" The offer is open to the end of {day(last.date())}."
            return f"The council offers it to you. Pay to have it.{until}"
        case "awaiting_payment":
            return "Next, pay for it."
        case "issued" if scheme.flow.delivery == "post":
            return "It is issued, and comes by post."
        case "issued":
            return "It is issued."
        case "declined":
            return "You cancelled it. You can apply again."
        case "lapsed":
            return "The offer was not taken up in time. You can apply again."
        case "refused":
            back = application.refunded_pence
            paid = f" {money(back)} goes back to you." if back else ""
            why = f" {capital(application.refusal)}." if application.refusal else ""
            return f"The council refused it.{why}{paid}"
        case _:
            return ""
