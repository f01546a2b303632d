"""Notices as they are noted: the list, the form, and a notice's page with all that belongs to it.

Source: enforcement-and-evidence.md C.5, D5, E2, E8; SI 2022/71 regulation 5.
"""

import re
from datetime import date, datetime
from typing import Any, cast, get_args

from commands.cancel_notice import CancelNotice
from commands.note_notice import NoteNotice
from ledger.calendar import next_day, start_of_day
from projections import enforcement
from services import disputes
from services.disputes import NoticeTold
from web.pages.disputes.asking import number_of
from web.pages.disputes.fields import day_if_any, instant, of_query, place_named, places
from web.pages.disputes.who import DESK, READERS, about_notice, may_act
from web.pages.disputes.words import WITHDRAWN_WHY, case_told, services_named
from web.pages.forms import Form, Mistake, Mistakes, every, mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post

A_PAGE = 20
_LIST = "/disputes/notices"
_WHY = get_args(CancelNotice.__annotations__["reason_code"])
_CODE = re.compile(r"[0-9]{2}[a-z]{0,4}")
_RECEIPT = re.compile(r"[1-9][0-9]{0,17}")
_CONTRAVENTION = "Enter the contravention code, for example 12 or 12s"


def listed(visit: Visit) -> View | Redirect:
    """Notices by their numbers, a page at a time; a number leads to its notice."""
    form = of_query(visit.query)
    wrong: tuple[Mistake, ...] = ()
    since = until = None
    try:
        number = number_of(form.get("pcn"))
        if number:
            return Redirect(to=f"{_LIST}/{disputes.told(visit.council, number).notice.number}")
        since = _begin(visit, day_if_any(form, "since", "The first day"))
        last = day_if_any(form, "until", "The last day")
        until = _begin(visit, next_day(last) if last else None)
    except Mistakes as error:
        wrong = error.mistakes
    after = form.get("after")[:20]
    found = disputes.issued(visit.council, since, until, after, A_PAGE + 1)
    page = found[:A_PAGE]
    contradicted = form.has("contradicted")
    values: dict[str, Any] = {
        "form": form,
        "mistakes": wrong,
        "found": [each for each in page if each.contradicted or not contradicted],
        "following": page[-1].notice.number if len(found) > len(page) else "",
        "asked": {name: text for name, text in visit.query.items() if name != "after"},
        "filled": form,
        "may_act": may_act(visit),
    }
    return View(template="disputes/notices.html", values=values, status=422 if wrong else 200)


def _begin(visit: Visit, on: date | None) -> datetime | None:
    return None if on is None else start_of_day(on, visit.tz)


def noting(visit: Visit) -> View:
    """The form of a notice that another system issued."""
    values = {"places": places(visit.scheme)}
    return View(template="disputes/note.html", values=values, back=_LIST)


def note(visit: Visit) -> Redirect:
    """Note it; its page says at once what speaks against it."""
    form = visit.form
    wrong: list[Mistake] = []
    number, issued_at = "", None
    try:
        number = number_of(form.needed("pcn", "Enter the number of the notice"))
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if not form.get("mark"):
        wrong.append(Mistake(field="mark", text="Enter a registration number"))
    if form.get("zone") not in dict(places(visit.scheme)):
        wrong.append(Mistake(field="zone", text="Choose where it was issued"))
    try:
        issued_at = instant(form, "at", "of the notice", visit.tz)
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if not _CODE.fullmatch(form.get("contravention").lower()):
        wrong.append(Mistake(field="contravention", text=_CONTRAVENTION))
    if len(form.get("officer")) > 64:
        text = "The officer’s number must be at most 64 characters"
        wrong.append(Mistake(field="officer", text=text))
    receipt = form.get("receipt")
    if receipt and not _RECEIPT.fullmatch(receipt):
        wrong.append(Mistake(field="receipt", text="The receipt must be a number"))
    if wrong or issued_at is None:
        raise Mistakes(*wrong)
    command = NoteNotice(
        number=number,
        mark=form.get("mark")[:64],
        zone=form.get("zone"),
        issued_at=issued_at,
        contravention=form.get("contravention").lower(),
        officer=form.get("officer"),
        receipt=int(receipt) if receipt else None,
    )
    about_notice(visit, number, command, mark=command.mark)
    return Redirect(to=f"{_LIST}/{number}", notice=f"Notice {number} is noted.")


def notice(visit: Visit) -> View:
    """A notice with its check, its cases, and the outages around it."""
    told = disputes.told(visit.council, visit.params["number"])
    values = {
        "told": told,
        "place": place_named(visit.scheme, told.notice.zone),
        "shown": _shown(told),
        "cases": [case_told(each) for each in told.cases],
        "services_named": services_named,
        "withdrawn_why": WITHDRAWN_WHY.get(told.notice.cancelled_why, ""),
        "may_act": may_act(visit),
    }
    return View(template="disputes/notice.html", values=values, back=_LIST)


def _shown(told: NoticeTold) -> enforcement.CheckAnswer | None:
    return None if told.check is None else enforcement.of_bytes(told.check.answer)


def withdrawing(visit: Visit) -> View:
    """The form that withdraws a notice."""
    told = disputes.told(visit.council, visit.params["number"])
    values = {"told": told, "reasons": [(code, WITHDRAWN_WHY[code]) for code in _WHY]}
    back = f"{_LIST}/{told.notice.number}"
    return View(template="disputes/withdraw.html", values=values, back=back)


def withdraw(visit: Visit) -> Redirect:
    """Withdraw it, with the reason. Its open cases are over."""
    number = visit.params["number"]
    code, reason = every(
        lambda: visit.form.one_of("reason_code", _WHY, "Choose why it is withdrawn"),
        lambda: reason_of(visit.form, "Enter why the notice is withdrawn"),
    )
    about_notice(visit, number, CancelNotice(reason_code=cast(Any, code), reason=reason))
    return Redirect(to=f"{_LIST}/{number}", notice=f"Notice {number} is withdrawn.")


def reason_of(form: Form, text: str, name: str = "reason") -> str:
    """A reason in words. Raises Mistakes."""
    reason = form.needed(name, text)
    if len(reason) > 500:
        raise mistake(name, f"The reason must be at most 500 characters; it is {len(reason)}")
    return reason


PAGES = (
    get(_LIST, READERS, listed),
    get(f"{_LIST}/new", DESK, noting),
    post(
        f"{_LIST}/new",
        DESK,
        note,
        again=noting,
        fields={"vehicle": "mark", "notice.issued_in_future": "at-time", "notice.exists": "pcn"},
    ),
    get(_LIST + "/{number}", READERS, notice),
    get(_LIST + "/{number}/withdraw", DESK, withdrawing),
    post(
        _LIST + "/{number}/withdraw",
        DESK,
        withdraw,
        again=withdrawing,
        fields={"notice.reason_missing": "reason"},
    ),
)
LINKS = (
    Link(
        text="Notices",
        path=_LIST,
        roles=READERS,
        hint="Penalty charge notices, and what speaks against each.",
        bar=False,
    ),
)
