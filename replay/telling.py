"""An act as a history tells it, and its place among the others.

Source: promise P6: a household's whole history, readable.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from datetime import datetime

import msgspec
from msgspec import Struct

from replay.changing import Change

Place = tuple[datetime, int, int, int, int]
"""Where an act stands: its instant, then facts and checks by position, then attempts."""


class Act(Struct, frozen=True, kw_only=True):
    """One thing that was done. `version` is its place in the household (0: an attempt that was
    refused, or a check), `position` in the council's ledger (of a check: the first it did not see);
    it takes effect over `[effective_from, effective_until)`; `pence` is None where the act is not
    about money. `number` tells attempts and checks of one instant apart, and a fact's second act.
    """

    household_id: str
    version: int
    position: int
    act: str
    recorded_at: datetime
    effective_from: datetime | None
    effective_until: datetime | None
    role: str
    by: str
    on_behalf_of: str
    channel: str
    edition: str
    pence: int | None
    sentence: str
    changed: tuple[Change, ...] = ()
    marks: tuple[str, ...] = ()
    number: int = 0

    @property
    def reference(self) -> str:
        """The event behind the act, as `household/version`."""
        return f"{self.household_id}/{self.version}"

    @property
    def place(self) -> Place:
        """A check stands before the facts of its own instant that it did not see."""
        attempt = not (self.version or self.position)
        return self.recorded_at, int(attempt), self.position, self.version, self.number

    @property
    def cursor(self) -> str:
        """What to ask with for the acts after this one."""
        return urlsafe_b64encode(_encoder.encode(self.place)).decode().rstrip("=")


_encoder = msgspec.json.Encoder()
_places = msgspec.json.Decoder(Place)


def place_of(cursor: str) -> Place:
    """The place that a cursor names. Raises ValueError."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place: Place = _places.decode(urlsafe_b64decode(padded.encode()))
    except (NoBase64, UnicodeError, msgspec.DecodeError) as error:
        raise ValueError("a cursor is what an earlier page gave") from error
    return place
