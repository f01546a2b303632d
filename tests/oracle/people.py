"""The people of a property, and the visitors they save.

Source: STV-001, STV-002, STV-081, STV-122 to 125, HAN-001, HAN-002; X-001, X-022.
"""

from tests.oracle.home import (
    mark,
    outsider,
    plate,
)
from tests.oracle.said import Fact, Said, no, unknown, yes


def enrol(home: Fact, ask: Fact) -> Said:
    """The council enters a resident of the property."""

    def then(told: Fact) -> None:
        home["people"][told["resident"]] = {
            "verified": ask["verified"],
            "proved": True,
            "born_on": ask["born_on"],
            "receives": ask["receives"],
            "left_at": None,
        }

    return yes(then)


def register(home: Fact, ask: Fact) -> Said:
    """By the public form, with the property's own council tax account (HAN-002)."""

    def then(told: Fact) -> None:
        home["people"][told["resident"]] = {
            "verified": told["verified"],
            "proved": home["scheme"].proof.per == "registration",
            "born_on": ask["born_on"],
            "receives": (),
            "left_at": None,
        }

    if home["scheme"].proof.per != "registration":
        return unknown("registering", then)
    if ask["account"] not in home["listed"]["council_tax_accounts"]:
        return no("eligibility.not_verified", anything=True)
    return yes(then, verified=True)


def save_visitor(home: Fact, ask: Fact) -> Said:
    """Saved marks have no limit and never alter a booking (STV-123, X-001)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    if mark(ask["vehicle"]) is None:
        return no("vehicle.mark_invalid", anything=True)
    key = plate(ask["vehicle"])

    def then(told: Fact) -> None:
        home["visitors"][key] = ask["name"]

    if key in home["visitors"] or not ask["name"]:
        return unknown("visitor", then)
    return yes(then)
