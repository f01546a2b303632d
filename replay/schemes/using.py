"""How a product is used, changed and given back, in words.

Source: scheme TOML `products[]`: holding, use, clock, no_return, channels, change, refund,
replacement, concurrency, vehicles, display, notify, requires.
"""

from typing import Final

from ledger.scheme.measures import UseEnd
from ledger.scheme.products import ChannelTerms, Product
from ledger.scheme.schema import Scheme
from replay.schemes.selling import zone_names
from replay.schemes.words import (
    MIDNIGHT,
    NOON,
    Fact,
    clock,
    counted,
    listed,
    money,
    months,
    noun,
    spoken,
)

STARTS: Final = {
    "chosen": "its start",
    "scratched_time": "the time scratched on it",
    "start_of_day": "the start of its date",
    "clock": "the time the clock shows",
    "on_switch": "the switch to a vehicle",
    "on_display": "its display in the vehicle",
    "on_confirmation": "the confirmation",
    "holding_start": "its first day",
}
CHANNELS: Final = {
    "website": "on the website",
    "app": "in the app",
    "phone": "by phone",
    "text": "by text message",
    "post": "by post",
}
MARKS: Final = {
    "weekday": "the day of the week",
    "day": "the day",
    "date": "the date",
    "month": "the month",
    "time": "the time",
    "am_pm": "a.m. or p.m.",
    "vrm": "the registration mark",
    "address": "the address",
}
PLACES: Final = {
    "none": "",
    "windscreen": "in the windscreen",
    "windscreen_nearside": "on the nearside of the windscreen",
    "windscreen_or_side": "in the windscreen or a side window",
}
SUPPORT: Final = {"health_professional": "a health professional", "care_worker": "a care worker"}
NOTICES: Final = {
    "email": "an email",
    "email_opt_out": "(unless you turn it off) an email",
    "sms": "a text message",
    "none": "nothing",
}


def form(product: Product, scheme: Scheme) -> Fact:
    """What it is: paper or virtual, and what has to be there first."""
    value = f"{spoken(product.kind)}, {product.medium}"
    if product.medium == "paper":
        return Fact(label="the kind", value=value, sentence="It is on paper.")
    return Fact(
        label="the kind", value=value, sentence="It is virtual: there is nothing to display."
    )


def needs(product: Product, scheme: Scheme) -> Fact:
    wanted = []
    if product.requires_product is not None:
        other = scheme.product(product.requires_product)
        wanted.append(f"{other.name if other else product.requires_product} in force")
    if product.requires_support is not None:
        wanted.append(f"the support of {SUPPORT[product.requires_support]}")
    value = listed(wanted) if wanted else "nothing"
    return Fact(
        label="what you need first",
        value=value,
        sentence=f"You first need: {value}." if wanted else "",
    )


def zones(product: Product, scheme: Scheme) -> Fact:
    """Where it is offered: the zones named, or all but those excluded."""
    offered = [zone.id for zone in scheme.zones if product.offered_in(zone.id)]
    if not product.zones_only and not product.zones_excluded:
        return Fact(label="where", value="every zone")
    value = zone_names(scheme, offered or product.zones_only)
    return Fact(label="where", value=value, sentence=f"It is for addresses in {value}.")


def term(product: Product, scheme: Scheme) -> Fact:
    """How long what was bought lasts."""
    holding = product.holding
    value = months(holding.months_min, holding.months_max)
    if holding.months is None and holding.months_min != holding.months_max:
        value += ", as you choose,"
    starts = {"purchase": "the day you pay", "issue": "the day it is issued"}.get(holding.starts)
    if starts is None:
        starts = "the day you choose" if holding.postpone else "the day you apply"
    value += f" from {starts}"
    if holding.round == "month_end":
        value += ", to the end of that month"
    if not holding.ends_on_move:
        value += "; it goes on when you move out"
    ends = " It ends when you move out." if holding.ends_on_move else ""
    return Fact(label="how long it lasts", value=value, sentence=f"It lasts {value}.{ends}")


def one_use(product: Product, scheme: Scheme) -> Fact:
    """What one use covers; for a clock permit, the limit of one stay."""
    value = _use(product)
    details = []
    if product.use.units_per_vehicle > 1:
        details.append(f"it takes {counted(product.use.units_per_vehicle, noun(product))}")
    if product.use.tail_past_expiry:
        details.append("only its date has to be before the last day is over")
    if product.use.measure == "wall":
        details.append("counted in clock time when the clocks change")
    if product.use.duplicate == "warn":
        details.append("a vehicle may have two at once, with a warning")
    if product.use.backdate:
        details.append("its start may lie in the past")
    value = "; ".join([value, *details])
    if product.use.start == "clock":
        return Fact(
            label="the limit of one stay", value=value, sentence=f"One stay is at most {value}."
        )
    thing = f"One {noun(product)}" if product.draws_units else f"The {noun(product)}"
    return Fact(
        label=f"what one {noun(product)} covers",
        value=value,
        sentence=f"{thing} covers a vehicle {_lead(product)}{value}.",
    )


def _lead(product: Product) -> str:
    by_hours = product.use.end.kind in ("hours", "days")
    on_date = product.use.start == "start_of_day" and not by_hours
    return "for " if by_hours else "on " if on_date else ""


def _use(product: Product) -> str:
    use, end = product.use, product.use.end
    begins = STARTS[use.start]
    match end.kind:
        case "hours" if use.start == "clock":
            return counted(end.hours, "hour")
        case "hours":
            return f"{counted(end.hours, 'hour')} from {begins}"
        case "days":
            return f"{counted(end.days, 'day')} from {begins}, that day counted"
        case "end_of_day" if use.start == "start_of_day":
            return "its date, to 23:59"
        case "end_of_day":
            return f"from {begins} to 23:59 the same day"
        case "next_day" if use.start == "start_of_day":
            return f"its date and until {_next(end)}"
        case "next_day":
            return f"from {begins} until {_next(end)}"
        case "until_switched":
            return "from the moment you make it the active one until you switch to another"
        case "holding_end":
            return f"from {begins} until the {noun(product)} ends"


def _next(end: UseEnd) -> str:
    assert end.until_time is not None
    if end.until_time == MIDNIGHT:
        return "the end of the day"
    return f"{clock(end.until_time)} the next {'morning' if end.until_time < NOON else 'day'}"


def parking_clock(product: Product, scheme: Scheme) -> Fact:
    rule = product.clock
    if rule is None or product.use.start != "clock":
        return Fact(label="the parking clock", value="none")
    counts = "only hours of control count" if rule.counts == "controlled" else "every hour counts"
    value = f"set on arrival, rounded up to {counted(rule.step_min, 'minute')}; {counts}"
    return Fact(
        label="the parking clock",
        value=value,
        sentence=(
            f"The parking clock is {value}. Who arrives outside the hours of control sets it to"
            " when they begin. A clock that was set on again is not valid."
        ),
    )


def no_return(product: Product, scheme: Scheme) -> Fact:
    rule = product.no_return
    if rule is None:
        return Fact(label="how long a vehicle stays away", value="not at all")
    value = f"{counted(rule.hours, 'hour')} after it left"
    if not rule.other_products_exempt:
        value += ", whatever else it is covered by"
    return Fact(
        label="how long a vehicle stays away",
        value=value,
        sentence=f"The same vehicle may not come back to the zone within {value}.",
    )


def channels(product: Product, scheme: Scheme) -> Fact:
    """How far ahead each way of booking goes, or how paper is ordered."""
    if not product.draws_units or product.medium == "paper":
        ways = listed((CHANNELS[name] for name in product.channels), "or")
        return Fact(label="how to get it", value=ways, sentence=f"You apply {ways}.")
    by_terms: dict[str, list[str]] = {}
    for name, terms in product.channels.items():
        by_terms.setdefault(_ahead(terms), []).append(CHANNELS[name])
    said = [f"{listed(names, 'or')} {words}" for words, names in by_terms.items()]
    value = "; ".join(said)
    return Fact(label="how far ahead you book", value=value, sentence=f"You book {value}.")


def _ahead(terms: ChannelTerms) -> str:
    if not terms.future:
        words = "for now only" if terms.immediate else "nothing ahead and nothing at once"
    elif terms.max_days is None:
        words = "for now or any day ahead" if terms.immediate else "for any time ahead"
    else:
        most = counted(terms.max_days, "day")
        words = f"for now or up to {most} ahead" if terms.immediate else f"up to {most} ahead"
    return f"{words}, from the confirmation on" if terms.effective == "on_confirmation" else words


def change(product: Product, scheme: Scheme) -> Fact:
    """What may be changed or cancelled of a visit."""
    terms = product.change
    can = [
        words
        for words, true in (
            ("change its vehicle", "vehicle" in terms.amend),
            ("cancel it", terms.cancel),
        )
        if true
    ]
    if not can:
        return Fact(
            label="changing or cancelling",
            value="not possible",
            sentence="A use cannot be changed or cancelled." if product.draws_units else "",
        )
    value = listed(can, "or") + (" before its start" if terms.deadline == "before_start" else "")
    if terms.cancel and product.draws_units:
        back = "comes back" if terms.returns_unit else "does not come back"
        value += f"; a cancelled {noun(product)} {back}"
    return Fact(label="changing or cancelling", value=value, sentence=f"You can {value}.")


def refund(product: Product, scheme: Scheme) -> Fact:
    terms = product.refund
    parts = []
    if terms.money:
        parts.append("money is given back for what is unused")
    if terms.replaces_unused:
        parts.append("what is unused is exchanged for new")
    value = listed(parts) if parts else "no money is given back"
    return Fact(label="refunds", value=value, sentence=f"Refunds: {value}.")


def replacement(product: Product, scheme: Scheme) -> Fact:
    terms = product.replacement
    if not terms.allowed:
        silent = product.medium != "paper"
        return Fact(
            label="if it is lost",
            value="no duplicate",
            sentence="" if silent else "No duplicate is made of lost or stolen paper.",
        )
    fee = "free" if terms.fee_pence == 0 else f"for {money(terms.fee_pence)}"
    if terms.fee_placeholder:
        fee += " (a sample amount: the council's own is not known)"
    void = "; the original is then void" if terms.voids_original else ""
    value = f"a duplicate, {fee}{void}"
    return Fact(label="if it is lost", value=value, sentence=f"If it is lost or stolen: {value}.")


def vehicles(product: Product, scheme: Scheme) -> Fact:
    terms = product.vehicles
    match terms.binding:
        case "at_use":
            value = "any visitor's vehicle, named when it is used"
        case "at_purchase":
            value = "the vehicles named when you apply"
            if terms.listed_max == 1:
                value = "the one vehicle named when you apply"
            elif terms.listed_max:
                value += f", at most {terms.listed_max}"
        case "listed":
            most = "any number of vehicles"
            if terms.listed_max:
                most = f"up to {counted(terms.listed_max, 'vehicle')}"
            active = "one is active" if terms.active_max == 1 else f"{terms.active_max} are active"
            value = f"{most} on its list, of which {active} at a time"
            if terms.first_auto:
                value += "; the first one listed is active at once"
            value += {
                "reject": "; the active one cannot be taken off",
                "promote_next": "; when the active one is taken off the next becomes active",
                "none": "; when the active one is taken off none is active",
            }[terms.on_remove_active]
    if not terms.foreign:
        value += "; no foreign marks"
    if terms.excludes_own:
        value += "; not for your own vehicle"
    return Fact(label="which vehicles", value=value, sentence=f"It is for {value}.")


def at_once(product: Product, scheme: Scheme) -> Fact:
    """How many uses run at one time."""
    uses = product.concurrency.uses
    value = f"{counted(uses, 'vehicle')} at a time" if uses else "as many as you hold"
    sentence = "" if not product.draws_units else f"At the same time you can use {value}."
    if product.draws_units and uses == 0:
        sentence = "You can use as many at the same time as you hold."
    return Fact(label="uses at the same time", value=value, sentence=sentence)


def display(product: Product, scheme: Scheme) -> Fact:
    terms = product.display
    parts = []
    if terms.marks:
        parts.append(f"mark {listed(MARKS[mark] for mark in terms.marks)} on it")
    place = PLACES[terms.permit_place] or PLACES[terms.place]
    if place:
        parts.append(f"display it {place}")
    if terms.with_clock:
        where = PLACES[terms.clock_place]
        parts.append("display the parking clock with it" + (f" {where}" if where else ""))
    value = listed(parts) if parts else "nothing to display"
    prints = f" The council prints {listed(terms.prints)} on it." if terms.prints else ""
    return Fact(
        label="display", value=value, sentence=f"You {value}.{prints}" if parts else prints.strip()
    )


def notices(product: Product, scheme: Scheme) -> Fact:
    issued, booked = NOTICES[product.notify.issued], NOTICES[product.notify.booked]
    value = f"{issued} when it is issued, {booked} when you book"
    said = []
    if product.notify.issued != "none":
        said.append(f"{issued} when it is issued")
    if product.notify.booked != "none":
        said.append(f"{booked} when you book")
    return Fact(
        label="what you are sent", value=value, sentence=f"You get {listed(said)}." if said else ""
    )
