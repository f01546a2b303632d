"""A household as the oracle knows it: one dict, and the few questions asked of it again and again.

Source: NOR-129 (the household is the property), X-101 (marks), X-102 (what was known, and when).
"""

from datetime import datetime
from typing import Any

from tests.oracle.days import day_of
from tests.oracle.said import Fact, Said, no


def new_home(scheme: Any) -> Fact:
    return {
        "scheme": scheme,
        "zone": "",
        "listed": {},
        "people": {},
        "applications": {},
        "documents": {},
        "holdings": {},
        "bookings": {},
        "cards": {},
        "stays": {},
        "departures": [],
        "grants": [],
        "covers": [],
        "visitors": {},
        "hazy": False,
        "hazy_grants": False,
        "money_in": 0,
        "money_back": 0,
    }


def mark(typed: str) -> str | None:
    """Upper case without spaces and hyphens; None where it is no mark."""
    shown = typed.upper().replace(" ", "").replace("-", "")
    plain = all(c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" for c in shown)
    return shown if plain and 2 <= len(shown) <= 10 else None


def plate(typed: str) -> str:
    """O and 0, and I and 1, are one glyph on a plate (X-101)."""
    shown = mark(typed)
    assert shown is not None
    return shown.replace("O", "0").replace("I", "1")


def living(home: Fact, ask: Fact) -> Fact | None:
    """Who acts, or for whom staff act; None where nobody of that name lives here now."""
    person = home["people"].get(ask["who"])
    if person is None:
        return None
    left = person["left_at"]
    return person if left is None or ask["at"] < left else None


def stranger(home: Fact, ask: Fact) -> Said | None:
    """Everything is done inside the account of somebody verified who lives here (STV-001, STV-002,
    HAN-001, HAN-002, X-055)."""
    person = living(home, ask)
    if person is None:
        known = home["people"].get(ask["who"], {"proved": False, "verified": False})
        if not known["proved"] or not known["verified"]:
            return no(anything=True)
        return no("eligibility.not_resident", anything=True)
    return None if person["verified"] else no("eligibility.not_verified", anything=True)


def outsider(home: Fact, ask: Fact) -> Said | None:
    """As stranger; and who has entered themself uses nothing before a proof was shown (HAN-002,
    STV-039, RBW-066)."""
    found = stranger(home, ask)
    if found is not None:
        return found
    proved = home["people"][ask["who"]]["proved"]
    return None if proved else no("eligibility.not_verified", anything=True)


def ends_at(holding: Fact) -> datetime:
    """The first instant at which a holding is over."""
    if holding["ended_at"] is None:
        return holding["until"]  # type: ignore[no-any-return]
    return min(holding["ended_at"], holding["until"])  # type: ignore[no-any-return]


def terms_of(holding: Fact) -> Any:
    """The product as it was sold: old holdings keep their terms (schemes, effective_from)."""
    return holding["scheme"].product(holding["product"])


def in_hand(holding: Fact, at: datetime) -> bool:
    return at < ends_at(holding)


def in_force(holding: Fact, at: datetime) -> bool:
    return bool(holding["from"] <= at < ends_at(holding))


def left_of(home: Fact, product: str, at: datetime) -> int:
    """Units of a product that can still be used."""
    mine = [h for h in home["holdings"].values() if h["product"] == product and in_hand(h, at)]
    return sum(h["left"] for h in mine)


def give_cover(home: Fact, owner: str, at: datetime, **cover: Any) -> None:
    """From `at` on it is known that this vehicle is covered so."""
    if cover["from"] <= cover["until"]:
        home["covers"].append({"owner": owner, "known_from": at, "known_until": None, **cover})


def take_cover(home: Fact, owner: str, at: datetime) -> list[Fact]:
    """From `at` on none of this owner's covers is known any more; what they were."""
    known = [c for c in home["covers"] if c["owner"] == owner and c["known_until"] is None]
    for cover in known:
        cover["known_until"] = at
    return known


def cut_cover(home: Fact, owner: str, until: datetime, at: datetime) -> None:
    """From `at` on it is known that this owner's covers end at `until` at the latest."""
    for cover in take_cover(home, owner, at):
        facts = {
            k: cover[k] for k in ("kind", "shown", "plate", "zone", "from", "until", "product")
        }
        facts["until"] = min(facts["until"], until)
        if facts["from"] < facts["until"]:
            give_cover(home, owner, at, **facts)


def today(ask: Fact) -> Any:
    return day_of(ask["at"])
