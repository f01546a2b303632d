"""Upload a proof for an application. Its content is kept apart and never shown back.

Source: STV-039 to 062, RBW-056 to 066, NOR-131 to 137; X-006 to X-010.
"""

from collections.abc import Sequence
from datetime import date

from commands import proving
from commands.apply_for_permit import figures
from commands.base import Command, Context, Values
from commands.finding import application_of
from ledger.events import AnyEvent, ProofUploaded
from ledger.household.state import Household
from ledger.refusals import refuse_if
from ledger.rules import documents


class UploadProof(Command, frozen=True, kw_only=True, tag="upload_proof"):
    application: str
    document: str
    dated: date | None = None


def decide(command: UploadProof, household: Household, context: Context) -> list[AnyEvent]:
    """Accept the document. Raises Refused with `application.closed` and every `document.*`
    reason.
    """
    context.only_residents(household)
    application = application_of(household, command.application)
    scheme = context.edition(application.edition)
    refuse_if(
        documents.closed_refusal(application),
        *documents.upload_refusals(scheme, command.document, command.dated, context.today),
    )
    state, target = proving.next_state(application, household, context)
    uploaded = ProofUploaded(
        document_id=context.new_id(),
        application_id=application.application_id,
        resident_id=application.resident_id,
        document_type=command.document,
        dated_on=command.dated,
        uploaded_on=context.today,
        state=state,
        target_on=target,
    )
    return [uploaded, *proving.issued_if_done(application, household, context, state)]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    uploaded = events[0]
    assert isinstance(uploaded, ProofUploaded)
    application = household.applications[uploaded.application_id]
    return {"document": uploaded.document_id, **figures(application, household, context)}
