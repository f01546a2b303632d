"""A household as the counter sees it: who lives there, what they hold, and what can be done.

Opening it is recorded: who looked, and when.
"""

from typing import Any

from ledger.household.state import Holding
from ledger.refusals import NotFound
from ledger.rules import documents, flow, refund
from projections import messages
from replay import history
from replay.schemes.words import counted, noun
from replay.wording import end
from services import looking_up
from services.identity.limits import TooMany
from web.pages.counter import seconded
from web.pages.counter.case import OWN, Case, opened
from web.pages.counter.using import bookable
from web.pages.framework import STAFF, View, Visit, get
from web.pages.resident.applying_words import STATES
from web.problems import Wrong

SHOWN = 10
ACTS = 30
PAGES_MAX = 1_000
_KINDS = {
    "issued": "Issued",
    "booked": "Visit booked",
    "cancelled": "Visit cancelled",
    "pin": "Sign-in code",
}


def shown(visit: Visit) -> View:
    """The household's page."""
    case = _looked_at(visit)
    with visit.council.pool.connection() as connection:
        sent = messages.latest(connection, visit.council.schema, case.household.household_id, SHOWN)
    home = case.household
    held = sorted(home.holdings.values(), key=lambda each: each.in_force_until, reverse=True)
    visits = sorted(home.bookings.values(), key=lambda each: each.cover.covers_from, reverse=True)
    return View(
        template="counter/household.html",
        values={
            "case": case,
            "here": visit.at(case.path),
            "living": case.living,
            "gone": [each for each in home.residents.values() if each not in case.living],
            "holdings": [_held(case, each) for each in held if each.in_hand(case.now)],
            "over": [_held(case, each) for each in held if not each.in_hand(case.now)],
            "applications": _applications(case),
            "visits": [_visited(case, each) for each in visits[:SHOWN]],
            "more_visits": max(0, len(visits) - SHOWN),
            "others": _others(case),
            "saved": list(home.visitors.values()),
            "payments": sorted(home.payments.values(), key=lambda e: e.paid_at, reverse=True),
            "messages": [(_KINDS.get(kind, kind), at) for kind, at in sent],
            "products": [p for p in case.scheme.products if p.offered_in(case.home.zone)],
            "exceptions": seconded.exceptions(case),
            "bookable": bool(bookable(case)),
        },
        back="/staff/households",
    )


def _looked_at(visit: Visit) -> Case:
    """The household, once it is on record that somebody looks. Raises Wrong, also for too many."""
    own = bool(visit.by.own_household) and visit.by.own_household == visit.params["household"]
    with visit.council.pool.connection() as connection:
        try:
            looking_up.record(
                connection,
                visit.council.schema,
                role=visit.by.role,
                name=visit.by.name,
                kind="own household, refused" if own else "household",
                found=0 if own else 1,
                at=visit.now,
                household=visit.household,
            )
        except TooMany as error:
            raise Wrong("too-many", looking_up.TOLD) from error
    if own:
        raise Wrong("not-allowed", OWN)
    return opened(visit)


def _held(case: Case, holding: Holding) -> dict[str, Any]:
    scheme = case.visit.council.editions.edition(holding.edition)
    product = scheme.product(holding.product)
    assert product is not None
    in_force = holding.in_force(case.now)
    paper = refund.in_use(holding)
    return {
        "it": holding,
        "name": product.name,
        "state": "In force" if in_force else "Over" if not holding.in_hand(case.now) else "Later",
        "colour": "green" if in_force else "grey",
        "units": f"{holding.units_left} of {counted(holding.units, noun(product))} left"
        if product.draws_units
        else "",
        "until": end(holding.in_force_until, case.visit.tz),
        "vehicles": [(each.shown, key == holding.active) for key, each in holding.vehicles.items()],
        "switches": product.vehicles.binding == "listed" or bool(holding.vehicles),
        "more": product.vehicles.listed_max,
        "paper": paper,
        "replaces": product.medium == "paper" and product.replacement.allowed,
        "refunds": product.refund.money,
        "exchanges": product.refund.replaces_unused and holding.units_left > 0,
        "ended": holding.ended_why.replace("_", " "),
    }


def _applications(case: Case) -> list[dict[str, Any]]:
    found = sorted(case.household.applications.values(), key=lambda e: e.submitted_at, reverse=True)
    told = []
    for each in found[:SHOWN]:
        state = "lapsed" if flow.lapsed(each, case.now) else each.state
        told.append(
            {
                "it": each,
                "name": case.name_of(each.product, each.edition),
                "state": _SAID.get(state) or STATES[state],
                "payable": state in ("awaiting_payment", "offered") and not each.payment_id,
                "cancellable": documents.closed_refusal(each) is None and not each.payment_id,
            }
        )
    return told


_SAID = {
    "awaiting_proof": ("Waiting for a proof", "yellow"),
    "awaiting_decision": ("To be decided", "blue"),
    "offered": ("Offered", "yellow"),
    "awaiting_payment": ("To be paid", "yellow"),
}


def _visited(case: Case, booking: Any) -> dict[str, Any]:
    changeable = booking.cancelled_at is None and booking.cover.covers_from > case.now
    return {
        "it": booking,
        "product": case.name_of(booking.product, booking.edition),
        "changeable": changeable,
    }


def _others(case: Case) -> list[tuple[str, Any]]:
    """Cards that were dated and stays: id and what it covers."""
    home = case.household
    cards = [(each.card_id, each.cover) for each in home.cards.values() if each.cover]
    stays = [(each.stay_id, each.cover) for each in home.stays.values()]
    found = sorted(cards + stays, key=lambda each: each[1].covers_from, reverse=True)
    return list(found[:SHOWN])


def past(visit: Visit) -> View:
    """What was done, the latest first, each act with who, how and for whom; refusals among them."""
    case = opened(visit)
    number = visit.query.get("page", "1")
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= PAGES_MAX):
        raise NotFound("page")
    acts = list(
        history.history(visit.council.ledger, case.stream, time_zone=visit.tz, attempts=True)
    )
    acts.reverse()
    shown_before = (int(number) - 1) * ACTS
    names = {each.resident_id: each.name for each in case.household.residents.values()}
    after = f"{case.path}/history?page={int(number) + 1}"
    return View(
        template="counter/history.html",
        values={
            "case": case,
            "acts": [(a, _who(a, names)) for a in acts[shown_before : shown_before + ACTS]],
            "next": visit.at(after) if len(acts) > shown_before + ACTS else "",
        },
        back=case.path,
    )


_ROLES = {"resident": "Resident", "system": "The system", "officer": "Officer"}
_HOW = {"phone": "by telephone", "counter": "at the counter", "post": "by letter or email",
        "text": "by text message", "app": "in the app"}  # fmt: skip


def _who(act: history.Act, names: dict[str, str]) -> str:
    """`kim, by telephone, for Ann Smith`."""
    by = names.get(act.by) or (act.by if act.role not in ("resident", "system") else "")
    who = by or _ROLES.get(act.role, act.role)
    how = f", {_HOW[act.channel]}" if act.channel in _HOW else ""
    whom = names.get(act.on_behalf_of) or ("a resident" if act.on_behalf_of else "")
    return f"{who}{how}{f', for {whom}' if whom else ''}"


PAGES = (
    get("/staff/households/{household}", STAFF, shown),
    get("/staff/households/{household}/history", STAFF, past),
)
