"""Everything that is held about a resident, to keep; and how they are reached.

Source: UK GDPR article 15 and 20; promise P8; HAN-031 (texts from a linked mobile).
"""

import csv
from io import StringIO
from typing import Any

import msgspec

from commands.link_mobile import LinkMobile
from replay.subject_access import Held, subject_access
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Download, Link, Redirect, View, Visit, get, post
from web.pages.resident.own import own
from web.pages.sending import send

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def offered(visit: Visit) -> View:
    """What there is to download, and in which form."""
    return View(template="resident/download.html", values={"home": own(visit).home})


def _held(visit: Visit) -> Held:
    mine = own(visit)
    return subject_access(visit.council, mine.home.property_ref, mine.resident.resident_id)


def as_json(visit: Visit) -> Download:
    """All of it, as JSON."""
    content = msgspec.json.format(msgspec.json.encode(_held(visit)))
    return Download(content=content, media_type="application/json", file_name="about-me.json")


def as_csv(visit: Visit) -> Download:
    """All of it as one sheet: part, number in it, what, value."""
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(("part", "number", "what", "value"))
    held = _held(visit)
    for heading, rows in held.sections():
        for number, row in enumerate(rows, 1):
            for name, value in row.items():
                writer.writerow((heading, number, name.replace("_", " "), _cell(value)))
    for what, count in held.left_out.items():
        writer.writerow(("Left out, because it is about others", 1, what, count))
    # With a mark of its encoding: spreadsheets take the file for another one without.
    return Download(
        content=sheet.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        file_name="about-me.csv",
    )


def _cell(value: Any) -> str:
    """A value as text; one that a spreadsheet would run as a formula is kept from it."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    text = text.strip('"') if not isinstance(value, str) else text
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def details(visit: Visit) -> View:
    """How the resident is reached, and what to do when they move."""
    mine = own(visit)
    return View(
        template="resident/details.html",
        values={
            "resident": mine.resident,
            "home": mine.home,
            "texting": mine.scheme.texting,
        },
    )


def mobile_linked(visit: Visit) -> Redirect:
    """Link a mobile: texts from it then speak for the resident."""
    typed = visit.form.get("mobile")
    if not typed:
        raise mistake("mobile", "Enter a mobile number, such as 07700 900982")
    send(visit, visit.household, LinkMobile(mobile=typed))
    return Redirect(to="/details", notice="Your mobile number is linked.")


PAGES = (
    get("/download", RESIDENT, offered),
    get("/download/json", RESIDENT, as_json),
    get("/download/csv", RESIDENT, as_csv),
    get("/details", RESIDENT, details),
    post("/details", RESIDENT, mobile_linked, again=details, fields={"message": "mobile"}),
)

LINKS = (
    Link(
        text="Your details",
        path="/details",
        roles=RESIDENT,
        hint="Your mobile number and email address, and what to do when you move.",
        bar=False,
    ),
    Link(
        text="Download everything",
        path="/download",
        roles=RESIDENT,
        hint="All that is held about you, to read or to keep.",
        bar=False,
    ),
)
