"""Finding a household. What is typed goes in a form, never in an address, and is not kept."""

from typing import Final

from projections import search
from projections.search import KINDS, Found, KeyKind
from services import looking_up
from services.identity.limits import TooMany
from web.pages.forms import mistake
from web.pages.framework import STAFF, Answer, Link, Redirect, View, Visit, get, post

WORDS: Final[dict[KeyKind, str]] = {
    "address": "Address",
    "reference": "Property reference",
    "name": "Name",
    "email": "Email address",
    "phone": "Telephone number",
    "application": "Application number",
    "permit": "Permit number",
    "mark": "Registration number",
    "payment": "Payment reference",
    "serial": "Number on paper",
}
TYPED_MAX = 200


def asked(visit: Visit) -> View:
    """The form, and what was found last."""
    return _page((), more=False, searched=False)


def _page(found: tuple[Found, ...], *, more: bool, searched: bool) -> View:
    return View(
        template="counter/find.html",
        values={
            "kinds": [("", "Anything"), *((kind, WORDS[kind]) for kind in KINDS)],
            "words": WORDS,
            "found": found,
            "more": more,
            "searched": searched,
        },
        back="/staff/today",
    )


def looked(visit: Visit) -> Answer:
    """Look, and put it on record. The only household with the whole of a key is opened at once.

    What was found is the answer to the form itself: in an address it would be kept by the browser.
    """
    found, more = found_by(visit)
    said = surely(found)
    if said:
        return Redirect(to=f"/staff/households/{found[0].household_id}", notice=said)
    return _page(tuple(found), more=more, searched=True)


def found_by(visit: Visit, reason: str = "") -> tuple[list[Found], bool]:
    """The households that what was typed leads to, and whether there are more; it is on record.

    Raises Mistakes, also for who has looked up too many.
    """
    typed = visit.form.needed("typed", "Enter what you know")
    if len(typed) > TYPED_MAX:
        raise mistake("typed", f"Enter at most {TYPED_MAX} characters")
    chosen = visit.form.get("kind")
    kind = next((each for each in KINDS if each == chosen), None)
    if chosen and kind is None:
        raise mistake("kind", "Choose what it is")
    council = visit.council
    with council.pool.connection() as connection:
        found, more = search.find(connection, council.schema, typed, kind)
        kinds = sorted({match.kind for each in found for match in each.matches})
        try:
            looking_up.record(
                connection,
                council.schema,
                role=visit.by.role,
                name=visit.by.name,
                kind=kind or ", ".join(kinds) or "anything",
                found=len(found),
                at=visit.now,
                reason=reason,
            )
        except TooMany as error:
            raise mistake("typed", looking_up.TOLD) from error
    return found, more


def surely(found: list[Found]) -> str:
    """By what the only household was found, as a sentence; empty where more, or less, is known."""
    whole = {m.kind for each in found for m in each.matches} - set(search.IN_WORDS)
    if len(found) != 1 or not whole:
        return ""
    reason = " and ".join(WORDS[each].lower() for each in KINDS if each in whole)
    return f"This was found by its {reason}."


PAGES = (
    get("/staff/households", STAFF, asked),
    post("/staff/households", STAFF, looked, again=asked),
)

LINKS = (
    Link(
        text="Find a household",
        path="/staff/households",
        roles=STAFF,
        hint="By address, name, email, telephone, permit, registration number or payment.",
    ),
)
