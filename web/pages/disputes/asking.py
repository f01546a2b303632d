"""The desk: a mark, a place and a time, and at once all that the ledger can say to them.

The answer is made to the form itself: its mark is to be in no address. A notice that is noted has
an address of its own, by its number. That somebody asked is kept.

Source: issue "Replay", items 2 to 4; enforcement-and-evidence.md C.5, E2.
"""

import re
from typing import Any

from ledger.refusals import NotFound
from projections import cases
from projections import notices as noted
from projections.notices import NoticeSeen
from replay import wording
from replay.evidence import layout
from replay.evidence.asked import Case
from web.pages.disputes import looks
from web.pages.disputes.answering import Answered, answered
from web.pages.disputes.fields import instant, places
from web.pages.disputes.who import READERS, may_act, refuse_own
from web.pages.disputes.words import is_overdue
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post

DUE_DAYS = 14
_SEPARATORS = re.compile(r"[ /-]")
_PCN = re.compile(r"[A-Z0-9]{4,20}")


def desk(visit: Visit) -> View:
    """The question, and how many cases are due."""
    with visit.council.pool.connection() as connection:
        found = cases.listed(connection, visit.council.schema, today=visit.today, which="open")
    ours = [each for each in found if each.clock == "decision" and each.days_left is not None]
    values = {
        "places": places(visit.scheme),
        "overdue": sum(is_overdue(each) for each in ours),
        "due": sum(0 <= (each.days_left or 0) <= DUE_DAYS for each in ours),
    }
    return View(template="disputes/desk.html", values=values)


def asked(visit: Visit) -> View | Redirect:
    """The answer; a number alone leads to its notice."""
    form = visit.form
    pcn = number_of(form.get("pcn"))
    if pcn and not form.get("mark"):
        return Redirect(to=f"/disputes/notices/{_typed(visit, pcn).number}/answer")
    at, wrong = None, []
    if not form.get("mark"):
        wrong.append(Mistake(field="mark", text="Enter a registration number"))
    try:
        at = instant(form, "at", "of the notice", visit.tz)
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if at is None or wrong:
        raise Mistakes(*wrong)
    case = Case(
        typed=form.get("mark"),
        at=at,
        zone=form.get("zone"),
        pcn=pcn,
        household_id=_household(visit, form.get("property")),
    )
    refuse_own(visit, case.typed, "ask_about_notice")
    return shown(visit, answered(visit, case), "/disputes")


def of_notice(visit: Visit) -> View:
    """The same answer to a notice that is noted."""
    notice = _known(visit, visit.params["number"])
    refuse_own(visit, notice.mark, "ask_about_notice")
    zones = {zone.id for zone in visit.council.scheme_at(notice.issued_at).zones}
    case = Case(
        typed=notice.mark,
        at=notice.issued_at,
        zone=notice.zone if notice.zone in zones else "",
        pcn=notice.number,
    )
    return shown(visit, answered(visit, case), f"/disputes/notices/{notice.number}")


def shown(visit: Visit, found: Answered, back: str) -> View:
    """The page of an answer. It is noted who looked."""
    looks.keep(visit, found.pack, "disputed mark")
    tz = visit.tz
    values: dict[str, Any] = {
        "found": found,
        "pack": found.pack,
        "may_act": may_act(visit),
        # The sentences of a pack say 14:05: so does all of its page.
        "when": lambda at: wording.moment(at, tz),
        "hour": lambda at: wording.clock(at, tz),
        "short": lambda at: layout.short(at, tz),
        "dated": lambda at: layout.dated(at, tz),
    }
    return View(template="disputes/answer.html", values=values, back=back)


def number_of(typed: str) -> str:
    """A notice's number without spaces and hyphens; empty for none. Raises Mistakes."""
    number = _SEPARATORS.sub("", typed).upper()
    if number and not _PCN.fullmatch(number):
        raise mistake("pcn", "The notice number must be 4 to 20 letters and digits")
    return number


def _household(visit: Visit, property_ref: str) -> str:
    """The household at an address; empty where none is named. Raises Mistakes."""
    if not property_ref:
        return ""
    stream = visit.council.ledger.household_id(property_ref)
    if visit.council.ledger.household(stream).property is None:
        raise mistake("property", "No address of that reference is listed")
    return str(stream)


def _typed(visit: Visit, number: str) -> NoticeSeen:
    """The notice whose number was typed. Raises Mistakes."""
    try:
        return _known(visit, number)
    except NotFound as error:
        text = "No notice of that number is noted. Enter the registration number, date and time"
        raise mistake("pcn", text) from error


def _known(visit: Visit, number: str) -> NoticeSeen:
    """Raises NotFound."""
    with visit.council.pool.connection() as connection:
        found = noted.notice(connection, visit.council.schema, number)
    if found is None:
        raise NotFound("notice")
    return found


PAGES = (
    get("/disputes", READERS, desk),
    post("/disputes", READERS, asked, again=desk, fields={"vehicle": "mark"}),
    get("/disputes/notices/{number}/answer", READERS, of_notice),
)
LINKS = (
    Link(
        text="Disputes",
        path="/disputes",
        roles=READERS,
        hint="Was a vehicle covered when a notice was issued? See what was known and shown.",
    ),
)
