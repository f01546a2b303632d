"""A refusal as a person reads it: days and times as people say them, names for ids.

A refusal's detail already says what, which and how many, in words that stay the same in the ledger;
here its dates become days, and the ids of products, documents and statements their names.
"""

import re
from datetime import date, datetime

from ledger.refusals import Refusal
from ledger.scheme.schema import Scheme
from replay.schemes.words import capital, spoken
from replay.wording import day, moment

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ID = re.compile(r"\b[a-z0-9]+(?:[_-][a-z0-9]+)+\b")
# Where the ledger is terser than a person would be: its code, its words, and ours.
_PLAIN = tuple(
    (code, re.compile(words), plain)
    for code, words, plain in (
        (
            "application.start_in_past",
            r"(\S+) is before (\S+)",
            r"The first day must be \2 or later: \1 is in the past",
        ),
        (
            "application.start_too_far",
            r"a start lies within a hundred years",
            r"Choose a first day that is less than a hundred years away",
        ),
        (
            "booking.outside_holding",
            r"(\S+) is outside what is held, to (\S+)",
            r"What you have can be used until the end of \2: \1 is outside of that",
        ),
        (
            "document.too_old",
            r"dated (\S+), test \S+",
            r"It is dated \1, which is too old for this kind of proof",
        ),
        (
            "document.too_old",
            r"the document has no date",
            r"Enter the date on it: it shows whether it is too old",
        ),
        (
            "document.dated_in_future",
            r"dated (\S+), after today",
            r"The date on it, \1, is after today",
        ),
        (
            "eligibility.evidence_missing",
            r"the reduced price is for those of (\d+)",
            r"The reduced price is for people aged \1 or over",
        ),
    )
)
_STATES = {
    "awaiting_proof": "waiting for your proof",
    "awaiting_decision": "waiting for the council's decision",
    "awaiting_payment": "waiting to be paid",
    "offered": "offered to you",
    "declined": "cancelled",
}


def told(refusal: Refusal, scheme: Scheme) -> str:
    """One sentence, beginning with a capital."""
    detail = refusal.detail
    for code, words, plain in _PLAIN:
        found = words.fullmatch(detail) if code == refusal.code else None
        if found is not None:
            detail = found.expand(plain)
    return capital(spelled(detail, scheme))


def spelled(detail: str, scheme: Scheme) -> str:
    """As told, in the middle of a sentence."""
    text = _INSTANT.sub(lambda found: _moment(found.group(), scheme), detail)
    text = _DATE.sub(lambda found: _day(found.group()), text)
    return _ID.sub(lambda found: _name(found.group(), scheme), text)


def _moment(text: str, scheme: Scheme) -> str:
    try:
        return moment(datetime.fromisoformat(text), scheme.tz)
    except ValueError:
        return text


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _name(text: str, scheme: Scheme) -> str:
    product = scheme.product(text)
    if product is not None:
        return product.name
    # English has its own words with a hyphen: only ids of ours are spelled with one or with `_`.
    return _STATES.get(text) or (spoken(text) if "_" in text else text)
