"""The desk's codes as a person says them, and the law's clocks as days that are left."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from projections.cases import CaseSeen
from replay.wording import counted, day, listing

KINDS = {"informal": "Informal challenge", "formal": "Formal representations"}
STATES = {
    "open": "To be decided",
    "decided": "Rejected, may be appealed",
    "appealed": "At the adjudicator",
    "closed": "Over",
}
OUTCOMES = {
    "": "",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "paid": "The charge was paid",
    "withdrawn": "Withdrawn by whoever made it",
    "not_pursued": "Not pursued",
    "appeal_allowed": "Appeal allowed",
    "appeal_refused": "Appeal refused",
    "appeal_refused_with_recommendation": "Appeal refused, with a recommendation",
    "appeal_withdrawn": "Appeal withdrawn",
}
WITHDRAWN_WHY = {
    "issued_in_error": "It was issued in error",
    "vehicle_was_covered": "The vehicle was covered",
    "grace": "It was within the ten minutes of grace",
    "system_failure": "Our service failed",
    "goodwill": "Goodwill",
    "other": "Another reason",
    "representations_accepted": "The representations were accepted",
    "challenge_accepted": "The challenge was accepted",
    "appeal_allowed": "The adjudicator allowed the appeal",
}
SERVICES = {
    "bookings": "Bookings",
    "payments": "Payments",
    "texts": "Text messages in",
    "messages": "Messages out",
    "checks": "Officers’ checks",
    "website": "The website",
}
FOUND_HOW = {
    "reported": "Somebody reported it",
    "monitoring": "Our own monitoring",
    "supplier": "The supplier told us",
    "afterwards": "It was found afterwards",
}


def country_named(country: str) -> str:
    """`England`, `Northern Ireland`."""
    return country.replace("_", " ").title()


def services_named(services: Iterable[str]) -> str:
    """`Bookings`, `Bookings and payments`."""
    first, *others = [SERVICES[each] for each in services]
    return listing([first, *(each[:1].lower() + each[1:] for each in others)])


class CaseTold(Struct, frozen=True, kw_only=True):
    """A case in words. `by` and `left` are empty where no clock runs; `overdue`: the council is."""

    seen: CaseSeen
    kind: str
    state: str
    outcome: str
    by: str
    left: str
    overdue: bool


def case_told(seen: CaseSeen) -> CaseTold:
    """One case: "decide by 12 March 2026", "23 days left"."""
    return CaseTold(
        seen=seen,
        kind=KINDS[seen.kind],
        state=STATES[seen.state],
        outcome=OUTCOMES.get(seen.outcome, seen.outcome.replace("_", " ")),
        by=_by(seen),
        left=_left(seen),
        overdue=is_overdue(seen),
    )


def overdue_first(found: Iterable[CaseSeen]) -> list[CaseTold]:
    """Those whose day is over, then by the day; those without a clock last."""
    return [case_told(each) for each in sorted(found, key=_place)]


def is_overdue(seen: CaseSeen) -> bool:
    """True where the council is late; an appeal that did not come is nobody's delay."""
    return seen.clock == "decision" and seen.days_left is not None and seen.days_left < 0


def _place(seen: CaseSeen) -> tuple[int, date, str]:
    first = 0 if is_overdue(seen) else 1 if seen.due_on else 2
    return (first, seen.due_on or seen.received_on, seen.case_id)


def _by(seen: CaseSeen) -> str:
    if seen.due_on is None:
        return ""
    if seen.clock == "appeal":
        was = "was " if (seen.days_left or 0) < 0 else ""
        return f"appeal {was}possible until {day(seen.due_on)}"
    return f"decide by {day(seen.due_on)}"


def _left(seen: CaseSeen) -> str:
    days = seen.days_left
    if days is None:
        return ""
    if days < 0:
        return f"{counted(-days, 'day')} {'ago' if seen.clock == 'appeal' else 'too late'}"
    return "the last day is today" if days == 0 else f"{counted(days, 'day')} left"
