"""May it be bought, for how much, and for how long: applying for a product.

Source: STV-009 to 037, GRV-001 to 009, HAN-012 to 018, RBW-026 to 062, NOR-004 to 008, NOR-076 to
096, NOR-122 to 130, appendix 3 of the report; X-032 to X-050, X-083 to X-094.
"""

from datetime import date, datetime
from typing import Any

from tests.oracle.days import DAY, last_of_month, midnight, months_on
from tests.oracle.home import (
    ends_at,
    in_force,
    in_hand,
    living,
    mark,
    plate,
    today,
)
from tests.oracle.issuing import issue
from tests.oracle.said import Fact, Said, no


def apply(home: Fact, ask: Fact) -> Said:
    """An application for one product. Every reason that stands against it is given."""
    scheme = home["scheme"]
    if not scheme.products:
        return no("scheme.none")
    person = living(home, ask)
    if person is None:
        return no("eligibility.not_resident", anything=True)
    product = scheme.product(ask["product"])
    if product is None:  # STV-009
        return no("eligibility.product_not_offered", anything=True)
    codes, may = who_and_where(home, ask, person, product), set[str]()
    starts = ask.get("start") or today(ask)
    if starts < today(ask):  # STV-022, STV-023
        codes.add("application.start_in_past")
    months = ask.get("months") or product.holding.months or 12
    codes |= months_wrong(product, ask.get("months"))
    units = ask["units"]
    codes |= purchase(scheme, product, units, may)
    packs = -(-units // product.pack.size)
    caps, open_question = over_caps(home, ask, person, product, units, packs, starts)
    if any(code.startswith("purchase.") for code in codes):
        may |= caps
    else:
        codes |= caps
    slot, waiting = rung(home, ask, product, codes, may)
    unsure = open_question or waiting
    codes |= vehicles(product, ask.get("vehicles", ()))
    if product.vehicles.binding == "at_purchase" and not ask.get("vehicles"):
        unsure = "unnamed_vehicle"
    if ask.get("concession"):
        unsure = unsure or concession_open(scheme, ask, person, product, codes)
    due, always = ask, {}
    if unsure == "concession":  # RBW-039: whoever it is not due to never pays the lower price
        due = {**ask, "concession": ""}
        always = {"pence": price(home, due, product, units, packs, slot)[0]}
    pence, pools = price(home, due, product, units, packs, slot)
    figures: Fact = {"pence": pence}
    if "application.months" not in codes and product.holding.starts == "chosen":
        figures["starts"] = starts
    figures["state"] = after_applying(home, ask, product, pence)
    made = {
        "who": ask["who"],
        "product": product.id,
        "units": units,
        "packs": packs,
        "pence": pence,
        "pools": pools,
        "slot": slot,
        "months": months,
        "starts": starts,
        "last_day": last_day(product, starts, months),
        "chosen": ask.get("start") is not None,
        "vehicles": [mark(each) for each in ask.get("vehicles", ())],
        "proofs": 0,
        "paid": 0,
        "paid_on": None,
        "scheme": scheme,
    }

    def then(told: Fact) -> None:
        home["applications"][told["application"]] = {
            **made,
            "state": told["state"],
            "pence": told["pence"],
            "slot": slot and ask["slot"],
        }
        issue(home, ask, told)

    return Said(codes, may=may, unsure=unsure, figures=figures, always=always, then=then)


def rung(home: Fact, ask: Fact, product: Any, codes: set[str], may: set[str]) -> tuple[int, str]:
    """The rung that must be declared (RBW-051, X-049), and what is left open about it."""
    if product.price.by != "lowest_free_slot" or product.price.model != "tiers":
        return 0, ""
    slot = lowest_free(home, product, ask["at"])
    if ask.get("slot") != slot:  # where no rung is free the cap says so
        (codes if slot <= len(product.price.tiers) else may).add("application.slot")
    waiting = [a for a in open_of(home, product.id) if a["state"] == "awaiting_decision"]
    return slot, "pending_slot" if waiting else ""


def months_wrong(product: Any, months: int | None) -> set[str]:
    """NOR-077: any number of months from one to eighteen."""
    if months is None or product.holding.months_min <= months <= product.holding.months_max:
        return set()
    return {"application.months"}


def who_and_where(home: Fact, ask: Fact, person: Fact, product: Any) -> set[str]:
    """Eligibility, prerequisites and the ticks."""
    scheme, codes = home["scheme"], set()
    if not person["verified"]:  # STV-002, HAN-002
        codes.add("eligibility.not_verified")
    if ask.get("zone") and ask["zone"] != home["zone"]:  # STV-021
        codes.add("eligibility.zone")
    if home["zone"] in product.zones_excluded:  # RBW-041
        codes.add("eligibility.zone")
    if product.zones_only and home["zone"] not in product.zones_only:  # GRV-001
        codes.add("eligibility.zone")
    if excluded(home):
        codes.add("eligibility.property_excluded")
    if product.requires_product:  # IPS-004, X-092
        held = [h for h in home["holdings"].values() if h["product"] == product.requires_product]
        if not any(in_force(h, ask["at"]) for h in held):
            codes.add("eligibility.prerequisite_missing")
    if product.requires_support and ask.get("support", "") != product.requires_support:  # NOR-044
        codes.add("eligibility.support_missing")
    if set(scheme.flow.confirmations) - set(ask.get("confirm", ())):  # STV-027
        codes.add("application.confirmation_missing")
    return codes


def excluded(home: Fact) -> bool:
    """NOR-122 to 127, RBW-005: what was built too late, and the roads left out."""
    listed, zone = home["listed"], home["scheme"].zone(home["zone"])
    areas = set(listed.get("areas", ())) | set(zone.areas if zone else ())
    built = listed.get("built_on")
    for rule in home["scheme"].eligibility:
        if rule.rule == "road_or_property_excluded" and listed.get("excluded"):
            return True
        if rule.rule != "built_on_or_after":
            continue
        if "*" not in rule.areas and not areas & set(rule.areas):
            continue
        if rule.unless and listed.get(rule.unless):  # NOR-125
            continue
        if built is not None and built >= rule.built_from:
            return True
    return False


def purchase(scheme: Any, product: Any, units: int, may: set[str]) -> set[str]:
    """Packs, their multiples, and what is sold at a time (X-044, X-048)."""
    codes, pack = set(), product.pack
    if units % (pack.size * pack.multiple):
        codes.add("purchase.not_a_multiple")
        may.add("purchase.below_minimum")
    elif units < pack.size * pack.min:
        codes.add("purchase.below_minimum")
    if pack.max and units > pack.size * pack.max:
        codes.add("purchase.above_maximum")
    for group in scheme.order_groups.values():
        if product.id not in group.products:
            continue
        if units % group.multiple:
            codes.add("purchase.not_a_multiple")
        if units > group.max_units:
            codes.add("purchase.above_maximum")
    return codes


def over_caps(
    home: Fact, ask: Fact, person: Fact, product: Any, units: int, packs: int, starts: date
) -> tuple[set[str], str]:
    """Each cap that so much more would pass today, and what is left open."""
    codes, unsure = set(), ""
    for cap in product.allowance:
        if cap.zones and home["zone"] not in cap.zones:
            continue
        amount = packs if cap.unit == "pack" else units
        counted = counting(home, cap, product, ask)
        if cap.scope == "resident":  # RBW-043
            counted = [h for h in counted if h["who"] == ask["who"]]
        used = sum(h["packs"] if cap.unit == "pack" else h["units"] for h in counted)
        more = granted(home, product, cap, ask)
        if home["hazy_grants"] and more:
            unsure = "grant_of_before"
        if used + amount <= cap.max + more:
            continue
        if cap.window == "concurrent":
            codes.add("allowance.in_force" if cap.max == 1 else "allowance.exceeded")
            if starts > today(ask) and any(ends_at(h) <= midnight(starts) for h in counted):
                unsure = "renewal_ahead"
        else:
            codes.add("allowance.exceeded")
    return codes, unsure


def counting(home: Fact, cap: Any, product: Any, ask: Fact) -> list[Fact]:
    """The purchases that count on that day. Use and expiry free nothing, the date does (X-042)."""
    kinds = [product.id]
    if cap.group:
        kinds = list(home["scheme"].allowance_groups[cap.group].products)
    on, found = today(ask), []
    for holding in home["holdings"].values():
        bought = holding["bought_on"]
        if holding["product"] not in kinds or holding["granted"]:
            continue
        if cap.window == "concurrent":
            counts = in_hand(holding, ask["at"])
        elif holding["uncounted"]:
            counts = False
        elif cap.window == "rolling_12m":
            counts = bought <= on < months_on(bought, 12)
        elif cap.window == "calendar_month":
            counts = (bought.year, bought.month) == (on.year, on.month)
        else:
            counts = bought.year == on.year
        if counts:
            found.append(holding)
    return found


def granted(home: Fact, product: Any, cap: Any, ask: Fact) -> int:
    """What was agreed beyond the cap (NOR-054)."""
    if cap.window == "concurrent":
        return 0
    mine = [g for g in home["grants"] if g["product"] == product.id]
    return sum(g["units"] for g in mine if g["on"] <= today(ask) < months_on(g["on"], 12))


def lowest_free(home: Fact, product: Any, at: datetime) -> int:
    """The lowest rung nobody stands on (X-049)."""
    mine = [h for h in home["holdings"].values() if h["product"] == product.id]
    taken = {h["slot"] for h in mine if in_hand(h, at)}
    slot = 1
    while slot in taken:
        slot += 1
    return slot


def open_of(home: Fact, product: str) -> list[Fact]:
    """Applications for a product that are neither closed nor issued."""
    over = ("issued", "declined", "refused")
    mine = [a for a in home["applications"].values() if a["product"] == product]
    return [a for a in mine if a["state"] not in over]


def vehicles(product: Any, typed: tuple[str, ...]) -> set[str]:
    """The vehicles named in an application (GRV-007 to 009)."""
    codes, plates = set(), []
    for each in typed:
        if mark(each) is None:
            codes.add("vehicle.mark_invalid")
        elif plate(each) in plates:
            codes.add("vehicle.already_listed")
        else:
            plates.append(plate(each))
    if product.vehicles.listed_max and len(typed) > product.vehicles.listed_max:
        codes.add("vehicle.list_full")
    return codes


def concession_open(scheme: Any, ask: Fact, person: Fact, product: Any, codes: set[str]) -> str:
    """RBW-038 to 040, NOR-058: who may pay the reduced price; else the catalogue is silent."""
    found = scheme.concession(ask["concession"])
    if found is None or product.id not in found.products or not is_due(found, ask, person):
        return "concession"
    if found.evidence and not ask.get("evidence"):
        codes.add("eligibility.evidence_missing")
    return ""


def is_due(concession: Any, ask: Fact, person: Fact) -> bool:
    """Both the age and the benefits, on the day (RBW-039, X-046)."""
    born, on = person["born_on"], today(ask)
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    for benefit in concession.requires:
        named = concession.benefits if benefit == "listed_benefit" else (benefit,)
        if not set(named) & set(person["receives"]):
            return False
    return bool(age >= concession.min_age)


def price(
    home: Fact, ask: Fact, product: Any, units: int, packs: int, slot: int
) -> tuple[int, list[int]]:
    """What is due in pence, and how much of each pool it takes."""
    terms = product.price
    if ask.get("concession"):
        found = home["scheme"].concession(ask["concession"])
        if found is not None:
            return found.pence * (1 if found.per == "holding" else units), []
    many = {"unit": units, "pack": packs, "holding": 1}[terms.per]
    if terms.model == "flat":
        return terms.pence * many, []
    if terms.model == "by_zone":  # NOR-018, BRI-003
        each = [z.pence for z in terms.by_zone if z.zone == home["zone"]]
        return (each[0] if each else 0) * many, []
    if terms.model == "admin_plus_monthly":  # NOR-078
        return (terms.admin_pence + terms.month_pence * (ask.get("months") or 12)) * units, []
    if terms.model == "per_hour":  # BTH-004
        return terms.hour_pence * product.use.end.hours * units, []
    if terms.by == "lowest_free_slot":
        rungs = [t.pence for t in terms.tiers if t.slot == slot]
        return (rungs[0] if rungs else 0), []
    return pooled(home, ask, product, many)


def pooled(home: Fact, ask: Fact, product: Any, many: int) -> tuple[int, list[int]]:
    """The cheapest open pool first; each purchase frees its own at its anniversary (X-087)."""
    on, pence, taken = today(ask), 0, []
    mine = [h for h in home["holdings"].values() if h["product"] == product.id]
    counting_now = [h for h in mine if h["bought_on"] <= on < months_on(h["bought_on"], 12)]
    counting_now = [h for h in counting_now if not h["uncounted"]]
    for place, tier in enumerate(product.price.tiers):
        used = sum(h["pools"][place] for h in counting_now if place < len(h["pools"]))
        here = min(many, max(0, tier.capacity - used))
        pence += here * tier.pence
        many -= here
        taken.append(here)
    return pence, taken


def last_day(product: Any, starts: date, months: int) -> date:
    """The last whole day of a holding (X-003, X-035, X-036)."""
    last = months_on(starts, months) - DAY
    return last_of_month(last) if product.holding.round == "month_end" else last


def after_applying(home: Fact, ask: Fact, product: Any, pence: int) -> set[str]:
    """The states an application can be in once it is made."""
    proof = home["scheme"].proof
    after = next_state(home["scheme"], pence)
    if proof.per == "registration" or proof.documents_required == 0:
        return after
    if proof.per == "application":
        return {"awaiting_proof"}
    shown = [d for d in home["documents"].values() if d["who"] == ask["who"]]
    if shown and any(
        a["state"] == "issued" and a["who"] == ask["who"] and a["proofs"]
        for a in home["applications"].values()
    ):  # RBW-064
        return after
    return {"awaiting_proof"} if not home["documents"] else {"awaiting_proof", *after}


def next_state(scheme: Any, pence: int) -> set[str]:
    """What an application waits for once it is proved; nothing to pay may mean nothing to wait
    for."""
    if scheme.flow.kind == "offer_pay_issue":  # GRV-021
        return {"awaiting_decision"}
    if pence:
        return {"awaiting_payment"}
    return {"awaiting_payment", "awaiting_decision", "issued"}
