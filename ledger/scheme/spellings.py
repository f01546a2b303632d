"""Values that a file spells in a short way: times of day, weekdays, ages, the end of a use.

Each function returns the value, or None where the spelling is not one it knows.

Source: reference/schemes.md, section 3; X-004, X-010, X-054, X-068, X-088.
"""

import re
from collections.abc import Callable
from datetime import time
from typing import Final

from ledger.scheme.measures import MONTHS_MAX, MaxAge, UseEnd

DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_WORDS: Final = ("end_of_day", "until_switched", "holding_end")
HOURS_MAX: Final = 744
DAYS_MAX: Final = 3_660

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_AGE: Final = re.compile(r"([1-9][0-9]{0,3})([md])")


def time_of_day(value: object) -> time | None:
    """ "18:30". "24:00" is midnight, as an end; it is kept as 00:00."""
    if value == "24:00":
        return time(0, 0)
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return time(int(found[1]), int(found[2])) if found else None


def weekdays(value: object) -> tuple[int, ...] | None:
    """ "mon-sat", "sat" or "mon,wed": days from 0 (Monday), in order, each once."""
    if not isinstance(value, str):
        return None
    days: set[int] = set()
    for part in value.split(","):
        first, hyphen, last = part.strip().partition("-")
        if first not in DAY_NAMES or (hyphen and last not in DAY_NAMES):
            return None
        begins = DAY_NAMES.index(first)
        ends = DAY_NAMES.index(last) if hyphen else begins
        if ends < begins:
            return None
        days.update(range(begins, ends + 1))
    return tuple(sorted(days))


def max_age(value: object) -> MaxAge | None:
    """ "3m" or "28d"."""
    found = _AGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    count = int(found[1])
    if found[2] == "d":
        return MaxAge(days=count) if count <= DAYS_MAX else None
    return MaxAge(months=count) if count <= MONTHS_MAX else None


def use_end(value: object) -> UseEnd | None:
    """A word of END_WORDS, or a table of one key: hours, days or next_day."""
    match value:
        case "end_of_day" | "until_switched" | "holding_end":
            return UseEnd(kind=value)
        case {"hours": int(hours), **others} if _counts(hours, HOURS_MAX, others):
            return UseEnd(kind="hours", hours=hours)
        case {"days": int(days), **others} if _counts(days, DAYS_MAX, others):
            return UseEnd(kind="days", days=days)
        case {"next_day": str(clock), **others} if not others:
            until = time_of_day(clock)
            return UseEnd(kind="next_day", until_time=until) if until is not None else None
        case _:
            return None


def _counts(count: int, most: int, others: dict[object, object]) -> bool:
    return not others and not isinstance(count, bool) and 1 <= count <= most


SPELLINGS: Final[dict[str, tuple[Callable[[object], object | None], str]]] = {
    "time": (time_of_day, 'a time of day "HH:MM", from "00:00" to "24:00"'),
    "weekdays": (weekdays, 'days such as "mon-sat", "sat" or "mon,wed", Monday first'),
    "max_age": (max_age, f'an age such as "3m" or "28d", at most {MONTHS_MAX}m or {DAYS_MAX}d'),
    "use_end": (
        use_end,
        ", ".join(f'"{word}"' for word in END_WORDS)
        + f", {{ hours = 1 to {HOURS_MAX} }}, {{ days = 1 to {DAYS_MAX} }}"
        + ' or { next_day = "HH:MM" }',
    ),
}
"""By the name that a type of the schema is marked with: how it is read, and what is allowed."""
