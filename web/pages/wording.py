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
_STATES = {
    "awaiting_proof": "waiting for your proof",
    "awaiting_decision": "waiting for the council's decision",
    "awaiting_payment": "waiting to be paid",
    "offered": "offered to you",
    "declined": "cancelled",
}


def told(refusal: Refusal, scheme: Scheme) -> str:
    """One sentence, beginning with a capital."""
    return capital(spelled(refusal.detail, scheme))


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
