"""Use an earlier upload again for another application.

Source: STV-055, STV-058, STV-128; X-006, X-007, X-016.
"""

from collections.abc import Sequence

from commands import proving
from commands.apply_for_permit import figures
from commands.base import Command, Context, Values
from commands.finding import application_of, document_of
from ledger.events import AnyEvent, ProofReused
from ledger.household.state import Household
from ledger.refusals import NotFound, refuse_if
from ledger.rules import documents


class ReuseProof(Command, frozen=True, kw_only=True, tag="reuse_proof"):
    application: str
    document: str


def decide(command: ReuseProof, household: Household, context: Context) -> list[AnyEvent]:
    """Take the earlier document. Raises Refused with `application.closed` or `document.*`."""
    context.only_residents(household)
    application = application_of(household, command.application)
    document = document_of(household, command.document)
    if document.resident_id != application.resident_id:
        # Another's proof says nothing of where this resident lives.
        raise NotFound("document")
    scheme = context.edition(application.edition)
    refuse_if(
        documents.closed_refusal(application),
        *documents.reuse_refusals(scheme, document, context.today),
    )
    state, target = proving.next_state(application, household, context)
    reused = ProofReused(
        document_id=document.document_id,
        application_id=application.application_id,
        state=state,
        target_on=target,
    )
    return [reused, *proving.issued_if_done(application, household, context, state)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    reused = events[0]
    assert isinstance(reused, ProofReused)
    application = household.applications[reused.application_id]
    return {"document": reused.document_id, **figures(application, household, context)}
