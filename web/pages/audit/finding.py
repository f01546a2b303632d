"""Where an auditor begins: a household by whatever is known of it, and why it is looked at.

What was typed goes in a form, never in an address, and is not kept; the reason is.

Source: promises section 4 (insider: looks up an acquaintance); issue "The pages", item 4.
"""

from contextlib import suppress
from uuid import UUID

from projections.search import KINDS, Found
from services import looking_up
from services.identity.limits import TooMany
from web.pages.audit.household import asked_in
from web.pages.counter.finding import WORDS, found_by, surely
from web.pages.forms import Form, Mistake, Mistakes, mistake
from web.pages.framework import AUDITOR, Answer, Link, Redirect, View, Visit, get, post

REASON_MAX = 200


def begun(visit: Visit) -> View:
    """The form. An address that names a reference has it filled in."""
    asked = visit.query.get("reference", "")
    form = Form(fields={"typed": [asked], "kind": ["reference"]}) if asked else asked_in(visit)
    return _page(visit.form if visit.form.fields else form, (), more=False, searched=False)


def _page(form: Form, found: tuple[Found, ...], *, more: bool, searched: bool) -> View:
    return View(
        template="audit/find.html",
        values={
            "form": form,
            "kinds": [("", "Anything"), *((kind, WORDS[kind]) for kind in KINDS)],
            "words": WORDS,
            "found": found,
            "more": more,
            "searched": searched,
        },
    )


def looked(visit: Visit) -> Answer:
    """Look, and put it on record with the reason. The only household that is sure is opened."""
    wrong: list[Mistake] = []
    if not visit.form.get("typed"):
        wrong.append(Mistake(field="typed", text="Enter what you know"))
    reason = visit.form.get("reason")
    if not reason:
        wrong.append(Mistake(field="reason", text="Enter why you look"))
    if len(reason) > REASON_MAX:
        text = f"The reason must be at most {REASON_MAX} characters; it is {len(reason)}"
        wrong.append(Mistake(field="reason", text=text))
    if wrong:
        raise Mistakes(*wrong)
    named = _named(visit)
    if named is not None:
        _keep(visit, named, reason)
        return _opened(str(named), "")
    found, more = found_by(visit, reason)
    said = surely(found)
    if said:
        return _opened(found[0].household_id, said)
    return _page(visit.form, tuple(found), more=more, searched=True)


def _opened(household: str, said: str) -> Redirect:
    return Redirect(to=f"/audit/households/{household}/replay", notice=said)


def _named(visit: Visit) -> UUID | None:
    """The household whose reference, or whose own number, was typed: the ledger itself knows it."""
    if visit.form.get("kind") not in ("", "reference"):
        return None
    typed, ledger = visit.form.get("typed"), visit.council.ledger
    streams = [ledger.household_id(typed)]
    with suppress(ValueError):
        streams.append(UUID(typed))
    return next((s for s in streams if ledger.household(s).property is not None), None)


def _keep(visit: Visit, household: UUID, reason: str) -> None:
    with visit.council.pool.connection() as connection:
        try:
            looking_up.record(
                connection,
                visit.council.schema,
                role=visit.by.role,
                name=visit.by.name,
                kind="reference",
                found=1,
                at=visit.now,
                household=household,
                reason=reason,
            )
        except TooMany as error:
            raise mistake("typed", looking_up.TOLD) from error


PAGES = (
    get("/audit", AUDITOR, begun),
    post("/audit", AUDITOR, looked, again=begun),
)

LINKS = (
    Link(
        text="Replay a household",
        path="/audit",
        roles=AUDITOR,
        hint="Find one by address, name, mark or number, and see what was done, step by step.",
    ),
)
