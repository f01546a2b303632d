"""What a resident may do whose residence nobody has proved yet.

Where a scheme asks for proof with each application and not at registration, anyone can open an
account at any address. Until something was issued to them on a proof of their own, they can apply,
prove, pay and cancel what they applied for themselves, and nothing else: a stranger never spends a
household's units.

Source: STV-002, STV-045; promise P16.
"""

from collections.abc import Iterator

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.cancel_application import CancelApplication
from commands.change_email import ChangeEmail
from commands.link_mobile import LinkMobile
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.reuse_proof import ReuseProof
from commands.send_pin import SendPin
from commands.upload_proof import UploadProof
from ledger.events import Actor
from ledger.household.state import Household
from ledger.refusals import NotFound, Refusal

BEFORE_PROOF: tuple[type[Command], ...] = (
    ApplyForPermit,
    UploadProof,
    ReuseProof,
    PayForApplications,
    CancelApplication,
    LinkMobile,
    SendPin,
    ChangeEmail,
    MoveOut,
)


def refusals(command: Command, household: Household, by: Actor) -> Iterator[Refusal]:
    """`eligibility.not_verified` for what an unproved resident may not do.

    Raises NotFound for an application that is another resident's: to a stranger there is none.
    """
    resident = household.residents.get(by.name) if by.role == "resident" else None
    if resident is None or resident.proved:
        return
    if not isinstance(command, BEFORE_PROOF):
        yield Refusal(
            "eligibility.not_verified", "this needs something issued on a proof of your own address"
        )
    named = [getattr(command, "application", ""), *getattr(command, "applications", ())]
    for application_id in filter(None, named):
        application = household.applications.get(application_id)
        if application is None or application.resident_id != resident.resident_id:
            raise NotFound("application")
