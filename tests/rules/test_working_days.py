"""Working days."""

from datetime import date

import pytest

from ledger.rules.working_days import WorkingDays

CALENDAR = WorkingDays([date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)])


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 26), False),
        (date(2026, 12, 27), False),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), True),
    ],
)
def test_weekends_and_bank_holidays_are_not_worked(day, working):
    """Monday to Friday without the bank holidays (X-029)."""
    assert CALENDAR.is_working(day) is working


@pytest.mark.parametrize(
    ("day", "count", "after"),
    [
        (date(2026, 12, 24), 0, date(2026, 12, 24)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 26), 1, date(2026, 12, 29)),
        (date(2026, 12, 24), 10, date(2027, 1, 12)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
    ],
)
def test_the_day_itself_is_not_counted(day, count, after):
    assert CALENDAR.after(day, count) == after
