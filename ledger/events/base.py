"""What every stored fact is made of: the event, the cover it gives or takes, and its entry.

An event is frozen and carries everything that was decided: replay computes nothing again and
never asks
today's rules about yesterday. Its tag (`voucher_booked.v1`) is what is stored; tags are never
renamed or reused. A new meaning is a new tag.

A fact holds values and never itself, so that the garbage collector need not look at it
(`gc=False`): a replay makes millions of them.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Channel = Literal["website", "app", "phone", "text", "post", "counter"]
Role = Literal["resident", "staff", "officer", "approver", "auditor", "system", "dispute", "editor"]
CoverKind = Literal["booking", "active", "listed", "card", "stay", "holding", "correction"]


class Event(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True, gc=False):
    """A fact, in the past tense."""


class Cover(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A vehicle's right in a zone for `[covers_from, covers_until)`, as an officer's check sees it.

    A `listed` cover permits nothing: the vehicle is on the permit but not active. An event that
    names
    the `cover_id` of an earlier cover replaces what was known of it, from the event's instant on.
    """

    cover_id: str
    kind: CoverKind
    holding_id: str
    product: str
    typed: str
    shown: str
    glyphs: str
    zone: str
    covers_from: datetime
    covers_until: datetime


class Counted(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a purchase, or a use, takes from one allowance, on dates `[counts_from, counts_until)`.

    `cap` names the allowance (product or group, scope, window); `amount` is in the allowance's
    own unit. `counts_until_at`, where the scheme counts to the instant, is the first instant of
    `counts_until` at which it no longer counts.
    """

    cap: str
    scope: Literal["household", "resident", "permit"]
    unit: Literal["unit", "pack", "permit"]
    amount: int
    counts_from: date
    counts_until: date
    counts_until_at: datetime | None = None


class Actor(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who acts: a role, and the id of the resident or the name of the member of staff."""

    role: Role
    name: str = ""


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the person who sent the command was told; kept so that a retry is told the same."""

    command: str
    household_id: str = ""
    version: int = 0
    recorded_at: datetime | None = None
    values: dict[str, str | int | bool | list[str] | None] = {}


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """Proof that a command took effect: the digests of its key and body, and its answer."""

    key: str
    body: str
    answer: Answer
