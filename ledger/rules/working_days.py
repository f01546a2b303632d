"""Working days: Monday to Friday without the bank holidays of England and Wales.

Source: X-029; the holidays are facts that come in from outside (`services`), not code.
"""

from collections.abc import Iterable
from datetime import date, timedelta

SATURDAY = 5


class WorkingDays:
    """A calendar that knows the bank holidays it was given."""

    def __init__(self, holidays: Iterable[date]) -> None:
        self.holidays = frozenset(holidays)

    def is_working(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.holidays

    def after(self, day: date, count: int) -> date:
        """The count-th working day after this one; the day itself is not counted."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day
