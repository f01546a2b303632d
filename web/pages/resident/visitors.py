"""A resident's saved visitors: those whom they saved themselves, the preferred one first.

Source: STV-081, STV-088, STV-103, STV-122 to 126; X-001, X-022.
"""

from commands.change_visitor import ChangeVisitor
from commands.forget_visitor import ForgetVisitor
from commands.save_visitor import SaveVisitor
from ledger.refusals import NotFound
from web import reading
from web.asking import VisitorSeen
from web.pages.forms import Mistake, Mistakes
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.resident.booking_quote import call_of
from web.pages.sending import send


def saved(visit: Visit) -> list[VisitorSeen]:
    """Those whom this resident saved; never a flatmate's."""
    found = reading.household(call_of(visit)).visitors
    return sorted(found, key=lambda each: not each.preferred)


def shown(visit: Visit) -> View:
    """The list, and a form for one more."""
    return View(template="resident/visitors.html", values={"saved": saved(visit)}, back="")


def added(visit: Visit) -> Redirect:
    """Save one more. `to` is where it was asked from: a page of a visit."""
    mark, name = _entered(visit)
    send(
        visit,
        visit.household,
        SaveVisitor(vehicle=mark, name=name, preferred=visit.form.has("preferred")),
    )
    return Redirect(to="/visitors", notice=f"{name} is saved. Next time, one tap books them.")


def _entered(visit: Visit) -> tuple[str, str]:
    form = visit.form
    wrong = []
    if not form.get("name"):
        wrong.append(Mistake(field="name", text="Enter a name, such as Mum or Plumber"))
    if len(form.get("name")) > 100:
        wrong.append(Mistake(field="name", text="A name has at most 100 characters"))
    if not form.get("mark"):
        wrong.append(Mistake(field="mark", text="Enter the registration number of the vehicle"))
    if wrong:
        raise Mistakes(*wrong)
    return form.get("mark"), form.get("name")


def _one(visit: Visit) -> VisitorSeen:
    found = next((v for v in saved(visit) if v.visitor == visit.params["visitor"]), None)
    if found is None:
        raise NotFound("visitor")
    return found


def changing(visit: Visit) -> View:
    """One visitor, to be changed."""
    return View(template="resident/visitor.html", values={"visitor": _one(visit)}, back="/visitors")


def changed(visit: Visit) -> Redirect:
    """Change the mark, the name, or who is preferred. Visits that are booked stay as they are."""
    old = _one(visit)
    mark, name = _entered(visit)
    command = ChangeVisitor(
        vehicle=old.mark, to=mark, name=name, preferred=visit.form.has("preferred")
    )
    send(visit, visit.household, command)
    return Redirect(to="/visitors", notice=f"{name} is changed. Visits already booked are not.")


def forgotten(visit: Visit) -> Redirect:
    """Take a visitor off the list. Visits that are booked stay as they are."""
    old = _one(visit)
    send(visit, visit.household, ForgetVisitor(vehicle=old.mark))
    return Redirect(to="/visitors", notice=f"{old.name} is forgotten. Visits already booked stay.")


FIELDS = {"vehicle": "mark", "visitor": "name"}
PAGES = (
    get("/visitors", RESIDENT, shown),
    post("/visitors", RESIDENT, added, again=shown, fields=FIELDS),
    get("/visitors/{visitor}", RESIDENT, changing),
    post("/visitors/{visitor}", RESIDENT, changed, again=changing, fields=FIELDS),
    post("/visitors/{visitor}/forget", RESIDENT, forgotten, again=changing, fields=FIELDS),
)
LINKS = (
    Link(
        text="Visitors",
        path="/visitors",
        roles=RESIDENT,
        hint="Save those who come often, and book them with one tap.",
    ),
)
