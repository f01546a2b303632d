"""Facts of the disputes desk: penalty charge notices and their cases, and the outage register.

A notice has a stream of its own, and so has the council's register of outages. A case holds no
person's data: who wrote is told by a reference into the council's own correspondence.

Source: reference/enforcement-and-evidence.md C.5, D5, D6, E15, E16; SI 2022/71, SI 2022/576.
"""

from datetime import date, datetime
from typing import Literal

from ledger.events.base import Event

CaseKind = Literal["informal", "formal"]
"""`informal`: a challenge before the notice to owner; `formal`: representations against it."""
Service = Literal["bookings", "payments", "texts", "messages", "checks", "website"]


class DeskFact(Event, frozen=True, kw_only=True):
    """A fact of the desk: it is in the stream of a notice, or in the register of outages."""


class NoticeNoted(DeskFact, frozen=True, kw_only=True, tag="notice_noted.v1"):
    """A penalty charge notice that another system issued. The ledger notes it, and no more.

    `lookup_id` is the receipt of the check it follows from, where its sender named one.
    """

    number: str
    typed: str
    shown: str
    glyphs: str
    zone: str
    issued_at: datetime
    issued_on: date
    contravention: str
    officer: str = ""
    lookup_id: int | None = None


class NoticeCancelled(DeskFact, frozen=True, kw_only=True, tag="notice_cancelled.v1"):
    """The council withdrew the notice, with its reason; cases that were open are over."""

    reason_code: str
    reason: str
    closed_cases: tuple[str, ...] = ()


class CaseOpened(DeskFact, frozen=True, kw_only=True, tag="case_opened.v1"):
    """Somebody disputes the notice. Dates are local; each last day is itself in time.

    `received_until`: the last day on which formal representations are in time; `decide_until`: the
    last day for the council's decision. None where no clock runs.
    """

    case_id: str
    kind: CaseKind
    reference: str
    received_on: date
    in_time: bool
    served_on: date | None = None
    received_until: date | None = None
    decide_until: date | None = None


class EvidenceMade(DeskFact, frozen=True, kw_only=True, tag="evidence_made.v1"):
    """An evidence pack was made for the case: its SHA-256, and the instants it speaks of."""

    case_id: str
    digest: str
    about_at: datetime
    known_at: datetime


class CaseDecided(DeskFact, frozen=True, kw_only=True, tag="case_decided.v1"):
    """The council's decision, served on `served_on`. `deemed`: lateness had accepted it already.

    `appeal_until` is the last day of an appeal against a rejection of formal representations.
    """

    case_id: str
    outcome: Literal["accepted", "rejected"]
    reason: str
    decided_on: date
    served_on: date
    deemed: bool = False
    appeal_until: date | None = None


class AppealLodged(DeskFact, frozen=True, kw_only=True, tag="appeal_lodged.v1"):
    """An appeal to the adjudicator, under the tribunal's own reference."""

    case_id: str
    reference: str
    lodged_on: date
    in_time: bool


class AppealDecided(DeskFact, frozen=True, kw_only=True, tag="appeal_decided.v1"):
    """What the adjudicator found."""

    case_id: str
    outcome: Literal["allowed", "refused", "refused_with_recommendation", "withdrawn"]
    decided_on: date


class CaseClosed(DeskFact, frozen=True, kw_only=True, tag="case_closed.v1"):
    """The case is over without a decision: paid, or withdrawn by whoever made it."""

    case_id: str
    reason: Literal["paid", "withdrawn", "not_pursued"]


class OutageDeclared(DeskFact, frozen=True, kw_only=True, tag="outage_declared.v1"):
    """Services that failed over `[failed_from, failed_until)`; None: they still do."""

    outage_id: str
    services: tuple[Service, ...]
    failed_from: datetime
    failed_until: datetime | None = None
    found_how: str
    reason: str


class OutageCorrected(DeskFact, frozen=True, kw_only=True, tag="outage_corrected.v1"):
    """The outage was otherwise than was known: all that is known of it now, and why it changed."""

    outage_id: str
    services: tuple[Service, ...]
    failed_from: datetime
    failed_until: datetime | None = None
    found_how: str
    reason: str
    why: str


class OutageWithdrawn(DeskFact, frozen=True, kw_only=True, tag="outage_withdrawn.v1"):
    """There was no such outage."""

    outage_id: str
    why: str
