"""What a colleague proposed: confirmed by a second person who is signed in, declined, withdrawn.

Source: G-031; X-079, X-080, X-102; promises section 4 (insider: clerk).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from commands.correct_cover import CorrectCover
from commands.grant_allowance import GrantAllowance
from commands.override_eligibility import OverrideEligibility
from ledger.household.state import Household
from ledger.refusals import NotFound
from projections import search
from replay.schemes.words import counted, spoken
from services import proposals
from services.proposals import Proposal
from web.pages.counter.case import OWN, person
from web.pages.counter.seconded import CODES
from web.pages.forms import mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post, roles
from web.pages.rendering import moment_words, until_words
from web.problems import Wrong

SECOND = roles("staff", "approver")
LISTED = 100
STATES = {
    "waiting": ("Waiting", "yellow"),
    "confirmed": ("Confirmed", "green"),
    "declined": ("Declined", "red"),
    "withdrawn": ("Withdrawn", "grey"),
    "expired": ("Expired", "grey"),
}


def listed(visit: Visit) -> View:
    """What waits, and what became of the others."""
    council = visit.council
    with council.pool.connection() as connection:
        found = proposals.listed(connection, council.schema, visit.now, LISTED)
        ids = [each.household_id for each in found]
        addresses = search.addresses_of(connection, council.schema, ids)
    return View(
        template="counter/proposals.html",
        values={
            "proposals": [
                {
                    "it": each,
                    "what": _what(each),
                    "state": STATES[each.state_at(visit.now)],
                    "address": addresses.get(each.household_id, ""),
                    "path": visit.at(f"/staff/proposals/{each.proposal_id}"),
                }
                for each in found
                if each.household_id != visit.by.own_household
            ]
        },
        back="/staff/today",
    )


def _what(proposal: Proposal) -> str:
    match proposal.wants:
        case CorrectCover():
            return "Correct what was recorded"
        case GrantAllowance():
            return "Agree to an exception"
        case OverrideEligibility():
            return "Make an address eligible"


def _opened(visit: Visit) -> Proposal:
    with visit.council.pool.connection() as connection:
        return proposals.find(connection, visit.council.schema, visit.params["proposal"])


def shown(visit: Visit) -> View:
    """What is proposed, by whom and why; and, for anybody else, confirming or declining it."""
    proposal = _opened(visit)
    if proposal.household_id == visit.by.own_household:
        raise Wrong("not-allowed", OWN)
    council = visit.council
    home = _household(visit, proposal)
    assert home.property is not None
    wants = proposal.wants
    named = proposals.approver_of(council, wants, visit.now)
    state = proposal.state_at(visit.now)
    mine = proposal.proposer == visit.by.name
    return View(
        template="counter/proposal.html",
        values={
            "proposal": proposal,
            "what": _what(proposal),
            "address": home.property.address or home.property.property_ref,
            "household": visit.at(f"/staff/households/{proposal.household_id}"),
            "here": visit.at(f"/staff/proposals/{proposal.proposal_id}"),
            "rows": _rows(visit, proposal, home),
            "state": STATES[state],
            "waiting": state == "waiting",
            "mine": mine,
            "may": state == "waiting" and not mine and named in ("", visit.by.name),
            "named": named,
            "whom": _name(home, proposal.on_behalf_of),
        },
        back="/staff/proposals",
    )


def _household(visit: Visit, proposal: Proposal) -> Household:
    return visit.council.ledger.household(UUID(proposal.household_id))


def _name(home: Household, resident: str) -> str:
    found = home.residents.get(resident)
    return found.name if found else ""


def _rows(visit: Visit, proposal: Proposal, home: Household) -> list[tuple[str, str]]:
    """What would change, in words."""
    wants: Any = proposal.wants
    match wants:
        case CorrectCover():
            return _correction(visit, wants, home)
        case GrantAllowance():
            product = visit.scheme.product(wants.product)
            rows = [("For", product.name if product else wants.product)]
            if wants.vehicle:
                return [*rows, ("Given to the vehicle", wants.vehicle), ("Why", wants.reason)]
            return [*rows, ("More they may buy", str(wants.units)), ("Why", wants.reason)]
        case _:
            return [("Eligible all the same", spoken(wants.override)), ("Why", wants.reason)]


def _correction(visit: Visit, wants: CorrectCover, home: Household) -> list[tuple[str, str]]:
    booking, card, stay = (
        home.bookings.get(wants.act),
        home.cards.get(wants.act),
        home.stays.get(wants.act),
    )
    was = booking.cover if booking else card.cover if card else stay.cover if stay else None
    if was is None:
        raise NotFound("visit")
    tz = visit.tz
    rows = [("Recorded now", f"{was.shown}, {moment_words(was.covers_from, tz)}"
                             f" until {until_words(was.covers_until, tz)}")]  # fmt: skip
    if wants.vehicle:
        rows.append(("The vehicle should be", wants.vehicle.upper()))
    if wants.covers_from is not None:
        rows.append(("The start should be", moment_words(wants.covers_from, tz)))
        back = _apart(wants.covers_from, was.covers_from)
        if back:
            rows.append(("That is", back))
    codes = dict(CODES)
    return [*rows, ("What happened", codes[wants.reason_code]), ("Why", wants.reason)]


def _apart(corrected: datetime, was: datetime) -> str:
    """How much earlier the corrected start is: `45 minutes earlier than recorded`."""
    minutes = int((was - corrected).total_seconds()) // 60
    if minutes == 0:
        return ""
    away = counted(abs(minutes), "minute")
    return f"{away} {'earlier' if minutes > 0 else 'later'} than recorded"


def decided(visit: Visit) -> Redirect:
    """Confirm it, or end it undone."""
    proposal, form = _opened(visit), visit.form
    second = person(visit)
    outcome = form.one_of("outcome", ("confirm", "decline"), "Choose what you decide")
    if outcome == "confirm":
        proposals.confirm(visit.council, proposal.proposal_id, second, visit.now)
        return Redirect(to="/staff/proposals", notice="It is confirmed and recorded.")
    if proposal.household_id == visit.by.own_household:
        raise Wrong("not-allowed", OWN)
    mine = proposal.proposer == visit.by.name
    why = form.get("why")
    if not mine and not why:
        raise mistake("why", "Say why you decline it")
    proposals.decline(visit.council, proposal.proposal_id, second, why, visit.now)
    said = "It is withdrawn." if mine else "It is declined."
    return Redirect(to="/staff/proposals", notice=said)


PAGES = (
    get("/staff/proposals", SECOND, listed),
    get("/staff/proposals/{proposal}", SECOND, shown),
    post("/staff/proposals/{proposal}", SECOND, decided, again=shown),
)

LINKS = (
    Link(
        text="To confirm",
        path="/staff/proposals",
        roles=SECOND,
        hint="Corrections and exceptions that a colleague proposes: a second person confirms.",
    ),
)
