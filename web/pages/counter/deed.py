"""What staff do for a resident: one form each, with how they were asked and for whom they act.

A deed is data: its fields, the command that they make, and what is said afterwards. Where it costs
something it is checked before it is done.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from commands.base import Command
from ledger.events import Answer, AnyEvent, Channel
from web.pages.counter.case import Case
from web.pages.forms import Form, mistake

CHANNELS: Final[tuple[tuple[Channel, str], ...]] = (
    ("phone", "By telephone"),
    ("counter", "At the counter"),
    ("post", "By letter or email"),
)


class Field(Struct, frozen=True, kw_only=True):
    """One question. `items`: pairs of value and text. `note` is not sent: a sentence to read."""

    kind: str
    """text, mark, number, area, choice, dropdown, ticks, day, time or note"""
    name: str
    label: str
    hint: str = ""
    items: tuple[tuple[str, str], ...] = ()
    value: str = ""


Rows = Sequence[tuple[str, str]]


class Deed(Struct, frozen=True, kw_only=True):
    """`heading` and `fields` follow from the household; `command` from what was entered.

    `check` says what it would do, from its facts, before it is done; None does it at once.
    `about` are facts above the form. `proposed`: a second person has to confirm it.
    """

    slug: str
    heading: Callable[[Case], str]
    button: str
    command: Callable[[Case, Form], Command]
    said: Callable[[Case, Answer], str]
    fields: Callable[[Case], list[Field]] = lambda case: []
    about: Callable[[Case], Rows] = lambda case: []
    check: Callable[[Case, Sequence[AnyEvent]], Rows] | None = None
    whose: Callable[[Case], str] = lambda case: ""
    """The resident it is about, where that is known; else staff say for whom."""
    proposed: bool = False
    warning: bool = False
    errors: dict[str, str] = {}
    """At which field a refusal is shown, by its code or topic."""


def channel_of(form: Form) -> Channel:
    """How they asked. Raises Mistakes."""
    chosen = form.get("channel")
    for channel, _ in CHANNELS:
        if chosen == channel:
            return channel
    raise mistake("channel", "Choose how you were asked")


def resident_of(case: Case, deed: Deed, form: Form) -> str:
    """For whom it is done: who is known, the only one living here, or who was chosen.

    Empty where nobody lives here. Raises Mistakes.
    """
    known = deed.whose(case)
    ids = [each.resident_id for each in case.living]
    if known in ids:
        return known
    if len(ids) <= 1:
        return ids[0] if ids else ""
    return form.one_of("resident", ids, "Choose for whom this is done")


def asks_for_whom(case: Case, deed: Deed) -> list[tuple[str, str]]:
    """The people to choose from; empty where there is no choice."""
    known = deed.whose(case)
    ids = [each.resident_id for each in case.living]
    if known in ids or len(ids) < 2:
        return []
    return [(each.resident_id, each.name or "Resident without a name") for each in case.living]


def filled(fields: Sequence[Field], form: Form) -> list[dict[str, Any]]:
    """The fields as the template takes them, with what was typed already."""
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "label": each.label,
            "hint": each.hint,
            "items": list(each.items),
            "value": form.get(each.name) or each.value,
            "values": form.all(each.name),
            "day": {part: form.get(f"{each.name}-{part}") for part in ("day", "month", "year")},
        }
        for each in fields
    ]
