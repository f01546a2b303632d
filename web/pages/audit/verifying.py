"""Is the ledger whole? One button; how far it is; and the first thing that is wrong, and where.

Source: design section 6; promises P5, P7, P10; issue "The pages", item 4.
"""

from replay.schemes.words import spoken
from web.pages.framework import AUDITOR, Link, Redirect, View, Visit, get, post

LISTED_MAX = 20
CHECKED = (
    "Each household's steps are numbered 1, 2, 3 and so on, without a gap.",
    "No step was recorded before the one it follows.",
    "Each fact can be read, and is stored to the byte as this service writes it.",
    "Each answer that was given names the step it is stored with, and was given once.",
    "Every table that officers, residents and reports read is what the facts make.",
)


def shown(visit: Visit) -> View:
    """The button, the progress, or what came of it."""
    job = visit.site.background.job(visit.council, "verify")
    problems = job.result.get("problems", []) if job else []
    return View(
        template="audit/verify.html",
        values={
            "job": job,
            "checked": CHECKED,
            "problems": [_told(each) for each in problems[:LISTED_MAX]],
            "found": len(problems),
        },
    )


def _told(problem: dict[str, str | int]) -> dict[str, str | int]:
    return {**problem, "kind": spoken(str(problem["kind"]))}


def begun(visit: Visit) -> Redirect:
    """Begin it, unless it is under way."""
    new = visit.site.background.begin(visit.council, "verify", by=visit.by.name, at=visit.now)
    said = "" if new else "It is under way already."
    return Redirect(to="/audit/verify", notice=said, kind="important")


PAGES = (
    get("/audit/verify", AUDITOR, shown),
    post("/audit/verify", AUDITOR, begun, again=None),
)

LINKS = (
    Link(
        text="Verify",
        path="/audit/verify",
        roles=AUDITOR,
        hint="Check that nothing in the ledger was altered or lost.",
    ),
)
