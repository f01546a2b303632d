"""What a household's life yields, and what it is sent back: the life itself touches nothing.

A life is a generator: it yields what it does and when, is sent what came of it, and goes on from
there. Instants never go back within a life.
"""

from collections.abc import Generator
from datetime import UTC, datetime, time, timedelta
from random import Random

from msgspec import Struct

from commands.base import Command, Values
from ledger.events import Actor, Channel
from ledger.scheme.schema import Scheme

STAFF = Actor("staff", "office")


class Doing(Struct, frozen=True, kw_only=True):
    """A command, when it is sent, by whom and how."""

    at: datetime
    command: Command
    by: Actor
    channel: Channel = "website"


class Checking(Struct, frozen=True, kw_only=True):
    """An officer's check of a mark."""

    at: datetime
    typed: str
    zone: str
    officer: str

    @property
    def device(self) -> str:
        return f"handheld-{self.officer[-1]}"


class Outcome(Struct, frozen=True, kw_only=True):
    """The values of an answer, or the codes of the refusal. A check has neither."""

    values: Values
    refused: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return not self.refused

    def text(self, key: str) -> str:
        """A value that is one text; empty where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def first(self, key: str) -> str:
        """The first of a value that is a list; empty where there is none."""
        value = self.values.get(key)
        return value[0] if isinstance(value, list) and value else ""


Deed = Doing | Checking
Life = Generator[Deed, Outcome, None]


class Clock:
    """A life's own time: it waits, and says the hour people do things at."""

    def __init__(self, at: datetime, scheme: Scheme, chance: Random) -> None:
        self.at = at
        self._zone = scheme.tz
        self._chance = chance

    def wait(self, low: timedelta, high: timedelta) -> datetime:
        """Some time between the two has gone by, to the second."""
        seconds = self._chance.randint(int(low.total_seconds()), int(high.total_seconds()))
        self.at += timedelta(seconds=seconds)
        return self.at

    def daytime(self) -> datetime:
        """Now, or tomorrow morning where people are asleep."""
        local = self.at.astimezone(self._zone)
        if not time(7) <= local.time() < time(22):
            days = 1 if local.hour >= 22 else 0
            waking = datetime.combine(local.date() + timedelta(days=days), time(8), self._zone)
            self.at = waking.astimezone(UTC) + timedelta(seconds=self._chance.randint(0, 7200))
        return self.at

    def local_later(self, days: int, hour: int) -> str:
        """A local time so many days on, as a resident would type it."""
        day = self.at.astimezone(self._zone).date() + timedelta(days=days)
        return f"{day}T{hour:02d}:00"
