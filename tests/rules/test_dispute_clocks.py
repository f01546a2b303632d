"""The law's clocks: the first day counts, the last is in time, the day after is late."""

from datetime import date, timedelta

import pytest

from ledger.rules.dispute_clocks import (
    APPEAL,
    CLOCKS,
    DECISION,
    REPRESENTATIONS,
    Clock,
    clocks_of,
    law_refusal,
    served_by_post,
    taken_as_accepted,
)
from tests.given import HOLIDAYS


@pytest.mark.parametrize(
    ("clock", "begins_on", "last"),
    [
        (REPRESENTATIONS, date(2027, 1, 1), date(2027, 1, 28)),
        (REPRESENTATIONS, date(2028, 2, 2), date(2028, 2, 29)),
        (DECISION, date(2027, 1, 10), date(2027, 3, 6)),
        (DECISION, date(2026, 12, 31), date(2027, 2, 24)),
        (APPEAL, date(2027, 2, 1), date(2027, 2, 28)),
    ],
)
def test_a_period_beginning_with_a_day_counts_that_day(clock: Clock, begins_on: date, last: date):
    """SI 2022/576: "the period of 28 days beginning with the date on which it is served"."""
    assert clock.last_day(begins_on) == last
    assert clock.in_time(begins_on, last)
    assert not clock.in_time(begins_on, last + timedelta(days=1))


def test_what_is_posted_is_served_on_the_second_working_day_after():
    """SI 2022/576 regulation 3; the 25th and the 28th of December 2026 are bank holidays here."""
    assert served_by_post(date(2026, 12, 7), HOLIDAYS) == date(2026, 12, 9)
    assert served_by_post(date(2026, 12, 11), HOLIDAYS) == date(2026, 12, 15)
    assert served_by_post(date(2026, 12, 23), HOLIDAYS) == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("until", "decided", "on", "accepted"),
    [
        (None, None, date(2027, 3, 7), False),
        (date(2027, 3, 6), None, date(2027, 3, 6), False),
        (date(2027, 3, 6), None, date(2027, 3, 7), True),
        (date(2027, 3, 6), date(2027, 3, 6), date(2027, 4, 1), False),
        (date(2027, 3, 6), date(2027, 3, 7), date(2027, 4, 1), True),
    ],
)
def test_representations_not_answered_in_time_are_taken_as_accepted(until, decided, on, accepted):
    """SI 2022/576 regulation 6; an informal challenge has no such clock."""
    assert taken_as_accepted(until, decided, on) is accepted


@pytest.mark.parametrize("country", ["scotland", "wales", "northern_ireland"])
def test_the_clocks_are_englands_and_no_other_countrys(country: str):
    """SI 2022/576 extends to England; where another law holds, no day is told."""
    assert clocks_of("england") == CLOCKS
    assert law_refusal("england") is None
    assert clocks_of(country) == ()
    refusal = law_refusal(country)
    assert refusal is not None
    assert refusal.code == "case.law_elsewhere"
    assert country.replace("_", " ").title() in refusal.detail
