"""An outage was otherwise than was known: it ended, began earlier, or took more services along.

What was known before stays readable as it was known. Source: X-102; D6, E16.
"""

from collections.abc import Sequence

from commands.base import Command, Context, Values
from commands.declare_outage import FoundHow, Instant, Services, Why
from commands.finding import outage_of
from ledger.events import AnyEvent, OutageCorrected
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import outages
from ledger.values import utc


class CorrectOutage(Command, frozen=True, kw_only=True, tag="correct_outage"):
    """All that is known of it now; `why` it changed."""

    outage: str
    services: Services
    failed_from: Instant
    failed_until: Instant | None = None
    found_how: FoundHow
    reason: Why
    why: Why


def decide(command: CorrectOutage, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with every `outage.*` reason; NotFound for no such outage."""
    outage = outage_of(household, command.outage)
    begins = utc(command.failed_from)
    ends = None if command.failed_until is None else utc(command.failed_until)
    refuse_if(
        *outages.refusals(
            failed_from=begins, failed_until=ends, reason=command.reason, at=context.at
        ),
        None
        if command.why.strip()
        else Refusal("outage.reason_missing", "say why the record changes"),
        Refusal("outage.withdrawn", "there was no such outage") if outage.withdrawn else None,
    )
    return [
        OutageCorrected(
            outage_id=outage.outage_id,
            services=tuple(dict.fromkeys(command.services)),
            failed_from=begins,
            failed_until=ends,
            found_how=command.found_how,
            reason=command.reason.strip(),
            why=command.why.strip(),
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    corrected = events[0]
    assert isinstance(corrected, OutageCorrected)
    return {"outage": corrected.outage_id}
