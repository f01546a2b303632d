"""What is left of each limit, and the dates on which more can be bought: in words, as a picture of
the rolling year, and as a table.

Source: HAN-015 to 017, NOR-088, NOR-095; X-034, X-042; issue "The pages", item 1.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from ledger.rules import allowance, eligibility
from ledger.scheme.products import Allowance, Product
from replay.schemes.words import counted, noun
from replay.wording import day
from web.pages import pictures
from web.pages.framework import RESIDENT, Link, View, Visit, get
from web.pages.pictures import Spell, Year
from web.pages.resident.own import Own, own

PICTURED_MAX = 24


class Limit(Struct, frozen=True, kw_only=True):
    """One limit of a product. `rows`: bought, how many, counts until. `back`: when, how many more,
    and how many can be had from then. `year` is None where nothing counts by dates.
    """

    key: str
    name: str
    now: str
    rule: str
    rows: tuple[tuple[str, str, str], ...]
    back: tuple[tuple[str, str, str], ...]
    year: Year | None
    full: bool
    product: Product


def shown(visit: Visit) -> View:
    """Every limit of what the address may have."""
    mine = own(visit)
    products = [mine.product(each) for each in eligibility.offered(mine.household, mine.scheme)]
    limits = [each for product in products for each in _limits(mine, product)]
    # What counts by dates first: it is what one came to look at.
    limits.sort(key=lambda each: each.year is None)
    free = [p.name for p in products if not allowance.caps(p, mine.home.zone)]
    return View(template="resident/allowance.html", values={"limits": limits, "unlimited": free})


def _limits(mine: Own, product: Product) -> Iterator[Limit]:
    for n, cap in enumerate(allowance.caps(product, mine.home.zone)):
        if cap.window != "per_application":
            yield _limit(mine, product, cap, f"{product.id}-{n}")


def _limit(mine: Own, product: Product, cap: Allowance, key: str) -> Limit:
    me = mine.resident.resident_id
    stands = allowance.standing(mine.household, product, cap, me, mine.today, mine.now)
    most = stands.max + stands.granted
    thing = "set" if cap.unit == "pack" and product.pack.size > 1 else noun(product)
    who = "Your household" if cap.scope == "household" else "You"
    done = "used" if cap.counts == "used" else "bought"
    dated = cap.window != "concurrent"
    spells = list(_spells(mine, product, cap, thing, done)) if dated else []
    has = "has" if cap.scope == "household" else "have"
    if dated:
        now = f"{counted(stands.available, thing)} left to {'use' if done == 'used' else 'buy'} now"
        rule = f"{who} {has} {done} {stands.used:,} of {counted(most, thing)}."
    else:
        now = f"{stands.used:,} of {counted(most, thing)} held now"
        rule = f"{who} can have {counted(most, thing)} at any one time."
    back = list(_back(stands, thing)) if dated else []
    says = [f"{rule} {now}.", *(f"From {on}, {total} can be {done}." for on, _, total in back)]
    return Limit(
        key=key,
        name=product.name,
        now=now,
        rule=rule,
        rows=tuple((day(s.begins), counted(s.amount, thing), day(s.until)) for s in spells),
        back=tuple(back),
        year=pictures.rolling_year(spells[-PICTURED_MAX:], mine.today, " ".join(says))
        if spells
        else None,
        full=not stands.available,
        product=product,
    )


def _spells(mine: Own, product: Product, cap: Allowance, thing: str, done: str) -> Iterator[Spell]:
    """What counts today or later, by the day it was bought and the day it stops counting."""
    key = allowance.cap_key(cap, product)
    found: dict[tuple[date, date], int] = {}
    for tally in allowance.tallies(mine.household):
        each = tally.counted
        whose = cap.scope != "resident" or tally.resident_id == mine.resident.resident_id
        stopped = mine.household.uncounted.get((tally.of, key), each.counts_until)
        until = min(stopped, each.counts_until)
        if each.cap == key and whose and mine.today < until:
            spell = (each.counts_from, until)
            found[spell] = found.get(spell, 0) + each.amount
    for (begins, until), amount in sorted(found.items()):
        yield Spell(
            amount=amount,
            begins=begins,
            until=until,
            says=f"{counted(amount, thing)} {done} {begins.day} {begins:%b %Y},"
            f" until {until.day} {until:%b %Y}",
        )


def _back(stands: allowance.Standing, thing: str) -> Iterator[tuple[str, str, str]]:
    """When units come back, how many, and how many can be had from then if no more are."""
    total, most = stands.used, stands.max + stands.granted
    for on, units in stands.releases:
        total -= units
        if on < allowance.NEVER:
            yield day(on), counted(units, thing), counted(max(0, most - total), thing)


PAGES = (get("/allowance", RESIDENT, shown),)

LINKS = (
    Link(
        text="Allowance",
        path="/allowance",
        roles=RESIDENT,
        hint="How many you can still buy, and when you can buy more.",
        bar=False,
    ),
)
