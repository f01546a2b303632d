"""Who may do what at the desk, and how its commands are sent."""

from commands.base import Command
from ledger.events import Answer
from web.disputes import DESK, READERS
from web.pages.framework import Visit
from web.pages.sending import send

__all__ = ["DESK", "READERS", "about_notice", "about_outages", "may_act"]


def may_act(visit: Visit) -> bool:
    """False for those who only read."""
    return visit.by.role in DESK


def about_notice(visit: Visit, number: str, command: Command) -> Answer:
    """Send what is about a notice. Raises what the ledger raises."""
    return send(visit, visit.council.ledger.notice_id(number), command, may=DESK)


def about_outages(visit: Visit, command: Command) -> Answer:
    """Send what is about the register of outages."""
    return send(visit, visit.council.ledger.outages_id(), command, may=DESK)
