"""The days that a report is about, as its address names them."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from ledger.calendar import start_of_day
from web.pages.forms import Form, mistake
from web.pages.framework import Visit


class Period(Struct, frozen=True, kw_only=True):
    """Local days, the last one included, and the instants `[since, until)` that they are."""

    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def query(self) -> str:
        """The same in an address."""
        parts = (("from", self.first), ("to", self.last))
        return "&".join(
            f"{name}-day={on.day}&{name}-month={on.month}&{name}-year={on.year}"
            for name, on in parts
        )


def latest(visit: Visit, days: int) -> Period:
    """So many days up to today."""
    return _of(visit, visit.today - timedelta(days=days - 1), visit.today)


def asked(visit: Visit, form: Form, days: int, days_max: int) -> Period:
    """As the form says, or the latest days where it says nothing. Raises Mistakes."""
    if not any(name.startswith(("from-", "to-")) for name in form.fields):
        return latest(visit, days)
    first, last = form.day("from", "The first day"), form.day("to", "The last day")
    if last < first:
        raise mistake("to-day", "The last day must be the same as or after the first day")
    if (last - first).days >= days_max:
        raise mistake("to-day", f"The report must be about {days_max} days or fewer")
    return _of(visit, first, last)


def _of(visit: Visit, first: date, last: date) -> Period:
    return Period(
        first=first,
        last=last,
        since=start_of_day(first, visit.tz),
        until=start_of_day(last + timedelta(days=1), visit.tz),
    )
