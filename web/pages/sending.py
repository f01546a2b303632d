"""An act from a page takes the same path as one over HTTP: the same table says who may.

The idempotency key was made when the form was shown, so that pressing twice does once.
"""

from typing import get_args
from uuid import UUID

from msgspec import structs

from commands.base import Command
from commands.correct_cover import CorrectCover
from commands.handling import Sender
from commands.registry import tag_of
from ledger.events import Answer, Channel
from web.access import Roles, household_of, may_send, refuse_roles_but
from web.commanding import actor_of, own_households
from web.pages.framework import Visit
from web.problems import Wrong

CHANNELS: tuple[Channel, ...] = get_args(Channel)


def send(
    visit: Visit,
    stream: UUID,
    command: Command,
    *,
    step: str = "",
    channel: Channel = "website",
    on_behalf_of: str = "",
    may: Roles | None = None,
    own: tuple[str, ...] = (),
) -> Answer:
    """Do one command for whoever is signed in.

    `step` tells apart what one form does in more than one command. `channel` and `on_behalf_of` (a
    resident's id) are staff's, who act for those who telephone or write. `may`: who may send a
    command that is about no household, and so is not in the table. `own`: what besides their own
    household they may not act on.

    Raises what the ledger raises, Wrong `not-allowed`, and NotFound for a household not one's own.
    """
    caller = visit.by
    listed = may_send(tag_of(type(command)), visit.site.sandbox)
    refuse_roles_but(listed if may is None else may, caller)
    if caller.role == "resident":
        household_of(caller, str(stream))
    if caller.role != "staff" and (on_behalf_of or channel != "website"):
        raise Wrong("not-allowed", "Only staff act for those who telephone, text or write.")
    if isinstance(command, CorrectCover):
        # Nobody has proved yet who the second person is: a name in a form is none.
        command = structs.replace(command, approver="")
    return visit.council.handle(
        stream,
        command,
        Sender(
            by=actor_of(caller),
            key=f"{caller.role}/{caller.resident_id or caller.name}/page/{visit.form.key}/{step}",
            channel=channel,
            on_behalf_of=on_behalf_of,
            own_households=(*own_households(caller), *own),
        ),
    )
