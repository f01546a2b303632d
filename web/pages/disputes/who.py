"""Who may do what at the desk, and how its commands are sent."""

from commands.base import Command
from ledger.events import Answer
from services import own_households as own_of
from web.access import Roles
from web.commanding import actor_of, own_households
from web.disputes import DESK, READERS
from web.pages.framework import Visit
from web.pages.sending import send

__all__ = ["DESK", "READERS", "about_notice", "about_outages", "may_act", "refuse_own"]


def may_act(visit: Visit) -> bool:
    """False for those who only read."""
    return visit.by.role in DESK


def about_notice(
    visit: Visit,
    number: str,
    command: Command,
    *,
    mark: str = "",
    step: str = "",
    may: Roles = DESK,
) -> Answer:
    """Send what is about a notice; `mark`, of one that is only being noted.

    Raises what the ledger raises: where the notice is of the household they live in, Refused.
    """
    stream = visit.council.ledger.notice_id(number)
    own = own_of.and_notice(visit.council, own_households(visit.by), number, mark)
    return send(visit, stream, command, step=step, may=may, own=own)


def refuse_own(visit: Visit, mark: str, what: str) -> None:
    """Raises Refused for a look into what is of the household they live in; it is kept."""
    own = own_households(visit.by)
    own_of.refuse_to_look(visit.council, own, mark, actor_of(visit.by), what)


def about_outages(visit: Visit, command: Command) -> Answer:
    """Send what is about the register of outages."""
    return send(visit, visit.council.ledger.outages_id(), command, may=DESK)
