"""What the streams of the disputes desk are: a notice with its cases, a register of outages.

Source: reference/enforcement-and-evidence.md D6, E15, E16.
"""

from datetime import date, datetime
from typing import assert_never

from msgspec import Struct, field

from ledger.events.desk import (
    AppealDecided,
    AppealLodged,
    CaseClosed,
    CaseDecided,
    CaseKind,
    CaseOpened,
    EvidenceMade,
    NoticeCancelled,
    NoticeNoted,
    OutageCorrected,
    OutageDeclared,
    OutageWithdrawn,
    Service,
)

DeskEvent = (
    NoticeNoted
    | NoticeCancelled
    | CaseOpened
    | EvidenceMade
    | CaseDecided
    | AppealLodged
    | AppealDecided
    | CaseClosed
    | OutageDeclared
    | OutageCorrected
    | OutageWithdrawn
)


class Case(Struct, kw_only=True):
    """A dispute of a notice. `state` says how far it has come; `outcome` what was decided last."""

    case_id: str
    kind: CaseKind
    received_on: date
    state: str = "open"
    outcome: str = ""
    decide_until: date | None = None
    decided_on: date | None = None
    appeal_until: date | None = None
    appealed: bool = False

    @property
    def closed(self) -> bool:
        """Nothing more of it is to come."""
        return self.state == "closed"


class Notice(Struct, kw_only=True):
    """A penalty charge notice as it was noted. `cancelled`: the council withdrew it."""

    noted: NoticeNoted
    cancelled: bool = False
    cases: dict[str, Case] = field(default_factory=dict)


class Outage(Struct, kw_only=True):
    """An outage as it is known; `withdrawn`: there was none."""

    outage_id: str
    services: tuple[Service, ...]
    failed_from: datetime
    failed_until: datetime | None
    found_how: str
    reason: str
    withdrawn: bool = False


class Desk(Struct, kw_only=True):
    """The desk's part of a stream: empty in every household."""

    notice: Notice | None = None
    outages: dict[str, Outage] = field(default_factory=dict)


def changed(desk: Desk, event: DeskEvent) -> None:
    """Change it by one fact."""
    match event:
        case NoticeNoted():
            desk.notice = Notice(noted=event)
        case OutageDeclared() | OutageCorrected():
            desk.outages[event.outage_id] = Outage(
                outage_id=event.outage_id,
                services=event.services,
                failed_from=event.failed_from,
                failed_until=event.failed_until,
                found_how=event.found_how,
                reason=event.reason,
            )
        case OutageWithdrawn():
            desk.outages[event.outage_id].withdrawn = True
        case _:
            assert desk.notice is not None, "a notice's first fact notes it"
            _notice_changed(desk.notice, event)


def _notice_changed(
    notice: Notice,
    event: NoticeCancelled
    | CaseOpened
    | EvidenceMade
    | CaseDecided
    | AppealLodged
    | AppealDecided
    | CaseClosed,
) -> None:
    match event:
        case NoticeCancelled():
            notice.cancelled = True
            for case_id in event.closed_cases:
                notice.cases[case_id].state = "closed"
        case CaseOpened():
            notice.cases[event.case_id] = Case(
                case_id=event.case_id,
                kind=event.kind,
                received_on=event.received_on,
                decide_until=event.decide_until,
            )
        case EvidenceMade():
            pass
        case CaseDecided():
            case = notice.cases[event.case_id]
            case.outcome, case.decided_on = event.outcome, event.decided_on
            case.appeal_until = event.appeal_until
            case.state = "decided" if event.appeal_until else "closed"
        case AppealLodged():
            case = notice.cases[event.case_id]
            case.state, case.appealed = "appealed", True
        case AppealDecided():
            case = notice.cases[event.case_id]
            case.state, case.outcome = "closed", f"appeal_{event.outcome}"
        case CaseClosed():
            case = notice.cases[event.case_id]
            case.state, case.outcome = "closed", event.reason
        case _ as unreachable:
            assert_never(unreachable)
