"""Booking: a saved visitor with one tap; or any vehicles, now or later, checked before a unit is
spent.

What is entered is kept for its resident alone until it is confirmed: no address ever holds a mark.

Source: STV-079 to 104, STV-117, HAN-020 to 030; X-001, X-020, X-040.
"""

from datetime import datetime, timedelta

from ledger.events import Answer, VoucherBooked
from ledger.refusals import NotFound, Refused
from replay.schemes.words import counted, noun
from replay.wording import day, listing
from services import drafts
from web.pages.forms import Form, Mistake, Mistakes, mistake
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.rendering import until_words
from web.pages.resident import booking_form, vehicles, vehicles_paper, visitors
from web.pages.resident.booking_form import Wanted
from web.pages.resident.booking_quote import (
    Known,
    bookable,
    known_marks,
    near,
    quoted,
    warnings_of,
)
from web.pages.resident.own import Own, own
from web.pages.sending import send

KEPT_AS = "booking/visit"
"""The name under which what was entered is kept: no product is called so."""


def asked(visit: Visit) -> View:
    """The visitors to book with one tap, and the form for any others."""
    mine = own(visit)
    choices = bookable(visit, mine)
    saved = visitors.saved(visit)
    terms = [each.terms for each in choices]
    ahead = [each.max_days for each in terms if each.future]
    return View(
        template="resident/book.html",
        values={
            "choices": choices,
            "saved": saved,
            "marks": booking_form.MARKS,
            "one_tap": len(choices) == 1 and choices[0].terms.immediate,
            "now_allowed": any(each.immediate for each in terms),
            "later_allowed": bool(ahead),
            "instead": _instead(visit, mine) if not choices else "",
            "last_day": _last_day(mine, ahead),
            "texting": mine.scheme.texting,
        },
        back="",
    )


def _instead(visit: Visit, mine: Own) -> str:
    """What covers a visitor where nothing is booked: the path of its page, empty for nothing."""
    if vehicles.listings(visit, mine):
        return "/vehicles"
    if vehicles_paper.cards_held(visit, mine):
        return "/cards"
    return "/stays" if vehicles_paper.clock_permits(visit, mine) else ""


def _last_day(mine: Own, ahead: list[int | None]) -> str:
    """How far ahead, where the scheme limits it: `3 December 2026`."""
    limits = [each for each in ahead if each is not None]
    if not limits or len(limits) < len(ahead):
        return ""
    return day(mine.today + timedelta(days=max(limits)))


def one_tapped(visit: Visit) -> Redirect:
    """Book one saved visitor, from now."""
    visitor = next((v for v in visitors.saved(visit) if v.visitor == visit.form.get("id")), None)
    if visitor is None:
        raise NotFound("visitor")
    choices = bookable(visit, own(visit))
    if len(choices) > 1:
        raise mistake("", "You have more than one kind of voucher: choose which to book on")
    wanted = Wanted(saved=(visitor,), typed=(), start="now", product="", name="")
    return _told(visit, send(visit, visit.household, wanted.command(())))


def entered(visit: Visit) -> Redirect:
    """Keep what was entered, and go on to checking it."""
    mine = own(visit)
    wanted = _read(visit, mine, visit.form)
    quoted(visit, mine, wanted.command(wanted.typed))
    with visit.council.pool.connection() as connection:
        drafts.save(
            connection,
            visit.council.schema,
            household=visit.household,
            resident=mine.resident.resident_id,
            product=KEPT_AS,
            answers=booking_form.answers(visit.form),
            at=visit.now,
        )
    return Redirect(to="/book/check")


def _read(visit: Visit, mine: Own, form: Form) -> Wanted:
    choices = bookable(visit, mine)
    if not choices:
        raise mistake("", "There is nothing left to book on: buy more first")
    return booking_form.read(form, choices, visitors.saved(visit), mine.today)


def checked(visit: Visit) -> View | Redirect:
    """What it would cost, when it ends, and what is doubtful; before anything is spent."""
    mine = own(visit)
    # The form that is sent holds what was shown: no other tab has changed it.
    form = visit.form if visit.mistakes else _kept(visit, mine)
    try:
        wanted = _read(visit, mine, form)
        doubts = _doubts(visit, mine, wanted)
        events, values = quoted(visit, mine, wanted.command(_meant(form, wanted, doubts)))
    except (Mistakes, Refused):
        if visit.mistakes:
            return View(template="resident/book-again.html", back="/book")
        said = "Choose again: something has changed, or nothing was chosen yet."
        return Redirect(to="/book", notice=said, kind="important")
    booked = [each for each in events if isinstance(each, VoucherBooked)]
    first = booked[0].covers[0]
    product = mine.scheme.product(booked[0].product)
    assert product is not None
    units = sum(e.units + sum(other.units for other in e.others) for e in booked)
    names = {each.mark: each.name for each in wanted.saved}
    return View(
        template="resident/book-check.html",
        values={
            "vehicles": [
                (each.covers[0].shown, names.get(each.covers[0].shown, "")) for each in booked
            ],
            "product": product,
            "cost": counted(units, noun(product)),
            "left": counted(int(str(values["remaining"])), noun(product)),
            "pence": sum(each.pence for each in booked),
            "now_chosen": wanted.start == "now",
            "begins": first.covers_from,
            "ends": first.covers_until,
            "doubts": doubts,
            "warnings": warnings_of(values),
            "answers": booking_form.answers(form),
            "emailed": product.notify.booked == "email_opt_out",
            "not_booked": [f"{e.typed}: {e.detail}" for e in booked[0].not_booked],
        },
        back="/book",
    )


def _kept(visit: Visit, mine: Own) -> Form:
    with visit.council.pool.connection() as connection:
        found = drafts.find(connection, visit.council.schema, mine.resident.resident_id, KEPT_AS)
    return Form(fields=found.answers if found else {})


def _doubts(visit: Visit, mine: Own, wanted: Wanted) -> list[tuple[str, str, list[Known]]]:
    """(field, mark as typed, known marks that are one slip away) for each doubtful one."""
    known = known_marks(mine, visitors.saved(visit))
    found = ((f"meant{n}", typed, near(typed, known)) for n, typed in enumerate(wanted.typed, 1))
    return [each for each in found if each[2]]


def _meant(
    form: Form, wanted: Wanted, doubts: list[tuple[str, str, list[Known]]]
) -> tuple[str, ...]:
    """The typed marks, each as it was said to be meant."""
    instead = {
        typed: chosen
        for field, typed, known in doubts
        if (chosen := form.get(field)) in [each.shown for each in known]
    }
    return tuple(instead.get(typed, typed) for typed in wanted.typed)


def booked(visit: Visit) -> Redirect:
    """Book them. What was doubtful has to be decided first."""
    mine = own(visit)
    wanted = _read(visit, mine, visit.form)
    doubts = _doubts(visit, mine, wanted)
    open_still = [
        Mistake(field=field, text=f"Choose which is right: {typed.upper()} or {known[0].shown}")
        for field, typed, known in doubts
        if not visit.form.get(field)
    ]
    if open_still:
        raise Mistakes(*open_still)
    command = wanted.command(
        _meant(visit.form, wanted, doubts), email=visit.form.get("email") != "no"
    )
    answer = send(visit, visit.household, command)
    with visit.council.pool.connection() as connection:
        drafts.forget(connection, visit.council.schema, mine.resident.resident_id, KEPT_AS)
    return _told(visit, answer)


def _told(visit: Visit, answer: Answer) -> Redirect:
    """On to the visit, or to the list where there are several."""
    values = answer.values
    bookings = values["bookings"]
    assert isinstance(bookings, list)
    booked = [own(visit).household.bookings[each] for each in bookings]
    marks = listing([each.cover.shown for each in booked])
    ends = until_words(datetime.fromisoformat(str(values["until"])), visit.tz)
    product = visit.council.editions.edition(booked[0].edition).product(booked[0].product)
    assert product is not None
    left = counted(int(str(values["remaining"])), noun(product))
    said = f"Booked: {marks}, until {ends}. {left} left."
    missed = values.get("not_booked")
    doubtful = [*(missed if isinstance(missed, list) else []), *warnings_of(values)]
    if doubtful:
        said = f"{said} But: {'; '.join(doubtful)}."
    to = f"/visits/{bookings[0]}" if len(bookings) == 1 else "/visits"
    return Redirect(to=to, notice=said, kind="important" if doubtful else "success")


FIELDS = {
    "vehicle": "mark1",
    "booking.duplicate": "mark1",
    "booking.start_in_past": "start-day",
    "booking.too_far_ahead": "start-day",
    "booking.no_such_time": "time",
    "booking.outside_holding": "start-day",
    "booking.not_immediate": "when",
    "booking.product_unclear": "product",
}

PAGES = (
    get("/book", RESIDENT, asked),
    post("/book", RESIDENT, entered, again=asked, fields=FIELDS),
    post("/book/now", RESIDENT, one_tapped, again=asked),
    get("/book/check", RESIDENT, checked),
    post("/book/check", RESIDENT, booked, again=checked),
)

LINKS = (
    Link(
        text="Book a visit",
        path="/book",
        roles=RESIDENT,
        hint="For somebody who is here now, or who comes later.",
    ),
)
