"""Where an auditor begins: a household by its reference, and the ways to the reports."""

from contextlib import suppress
from uuid import UUID

from web.pages.audit.household import asked_in
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import AUDITOR, Link, Redirect, View, Visit, get


def begun(visit: Visit) -> View | Redirect:
    """The form; or, where its address names a reference, the household's replay."""
    asked = visit.query.get("reference", "").strip()
    mistakes: tuple[Mistake, ...] = ()
    if "reference" in visit.query:
        try:
            return Redirect(to=f"/audit/households/{_found(visit, asked)}/replay")
        except Mistakes as error:
            mistakes = error.mistakes
    return View(
        template="audit/find.html",
        values={"form": asked_in(visit), "mistakes": mistakes, "asked": asked},
        status=422 if mistakes else 200,
    )


def _found(visit: Visit, asked: str) -> UUID:
    """By the property's reference as the council writes it, or by the household's own number."""
    if not asked:
        raise mistake("reference", "Enter a property reference")
    ledger = visit.council.ledger
    streams = [ledger.household_id(asked)]
    with suppress(ValueError):
        streams.append(UUID(asked))
    for stream in streams:
        if ledger.household(stream).property is not None:
            return stream
    raise mistake("reference", f"No property has the reference {asked}. Check how it is written")


PAGES = (get("/audit", AUDITOR, begun),)

LINKS = (
    Link(
        text="Replay a household",
        path="/audit",
        roles=AUDITOR,
        hint="See what was done, step by step, and what the household was after each step.",
    ),
)
