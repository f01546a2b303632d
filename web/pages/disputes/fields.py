"""What the forms of the desk have in common: a local date with its time, and a place."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ledger.calendar import NoSuchLocalTime, local_instant
from ledger.scheme.schema import Scheme
from web.pages.forms import Form, Mistake, Mistakes, mistake
from web.words import zone_name

_TIME = re.compile(r"(\d{1,2})(?:[:.](\d\d)(?:[:.](\d\d))?)?\s*([ap]m)?")
_FIELDS = ("day", "month", "year", "time")


def instant(form: Form, name: str, what: str, tz: ZoneInfo) -> datetime:
    """The instant of a date input and the time below it; the first one where the clocks go back.

    `what` begins the error. Raises Mistakes.
    """
    wrong: list[Mistake] = []
    on = clock = None
    try:
        on = form.day(name, f"The date {what}")
    except Mistakes as error:
        wrong.extend(error.mistakes)
    try:
        clock = _time(form, f"{name}-time", what)
    except Mistakes as error:
        wrong.extend(error.mistakes)
    if on is None or clock is None:
        raise Mistakes(*wrong)
    try:
        return local_instant(datetime.combine(on, clock), tz)
    except NoSuchLocalTime as error:
        text = f"The time {what} does not exist: the clocks went forward over it"
        raise mistake(f"{name}-time", text) from error
    except OverflowError as error:
        raise mistake(f"{name}-day", f"The date {what} must be a real date") from error


def instant_if_any(form: Form, name: str, what: str, tz: ZoneInfo) -> datetime | None:
    """As instant; None where nothing at all was typed."""
    if not any(form.get(f"{name}-{each}") for each in _FIELDS):
        return None
    return instant(form, name, what, tz)


def day_if_any(form: Form, name: str, what: str) -> date | None:
    """The date of a date input; None where nothing was typed. Raises Mistakes."""
    if not any(form.get(f"{name}-{each}") for each in _FIELDS[:3]):
        return None
    return form.day(name, what)


def of_query(query: Mapping[str, str]) -> Form:
    """What an address asks for, read as a form is."""
    return Form(fields={name: (value,) for name, value in query.items()})


def places(scheme: Scheme) -> list[tuple[str, str]]:
    """The zones to choose from: id and name."""
    return [(zone.id, place_named(scheme, zone.id)) for zone in scheme.zones]


def place_named(scheme: Scheme, zone_id: str) -> str:
    """`OT, Old Town`; the id alone where the name is no other."""
    zone = scheme.zone(zone_id)
    return zone_id if zone is not None and zone.name == zone_id else zone_name(scheme, zone_id)


def _time(form: Form, name: str, what: str) -> time:
    """`14:05`, `14:05:30`, `2:05pm`. Raises Mistakes."""
    typed = form.needed(name, f"Enter the time {what}").lower()
    found = _TIME.fullmatch(typed)
    wrong = mistake(name, f"The time {what} must be like 14:05, 14:05:30 or 2:05pm")
    if found is None:
        raise wrong
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if found[4] == "pm" else 0)
    elif found[2] is None:
        raise wrong
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise wrong from error
