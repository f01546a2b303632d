"""What an evidence pack holds: one value, whose canonical JSON is the pack's machine-readable twin.

Instants are UTC, periods half-open, numbers are integers. A cited event is named `E7`; the list of
events says which stored bytes that is. The same question, made from the same instant of the
ledger, gives the same bytes on any machine.

Source: promises P8, P9 and section 5 ("Evidence pack for a case").
"""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

FORMAT = "permit-ledger evidence 1"


class Asked(Struct, frozen=True, kw_only=True):
    """The question, and what it was answered from: all that was recorded by `as_of`.

    `zone_from` says how the zone is known: `asked`, `only` (there is one), `notice`, `check` or
    `right`. `household` is that of the case, empty where neither the mark nor who asked says which;
    `pcn` is empty where no notice was named.
    """

    council: str
    council_name: str
    timezone: str
    mark: str
    zone: str
    zone_from: str
    at: datetime
    pcn: str
    household: str
    known_at: datetime
    as_of: datetime


class Point(Struct, frozen=True, kw_only=True):
    """Something that a reader must not miss: a stable code, a sentence, and the events it is of."""

    code: str
    says: str
    events: tuple[str, ...] = ()


class RightTold(Struct, frozen=True, kw_only=True):
    """The right an answer rests on, or that came nearest. `covers_until` None: no end was known."""

    kind: str
    named: str
    zone: str
    covers_from: datetime
    covers_until: datetime | None
    told: str
    event: str


class Known(Struct, frozen=True, kw_only=True):
    """The answer about the instant, from what was recorded by `known_at`."""

    known_at: datetime
    covered: bool
    reason: str
    rule: str
    says: str
    match: str
    until: datetime | None
    earliest_pcn_at: datetime | None
    limit: str
    right: RightTold | None


class ShownAnswer(Struct, frozen=True, kw_only=True):
    """One receipt: what an officer's device was shown. `mark` is a pattern where it is another's.

    `relation`: `same` plate, or `near`. `[seen_low, seen_high)` and `seen_not` are the snapshot in
    positions; `digest` is the SHA-256 of the exact bytes sent, and `intact` says that the bytes on
    record still have it. A decision off line names its list's position and when it was given.
    """

    receipt: int
    kind: str
    relation: Literal["same", "near"]
    mark: str
    zone: str
    asked_at: datetime
    device_at: datetime | None
    about_at: datetime
    known_at: datetime
    officer: str
    device: str
    covered: bool | None
    reason: str
    until: datetime | None
    earliest_pcn_at: datetime | None
    seen_low: int
    seen_high: int
    seen_not: tuple[int, ...]
    digest: str
    intact: bool
    list_position: int | None = None
    list_given_at: datetime | None = None


class CoverKnown(Struct, frozen=True, kw_only=True):
    """A cover of the mark as it was known over `[known_from, known_until)`; None: it still is.

    `closed_by` says what changed it, for the household of the case.
    """

    kind: str
    named: str
    zone: str
    covers_from: datetime
    covers_until: datetime | None
    known_from: datetime
    known_until: datetime | None
    own: bool
    event: str
    closed_by: str = ""
    closed_event: str = ""


class Happening(Struct, frozen=True, kw_only=True):
    """One line of the timeline: an act, a check, a refused attempt or a message."""

    at: datetime
    kind: Literal["act", "check", "refused", "message", "notice"]
    act: str
    says: str
    by: str
    channel: str
    event: str = ""


class NearMark(Struct, frozen=True, kw_only=True):
    """A mark nearly the same: in full where it is of this household, else a pattern."""

    shown: str
    how: str
    whose: Literal["this household", "another household"]
    what: str
    zone: str
    covers_from: datetime | None
    covers_until: datetime | None
    covered_then: bool
    event: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """A message to the household. `sent_at` None: not marked as sent by then."""

    kind: str
    about: str
    due_at: datetime
    sent_at: datetime | None
    event: str


class Attempt(Struct, frozen=True, kw_only=True):
    """What was tried and refused, with its reasons."""

    at: datetime
    tried: str
    by: str
    channel: str
    codes: tuple[str, ...]
    reasons: tuple[str, ...]


class NoticeTold(Struct, frozen=True, kw_only=True):
    """The penalty charge notice as it was noted, and its cases. Nothing is told of a notice that
    is about another mark. `receipt`: the check that its sender named.
    """

    number: str
    same_mark: bool
    zone: str = ""
    issued_at: datetime | None = None
    contravention: str = ""
    officer: str = ""
    receipt: int | None = None
    withdrawn: bool = False
    acts: tuple[Happening, ...] = ()


class Incident(Struct, frozen=True, kw_only=True):
    """A failure of the service that overlaps the timeline. `until` None: not ended by then."""

    begins_at: datetime
    until: datetime | None
    services: tuple[str, ...]
    says: str
    reason: str
    event: str


class TermsSection(Struct, frozen=True, kw_only=True):
    """One heading of the scheme in words."""

    heading: str
    sentences: tuple[str, ...]


class Terms(Struct, frozen=True, kw_only=True):
    """The scheme in force at the instant. `digest` is the SHA-256 of the edition's values."""

    edition: str
    digest: str
    rules: tuple[str, ...]
    sections: tuple[TermsSection, ...]


class Grace(Struct, frozen=True, kw_only=True):
    """The ten minutes after cover ends. `last_barred_at` is barred still; None: no cover ended."""

    applies: bool
    last_barred_at: datetime | None
    says: str


class CitedEvent(Struct, frozen=True, kw_only=True):
    """One stored event, and the SHA-256 of its bytes. `stream` is empty where it is another
    household's.
    """

    name: str
    whose: Literal["this household", "another household", "the notice", "the register of outages"]
    stream: str
    version: int
    position: int
    recorded_at: datetime
    tag: str
    digest: str


class Redaction(Struct, frozen=True, kw_only=True):
    """What was left out, why, and how many."""

    what: str
    why: str
    count: int


class Verifying(Struct, frozen=True, kw_only=True):
    """One way to check the pack. `command` is empty where there is none."""

    says: str
    command: str


class Pack(Struct, frozen=True, kw_only=True):
    """The whole pack, in the order in which it is read."""

    format: str
    software: str
    title: str
    summary: tuple[str, ...]
    contradictions: tuple[Point, ...]
    bearing: tuple[Point, ...]
    question: Asked
    known_then: Known
    known_now: Known
    shown: tuple[ShownAnswer, ...]
    timeline_from: datetime
    timeline_until: datetime
    timeline: tuple[Happening, ...]
    covers: tuple[CoverKnown, ...]
    near_marks: tuple[NearMark, ...]
    terms: Terms
    messages: tuple[Message, ...]
    attempts: tuple[Attempt, ...]
    notice: NoticeTold | None
    incidents: tuple[Incident, ...]
    grace: Grace
    events: tuple[CitedEvent, ...]
    verifying: tuple[Verifying, ...]
    redactions: tuple[Redaction, ...]


_encoder = msgspec.json.Encoder(order="sorted")


def canonical(pack: Pack) -> bytes:
    """The pack as canonical JSON: keys in order, no spaces, UTF-8, one line."""
    return _encoder.encode(pack)
