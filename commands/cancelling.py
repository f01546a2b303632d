"""How a penalty charge notice ends: with every case about it that is open."""

from ledger.events import NoticeCancelled
from ledger.household.desk import Notice


def cancelled(notice: Notice, reason_code: str, reason: str, *, decided: str) -> NoticeCancelled:
    """The fact. `decided` is the case that led to it, which has an end of its own already."""
    return NoticeCancelled(
        reason_code=reason_code,
        reason=reason,
        closed_cases=tuple(
            case.case_id
            for case in notice.cases.values()
            if not case.closed and case.case_id != decided
        ),
    )
