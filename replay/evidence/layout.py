"""The parts of a document: text and whole numbers alone, so that its template decides nothing.

Source: PDF/UA-1 (every picture has its words, every table its header).
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from replay.wording import clock, day


class Bar(Struct, frozen=True, kw_only=True):
    """A stretch of a lane, in ten-thousandths of its width. `tone` names its colour."""

    begins: int
    until: int
    tone: str


class Dot(Struct, frozen=True, kw_only=True):
    """A moment in a lane, in ten-thousandths of its width."""

    at: int
    tone: str
    label: str


class Lane(Struct, frozen=True, kw_only=True):
    """One row of a picture."""

    name: str
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()


class Picture(Struct, frozen=True, kw_only=True):
    """Lanes over one stretch of time; `alt` says in words what they show."""

    caption: str
    alt: str
    at: int
    at_label: str
    ticks: tuple[tuple[int, str], ...]
    lanes: tuple[Lane, ...]


class Table(Struct, frozen=True, kw_only=True):
    """Columns with their widths in parts, and rows of as many cells. `code`: columns of digests."""

    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    code: tuple[int, ...] = ()


class Section(Struct, frozen=True, kw_only=True):
    """One numbered heading, what stands under it, and `none` where it has nothing to tell."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    commands: tuple[tuple[str, str], ...] = ()


class Verdict(Struct, frozen=True, kw_only=True):
    """One of the two answers, for the head of page one."""

    heading: str
    covered: bool
    word: str
    says: str


class Sheet(Struct, frozen=True, kw_only=True):
    """The document."""

    title: str
    council: str
    digest: str
    summary: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    contradictions: tuple[str, ...]
    bearing: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


_encoder = msgspec.json.Encoder(order="sorted")


def in_bytes(sheet: Sheet) -> bytes:
    """The document as its template reads it."""
    return _encoder.encode(sheet)


def cited(events: Iterable[str]) -> str:
    named = [event for event in events if event]
    return f" [{', '.join(named)}]" if named else ""


def second(at: datetime, tz: ZoneInfo) -> str:
    """`14:05:00 on 10 January 2026`: evidence is told to the second."""
    local = at.astimezone(tz)
    return f"{local:%H:%M:%S} on {day(local.date())}"


def short(at: datetime | None, tz: ZoneInfo, none: str = "") -> str:
    """`10 Jan 14:05:00`, for tables."""
    if at is None:
        return none
    local = at.astimezone(tz)
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M:%S}"


def dated(at: datetime | None, tz: ZoneInfo, none: str = "") -> str:
    """`10 Jan 2026 14:05`, for what may be years away; seconds only where there are some."""
    if at is None:
        return none
    local = at.astimezone(tz)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {clock(at, tz)}"


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
