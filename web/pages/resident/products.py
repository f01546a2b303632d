"""What an address may have, with its price, its limits and what is left of them; and why not more.

Source: STV-009, STV-016, STV-078, HAN-015 to 017, NOR-088; scheme TOML `products`.
"""

from collections.abc import Iterator

from msgspec import Struct

from ledger.rules import allowance, eligibility, purchase
from ledger.scheme.products import Allowance, Product
from replay.schemes import council, selling, using
from replay.schemes.words import Fact, capital, counted, noun
from replay.wording import day
from web.pages.framework import RESIDENT, Link, View, Visit, get
from web.pages.resident.own import Own, own
from web.pages.wording import told

RELEASES_TOLD = 3


class Left(Struct, frozen=True, kw_only=True):
    """How one limit stands, in sentences. `full`: not even the smallest purchase fits in."""

    sentences: tuple[str, ...]
    used: int
    full: bool


class Offer(Struct, frozen=True, kw_only=True):
    """A product as it is listed."""

    product: Product
    price: str
    lasts: str
    left: tuple[Left, ...]

    @property
    def full(self) -> bool:
        return any(each.full for each in self.left)


def listed(visit: Visit) -> View:
    """What this address may have."""
    mine = own(visit)
    offered = [mine.product(each) for each in eligibility.offered(mine.household, mine.scheme)]
    some_not = len(offered) < len(mine.scheme.products)
    return View(
        template="resident/products.html",
        values={
            "offers": [_offer(mine, product) for product in offered],
            "address": mine.home.address,
            "zone": selling.zone_name(mine.scheme, mine.home.zone),
            "some_not": some_not,
            "verb": verb(mine),
        },
    )


def verb(mine: Own) -> str:
    """What one does to get a product: buy where nobody decides or proves anything first."""
    return "Buy" if mine.scheme.flow.kind == "register_buy" else "Apply for"


def _offer(mine: Own, product: Product) -> Offer:
    scheme = mine.scheme
    return Offer(
        product=product,
        price=_price(product, mine),
        lasts=capital(using.term(product, scheme).value),
        left=tuple(standings(mine, product)),
    )


def _price(product: Product, mine: Own) -> str:
    """As a line by itself: an amount that is not known is said to be none."""
    words = selling.price(product, mine.scheme).value
    unknown = "an amount that is not known yet"
    return capital(words.replace(unknown, "the price is not known yet", 1))


def standings(mine: Own, product: Product) -> Iterator[Left]:
    """How each limit of a product stands today, and when what is used up comes back."""
    least = purchase.default_units(product)
    for cap in allowance.caps(product, mine.home.zone):
        # Where anybody may open an account, what a household has is not told before it is proved.
        told_of_household = cap.scope != "household" or mine.resident.proved
        if cap.window == "per_application" or not told_of_household:
            continue
        stands = allowance.standing(
            mine.household, product, cap, mine.resident.resident_id, mine.today, mine.now
        )
        most = stands.max + stands.granted
        asked = allowance.amount(cap, least, purchase.packs_of(product, least))
        full = cap.counts == "purchased" and stands.available < asked
        thing = _thing(cap, product)
        who = "Your household has" if cap.scope == "household" else "You have"
        done = "used" if cap.counts == "used" else "bought"
        if cap.window == "concurrent":
            now = counted(stands.used, thing) if stands.used else "none"
            said = [f"{who} {now} now, and can have {most:,}."]
        else:
            said = [f"{who} {done} {stands.used:,} of {counted(most, thing)}."]
            said.append(f"{stands.available:,} left.")
        said += [
            f"{units:,} more can be {done if cap.window != 'concurrent' else 'had'} from {day(on)}."
            for on, units in stands.releases[:RELEASES_TOLD]
            if on < allowance.NEVER
        ]
        yield Left(sentences=tuple(said), used=stands.used, full=full)


def _thing(cap: Allowance, product: Product) -> str:
    return "set" if cap.unit == "pack" and product.pack.size > 1 else noun(product)


def shown(visit: Visit) -> View:
    """Everything about one product."""
    mine = own(visit)
    product = mine.product(visit.params["product"])
    scheme = mine.scheme
    zone = scheme.zone(mine.home.zone)
    facts = [
        selling.price(product, scheme),
        selling.purchase(product, scheme),
        selling.allowance(product, scheme),
        using.term(product, scheme),
        using.one_use(product, scheme),
        *([council.zone(zone)] if zone is not None else []),
        using.vehicles(product, scheme),
        using.change(product, scheme),
        using.refund(product, scheme),
        using.needs(product, scheme),
        using.display(product, scheme),
    ]
    limits = [council.vehicle_limit(each) for each in scheme.vehicle_limits]
    return View(
        template="resident/product.html",
        values={
            "product": product,
            "facts_told": [_pair(fact) for fact in facts if fact.value not in _NOTHING],
            "left": list(standings(mine, product)),
            "limits": [fact.sentence for fact in limits],
            "verb": verb(mine),
        },
        back="/products",
    )


_NOTHING = ("nothing", "nothing to display", "not at all")


def _pair(fact: Fact) -> tuple[str, str]:
    return capital(fact.label), capital(fact.value)


def why_not(visit: Visit) -> View:
    """What this address may not have, with the rule that says so."""
    mine = own(visit)
    scheme = mine.scheme
    whole = [told(each, scheme) for each in eligibility.property_refusals(mine.home, scheme)]
    reasons = [
        (product.name, _not_here(mine, product))
        for product in scheme.products
        if not product.offered_in(mine.home.zone)
    ]
    rules = [council.eligible(each).sentence for each in scheme.eligibility]
    return View(
        template="resident/why-not.html",
        values={"whole": whole, "reasons": reasons, "rules": rules if whole else []},
        back="/products",
    )


def _not_here(mine: Own, product: Product) -> str:
    where = using.zones(product, mine.scheme).sentence
    return f"Your address is in {selling.zone_name(mine.scheme, mine.home.zone)}. {where}"


PAGES = (
    get("/products", RESIDENT, listed),
    get("/products/why-not", RESIDENT, why_not),
    get("/products/{product}", RESIDENT, shown),
)

LINKS = (
    Link(
        text="Permits and vouchers",
        path="/products",
        roles=RESIDENT,
        hint="What your address may have, what it costs and how many are left.",
    ),
)
