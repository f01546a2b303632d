"""Cases by what is due: the list, overdue first, and the form that opens one.

Source: SI 2022/576 regulations 5 to 7, in ledger/rules/dispute_clocks.py.
"""

import re
from typing import Any, Literal, cast, get_args

from commands.open_case import OpenCase
from ledger.events import CaseKind
from ledger.rules.dispute_clocks import POSTED_WORKING_DAYS, clocks_of
from projections import cases
from projections.cases import Which
from services import disputes
from web.pages.disputes.fields import of_query
from web.pages.disputes.who import DESK, READERS, about_notice, may_act
from web.pages.disputes.words import KINDS, country_named, overdue_first
from web.pages.forms import Mistake, Mistakes
from web.pages.framework import Link, Redirect, View, Visit, get, post

WHICH: dict[Which, str] = {
    "open": "Every case that is not over",
    "overdue": "Overdue",
    "due": "Due within 14 days",
    "every": "Every case, those that are over too",
}
CLOCKED: dict[Literal["", "decision", "appeal"], str] = {
    "": "Either",
    "decision": "We are to decide",
    "appeal": "An appeal may still come",
}
_REFERENCE = re.compile(r"[A-Za-z0-9/-]{1,40}")
_NOTICE = "/disputes/notices/{number}"


def listed_cases(visit: Visit) -> View:
    """The cases that are asked for; what no list offers is every one that is not over."""
    asked = of_query(visit.query)
    which = cast(Which, asked.get("which") if asked.get("which") in WHICH else "open")
    clock = asked.get("clock") if asked.get("clock") in CLOCKED else ""
    with visit.council.pool.connection() as connection:
        found = cases.listed(
            connection, visit.council.schema, today=visit.today, which=which, clock=clock
        )
    values: dict[str, Any] = {
        "found": overdue_first(found),
        "which": which,
        "clock": clock,
        "whiches": list(WHICH.items()),
        "clockeds": list(CLOCKED.items()),
        "clocks": clocks_of(visit.scheme.country),
        "country": country_named(visit.scheme.country),
        "posted_working_days": POSTED_WORKING_DAYS,
        "may_act": may_act(visit),
    }
    return View(template="disputes/cases.html", values=values, back="/disputes")


def opening(visit: Visit) -> View:
    """The form that opens a case about a notice."""
    told = disputes.told(visit.council, visit.params["number"])
    values = {
        "told": told,
        "clocks": clocks_of(visit.scheme.country),
        "country": country_named(visit.scheme.country),
    }
    back = f"/disputes/notices/{told.notice.number}"
    return View(template="disputes/open-case.html", values=values, back=back)


def opened(visit: Visit) -> Redirect:
    """Open it; the page of its notice shows the clock that runs."""
    form = visit.form
    wrong: list[Mistake] = []
    days = {}
    for field, what, needed in (
        ("received", "The day it was received", True),
        ("served", "The day of service", False),
    ):
        if not needed and not any(form.get(f"{field}-{p}") for p in ("day", "month", "year")):
            continue
        try:
            days[field] = form.day(field, what)
        except Mistakes as error:
            wrong.extend(error.mistakes)
    if not _REFERENCE.fullmatch(form.get("reference")):
        text = "Enter the reference of the letter: letters, digits, / and -, at most 40"
        wrong.insert(0, Mistake(field="reference", text=text))
    if form.get("kind") not in KINDS:
        wrong.insert(0, Mistake(field="kind", text="Choose what was received"))
    if "served" in days and form.get("sent") not in ("served", "posted"):
        wrong.append(Mistake(field="sent", text="Choose how the notice to owner was served"))
    if wrong:
        raise Mistakes(*wrong)
    posted = form.get("sent") == "posted"
    number = visit.params["number"]
    command = OpenCase(
        kind=cast(CaseKind, form.one_of("kind", get_args(CaseKind), "Choose what was received")),
        reference=form.get("reference"),
        received_on=days["received"],
        served_on=None if posted else days.get("served"),
        posted_on=days.get("served") if posted else None,
    )
    about_notice(visit, number, command)
    return Redirect(to=f"/disputes/notices/{number}", notice="The case is open.")


PAGES = (
    get("/disputes/cases", READERS, listed_cases),
    get(_NOTICE + "/case", DESK, opening),
    post(
        _NOTICE + "/case",
        DESK,
        opened,
        again=opening,
        fields={
            "case.law_elsewhere": "kind",
            "case.service_missing": "served-day",
            "case.dated_in_future": "received-day",
            "case.before_notice": "received-day",
            "case.open_already": "kind",
        },
    ),
)
LINKS = (
    Link(
        text="Cases",
        path="/disputes/cases",
        roles=READERS,
        hint="Disputes of notices, by the day on which each is due.",
        bar=False,
    ),
)
