"""Declare that services failed: notices issued meanwhile are then to be looked at.

Every outage of a council is in one stream, its register.

Source: reference/enforcement-and-evidence.md D6, E16.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, OutageDeclared, Service
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.rules import outages
from ledger.values import utc

FOUNDS = True

Services = Annotated[tuple[Service, ...], Meta(min_length=1, max_length=6)]
FoundHow = Literal["reported", "monitoring", "supplier", "afterwards"]
Instant = Annotated[datetime, Meta(tz=True)]
Why = Annotated[str, Meta(max_length=500)]


class DeclareOutage(Command, frozen=True, kw_only=True, tag="declare_outage"):
    """They failed over `[failed_from, failed_until)`; without an end they still do."""

    services: Services
    failed_from: Instant
    failed_until: Instant | None = None
    found_how: FoundHow
    reason: Why


def decide(command: DeclareOutage, household: Household, context: Context) -> list[AnyEvent]:
    """Declare it. Raises Refused with every `outage.*` reason."""
    begins = utc(command.failed_from)
    ends = None if command.failed_until is None else utc(command.failed_until)
    refuse_if(
        *outages.refusals(
            failed_from=begins, failed_until=ends, reason=command.reason, at=context.at
        )
    )
    return [
        OutageDeclared(
            outage_id=context.new_id(),
            services=tuple(dict.fromkeys(command.services)),
            failed_from=begins,
            failed_until=ends,
            found_how=command.found_how,
            reason=command.reason.strip(),
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    declared = events[0]
    assert isinstance(declared, OutageDeclared)
    return {"outage": declared.outage_id}
