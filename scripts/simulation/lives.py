"""A property's years: who moves in, what they buy and how they use it, and that they move out.

Which products there are, how they are bought and used is the scheme's own.
"""

from collections.abc import Generator
from datetime import datetime, timedelta
from random import Random

from commands.enrol_resident import EnrolResident
from commands.link_mobile import LinkMobile
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from commands.register_resident import RegisterResident
from ledger.calendar import local_date
from ledger.events import Actor
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from scripts.simulation import people
from scripts.simulation.buying import buy
from scripts.simulation.doing import STAFF, Clock, Deed, Doing, Life, Outcome
from scripts.simulation.visiting import Host

MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOVES_A_YEAR = 0.07
NOT_BOUGHT_MAX = 4


def property_ref(seed: int, number: int) -> str:
    return f"{seed:04d}{number:08d}"


def life(scheme: Scheme, seed: int, number: int, begins: datetime, ends: datetime) -> Life:
    """Everything that happens at one property over `[begins, ends)`."""
    chance = Random(f"{seed}/{number}")
    clock = Clock(begins, scheme, chance)
    clock.wait(timedelta(0), (ends - begins) / 4)
    account = f"CT{seed % 1000:03d}{number:06d}"
    zones = [zone.id for zone in scheme.zones] or ["all"]
    # Most addresses are where permits are asked for: the zones that a scheme names first.
    zone = zones[min(int(chance.expovariate(1.2)), len(zones) - 1)]
    yield Doing(
        at=clock.daytime(),
        command=ListProperty(
            property_ref=property_ref(seed, number),
            zone=zone,
            council_tax_accounts=(account,),
            address=people.address(chance, number),
        ),
        by=STAFF,
    )
    household = 0
    while clock.at < ends:
        household += 1
        yield from _household(scheme, zone, account, (seed, number, household), clock, chance, ends)
        clock.wait(5 * DAYS, 60 * DAYS)


def _household(
    scheme: Scheme,
    zone: str,
    account: str,
    place: tuple[int, int, int],
    clock: Clock,
    chance: Random,
    ends: datetime,
) -> Life:
    """One household's time at the property, up to its leaving or the end."""
    resident = yield from _registered(scheme, account, clock, chance)
    if not resident:
        return
    by = Actor("resident", resident)
    stays = timedelta(days=chance.expovariate(MOVES_A_YEAR) * 365)
    leaves = min(ends, clock.at + stays)
    if any("text" in product.channels for product in scheme.products) and chance.random() < 0.5:
        number = people.mobile(place[1])
        yield Doing(at=clock.wait(MINUTES, HOURS), command=LinkMobile(mobile=number), by=by)
    yield from _visits(scheme, Host(by, zone, scheme, clock, chance), leaves)
    clock.at = max(clock.at, leaves)
    if clock.at < ends:
        yield Doing(at=clock.daytime(), command=MoveOut(resident=resident), by=STAFF)


def _registered(
    scheme: Scheme, account: str, clock: Clock, chance: Random
) -> Generator[Deed, Outcome, str]:
    """The resident's id: registered by themselves, by the right number at the second try, or by
    the office.
    """
    name = people.name(chance)
    email = f"{name.lower().replace(' ', '.')}@example.org"
    born_on = local_date(clock.at, scheme.tz) - timedelta(days=chance.randint(19, 88) * 365)
    if chance.random() < 0.15:
        command = EnrolResident(name=name, email=email, born_on=born_on)
        told = yield Doing(at=clock.wait(HOURS, 20 * DAYS), command=command, by=STAFF)
        return told.text("resident")
    clock.wait(HOURS, 20 * DAYS)
    known = account if chance.random() > 0.07 else account[:-1] + "X"
    for number in (known, account):
        registering = RegisterResident(
            council_tax_account=number, name=name, email=email, born_on=born_on
        )
        told = yield Doing(at=clock.daytime(), command=registering, by=Actor("resident", "visitor"))
        if told.done:
            return told.text("resident")
        clock.wait(MINUTES, 10 * MINUTES)
    return ""


def _visits(scheme: Scheme, host: Host, leaves: datetime) -> Life:
    """Buy, be visited, and buy again when it is used up; each household likes one product."""
    clock, chance = host.clock, host.chance
    liked = _liked(scheme, host)
    if not liked:
        return
    product = liked[0]
    apart = chance.uniform(2.5, 25.0)
    holding, failed = "", 0
    while clock.at < leaves and failed < NOT_BOUGHT_MAX:
        if not holding:
            holding = yield from buy(product, _named(product, host), scheme, clock, host.by, chance)
            if not holding:
                failed += 1
                product = liked[failed % len(liked)]
                clock.wait(DAYS, 20 * DAYS)
                continue
            failed = 0
        clock.wait(timedelta(hours=2), timedelta(days=2 * apart))
        if clock.at >= leaves:
            return
        if product.vehicles.binding == "at_purchase":
            yield from host.checked(chance.choice(host.listed or host.friends))
            continue
        empty = yield from host.visit(product, holding)
        if empty:
            holding = ""
            clock.wait(HOURS, 6 * DAYS)


def _liked(scheme: Scheme, host: Host) -> list[Product]:
    """The products offered at the address, those for visitors first, in an order of its own."""
    offered = [
        product
        for product in scheme.products
        if product.offered_in(host.zone) and not product.requires_support
    ]
    for_visitors = [each for each in offered if each.vehicles.binding != "at_purchase"]
    others = [each for each in offered if each.vehicles.binding == "at_purchase"]
    first = for_visitors[:1]
    host.chance.shuffle(for_visitors)
    return [*first, *for_visitors] if host.chance.random() < 0.7 else [*for_visitors, *others]


def _named(product: Product, host: Host) -> tuple[str, ...]:
    """The vehicles that an application names: its list, or the one it is bound to."""
    match product.vehicles.binding:
        case "listed":
            host.listed = host.friends[: host.chance.randint(0, 2)]
            return tuple(host.listed)
        case "at_purchase":
            host.listed = host.listed or [people.mark(host.chance)]
            return tuple(host.listed[:1])
        case _:
            return ()
