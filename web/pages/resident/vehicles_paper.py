"""Paper: a card is dated for a vehicle, and a stay on a clock permit begins and ends.

Source: NOR-060 to 075, NOR-085 to 087, NOR-143 to 165, RBW-025 to 032; X-064 to X-074.
"""

from datetime import date, datetime

from msgspec import Struct

from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.use_card import UseCard
from ledger.household.state import Holding, Stay
from ledger.refusals import NotFound, Refused
from ledger.rules import cards, stays
from ledger.scheme.products import Product
from ledger.values import parse_mark
from replay.schemes.words import counted
from replay.wording import moment as moment_words
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.rendering import until_words
from web.pages.resident.booking_form import clock_time
from web.pages.resident.booking_quote import product_of, warnings_of
from web.pages.resident.own import Own, own
from web.pages.sending import send


class Cards(Struct, frozen=True, kw_only=True):
    """Cards of one product, and how many are left. `timed`: a time is scratched on them too."""

    product: Product
    units_left: int
    timed: bool


class Staying(Struct, frozen=True, kw_only=True):
    """A stay that runs, and its vehicle's mark."""

    stay: Stay
    shown: str


def cards_held(visit: Visit, mine: Own) -> list[Cards]:
    """The cards of the household that are left and not over."""
    found: dict[str, Cards] = {}
    for holding in cards.held(mine.household, lambda h: product_of(visit, h)):
        product = product_of(visit, holding)
        assert product is not None
        left = mine.household.units_left(product.id, mine.now)
        if left and product.id not in found:
            found[product.id] = Cards(product=product, units_left=left, timed=cards.timed(product))
    return list(found.values())


def clock_permits(visit: Visit, mine: Own) -> list[tuple[Holding, Product]]:
    """The clock permits in force now, the resident's own."""
    return [
        (holding, product)
        for holding in mine.household.holdings.values()
        if (product := product_of(visit, holding)) is not None
        and product.use.start == "clock"
        and holding.in_force(mine.now)
        and holding.resident_id == mine.resident.resident_id
    ]


def running(mine: Own) -> list[Staying]:
    """The resident's own stays that run now."""
    me = mine.resident.resident_id
    return [
        Staying(stay=each, shown=each.cover.shown)
        for each in stays.running(mine.household, mine.now)
        if each.resident_id == me
    ]


def cards_shown(visit: Visit) -> View:
    """The form to note a card's date."""
    held = cards_held(visit, own(visit))
    return View(
        template="resident/cards.html",
        values={"held": held, "timed": any(each.timed for each in held)},
    )


def card_used(visit: Visit) -> Redirect:
    """Note that a card was dated for a vehicle."""
    mine, form = own(visit), visit.form
    held = cards_held(visit, mine)
    product = form.get("product") if len(held) > 1 else (held[0].product.id if held else "")
    chosen = next((each for each in held if each.product.id == product), None)
    if chosen is None:
        raise mistake("product", "Choose which card")
    mark = form.needed("mark", "Enter the registration number of the vehicle")
    on, at = _written(visit, chosen)
    answer = send(visit, visit.household, UseCard(vehicle=mark, product=product, on=on, time=at))
    until = until_words(_instant(answer.values["until"]), visit.tz)
    said = f"Noted: {mark.upper()} is covered until {until}. {answer.values['remaining']} left."
    warnings = warnings_of(answer.values)
    if warnings:
        said = f"{said} But: {'; '.join(warnings)}."
    return Redirect(to="/cards", notice=said, kind="important" if warnings else "success")


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _written(visit: Visit, chosen: Cards) -> tuple[date | None, str]:
    """The date on the card, and its time where it has one; today and now unless another is said."""
    form = visit.form
    if form.get("when") != "other":
        return None, ""
    on = form.day("on", "The date on the card")
    if not chosen.timed:
        return on, ""
    at = clock_time(form.get("time"))
    if at is None:
        raise mistake("time", "Enter the time on the card, such as 2:30pm or 14:30")
    return None, f"{datetime.combine(on, at):%Y-%m-%d %H:%M}"


def stays_shown(visit: Visit) -> View:
    """The stays that run, and the form to begin one."""
    mine = own(visit)
    return View(
        template="resident/stays.html",
        values={"permits": clock_permits(visit, mine), "running": running(mine)},
    )


def stay_began(visit: Visit) -> Redirect:
    """Begin a stay on a clock permit, from now."""
    mine = own(visit)
    permits = {holding.holding_id for holding, _ in clock_permits(visit, mine)}
    named = visit.form.get("holding") or (next(iter(permits)) if len(permits) == 1 else "")
    if named not in permits:
        raise mistake("holding", "Choose which permit")
    mark = visit.form.needed("mark", "Enter the registration number of the vehicle")
    try:
        answer = send(visit, visit.household, BeginStay(vehicle=mark, holding=named))
    except Refused as refused:
        if "permit.no_return" in refused.codes:
            raise mistake("mark", _may_return(visit, mine, named, mark)) from refused
        raise
    until = until_words(_instant(answer.values["until"]), visit.tz)
    said = f"Set the clock to {answer.values['clock']}. {mark.upper()} is covered until {until}."
    return Redirect(to="/stays", notice=said)


def _may_return(visit: Visit, mine: Own, holding_id: str, mark: str) -> str:
    """What is not allowed yet, and from when it is."""
    holding = mine.household.holdings[holding_id]
    product = product_of(visit, holding)
    parsed = parse_mark(mark)
    assert product is not None
    assert product.no_return is not None
    assert parsed is not None
    left = max(stays.departures(mine.household, product, parsed.glyphs, holding.zone))
    again = stays.may_return_at(left, product.no_return)
    hours = counted(product.no_return.hours, "hour")
    return (
        f"{parsed.shown} may not come back within {hours} of leaving:"
        f" it may from {moment_words(again, visit.tz)}"
    )


def stay_ended(visit: Visit) -> Redirect:
    """The vehicle has left."""
    wanted = visit.form.get("stay")
    found = next((each for each in running(own(visit)) if each.stay.stay_id == wanted), None)
    if found is None:
        raise NotFound("stay")
    send(visit, visit.household, EndStay(vehicle=found.shown, zone=found.stay.zone))
    return Redirect(to="/stays", notice=f"The stay of {found.shown} is over.")


PAGES = (
    get("/cards", RESIDENT, cards_shown),
    post(
        "/cards",
        RESIDENT,
        card_used,
        again=cards_shown,
        fields={
            "vehicle": "mark",
            "card": "on-day",
            "booking.start_in_past": "on-day",
            "booking.duplicate": "mark",
        },
    ),
    get("/stays", RESIDENT, stays_shown),
    post("/stays", RESIDENT, stay_began, again=stays_shown, fields={"vehicle": "mark"}),
    post("/stays/end", RESIDENT, stay_ended, again=stays_shown),
)
