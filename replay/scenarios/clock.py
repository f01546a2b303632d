"""A scenario's time: local wall time as it is written, and a clock that never runs backwards.

A time is written `YYYY-MM-DD HH:MM[:SS[.ffffff]]` in the scheme's zone, or in UTC with a final Z.
A local time that occurs twice means the first; one that the clocks skip is no instant at all.

Source: the scenario language, `at`; ledger/calendar.py.
"""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.calendar import NoSuchLocalTime, local_instant

# Digits are spelled out because \d would take those of every script.
_WRITTEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{6})?)?(?P<utc>Z)?"
)
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")


class WrittenTime(Struct, frozen=True, kw_only=True):
    """A time as somebody stated it, before anyone asked whether it exists: a naive wall time."""

    wall: datetime
    utc: bool

    def instant(self, zone: ZoneInfo) -> datetime:
        """The UTC instant. Raises NoSuchLocalTime where the clocks skip it."""
        if self.utc:
            return self.wall.replace(tzinfo=UTC)
        try:
            return local_instant(self.wall, zone)
        except OverflowError:  # a time within a day of the calendar's first or last
            raise NoSuchLocalTime(f"{self.wall} lies outside the calendar") from None


class ClockBackwards(ValueError):
    """A step is set earlier than the step before it."""


class ScenarioClock:
    """The one clock of a scenario. It stands until it is set, and is never set back."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.now: datetime | None = None

    def move_to(self, at: datetime) -> datetime:
        """Set the clock to this UTC instant. Raises ClockBackwards where that is in its past."""
        if self.now is not None and at < self.now:
            raise ClockBackwards(
                f"the clock never runs backwards: it stood at {written(self.now, self.zone)}"
            )
        self.now = at
        return at


def parse_written(text: str) -> WrittenTime:
    """The time that is written. Raises ValueError for any other way of writing one."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("a time is written YYYY-MM-DD HH:MM[:SS[.ffffff]], with a Z for UTC")
    return WrittenTime(
        wall=datetime.fromisoformat(text.removesuffix("Z")), utc=match["utc"] is not None
    )


def parse_clock(text: str) -> time:
    """The time of day on a parking clock. Raises ValueError for anything but HH:MM."""
    if _CLOCK.fullmatch(text) is None:
        raise ValueError("a clock is written HH:MM")
    return time.fromisoformat(text)


def written(at: datetime, zone: ZoneInfo) -> str:
    """An instant as `expect` would write it: local, or UTC for the second of two like times."""
    at = at.astimezone(UTC)
    try:
        wall = at.astimezone(zone).replace(tzinfo=None)
        local = local_instant(wall, zone) == at
    except OverflowError:
        local = False
    return _shortest(wall) if local else _shortest(at.replace(tzinfo=None)) + "Z"


def _shortest(wall: datetime) -> str:
    """The wall time without the seconds and microseconds that are nought."""
    if wall.microsecond:
        return wall.isoformat(" ", "microseconds")
    return wall.isoformat(" ", "seconds" if wall.second else "minutes")
