"""Which kinds of step a history has, and how often each is drawn.

Swarm: each history draws a subset of the kinds first, so that rare ones meet (promises section 3).
"""

from random import Random
from typing import Any, Final

KINDS: Final = {
    "apply": 14,
    "order": 12,
    "go_on": 40,
    "upload": 3,
    "reuse": 4,
    "decide": 2,
    "pay": 4,
    "take_back": 2,
    "book": 22,
    "amend": 5,
    "cancel": 6,
    "text": 6,
    "scratch": 20,
    "add": 8,
    "remove": 5,
    "switch": 7,
    "stay": 9,
    "leave": 6,
    "surrender": 2,
    "move_out": 2,
    "refund": 2,
    "replace": 2,
    "grant": 5,
    "lapse": 3,
    "enrol": 2,
    "register": 4,
    "save_visitor": 2,
    "correct": 5,
    "misuse": 6,
    "observe": 9,
    "lapse_offer": 6,
    "check": 25,
    "allowance": 8,
}
ALWAYS: Final = ("apply", "go_on", "check")


def kinds(random: Random) -> list[str]:
    """The kinds of one history."""
    share = random.choice((0.35, 0.6, 0.85, 1.0))
    return [kind for kind in KINDS if kind in ALWAYS or random.random() < share]


def weight(kind: str, scheme: Any) -> float:
    """How often a kind is drawn here; what the scheme has no product for is rare, not absent."""
    products = scheme.products
    virtual = any(p.medium == "virtual" and p.draws_units for p in products)
    needs = {
        "book": virtual,
        "amend": virtual,
        "cancel": virtual,
        "text": any("text" in p.channels for p in products),
        "scratch": any(p.medium == "paper" and p.draws_units for p in products),
        "stay": any(p.clock is not None for p in products),
        "leave": any(p.clock is not None for p in products),
        "grant": bool(scheme.grants),
        "order": bool(scheme.order_groups),
        "misuse": scheme.misuse is not None,
        "observe": any(p.medium == "paper" for p in products),
        "lapse_offer": bool(scheme.flow.offer_days),
        "reuse": bool(scheme.proof.reuse_months),
        "decide": scheme.flow.kind in ("offer_pay_issue", "pay_decide_post"),
        "register": scheme.proof.per == "registration",
    }
    needs |= dict.fromkeys(
        ("add", "remove", "switch"), any(p.vehicles.binding == "listed" for p in products)
    )
    return KINDS[kind] * (1.0 if needs.get(kind, True) else 0.3)
