"""What an officer is shown of a mark in a zone at an instant, as known at another.

Source: GRV-010 to 013, STV-028 to 030, STV-087, RBW-015 to 021; X-004, X-019, X-020, X-101, X-102.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from tests.oracle.days import controlled
from tests.oracle.home import mark, plate
from tests.oracle.said import Fact

OVER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "ne": lambda a, b: a != b,
    "in": lambda a, b: a in b,
}


def check(
    homes: Sequence[Fact],
    scheme: Any,
    typed: str,
    zone: str,
    *,
    at: datetime,
    known: datetime,
    facts: Fact,
    bay: str,
) -> Fact:
    """`covered`, the reasons that may be given, until when, and how the mark matched."""
    of_plate = []
    for home in homes:
        for cover in home["covers"]:
            is_known = cover["known_from"] <= known and (
                cover["known_until"] is None or known < cover["known_until"]
            )
            if is_known and cover["plate"] == plate(typed):
                of_plate.append(cover)
    active = [c for c in of_plate if c["kind"] == "active"]
    now = [c for c in active if c["from"] <= at < c["until"]]
    here = [c for c in now if c["zone"] == zone]
    if bay == "suspended":  # RBW-021
        return {"covered": False, "reasons": {"suspended_bay"}}
    over = excluded(scheme, facts)
    if not controlled(scheme.zone(zone), at):
        return {"covered": True, "reasons": {"not_controlled", ""}}
    if here and over:
        return {"covered": False, "reasons": {"vehicle_excluded"}}
    if here:
        exact = any(c["shown"] == mark(typed) for c in here)
        return {
            "covered": True,
            "reasons": {""},
            "until": max(c["until"] for c in here),
            "match": "exact" if exact else "same_glyphs",
        }
    reasons = why_not(of_plate, now, zone, at, over)
    if any(home["hazy"] for home in homes):
        reasons |= {"ended", "no_right", "not_started"}
    return {"covered": False, "reasons": reasons}


def why_not(of_plate: list[Fact], now: list[Fact], zone: str, at: datetime, over: bool) -> set[str]:
    """Every reason that is true of the mark; where there is no right at all there is one."""
    reasons = {"vehicle_excluded"} if over else set()
    if now:
        reasons.add("wrong_zone")
    mine = [c for c in of_plate if c["zone"] == zone]
    if any(c["kind"] == "listed" and c["from"] <= at < c["until"] for c in mine):
        reasons.add("not_active")
    if any(c["until"] <= at for c in mine):
        reasons.add("ended")
    if any(at < c["from"] for c in mine):
        reasons.add("not_started")
    if not mine:
        reasons.add("no_right")
    return reasons


def excluded(scheme: Any, facts: Fact) -> bool:
    """A fact that is not known excludes nobody (X-020); each limit is a council's own (X-019)."""
    for limit in scheme.vehicle_limits:
        value = facts.get("vehicle_class" if limit.measure == "class" else limit.measure)
        if value is not None and OVER[limit.op](value, limit.value):
            return True
    return False
