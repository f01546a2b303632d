"""Record that an evidence pack was made for a case, by the digest of its bytes.

Source: reference/enforcement-and-evidence.md E2.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from commands.base import Command, Context, Values
from commands.finding import case_of
from ledger.events import AnyEvent, EvidenceMade
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.values import utc


class RecordEvidence(Command, frozen=True, kw_only=True, tag="record_evidence"):
    """`digest` is the SHA-256 of the pack; it speaks of `about_at`, as known at `known_at`."""

    case: str
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    about_at: Annotated[datetime, Meta(tz=True)]
    known_at: Annotated[datetime, Meta(tz=True)]


def decide(command: RecordEvidence, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with `case.dated_in_future`; NotFound for no such case."""
    case = case_of(household, command.case)
    about_at, known_at = utc(command.about_at), utc(command.known_at)
    refuse_if(
        Refusal("case.dated_in_future", "a pack speaks of what was and was known")
        if max(about_at, known_at) > context.at
        else None
    )
    return [
        EvidenceMade(
            case_id=case.case_id, digest=command.digest, about_at=about_at, known_at=known_at
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    made = events[0]
    assert isinstance(made, EvidenceMade)
    return {"case": made.case_id}
