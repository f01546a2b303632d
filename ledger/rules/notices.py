"""What is wrong with a penalty charge notice, as the ledger sees it: warnings, never a refusal.

Another system issues notices; what it says is noted whatever the ledger knows. But a notice that
goes against what the officer was shown, or came within the ten minutes of grace, is told at once.

Source: SI 2022/71 regulation 5; reference/enforcement-and-evidence.md C.5, E2, E8.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

WarningCode = Literal[
    "notice.shown_covered",
    "notice.shown_unknown",
    "notice.grace_barred",
    "notice.no_check",
    "notice.another_mark",
    "notice.checked_after",
    "notice.another_zone",
    "notice.zone_unknown",
    "notice.covered_as_known_then",
    "notice.covered_as_known_now",
    "notice.not_a_uk_mark",
]
CONTRADICTIONS: frozenset[WarningCode] = frozenset(
    {
        "notice.shown_covered",
        "notice.shown_unknown",
        "notice.grace_barred",
        "notice.covered_as_known_then",
        "notice.covered_as_known_now",
    }
)
"""Those that speak against the notice itself."""
CHECKED_WITHIN = timedelta(minutes=30)
"""The last check of the mark so long before a notice is taken to be what it follows from."""
CLOCKS_APART = timedelta(minutes=5)
"""How far the clock of the system that issues notices may be ahead."""


class NoticeWarning(Struct, frozen=True, kw_only=True):
    """One thing to look at: a code that keeps its meaning, and a sentence."""

    code: WarningCode
    detail: str


class Checked(Struct, frozen=True, kw_only=True):
    """An answer to a question about the notice's mark: what was shown, or what is asked again.

    `covered` None: it was unknown, as what is stored of the mark was in doubt.
    """

    asked_at: datetime
    glyphs: str
    zone: str
    covered: bool | None
    earliest_pcn_at: datetime | None


def warnings(
    *,
    glyphs: str,
    zone: str,
    issued_at: datetime,
    british: bool,
    shown: Checked | None,
    known_then: Checked | None,
    known_now: Checked | None,
) -> Iterator[NoticeWarning]:
    """Everything to look at, in the order of WarningCode.

    `shown` is the check that it follows from, `known_then` and `known_now` the same question asked
    of the instant of issue, None where the scheme has no such zone. At the very end of the grace a
    notice is barred still.
    """
    if shown is not None and shown.covered and shown.glyphs == glyphs:
        yield NoticeWarning(
            code="notice.shown_covered", detail="the officer was shown that it was covered"
        )
    if shown is not None and shown.covered is None and shown.glyphs == glyphs:
        yield NoticeWarning(
            code="notice.shown_unknown",
            detail="the officer was shown that it is unknown, and to issue no notice",
        )
    barred = [
        each.earliest_pcn_at
        for each in (shown, known_then, known_now)
        if each is not None and not each.covered and each.glyphs == glyphs and each.earliest_pcn_at
    ]
    if barred and issued_at <= max(barred):
        yield NoticeWarning(
            code="notice.grace_barred",
            detail="it was issued within ten minutes of the end of the cover",
        )
    yield from _of_the_check(glyphs, zone, issued_at, shown)
    if known_then is None or known_now is None:
        yield NoticeWarning(code="notice.zone_unknown", detail="the scheme has no such zone")
    if known_then is not None and known_then.covered:
        yield NoticeWarning(
            code="notice.covered_as_known_then", detail="by what was known then it was covered"
        )
    if known_now is not None and known_now.covered:
        yield NoticeWarning(
            code="notice.covered_as_known_now", detail="by what is known now it was covered"
        )
    if not british:
        yield NoticeWarning(
            code="notice.not_a_uk_mark", detail="not the form of a UK mark: check its spelling"
        )


def _of_the_check(
    glyphs: str, zone: str, issued_at: datetime, shown: Checked | None
) -> Iterator[NoticeWarning]:
    if shown is None:
        yield NoticeWarning(
            code="notice.no_check", detail="no check of this mark is on record before it"
        )
        return
    if shown.glyphs != glyphs:
        yield NoticeWarning(
            code="notice.another_mark", detail="the check it names was of another mark"
        )
    if shown.asked_at > issued_at:
        yield NoticeWarning(
            code="notice.checked_after", detail="the check it names came after the notice"
        )
    if shown.zone != zone:
        yield NoticeWarning(code="notice.another_zone", detail="the check was of another zone")
