"""What is done with a case: decided, closed without a decision, appealed, found by the adjudicator.

Source: SI 2022/576 regulations 6 and 7.
"""

import re
from typing import Any, cast, get_args

from commands.close_case import CloseCase
from commands.decide_appeal import DecideAppeal
from commands.decide_case import DecideCase
from commands.record_appeal import RecordAppeal
from ledger.refusals import NotFound
from projections.cases import CaseSeen
from services import disputes
from services.disputes import NoticeTold
from web.pages.disputes.fields import day_if_any
from web.pages.disputes.notices import reason_of
from web.pages.disputes.who import DESK, about_notice
from web.pages.disputes.words import OUTCOMES, case_told
from web.pages.forms import Form, every, mistake
from web.pages.framework import Redirect, View, Visit, get, post

_CASE = "/disputes/notices/{number}/cases/{case}"
_CLOSED = get_args(CloseCase.__annotations__["reason"])
_FOUND = get_args(DecideAppeal.__annotations__["outcome"])
_REFERENCE = re.compile(r"[A-Za-z0-9/-]{1,40}")
_DATES = {
    "case.reason_missing": "reason",
    "case.dated_in_future": "on-day",
    "case.out_of_order": "on-day",
    "case.accepted_by_lateness": "outcome",
}


def deciding(visit: Visit) -> View:
    """The form of the council's decision."""
    return _form(visit, "decide", {})


def decided(visit: Visit) -> Redirect:
    """Accept it, and the notice is withdrawn; or reject it."""
    form = visit.form
    outcome, reason, decided_on, posted_on = every(
        lambda: form.one_of("outcome", ("accepted", "rejected"), "Choose accept or reject"),
        lambda: reason_of(form, "Enter why it is decided so"),
        lambda: day_if_any(form, "on", "The day of the decision"),
        lambda: day_if_any(form, "posted", "The day of posting"),
    )
    command = DecideCase(
        case=_found(visit)[1].case_id,
        outcome=cast(Any, outcome),
        reason=reason,
        decided_on=decided_on,
        posted_on=posted_on,
    )
    values = about_notice(visit, visit.params["number"], command).values
    said = "The case is rejected."
    if values["notice_cancelled"]:
        said = "The case is accepted, and the notice is withdrawn."
    return _done(visit, said)


def closing(visit: Visit) -> View:
    """The form that closes a case without a decision."""
    return _form(visit, "close", {"reasons": [(code, OUTCOMES[code]) for code in _CLOSED]})


def closed(visit: Visit) -> Redirect:
    """Close it, with the reason."""
    reason = visit.form.one_of("reason", _CLOSED, "Choose why the case is over")
    command = CloseCase(case=_found(visit)[1].case_id, reason=cast(Any, reason))
    about_notice(visit, visit.params["number"], command)
    return _done(visit, "The case is closed.")


def appealing(visit: Visit) -> View:
    """The form of an appeal to the adjudicator."""
    return _form(visit, "appeal", {})


def appealed(visit: Visit) -> Redirect:
    """Record it, in time or late."""
    form = visit.form
    reference, lodged_on = every(
        lambda: _reference(form), lambda: form.day("on", "The day of the appeal")
    )
    command = RecordAppeal(case=_found(visit)[1].case_id, reference=reference, lodged_on=lodged_on)
    in_time = about_notice(visit, visit.params["number"], command).values["in_time"]
    return _done(visit, f"The appeal is recorded. It came {'in time' if in_time else 'late'}.")


def _reference(form: Form) -> str:
    """The tribunal's own. Raises Mistakes."""
    typed = form.get("reference")
    if not _REFERENCE.fullmatch(typed):
        text = "Enter the tribunal’s reference: letters, digits, / and -, at most 40"
        raise mistake("reference", text)
    return typed


def finding(visit: Visit) -> View:
    """The form of what the adjudicator found."""
    found = [(code, OUTCOMES[f"appeal_{code}"]) for code in _FOUND]
    return _form(visit, "appeal-decision", {"outcomes": found})


def found(visit: Visit) -> Redirect:
    """Record it; an appeal that is allowed withdraws the notice."""
    form = visit.form
    outcome, decided_on = every(
        lambda: form.one_of("outcome", _FOUND, "Choose what the adjudicator found"),
        lambda: form.day("on", "The day of the adjudicator’s decision"),
    )
    command = DecideAppeal(
        case=_found(visit)[1].case_id, outcome=cast(Any, outcome), decided_on=decided_on
    )
    about_notice(visit, visit.params["number"], command)
    return _done(visit, "What the adjudicator found is recorded.")


def _form(visit: Visit, act: str, values: dict[str, Any]) -> View:
    told, seen = _found(visit)
    back = f"/disputes/notices/{told.notice.number}"
    return View(
        template=f"disputes/{act}.html",
        values={"told": told, "case": case_told(seen), "action": f"{_path(visit)}/{act}", **values},
        back=back,
    )


def _found(visit: Visit) -> tuple[NoticeTold, CaseSeen]:
    """The notice and its case. Raises NotFound."""
    told = disputes.told(visit.council, visit.params["number"])
    for each in told.cases:
        if each.case_id == visit.params["case"]:
            return told, each
    raise NotFound("case")


def _path(visit: Visit) -> str:
    return visit.at(f"/disputes/notices/{visit.params['number']}/cases/{visit.params['case']}")


def _done(visit: Visit, said: str) -> Redirect:
    return Redirect(to=f"/disputes/notices/{visit.params['number']}", notice=said)


PAGES = (
    get(_CASE + "/decide", DESK, deciding),
    post(_CASE + "/decide", DESK, decided, again=deciding, fields=_DATES),
    get(_CASE + "/close", DESK, closing),
    post(_CASE + "/close", DESK, closed, again=closing),
    get(_CASE + "/appeal", DESK, appealing),
    post(_CASE + "/appeal", DESK, appealed, again=appealing, fields=_DATES),
    get(_CASE + "/appeal-decision", DESK, finding),
    post(_CASE + "/appeal-decision", DESK, found, again=finding, fields=_DATES),
)
