"""The verbs with which a scenario asks: prices, balances, checks, histories, proofs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from commands.save_visitor import in_order
from ledger.calendar import add_months, local_date, start_of_day
from ledger.rules import allowance as allowance_rule
from ledger.rules import eligibility, lots, quoting
from ledger.rules.covering import Bay
from ledger.scheme.faults import SchemeRejected
from projections import allowances, enforcement
from projections import messages as message_list
from projections import sessions as session_list
from projections.registry import EVERY
from replay.scenarios.applying import application_command
from replay.scenarios.common import Act, followed
from replay.scenarios.outcomes import Accepted, Outcome, Rejected
from replay.scenarios.steps import HOME, Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def load_scheme(world: "LedgerWorld", step: Step) -> Outcome:
    try:
        loaded = world.parsed(cast(Mapping[str, object], step.arguments.get("set", {})))
    except SchemeRejected as error:
        return Rejected(message=str(error))
    return Accepted(values={"warnings": len(loaded.warnings)})


def products(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    return Accepted(values={"products": eligibility.offered(world.household(stream), world.scheme)})


def quote(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, resident_id = world.actor(step.by)
    household = world.household(stream)
    asked = application_command(step)
    pence = quoting.quote(
        household,
        world.scheme,
        household.residents[resident_id],
        asked.wanted,
        concession=asked.concession,
        evidence=asked.evidence,
        on=local_date(world.now, world.zone),
    )
    return Accepted(values={"pence": pence})


def application(world: "LedgerWorld", step: Step) -> Outcome:
    thing = world.names.made[str(step.arguments["application"])]
    household = world.household(thing.stream)
    found = household.applications[thing.application]
    issued = [h for h in household.holdings.values() if h.application_id == thing.application]
    return Accepted(
        values={
            "state": found.state,
            "pence": found.pence,
            "starts": issued[0].starts_on if issued else found.starts_on,
            "last_day": issued[0].last_day if issued else found.last_day,
            "number_given": bool(found.number),
            "target": found.target_on,
            "payments": len(household.payments),
            "refunded": found.refunded_pence,
            "remaining": household.units_left(found.product, world.now),
            "flagged": any(h.flagged for h in issued),
        }
    )


def visitors(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    return Accepted(values={"visitors": [v.shown for v in in_order(world.household(stream))]})


def check(world: "LedgerWorld", step: Step) -> Outcome:
    asked = step.arguments
    answered = world.council.check(
        typed=str(asked["vehicle"]),
        zone=str(asked.get("zone", home_zone(world))),
        at=cast(datetime | None, asked.get("time")),
        known_at=cast(datetime | None, asked.get("known")),
        bay=cast(Bay, asked.get("bay", "")),
        officer=step.by,
        device="handheld-1",
    )
    return Accepted(
        values={
            "covered": answered.covered,
            "until": answered.until,
            "match": answered.match or None,
            "reason": answered.reason or None,
            "near": answered.near,
            "earliest_pcn_at": answered.earliest_pcn_at,
        }
    )


def home_zone(world: "LedgerWorld") -> str:
    home = world.household(world.names.properties[HOME]).property
    return home.zone if home else ""


def shown(world: "LedgerWorld", step: Step) -> Outcome:
    at = cast(datetime, step.arguments.get("time", world.now))
    with world.council.pool.connection() as connection:
        found = enforcement.shown(
            connection, world.council.schema, str(step.arguments["vehicle"]), at
        )
    if found is None:
        return Accepted()
    return Accepted(values={"covered": found.covered, "reason": found.reason or None})


def explain(world: "LedgerWorld", step: Step) -> Outcome:
    from replay.explain import explain as explained

    says = explained(
        world.council,
        str(step.arguments["vehicle"]),
        str(step.arguments.get("zone", home_zone(world))),
        cast(datetime, step.arguments.get("time", world.now)),
    )
    return Accepted(values={"says": "\n".join(says)})


def balance(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    household = world.household(stream)
    product_id = str(step.arguments["product"])
    held = [h for h in household.holdings_of(product_id) if h.in_hand(world.now)]
    product = world.scheme.product(product_id)
    ordered = lots.in_order(held, product) if product else held
    return Accepted(
        values={
            "remaining": household.units_left(product_id, world.now),
            "lots": [
                {"last_day": h.last_day, "remaining": h.units_left} for h in ordered if h.units_left
            ],
        }
    )


def allowance(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, resident_id = world.actor(step.by)
    household = world.household(stream)
    product = world.scheme.product(str(step.arguments["product"]))
    on = cast(date, step.arguments.get("on", local_date(world.now, world.zone)))
    assert product is not None
    assert household.property is not None
    caps = allowance_rule.caps(product, household.property.zone)
    if not caps:
        return Accepted(values={"used": 0, "granted": 0, "releases": []})
    cap = caps[0]
    with world.council.pool.connection() as connection:
        found = allowances.standing(
            connection,
            world.council.schema,
            str(stream),
            cap=allowance_rule.cap_key(cap, product),
            product=product.id,
            maximum=cap.max,
            resident_id=resident_id if cap.scope == "resident" else None,
            on=on,
            at=start_of_day(on, world.zone) if "on" in step.arguments else world.now,
        )
    return Accepted(
        values={
            "used": found.used,
            "granted": found.granted,
            "max": found.max,
            "available": found.available,
            "releases": [{"on": day, "units": units} for day, units in found.releases],
        }
    )


def sessions(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    view = world.scheme.view
    months = min(cast(int, step.arguments.get("months", view.default_months)), view.history_months)
    today = local_date(world.now, world.zone)
    since = start_of_day(add_months(today, -months, "last"), world.zone)
    followed(world)
    with world.council.pool.connection() as connection:
        found, total = session_list.page(
            connection,
            world.council.schema,
            str(stream),
            since=since,
            search=str(step.arguments.get("search", "")),
            scheme=world.scheme,
            number=cast(int, step.arguments.get("page", 1)),
        )
    return Accepted(
        values={
            "count": len(found),
            "total": total,
            "marks": [session.shown for session in found],
            "changeable": [s.shown for s in found if s.changeable(world.now, world.scheme)],
        }
    )


def documents(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, resident_id = world.actor(step.by)
    listed = [
        {"type": document.document_type, "uploaded": document.uploaded_on}
        for document in world.household(stream).documents.values()
        if document.resident_id == resident_id
    ]
    return Accepted(values={"documents": listed, "content_visible": False})


ACTS_IN_A_HISTORY = frozenset(
    [
        "registered",
        "applied",
        "proof_uploaded",
        "offered",
        "decided",
        "paid",
        "payment_failed",
        "issued",
        "refused",
        "declined",
        "booked",
        "amended",
        "cancelled",
        "card_used",
        "stay_began",
        "stay_ended",
        "vehicle_added",
        "vehicle_removed",
        "switched",
        "expired",
        "moved_out",
        "observed",
        "checked",
        "corrected",
        "granted",
        "refunded",
        "replaced",
        "texted",
    ]
)
"""The acts of the scenario language; what else a history tells is not counted there."""


def history(world: "LedgerWorld", step: Step) -> Outcome:
    from replay.history import history as acts_of

    label = step.arguments.get("property")
    stream = world.names.properties[str(label)] if label else world.actor(step.by)[0]
    told = acts_of(world.council.ledger, stream, time_zone=world.zone, checks=True)
    acts = [act.act for act in told if act.act in ACTS_IN_A_HISTORY]
    return Accepted(values={"acts": acts, "count": len(acts)})


def messages(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    followed(world)
    with world.council.pool.connection() as connection:
        found = message_list.counts(connection, world.council.schema, str(stream))
    kinds = ("issued", "booked", "cancelled", "reminder")
    return Accepted(values={kind: found.get(kind, 0) for kind in kinds})


def rebuild(world: "LedgerWorld", step: Step) -> Outcome:
    from replay.rebuild import compare

    followed(world)
    return Accepted(values={"equal": not compare(world.council.ledger, EVERY)})


def verify(world: "LedgerWorld", step: Step) -> Outcome:
    from replay.verify import verify as verified

    followed(world)
    return Accepted(values={"ok": verified(world.council.ledger).ok})


VERBS: dict[str, Act] = {
    "load_scheme": load_scheme,
    "products": products,
    "quote": quote,
    "application": application,
    "visitors": visitors,
    "check": check,
    "shown": shown,
    "explain": explain,
    "balance": balance,
    "allowance": allowance,
    "sessions": sessions,
    "documents": documents,
    "history": history,
    "messages": messages,
    "rebuild": rebuild,
    "verify": verify,
}
