"""The register of outages: declare, end, withdraw; and the notices that one touches, also as CSV.

Source: enforcement-and-evidence.md D6, E16.
"""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any, cast, get_args

from commands.correct_outage import CorrectOutage
from commands.declare_outage import DeclareOutage
from commands.withdraw_outage import WithdrawOutage
from ledger.events import Service
from ledger.refusals import NotFound
from ledger.values import FOREVER
from projections import incidents
from projections.incidents import NoticeTouched, OutageSeen
from services import disputes
from services.disputes import OutageTold
from web.disputes import MARGIN_MINUTES
from web.pages.disputes.fields import instant, instant_if_any, place_named
from web.pages.disputes.notices import reason_of
from web.pages.disputes.who import DESK, READERS, about_outages, may_act
from web.pages.disputes.words import FOUND_HOW, SERVICES, services_named
from web.pages.forms import Mistake, Mistakes, every
from web.pages.framework import Download, Link, Redirect, View, Visit, get, post

_LIST = "/disputes/outages"
_ONE = _LIST + "/{outage}"
MARGINS = (0, 15, 30, MARGIN_MINUTES, 120, 240)
_FIELDS = {
    "outage.in_future": "begin-time",
    "outage.ends_before_it_begins": "end-time",
    "outage.reason_missing": "reason",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def listed_outages(visit: Visit) -> View:
    """The register as it is known now, the latest first."""
    with visit.council.pool.connection() as connection:
        found = incidents.outages(
            connection, visit.council.schema, since=disputes.LONG_AGO, until=FOREVER
        )
    found.reverse()
    values = {"found": found, "services_named": services_named, "may_act": may_act(visit)}
    return View(template="disputes/outages.html", values=values, back="/disputes")


def declaring(visit: Visit) -> View:
    """The form that declares an outage."""
    values = {"services": list(SERVICES.items()), "found_how": list(FOUND_HOW.items())}
    return View(template="disputes/declare.html", values=values, back=_LIST)


def declared(visit: Visit) -> Redirect:
    """Declare it: going on, or over already."""
    form = visit.form
    wrong: list[Mistake] = []
    services = [each for each in form.all("services") if each in SERVICES]
    begin = end = None
    if not services:
        wrong.append(Mistake(field="services", text="Choose what failed"))
    try:
        begin = instant(form, "begin", "when it began", visit.tz)
    except Mistakes as error:
        wrong.extend(error.mistakes)
    try:
        end = instant_if_any(form, "end", "when it ended", visit.tz)
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if form.get("found_how") not in FOUND_HOW:
        wrong.append(Mistake(field="found_how", text="Choose how it was found"))
    try:
        reason = reason_of(form, "Enter what happened")
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if wrong or begin is None:
        raise Mistakes(*wrong)
    command = DeclareOutage(
        services=tuple(each for each in get_args(Service) if each in services),
        failed_from=begin,
        failed_until=end,
        found_how=cast(Any, form.get("found_how")),
        reason=reason,
    )
    outage = about_outages(visit, command).values["outage"]
    return Redirect(to=f"{_LIST}/{outage}", notice="The outage is declared.")


def outage(visit: Visit) -> View:
    """Which notices were issued while it lasted, or soon after?"""
    told = _touched(visit)
    values = {
        "told": told,
        "services_named": services_named,
        "found_how": FOUND_HOW,
        "margins": [(str(each), _minutes(each)) for each in MARGINS],
        "place": lambda zone: place_named(visit.scheme, zone),
        "may_act": may_act(visit),
    }
    return View(template="disputes/outage.html", values=values, back=_LIST)


def as_csv(visit: Visit) -> Download:
    """The same table, times local with their offset."""
    told = _touched(visit)
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(
        ("notice", "mark", "zone", "issued_at", "withdrawn", "booked_at", "refused_attempts")
    )
    writer.writerows([_cell(each) for each in _row(visit, one)] for one in told.notices)
    return Download(
        content=sheet.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        file_name=f"notices-in-outage-{told.outage.failed_from:%Y%m%dT%H%M%SZ}.csv",
    )


def ending(visit: Visit) -> View:
    """The form that ends an outage."""
    values = {"outage": _known(visit), "services_named": services_named}
    return View(template="disputes/end.html", values=values, back=_path(visit))


def ended(visit: Visit) -> Redirect:
    """End it: all else that is known of it stays."""
    known = _known(visit)
    failed_until, why = every(
        lambda: instant(visit.form, "end", "when it ended", visit.tz),
        lambda: reason_of(visit.form, "Enter how it is known that it is over", "why"),
    )
    command = CorrectOutage(
        outage=known.outage_id,
        services=tuple(known.services),
        failed_from=known.failed_from,
        failed_until=failed_until,
        found_how=cast(Any, known.found_how),
        reason=known.reason,
        why=why,
    )
    about_outages(visit, command)
    return Redirect(to=_path(visit), notice="The end of the outage is recorded.")


def taking_back(visit: Visit) -> View:
    """The form that says there was no such outage."""
    values = {"outage": _known(visit), "services_named": services_named}
    return View(template="disputes/withdraw-outage.html", values=values, back=_path(visit))


def taken_back(visit: Visit) -> Redirect:
    """There was none; what was known before is kept."""
    why = reason_of(visit.form, "Enter why there was no outage", "why")
    about_outages(visit, WithdrawOutage(outage=_known(visit).outage_id, why=why))
    return Redirect(to=_LIST, notice="The outage is withdrawn.")


def _touched(visit: Visit) -> OutageTold:
    """Raises NotFound."""
    asked = visit.query.get("margin", "")
    margin = int(asked) if asked in map(str, MARGINS) else MARGIN_MINUTES
    return disputes.touched(visit.council, visit.params["outage"], timedelta(minutes=margin))


def _known(visit: Visit) -> OutageSeen:
    """Raises NotFound."""
    with visit.council.pool.connection() as connection:
        found = incidents.outages(
            connection,
            visit.council.schema,
            since=disputes.LONG_AGO,
            until=FOREVER,
            outage_id=visit.params["outage"],
        )
    if not found:
        raise NotFound("outage")
    return found[0]


def _row(visit: Visit, each: NoticeTouched) -> tuple[str, ...]:
    tried = "; ".join(
        f"{one.attempted_at.astimezone(visit.tz).isoformat()} {one.command}: {' '.join(one.codes)}"
        for one in each.attempts
    )
    booked = each.booked_at
    return (
        each.number,
        each.mark,
        each.zone,
        each.issued_at.astimezone(visit.tz).isoformat(),
        "yes" if each.cancelled else "no",
        booked.astimezone(visit.tz).isoformat() if booked else "",
        tried,
    )


def _cell(text: str) -> str:
    """A text that a spreadsheet would run as a formula is kept from it by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _minutes(number: int) -> str:
    if number == 0:
        return "Only until it ended"
    return f"{number} minutes after it" if number < 120 else f"{number // 60} hours after it"


def _path(visit: Visit) -> str:
    return f"{_LIST}/{visit.params['outage']}"


PAGES = (
    get(_LIST, READERS, listed_outages),
    get(_LIST + "/new", DESK, declaring),
    post(_LIST + "/new", DESK, declared, again=declaring, fields=_FIELDS),
    get(_ONE, READERS, outage),
    get(_ONE + "/notices.csv", READERS, as_csv),
    get(_ONE + "/end", DESK, ending),
    post(
        _ONE + "/end",
        DESK,
        ended,
        again=ending,
        fields={**_FIELDS, "outage.in_future": "end-time", "outage.reason_missing": "why"},
    ),
    get(_ONE + "/withdraw", DESK, taking_back),
    post(_ONE + "/withdraw", DESK, taken_back, again=taking_back, fields={"outage": "why"}),
)
LINKS = (
    Link(
        text="Outages",
        path=_LIST,
        roles=READERS,
        hint="When bookings and other services failed, and the notices issued meanwhile.",
        bar=False,
    ),
)
