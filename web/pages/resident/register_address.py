"""A newcomer finds their property by its address: nobody knows its reference number by heart.

Only addresses are shown, which anybody can read in the street; nothing of who lives there.

Source: STV-001, HAN-001 (the address is given at registration).
"""

from datetime import timedelta
from uuid import UUID

from projections import search
from services.identity import limits
from services.identity.limits import TooMany
from web.pages.forms import Mistake
from web.pages.framework import View, Visit, get
from web.pages.resident.signing_in import soon

SHOWN_MAX = 20
"""So many can be read through; more are asked to be told apart."""
ASKED_AN_HOUR = 60
"""From one place."""


def asked(visit: Visit) -> View:
    """The question, and what it found. It is asked by looking: nothing is changed."""
    typed = visit.query.get("address", "").strip()[:100]
    found: list[tuple[str, str]] = []
    wrong, more = "", False
    if "address" in visit.query:
        if sum(map(str.isalnum, typed)) < search.LETTERS_MIN:
            wrong = "Enter the number and the street, or the postcode"
        else:
            try:
                found, more = _found(visit, typed)
            except TooMany as error:
                wrong = f"This was asked many times from where you are. Try again {soon(error)}"
    return View(
        template="resident/register-address.html",
        values={
            "typed": typed,
            "found": found,
            "more": more,
            "searched": bool(typed) and not wrong,
            "mistakes": (Mistake(field="address", text=wrong),) if wrong else (),
        },
        status=422 if wrong else 200,
        back="/register",
    )


def _found(visit: Visit, typed: str) -> tuple[list[tuple[str, str]], bool]:
    """(reference, address) of each property, and whether there are too many. Raises TooMany."""
    council = visit.council
    with council.pool.connection() as connection:
        limits.count(
            connection,
            council.schema,
            "address",
            visit.place,
            visit.now,
            timedelta(hours=1),
            ASKED_AN_HOUR,
        )
        known, more = search.find(connection, council.schema, typed, "address")
    if more or len(known) > SHOWN_MAX:
        return [], True
    homes = (council.ledger.household(UUID(each.household_id)).property for each in known)
    return [(home.property_ref, home.address) for home in homes if home is not None], False


PAGES = (get("/register/address", None, asked),)
