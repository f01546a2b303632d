"""Note a penalty charge notice that another system issued. Its stream is its own, by its number.

Source: reference/enforcement-and-evidence.md C.5, D5, E2.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from commands.base import Command, Context, Values
from ledger.calendar import local_date
from ledger.events import AnyEvent, NoticeNoted
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules.notices import CLOCKS_APART
from ledger.values import mark_refusal, parse_mark, utc

FOUNDS = True

Number = Annotated[str, Meta(pattern="^[A-Z0-9]{4,20}$")]
"""A notice's number: capitals and digits, without spaces."""
Receipt = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class NoteNotice(Command, frozen=True, kw_only=True, tag="note_notice"):
    """`receipt`: the number of the check it follows from, where that is known."""

    number: Number
    mark: Annotated[str, Meta(max_length=64)]
    zone: Annotated[str, Meta(min_length=1, max_length=32)]
    issued_at: Annotated[datetime, Meta(tz=True)]
    contravention: Annotated[str, Meta(pattern="^[0-9]{2}[a-z]{0,4}$")]
    officer: Annotated[str, Meta(max_length=64)] = ""
    receipt: Receipt | None = None


def decide(command: NoteNotice, household: Household, context: Context) -> list[AnyEvent]:
    """Note it. Raises Refused with `vehicle.mark_invalid` and every `notice.*` reason."""
    issued_at = utc(command.issued_at)
    mark = parse_mark(command.mark)
    desk = household.desk
    refuse_if(
        mark_refusal(command.mark),
        None
        if issued_at <= context.at + CLOCKS_APART
        else Refusal("notice.issued_in_future", "a notice is noted after it was issued"),
        Refusal("notice.exists", "a notice of this number was noted already")
        if desk is not None and desk.notice is not None
        else None,
    )
    assert mark is not None
    return [
        NoticeNoted(
            number=command.number,
            typed=mark.typed,
            shown=mark.shown,
            glyphs=mark.glyphs,
            zone=command.zone,
            issued_at=issued_at,
            issued_on=local_date(issued_at, context.scheme.tz),
            contravention=command.contravention,
            officer=command.officer,
            lookup_id=command.receipt,
        )
    ]


def same_facts(command: NoteNotice, noted: NoticeNoted) -> bool:
    """True where the command tells nothing that is not noted already."""
    mark = parse_mark(command.mark)
    return mark is not None and (
        (mark.shown, command.zone, utc(command.issued_at), command.contravention)
        == (noted.shown, noted.zone, noted.issued_at, noted.contravention)
        and (command.officer, command.receipt) == (noted.officer, noted.lookup_id)
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    noted = events[0]
    assert isinstance(noted, NoticeNoted)
    return {"notice": noted.number}
