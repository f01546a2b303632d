"""What holds for a scheme as a whole, in words: proof, eligibility, zones, reduced prices, targets.

Source: scheme TOML, every table but `products`.
"""

from typing import Final

from ledger.calendar import local_date
from ledger.scheme.products import Product
from ledger.scheme.schema import (
    Concession,
    Document,
    EligibilityRule,
    FairUse,
    GrantTerms,
    OrderGroup,
    Scheme,
    VehicleLimit,
    Zone,
)
from replay.schemes.selling import PLACEHOLDER, WINDOWS, zone_names
from replay.schemes.words import (
    Fact,
    age,
    capital,
    clock,
    counted,
    day,
    listed,
    money,
    spoken,
    until,
    weekdays,
)

STATUSES: Final = {
    "live": "in force",
    "proposed": "a proposal",
    "superseded": "superseded",
    "reference": "kept for comparison",
    "none": "no scheme",
}
FLOWS: Final = {
    "prove_pay_issue": "you apply, upload your proof, pay, and then have it",
    "offer_pay_issue": "you apply with your proof, the council makes an offer, you pay, and then"
    " have it",
    "pay_decide_post": "you apply with your proof and pay, the council decides, and it is sent",
    "register_buy": "you register once, and then buy whenever you like",
}
MEASURES: Final = {
    "max_authorised_mass_kg": ("a maximum mass", "kg"),
    "unladen_mass_kg": ("an unladen mass", "kg"),
    "goods_mass_kg": ("a goods weight", "kg"),
    "length_mm": ("a length", "mm"),
    "passengers": ("room", "passengers"),
}
AGE_TESTS: Final = {
    "none": "of any date",
    "current_tax_year": "of this Council Tax year",
    "latest_year": "the latest one",
}


def status(scheme: Scheme) -> Fact:
    value = STATUSES[scheme.status]
    if scheme.status == "none":
        none = "This council has no scheme for visitors: every application is refused."
        return Fact(label="the status", value=value, sentence=none)
    return Fact(label="the status", value=value, sentence=f"This scheme is {value}.")


def begins(scheme: Scheme) -> Fact:
    on = day(local_date(scheme.begins_at, scheme.tz))
    value = on
    if scheme.effective_at is not None:
        value = f"{clock(scheme.begins_at.astimezone(scheme.tz).time())} on {on}"
    return Fact(label="the first day", value=value, sentence=f"It begins on {value}.")


def flow(scheme: Scheme) -> Fact:
    """From application to permit, with the council's target."""
    terms = scheme.flow
    value = FLOWS[terms.kind]
    said = [f"How it goes: {value}."]
    more = []
    if terms.target_working_days:
        more.append(f"the council aims to decide within {target(scheme)}")
    if terms.offer_days:
        more.append(f"an offer is open for {counted(terms.offer_days, 'day')}")
    if terms.basket:
        more.append("several applications can be paid for together")
    if terms.delivery == "post":
        more.append("it comes by post")
    back = "is given back" if terms.refund_on_refusal else "is not given back"
    more.append(f"what you paid {back} when you are refused")
    if terms.confirmations:
        more.append(f"you confirm: {listed(spoken(each) for each in terms.confirmations)}")
    said += [f"{capital(each)}." for each in more]
    return Fact(label="how it goes", value="; ".join([value, *more]), sentence=" ".join(said))


def target(scheme: Scheme) -> str:
    return counted(scheme.flow.target_working_days, "working day")


def proof(scheme: Scheme) -> Fact:
    """How many proofs, how often, and whether one serves again."""
    terms = scheme.proof
    if terms.documents_required == 0:
        return Fact(label="proof", value="none asked for", sentence="No proof is asked for.")
    value = counted(terms.documents_required, "proof")
    value += {
        "application": " with every application",
        "address": " the first time you apply from an address",
        "registration": " when you register",
    }[terms.per]
    if terms.reuse_months:
        value += f"; one you sent serves again for {counted(terms.reuse_months, 'month')}"
        if terms.reuse_recheck_age:
            value += ", if it is then still young enough"
    check = terms.council_check
    if check.allowed:
        fee = "free" if check.fee_pence == 0 else f"for {money(check.fee_pence)}"
        if check.fee_placeholder:
            fee += f" ({PLACEHOLDER})"
        kept = ", kept when it finds nothing" if check.fee_kept_on_failure else ""
        value += f"; instead the council can look you up itself, {fee}{kept}"
    return Fact(label="proof", value=value, sentence=f"You send {value}.")


def document(terms: Document) -> Fact:
    """ "a utility bill (water or gas) less than 3 months old"."""
    value = spoken(terms.type).replace("uk ", "UK ").replace("council tax", "Council Tax")
    if terms.accepts:
        value += f" ({listed((spoken(each) for each in terms.accepts), 'or')})"
    match terms.age_test:
        case "less_than" | "within":
            assert terms.max_age is not None
            old = "less than" if terms.age_test == "less_than" else "at most"
            value += f", {old} {age(terms.max_age)} old"
        case _:
            value += f", {AGE_TESTS[terms.age_test]}"
    if terms.conditions:
        value += f", {listed(spoken(each) for each in terms.conditions)}"
    return Fact(label="the document", value=value, sentence=f"{capital(value)}.")


def eligible(rule: EligibilityRule) -> Fact:
    """One test of a property, as who may not apply or who must."""
    where = "" if not rule.areas or "*" in rule.areas else f" in {listed(map(spoken, rule.areas))}"
    match rule.rule:
        case "built_on_or_after":
            on = day(rule.built_from) if rule.built_from else "a day not given"
            value = f"homes{where} built on or after {on}"
        case "not_occupied_at_scheme_start":
            value = f"homes{where} that were not yet lived in when the scheme of their zone began"
            if rule.scheme_started_after:
                value += f", where that was on or after {day(rule.scheme_started_after)}"
        case "conversion_or_subdivision":
            value = f"homes{where} that were converted or divided"
        case "in_permit_area":
            value = f"homes in the permit area{where}"
        case "road_or_property_excluded":
            named = f": {listed(rule.listed)}" if rule.listed else ""
            value = f"roads and homes{where} on the council's list of exclusions{named}"
    if rule.unless is not None:
        value += ", unless they were built with a scheme of their own,"
    words = {
        "refuse": "are not eligible",
        "require": "are eligible, and no others",
        "treat_as_recent": "count as newly built",
    }[rule.result]
    value = f"{value} {words}"
    return Fact(label="who is eligible", value=value, sentence=f"{capital(value)}.")


def vehicle_limit(limit: VehicleLimit) -> Fact:
    effect = "are refused" if limit.effect == "refuse" else "are not covered"
    match limit.measure, limit.value:
        case "class", tuple(names):
            value = f"vehicles of these kinds {effect}: {listed(map(spoken, names))}"
        case "fits_bay", bool(fits):
            value = f"vehicles that {'do not fit' if fits else 'fit'} a marked bay {effect}"
        case measure, int(bound):
            what, unit = MEASURES[measure]
            before = "for" if unit == "passengers" else "of"
            of = f"{bound:,} {unit}" if unit != "mm" else f"{bound / 1000:g} m"
            over = f"{before} {of} or more" if limit.op == "ge" else f"{before} more than {of}"
            value = f"vehicles with {what} {over} {effect}"
        case _:
            raise AssertionError("a scheme is checked: a measure has a bound of its own kind")
    return Fact(label="the limit of vehicles", value=value, sentence=f"{capital(value)}.")


def zone(terms: Zone) -> Fact:
    """When a permit is needed in it."""
    hours = [
        f"{weekdays(each.days)} {clock(each.begins)} to {until(each.ends)}" for each in terms.hours
    ]
    value = listed(hours) if hours else "at all times"
    started = f", since {day(terms.scheme_started)}" if terms.scheme_started else ""
    return Fact(label="when a permit is needed", value=value + started)


def hours(scheme: Scheme) -> tuple[str, ...]:
    """A sentence for the zones of each different hours."""
    alike: dict[str, list[str]] = {}
    for each in scheme.zones:
        alike.setdefault(zone(each).value, []).append(each.id)
    return tuple(
        f"{capital(zone_names(scheme, zones))}: a permit is needed {when}."
        for when, zones in alike.items()
    )


def concession(terms: Concession, scheme: Scheme) -> Fact:
    names = listed(_name(scheme, each) for each in terms.products)
    per = "each" if terms.per == "unit" else "in all"
    price = "free" if terms.pence == 0 else f"{money(terms.pence)} {per}"
    who = []
    if terms.min_age:
        who.append(f"aged {terms.min_age} or over")
    if terms.requires:
        who.append(f"with {listed(_benefit(each, terms) for each in terms.requires)}")
    value = f"{names}: {price} for residents {listed(who) or 'who ask'}"
    if terms.evidence:
        value += ", with evidence" + (" each time" if terms.each_claim else "")
    return Fact(label="the reduced price", value=value, sentence=f"{value}.")


def _benefit(name: str, terms: Concession) -> str:
    if name != "listed_benefit":
        return capital(spoken(name)).replace("tax", "Tax").replace("support", "Support")
    named = listed((spoken(each) for each in terms.benefits), "or")
    return f"a benefit on the council's list{f' ({named})' if named else ''}"


def order_group(terms: OrderGroup, scheme: Scheme) -> Fact:
    names = listed(_name(scheme, each) for each in terms.products)
    scope = "a day" if terms.scope == "day" else "in one order"
    value = f"at most {terms.max_units:,} {scope}, all of these together"
    if terms.multiple > 1:
        value += f", of each a multiple of {terms.multiple}"
    return Fact(label=f"{names}", value=value, sentence=f"{names}: {value}.")


def fair_use(terms: FairUse, scheme: Scheme) -> Fact:
    names = listed(_name(scheme, each) for each in terms.products)
    if not terms.flag_over:
        return Fact(label="fair use", value=f"{names}: nothing is looked at")
    value = f"{names}: over {terms.flag_over:,} {WINDOWS[terms.window]} the council takes a look"
    return Fact(label="fair use", value=value, sentence=f"{value}; nothing is refused for it.")


def grant(terms: GrantTerms, scheme: Scheme) -> Fact:
    what = "more units than the limit" if terms.adds_allowance else "a permit"
    if terms.vehicle_bound:
        what = (
            "a permit for one vehicle" if not terms.adds_allowance else f"{what}, for one vehicle"
        )
    value = f"{_name(scheme, terms.product)}: {what}, agreed by the {spoken(terms.approver_role)}"
    value += ", with a reason" if terms.reason_required else ""
    return Fact(label="the exception", value=value, sentence=f"{value}.")


def misuse(scheme: Scheme) -> Fact:
    terms = scheme.misuse
    if terms is None:
        return Fact(label="misuse", value="no procedure")
    seen = counted(terms.observations_per_day, "time")
    value = (
        f"a permit seen {seen} a day on more than {counted(terms.days_over, 'day')} is looked into"
        f" ({listed(terms.steps)})"
    )
    value += ", automatically" if terms.automatic else ", and people decide"
    return Fact(label="misuse", value=value, sentence=f"{capital(value)}.")


def enforcement(scheme: Scheme) -> Fact:
    terms = scheme.enforcement
    bays = listed((f"{spoken(each)} bays" for each in terms.bays), "and")
    suspended = "covered too" if terms.suspended_bays == "covered" else "not covered"
    value = f"cover holds in {bays or 'no bays'}; in suspended bays a vehicle is {suspended}"
    if terms.requires_display:
        value += "; paper must be displayed"
    said = ". ".join(capital(part) for part in value.split("; "))
    return Fact(label="bays", value=value, sentence=f"{said}.")


def support(scheme: Scheme) -> Fact:
    terms = scheme.support
    ways = [each for each in (terms.telephone, terms.email, terms.address) if each]
    value = ", ".join(ways) or "nothing given"
    return Fact(label="help", value=value, sentence=f"{value}." if ways else "")


def texting(scheme: Scheme) -> Fact:
    terms = scheme.texting
    by_text = any("text" in product.channels for product in scheme.products)
    to = terms.number or "the council's number"
    value = f"text {terms.keyword} and the registration mark to {to}"
    return Fact(label="by text", value=value, sentence=f"{capital(value)}." if by_text else "")


def _name(scheme: Scheme, product_id: str) -> str:
    found: Product | None = scheme.product(product_id)
    return found.name if found is not None else product_id
