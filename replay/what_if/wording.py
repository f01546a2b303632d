"""The words of the report: reasons, kinds of acts, and what is taken for granted."""

from typing import Final

from ledger.scheme.schema import Scheme
from replay.schemes.words import spoken
from replay.what_if.figures import GONE, WAITING

REASONS: Final = {
    "allowance.exceeded": "more than the allowance",
    "allowance.in_force": "one is in force already",
    "eligibility.product_not_offered": "no longer sold",
    "eligibility.zone": "not offered in the zone",
    "eligibility.property_excluded": "the property is not eligible",
    "eligibility.prerequisite_missing": "what it needs is not held",
    "eligibility.not_verified": "the residence was never proved",
    "eligibility.not_resident": "nobody of that name lives there",
    "purchase.not_a_multiple": "not sold in that number",
    "purchase.above_maximum": "too many at a time",
    "purchase.below_minimum": "too few at a time",
    "application.months": "not sold for so long",
    "application.slot": "not the next permit of the household",
    "application.start_fixed": "the start cannot be chosen",
    "application.proof_missing": "a proof is missing",
    "document.type_not_accepted": "the document is not accepted",
    "document.too_old": "the document is too old",
    "booking.no_units": "none left",
    "booking.outside_holding": "outside the time of what is held",
    "booking.duplicate": "booked already at that time",
    "booking.too_far_ahead": "too far ahead",
    "booking.not_immediate": "not booked for now by this channel",
    "permit.not_in_force": "no permit is in force",
    "permit.in_use": "the permit is in use",
    "permit.no_return": "back too soon",
    "card.date_outside_holding": "the date is outside the time of the cards",
    GONE: "what it was taken from was refused",
    WAITING: "a step is left open",
}
"""What a refusal's code says in a report; the others are told by their code's own words."""

ASSUMPTIONS: Final = (
    "Behaviour is held fixed: everybody asks for the same, at the same instant, as they did. Nobody"
    " asks for less because there is less, or for more because it is cheaper.",
    "Refused stays refused: whoever would be refused does not try again, and gets nothing, not a"
    " part of it.",
    "The proposed terms are in force from the first instant of the period to its end. What was"
    " bought before keeps the terms that it was bought under.",
    "Prices are those of the proposed terms, and whatever is due is paid where it was paid then."
    " Income is what was paid in the period less what was paid back.",
    "Facts of properties, residents and saved visitors are as recorded. A reduced price that the"
    " proposed terms do not know is not claimed; a new one is claimed by nobody.",
    "A payment or a decision that only the proposed terms ask for is made at once and in favour. A"
    " proof that was shown for what would be refused is shown for the next application.",
    "A visit is shorter where the proposed terms cover only a part of the time that was covered. A"
    " stay counts up to its departure; one whose departure nobody recorded is not measured.",
    "Attempts that were refused then stay refused. What of it the proposed terms would allow is"
    " counted apart, once a household and product, and is in no other figure.",
)


def reason(code: str) -> str:
    """A refusal's code in words."""
    return REASONS.get(code) or spoken(code.replace(".", ": "))


def zone(scheme: Scheme, zone_id: str) -> str:
    """What a zone is called."""
    found = scheme.zone(zone_id)
    return found.name if found and found.name else zone_id or "no zone"


def product(scheme: Scheme, product_id: str) -> str:
    found = scheme.product(product_id)
    return found.name if found else spoken(product_id)


def concession(concession_id: str) -> str:
    return spoken(concession_id) if concession_id else "full price"
