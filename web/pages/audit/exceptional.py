"""What staff did that is worth a second look: what, by whom, with whom, how far back, and why.

Source: E10; promises section 4; issue "The pages", item 4.
"""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import islice

from msgspec import Struct

from commands.note_notice import NoteNotice
from commands.registry import tag_of
from replay.exceptions import Exceptional, exceptions
from replay.history import cell
from replay.schemes.words import capital, spoken
from replay.wording import counted, moment
from web.disputes import ABOUT_A_NOTICE
from web.pages.audit import period
from web.pages.audit.household import ROLES_SAID, asked_in
from web.pages.audit.period import Period
from web.pages.forms import Form, Mistakes
from web.pages.framework import AUDITOR, Download, Link, View, Visit, get

DAYS, DAYS_MAX, LISTED_MAX = 31, 3660, 500
KINDS = {
    "corrected": "Corrected afterwards",
    "granted": "Exception granted",
    "overridden": "Rule set aside",
    "refunded": "Money given back",
    "moved_out_before": "Moved out, dated back",
    "notice_withdrawn": "Notice withdrawn",
    "attempted": "Attempt that was refused",
}
WATCHED = {
    "correction.own_household": "in the household where they live",
    "correction.same_person": "to be their own second person",
}

OF_NOTICES = frozenset({tag_of(NoteNotice), *map(tag_of, ABOUT_A_NOTICE)})


class Row(Struct, frozen=True, kw_only=True):
    """One line of the report, in words. `step` is 0 for an attempt."""

    at: str
    what: str
    who: str
    second: str
    household: str
    step: int
    back: str
    why: str


def report(visit: Visit) -> View:
    """The report of the days asked for, of one kind of act or all."""
    form = asked_in(visit)
    chosen = form.get("kind") if form.get("kind") in KINDS else ""
    values = {"form": form, "mistakes": (), "kinds": [("", "Everything"), *KINDS.items()]}
    try:
        days = period.asked(visit, form, DAYS, DAYS_MAX)
    except Mistakes as error:
        days = period.latest(visit, DAYS)
        values["mistakes"] = error.mistakes
    found = list(islice(_found(visit, days, chosen), LISTED_MAX + 1))
    values |= {
        "days": days,
        "kind": chosen,
        "rows": [_row(visit, each) for each in found[:LISTED_MAX]],
        "more": len(found) > LISTED_MAX,
        "listed_max": LISTED_MAX,
    }
    status = 422 if values["mistakes"] else 200
    return View(template="audit/exceptions.html", values=values, status=status)


def _found(visit: Visit, days: Period, kind: str) -> Iterator[Exceptional]:
    every = exceptions(visit.council.ledger, days.since, days.until)
    return (each for each in every if kind in ("", each.kind))


def _row(visit: Visit, each: Exceptional) -> Row:
    # A notice is a stream of its own, and no household.
    of_notice = each.kind == "attempted" and each.reason in OF_NOTICES
    said = ", ".join(WATCHED.get(code, spoken(code)) for code in each.codes)
    why = f"Tried {said}: {spoken(each.reason)}" if each.codes else each.reason
    return Row(
        at=moment(each.at, visit.tz),
        what=KINDS[each.kind],
        who=f"{each.by} ({ROLES_SAID.get(each.role, each.role).lower()})",
        second=each.approver,
        household=each.household if each.kind != "notice_withdrawn" and not of_notice else "",
        step=each.version,
        back=_back(each.back_seconds),
        why=capital(why.replace("_", " ")),
    )


def _back(seconds: int) -> str:
    """`2 hours 20 minutes`; empty for what was not dated back."""
    length = timedelta(seconds=seconds)
    hours, minutes = divmod(length.seconds // 60, 60)
    parts = ((length.days, "day"), (hours, "hour"), (minutes, "minute"))
    told = [counted(number, unit) for number, unit in parts if number][:2]
    return " ".join(told) or ("less than a minute" if seconds else "")


def as_csv(visit: Visit) -> Download:
    """The same days and kind as a spreadsheet, every line of them. Raises Mistakes."""
    form: Form = asked_in(visit)
    days = period.asked(visit, form, DAYS, DAYS_MAX)
    return Download(
        content=_lines(_found(visit, days, form.get("kind"))),
        media_type="text/csv; charset=utf-8",
        file_name="exceptions.csv",
    )


def _lines(found: Iterator[Exceptional]) -> Iterator[bytes]:
    names = Exceptional.__struct_fields__
    yield _line(list(names))
    for each in found:
        yield _line([_cell(getattr(each, name)) for name in names])


def _cell(value: object) -> str | int:
    return cell(tuple(value) if isinstance(value, list) else value)  # type: ignore[arg-type]


def _line(cells: list[str] | list[str | int]) -> bytes:
    sheet = StringIO(newline="")
    csv.writer(sheet).writerow(cells)
    return sheet.getvalue().encode()


PAGES = (
    get("/audit/exceptions", AUDITOR, report),
    get("/audit/exceptions.csv", AUDITOR, as_csv),
)

LINKS = (
    Link(
        text="Exceptions",
        path="/audit/exceptions",
        roles=AUDITOR,
        hint="What staff did that is worth a second look: corrections, exceptions, refunds,"
        " attempts.",
    ),
)
