"""Who looked up how many marks, hour by hour; who looked up one mark, and was shown what; and who
looked people up.

Source: threat model ("looks up an acquaintance"); promises P8, P9.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from ledger.refusals import Refused
from ledger.values import mark_refusal
from projections import enforcement, lookups
from replay.schemes.words import capital
from replay.wording import moment
from services import looking_up
from web.lookups import LONG_AGO
from web.pages.audit import period
from web.pages.audit.household import ROLES_SAID, asked_in
from web.pages.forms import Mistakes
from web.pages.framework import AUDITOR, Link, View, Visit, get, post

DAYS, DAYS_MAX, STANDS_OUT, LISTED_MAX = 7, 366, 60, 200


def report(visit: Visit) -> View:
    """Every officer's busiest hours of the days asked for, and each one's sum."""
    return _shown(visit, {})


def of_mark(visit: Visit) -> View:
    """The latest look-ups of one mark: asked by a form, so that no address holds a mark."""
    typed = visit.form.needed("mark", "Enter a registration number")
    refusal = mark_refusal(typed)
    if refusal is not None:
        raise Refused([refusal])
    council = visit.council
    until = visit.now + timedelta(seconds=1)
    with council.pool.connection() as connection:
        found = lookups.of_mark(
            connection, council.schema, typed, LONG_AGO, until, 0, LISTED_MAX + 1
        )
    rows = []
    for each in found[:LISTED_MAX]:
        answer = enforcement.of_bytes(each.answer)
        said = enforcement.word(answer.covered).capitalize()
        if answer.covered is False:
            said += f": {answer.reason.replace('_', ' ')}"
        rows.append([moment(each.asked_at, visit.tz), each.officer, each.device, each.zone, said])
    return _shown(visit, {"mark": typed, "of_mark": rows, "more": len(found) > LISTED_MAX})


def _shown(visit: Visit, told: dict[str, Any]) -> View:
    form = asked_in(visit) if visit.query else visit.form
    mistakes = visit.mistakes
    try:
        days = period.asked(visit, asked_in(visit), DAYS, DAYS_MAX)
    except Mistakes as error:
        days, mistakes = period.latest(visit, DAYS), error.mistakes
    with visit.council.pool.connection() as connection:
        hours = lookups.officers_hours(
            connection, visit.council.schema, days.since, days.until, STANDS_OUT
        )
        looks = looking_up.looks(
            connection, visit.council.schema, days.since, days.until, LISTED_MAX + 1
        )
    sums = Counter[str]()
    for each in hours:
        sums[each.officer] += each.lookups
    values = {
        "form": form,
        "mistakes": mistakes,
        "days": days,
        "stands_out": STANDS_OUT,
        "sums": [[capital(officer), f"{number:,}"] for officer, number in sums.most_common()],
        "hours": hours,
        "looks": looks[:LISTED_MAX],
        "more_looks": len(looks) > LISTED_MAX,
        "roles_said": ROLES_SAID,
        "mark": "",
        "of_mark": None,
        "more": False,
        "listed_max": LISTED_MAX,
        **told,
    }
    return View(template="audit/lookups.html", values=values, status=422 if mistakes else 200)


PAGES = (
    get("/audit/lookups", AUDITOR, report),
    post("/audit/lookups", AUDITOR, of_mark, again=report, fields={"vehicle": "mark"}),
)

LINKS = (
    Link(
        text="Look-ups",
        path="/audit/lookups",
        roles=AUDITOR,
        hint="How many marks each officer looked up, who looked up one, and who looked people up.",
    ),
)
