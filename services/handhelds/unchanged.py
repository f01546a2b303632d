"""Whether a zone's list is still what it was, told from the facts since and not from the list.

A device asks for its list again and again, and mostly nothing has changed. What could have: a fact
above the position up to which the list told, the terms, or the first entry's end, ten minutes
after which it is left out. Each process remembers this of the lists it made; where it has not, the
list is made and compared.

Source: reference/enforcement-and-evidence.md, E.17.
"""

from datetime import datetime

from msgspec import Struct, structs

ZONES_MAX = 10_000


class Remembered(Struct, frozen=True, kw_only=True):
    """The tag of a zone's list, which is the same over `[read_at, until)` unless a fact above
    `position` touches it, other than those in `told`, which the list tells of. `terms_digest` is of
    the terms it was made under.
    """

    tag: str
    empty: bool
    position: int
    told: frozenset[int]
    read_at: datetime
    until: datetime
    terms_digest: bytes

    def could_hold(self, tag: str, at: datetime, terms_digest: bytes) -> bool:
        """True where neither the clock nor the scheme has changed the list with this tag."""
        same = (self.tag, self.terms_digest) == (tag, terms_digest)
        return same and self.read_at <= at < self.until


class Unchanged:
    """What one process remembers of its lists, by zone. It may be read and written by any thread:
    what is lost or overwritten costs a look at the zone.
    """

    def __init__(self) -> None:
        self._by_zone: dict[str, Remembered] = {}

    def of(self, zone: str) -> Remembered | None:
        return self._by_zone.get(zone)

    def remember(self, zone: str, list_made: Remembered) -> None:
        if len(self._by_zone) >= ZONES_MAX:
            self._by_zone = {}
        self._by_zone[zone] = list_made

    def read_on(
        self, zone: str, list_made: Remembered, position: int, told: frozenset[int], at: datetime
    ) -> None:
        """Nothing up to this position or in `told` touched the list: the next look begins there."""
        self.remember(zone, structs.replace(list_made, position=position, told=told, read_at=at))
