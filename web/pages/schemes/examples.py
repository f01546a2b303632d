"""A scheme's worked examples: their steps in words, run on demand, and what came of each.

They run in a database that is made for it and dropped, in a process of its own.
"""

from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.refusals import NotFound
from ledger.scheme.loading import built_in
from replay.schemes import shipped
from replay.schemes.words import capital, spoken
from web.pages.framework import EDITOR, Redirect, View, Visit, get, post
from web.pages.schemes.choosing import READERS, chosen, label


class Told(Struct, frozen=True, kw_only=True):
    """An example in words: each step, and what is expected of it."""

    id: str
    title: str
    sets: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]


@cache
def examples_of(scheme_id: str) -> tuple[Told, ...]:
    """Every example of a scheme. Its files come with the program, and are read once."""
    return tuple(
        Told(
            id=each.id,
            title=capital(each.title),
            sets=tuple(_changed(path, value) for path, value in each.set.items()),
            steps=tuple(
                (
                    capital(shipped.in_words(step, each.zone)),
                    capital(shipped.expected(step, each.zone)),
                )
                for step in each.steps
            ),
        )
        for each in shipped.examples(scheme_id, _zone_of)
    )


def _changed(path: str, value: object) -> str:
    """`Visitors permit, allowance, max: 2`."""
    words = ", ".join(spoken(part) for part in path.removeprefix("products.").split("."))
    return f"{capital(words)}: {str(value).lower() if isinstance(value, bool) else value}"


def _zone_of(scheme_id: str, values: Mapping[str, object]) -> ZoneInfo:
    """The scheme's own: to tell an example, what it changes need not be read."""
    try:
        return built_in().scheme(scheme_id).tz
    except NotFound as error:
        raise LookupError(scheme_id) from error


def shown(visit: Visit) -> View:
    """The examples of the scheme of the edition that the address names."""
    scheme = chosen(visit, visit.query.get("name", ""))
    job = visit.site.background.job(visit.council, "examples")
    mine = job if job is not None and job.about == scheme.id else None
    results = {each["id"]: each for each in mine.result.get("results", [])} if mine else {}
    return View(
        template="schemes/examples.html",
        back="/schemes",
        values={
            "scheme": scheme,
            "label": label(scheme),
            "examples": examples_of(scheme.id),
            "job": mine,
            "busy": job is not None and job.state == "running",
            "results": results,
            "passed": sum(each["ok"] for each in results.values()),
            "may_run": visit.by.role in EDITOR,
        },
    )


def run(visit: Visit) -> Redirect:
    """Run every one of them. Raises NotFound."""
    scheme = chosen(visit, visit.form.get("name"))
    new = visit.site.background.begin(
        visit.council,
        "examples",
        by=visit.by.name,
        at=visit.now,
        about=scheme.id,
        asked=(scheme.id,),
    )
    said = "" if new else "Examples are being run already. Wait until they are done."
    to = f"/schemes/examples?name={scheme.edition}"
    return Redirect(to=to, notice=said, kind="important")


PAGES = (
    get("/schemes/examples", READERS, shown),
    post("/schemes/examples", EDITOR, run, again=None),
)
