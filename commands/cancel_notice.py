"""The council withdraws a penalty charge notice, and says why.

Source: reference/enforcement-and-evidence.md D6, D21.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from commands.base import Command, Context, Values
from commands.cancelling import cancelled
from commands.finding import notice_of
from ledger.events import AnyEvent
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if


class CancelNotice(Command, frozen=True, kw_only=True, tag="cancel_notice"):
    """`reason` is in the council's words, and names nobody."""

    reason_code: Literal[
        "issued_in_error", "vehicle_was_covered", "grace", "system_failure", "goodwill", "other"
    ]
    reason: Annotated[str, Meta(max_length=500)]


def decide(command: CancelNotice, household: Household, context: Context) -> list[AnyEvent]:
    """Withdraw it. Raises Refused with `notice.cancelled`, `notice.reason_missing`; NotFound."""
    notice = notice_of(household)
    refuse_if(
        Refusal("notice.cancelled", "the notice was withdrawn already")
        if notice.cancelled
        else None,
        None
        if command.reason.strip()
        else Refusal("notice.reason_missing", "say why the notice is withdrawn"),
    )
    return [cancelled(notice, command.reason_code, command.reason.strip(), decided="")]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"notice": notice_of(household).noted.number}
