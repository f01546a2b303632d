"""The bank holidays of England and Wales, from the library's own copy: no network is asked.

Source: X-029; services.md section 7.
"""

from datetime import date

from govuk_bank_holidays.bank_holidays import BankHolidays


def holidays() -> frozenset[date]:
    """Every bank holiday the library knows (2012 to 2028 at the time of writing)."""
    calendar = BankHolidays(use_cached_holidays=True)
    found = calendar.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in found)
