"""How long the law gives to dispute a penalty charge notice, and to answer.

A clock runs for so many days beginning with the day of service or of receipt: that day is the
first of them, so the last is the 28th or 56th day counted with it. What happens on the last day is
in time, a day later it is late. The numbers are national law, and no council can change them. They
are England's: Scotland, Wales and Northern Ireland have laws of their own, which are not here.

Source: SI 2022/576, regulations 3, 5, 6 and 7 (England); reference/enforcement-and-evidence.md C.5.
"""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from ledger.refusals import Refusal
from ledger.rules.working_days import WorkingDays

ClockName = Literal["representations", "decision", "appeal"]


class Clock(Struct, frozen=True, kw_only=True):
    """`days`, beginning with the day on which it starts. `late`: what lateness means."""

    name: ClockName
    days: int
    begins: str
    late: str
    source: str

    def last_day(self, begins_on: date) -> date:
        """The last day that is in time. Raises OverflowError beyond the calendar."""
        return begins_on + timedelta(days=self.days - 1)

    def in_time(self, begins_on: date, on: date) -> bool:
        return on <= self.last_day(begins_on)


REPRESENTATIONS = Clock(
    name="representations",
    days=28,
    begins="the notice to owner is served",
    late="the council may disregard them",
    source="SI 2022/576 regulation 5",
)
DECISION = Clock(
    name="decision",
    days=56,
    begins="the representations are received",
    late="they are taken as accepted",
    source="SI 2022/576 regulation 6",
)
APPEAL = Clock(
    name="appeal",
    days=28,
    begins="the notice of rejection is served",
    late="the adjudicator may allow it still",
    source="SI 2022/576 regulation 7 and schedule 1",
)
CLOCKS: tuple[Clock, ...] = (REPRESENTATIONS, DECISION, APPEAL)
ENGLAND = "england"
POSTED_WORKING_DAYS = 2
"""A notice sent by post is taken as served on the second working day after it was posted."""


def clocks_of(country: str) -> tuple[Clock, ...]:
    """The clocks of a country's law; none where they are not known here."""
    return CLOCKS if country == ENGLAND else ()


def law_refusal(country: str) -> Refusal | None:
    """Why formal representations are not taken in a country; None where its clocks are known."""
    if clocks_of(country):
        return None
    named = country.replace("_", " ").title()
    return Refusal(
        "case.law_elsewhere",
        f"the days of formal representations are known for England alone, and this council is in"
        f" {named}: what its law gives is not counted here",
    )


def served_by_post(posted_on: date, working_days: WorkingDays) -> date:
    """The day on which what was posted is taken as served. Source: SI 2022/576 regulation 3."""
    return working_days.after(posted_on, POSTED_WORKING_DAYS)


def taken_as_accepted(decide_until: date | None, decided_on: date | None, on: date) -> bool:
    """True where no decision was served by the last day, and that day is over."""
    if decide_until is None:
        return False
    return (on if decided_on is None else decided_on) > decide_until
