"""Booked visits: the list with its search and pages, and each one, to be changed or cancelled.

The list is told from the household's own facts: a visit that was booked a moment ago is in it, and
it holds what the same list over HTTP holds.

Source: STV-106 to 121, STV-090; X-005, X-011, X-012, X-043.
"""

from msgspec import Struct

from commands.amend_booking import AmendBooking
from commands.cancel_booking import CancelBooking
from ledger.calendar import add_months, local_date, start_of_day
from ledger.household.state import Booking
from ledger.refusals import NotFound
from ledger.rules import booking as rule
from ledger.scheme.products import Product
from ledger.values import parse_mark
from projections import enforcement
from projections.enforcement import Question
from replay.schemes.selling import zone_name
from replay.schemes.words import counted, noun
from replay.schemes.words import listed as listed_words
from web import words
from web.operations import set_instant
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.resident import visitors
from web.pages.resident.booking_quote import known_marks, near, warnings_of
from web.pages.resident.own import Own, own
from web.pages.sending import send

SEARCH_MAX = 64
_SEARCHED = {
    "location": "zone",
    "vrm": "registration number",
    "date": "date",
    "name": "name",
}


class Listed(Struct, frozen=True, kw_only=True):
    """A visit as it is listed. `changeable` until it begins, where the scheme lets it be."""

    booking: Booking
    product: Product
    state: str
    amendable: bool
    cancellable: bool

    @property
    def colour(self) -> str:
        return {"Now": "green", "Booked": "blue"}.get(self.state, "grey")

    @property
    def units(self) -> str:
        """What it took: `1 voucher`."""
        return counted(sum(each.units for each in self.booking.drawn), noun(self.product))


def visit_of(visit: Visit, mine: Own, booking: Booking) -> Listed:
    """One visit as it is now."""
    scheme = visit.council.editions.edition(booking.edition)
    product = scheme.product(booking.product)
    assert product is not None
    cover, at = booking.cover, mine.now
    open_still = not list(rule.change_refusals(booking, at))
    state = "Cancelled" if booking.cancelled_at else "Booked"
    if state == "Booked" and at >= cover.covers_from:
        state = "Now" if at < cover.covers_until else "Over"
    return Listed(
        booking=booking,
        product=product,
        state=state,
        amendable=open_still and "vehicle" in product.change.amend,
        cancellable=open_still and product.change.cancel,
    )


def own_bookings(mine: Own) -> list[Booking]:
    """The resident's own that are not cancelled, the latest start first."""
    me = mine.resident.resident_id
    found = [
        each
        for each in mine.household.bookings.values()
        if each.resident_id == me and each.cancelled_at is None
    ]
    return sorted(found, key=lambda b: (b.cover.covers_from, b.booked_at), reverse=True)


def listed(visit: Visit) -> View:
    """A page of the list, as the scheme's view has it."""
    mine = own(visit)
    view = mine.scheme.view
    months = _number(visit, "months", view.default_months, view.history_months)
    search = visit.query.get("search", "")[:SEARCH_MAX].strip()
    tz = mine.scheme.tz
    since = start_of_day(add_months(mine.today, -months, mine.scheme.calendar.missing_day), tz)
    found = [
        each
        for each in own_bookings(mine)
        if max(each.booked_at, each.cover.covers_from) >= since and matches(each, search, mine)
    ]
    pages = max(1, -(-len(found) // view.page_size))
    page = _number(visit, "page", 1, pages)
    shown = found[(page - 1) * view.page_size : page * view.page_size]
    return View(
        template="resident/visits.html",
        values={
            "visits": [visit_of(visit, mine, each) for each in shown],
            "total": len(found),
            "months": months,
            "month_choices": sorted({1, view.default_months, view.history_months}),
            "most": view.history_months,
            "search": search,
            "searched": listed_words((_SEARCHED[each] for each in view.search_fields), "or"),
            "page": page,
            "pages": pages,
        },
    )


def _number(visit: Visit, name: str, usual: int, most: int) -> int:
    """A whole number of the address, from 1; what is none is the usual one, too many the most."""
    text = visit.query.get(name, "")
    good = text.isascii() and text.isdigit() and 0 < len(text) <= 6
    return min(max(1, int(text)), most) if good else usual


def matches(booking: Booking, search: str, mine: Own) -> bool:
    """True where a field that the scheme searches holds the text, as in the list over HTTP."""
    if not search:
        return True
    cover = booking.cover
    on = local_date(cover.covers_from, mine.scheme.tz)
    zone = mine.scheme.zone(cover.zone)
    text, plain = search.lower(), "".join(search.split()).replace("-", "").upper()
    return any(
        {
            "location": text in cover.zone.lower() or (zone and text in zone.name.lower()),
            "vrm": plain in cover.shown,
            "date": text
            in f"{on:%d/%m/%Y %Y-%m-%d} {on.day} {on:%B %Y} {on.day} {on:%b %Y}".lower(),
            "name": text in booking.name.lower(),
        }[field]
        for field in mine.scheme.view.search_fields
    )


def _one(visit: Visit, mine: Own) -> Listed:
    """One of the resident's own. Raises NotFound, also for a flatmate's."""
    found = mine.household.bookings.get(visit.params["booking"])
    if found is None or found.resident_id != mine.resident.resident_id:
        raise NotFound("visit")
    return visit_of(visit, mine, found)


def shown(visit: Visit) -> View:
    """One visit, and what an officer sees of it now."""
    mine = own(visit)
    one = _one(visit, mine)
    cover = one.booking.cover
    mark = parse_mark(cover.shown)
    saved = visitors.saved(visit)
    known = {each.glyphs: each for each in known_marks(mine, saved)}
    named = known[mark.glyphs].name if mark and mark.glyphs in known else ""
    return View(
        template="resident/visit.html",
        values={
            "one": one,
            "cover": cover,
            "named": named or one.booking.name,
            "saveable": not named and one.state != "Cancelled",
            "zone": zone_name(mine.scheme, cover.zone),
            "officer": officer_sees(visit, one),
        },
        back="/visits",
    )


def officer_sees(visit: Visit, one: Listed) -> tuple[str, list[str]]:
    """The verdict and the sentences that an officer is shown now; nothing of it is recorded.

    What somebody else gave the vehicle is not told.
    """
    council, cover = visit.council, one.booking.cover
    now = set_instant(council)
    with council.pool.connection() as connection:
        question = Question(typed=cover.shown, zone=cover.zone, at=now, known_at=now)
        answer = enforcement.answer(connection, council.schema, visit.scheme, question)
    right = answer.right
    own = right is not None and right.holding == one.booking.holding_id
    if own or answer.covered is None:
        told = words.told(answer, visit.scheme)
        return told.verdict, told.sentences
    if answer.reason == "not_controlled":
        return "No permit is needed now", ["The zone is outside its hours."]
    if one.state == "Now":
        return "Covered", []
    return "Not covered", ["It has no visit of yours at this moment."]


def changing(visit: Visit) -> View:
    """The form for another vehicle."""
    mine = own(visit)
    one = _one(visit, mine)
    return View(
        template="resident/visit-change.html",
        values={"one": one, "cover": one.booking.cover, "doubts": _doubts(visit, mine)},
        back=f"/visits/{one.booking.booking_id}",
    )


def _doubts(visit: Visit, mine: Own) -> list[tuple[str, str]]:
    """Known marks one slip away from what was typed: value and words."""
    typed = visit.form.get("mark")
    found = near(typed, known_marks(mine, visitors.saved(visit))) if typed else []
    if not found:
        return []
    named = [(each.shown, f"{each.shown}{f', {each.name}' * bool(each.name)}") for each in found]
    return [*named, (typed, f"{typed.upper()}, as I typed it")]


def changed(visit: Visit) -> Redirect:
    """Cover another vehicle instead; what is doubtful is asked first."""
    mine = own(visit)
    one = _one(visit, mine)
    typed = visit.form.get("mark")
    if not typed:
        raise mistake("mark", "Enter the registration number of the vehicle")
    doubts = _doubts(visit, mine)
    meant = visit.form.get("meant")
    if doubts and meant not in [value for value, _ in doubts]:
        raise Mistakes(Mistake(field="meant", text=f"Did you mean {doubts[0][0]}?"))
    command = AmendBooking(booking=one.booking.booking_id, vehicle=meant if doubts else typed)
    answer = send(visit, visit.household, command)
    warnings = warnings_of(answer.values)
    said = f"Changed: the visit is now for {answer.values['vehicle']}."
    if warnings:
        said = f"{said} But: {'; '.join(warnings)}."
    return Redirect(
        to=f"/visits/{one.booking.booking_id}",
        notice=said,
        kind="important" if warnings else "success",
    )


def cancelling(visit: Visit) -> View:
    """Asks once more, and says what comes back."""
    mine = own(visit)
    one = _one(visit, mine)
    back = one.units if one.product.change.returns_unit else ""
    return View(
        template="resident/visit-cancel.html",
        values={"one": one, "cover": one.booking.cover, "returned": back},
        back=f"/visits/{one.booking.booking_id}",
    )


def cancelled(visit: Visit) -> Redirect:
    """Cancel it."""
    one = _one(visit, own(visit))
    answer = send(visit, visit.household, CancelBooking(booking=one.booking.booking_id))
    left = counted(int(str(answer.values["remaining"])), noun(one.product))
    back = f" {one.units} came back to you:" if one.product.change.returns_unit else ""
    said = f"The visit of {one.booking.cover.shown} is cancelled.{back} {left} left."
    return Redirect(to="/visits", notice=said)


def next_visits(visit: Visit, mine: Own, most: int) -> list[Listed]:
    """The visits of now and those that come next, the soonest first."""
    coming = [b for b in own_bookings(mine) if b.cover.covers_until > mine.now]
    soon = sorted(coming, key=lambda b: (b.cover.covers_from, b.booked_at))
    return [visit_of(visit, mine, each) for each in soon[:most]]


PAGES = (
    get("/visits", RESIDENT, listed),
    get("/visits/{booking}", RESIDENT, shown),
    get("/visits/{booking}/change", RESIDENT, changing),
    post(
        "/visits/{booking}/change",
        RESIDENT,
        changed,
        again=changing,
        fields={"vehicle": "mark", "booking.duplicate": "mark"},
    ),
    get("/visits/{booking}/cancel", RESIDENT, cancelling),
    post("/visits/{booking}/cancel", RESIDENT, cancelled, again=cancelling),
)

LINKS = (
    Link(
        text="Visits",
        path="/visits",
        roles=RESIDENT,
        hint="What you booked: look for one, change its vehicle, or cancel it.",
    ),
)
