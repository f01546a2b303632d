"""Random lives of a penalty charge notice and of the register of outages.

Each command of the desk is drawn with what there is, and sometimes with what there is not.
"""

from datetime import timedelta
from random import Random

from commands.base import Command
from commands.cancel_notice import CancelNotice
from commands.close_case import CloseCase
from commands.correct_outage import CorrectOutage
from commands.decide_appeal import DecideAppeal
from commands.decide_case import DecideCase
from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.record_appeal import RecordAppeal
from commands.record_evidence import RecordEvidence
from commands.withdraw_outage import WithdrawOutage
from tests.properties.lives import STAFF, Life, pick

DESK: tuple[type[Command], ...] = (
    NoteNotice,
    CancelNotice,
    OpenCase,
    RecordEvidence,
    DecideCase,
    RecordAppeal,
    DecideAppeal,
    CloseCase,
    DeclareOutage,
    CorrectOutage,
    WithdrawOutage,
)
DAYS = (0, 1, 5, 12, 27, 28, 29, 55, 56)


def live(life: Life, chance: Random, steps: int) -> None:
    """Take so many steps of the desk."""
    life.send(_note(life), STAFF)
    for _ in range(steps):
        life.at += timedelta(days=chance.choice(DAYS), hours=chance.randrange(24))
        life.send(_drawn(life, chance), STAFF)


def _note(life: Life) -> NoteNotice:
    return NoteNotice(
        number="ST10000017", mark="AB12CDE", zone="OT", issued_at=life.at, contravention="12"
    )


def _drawn(life: Life, chance: Random) -> Command:
    desk = life.household.desk
    assert desk is not None
    assert desk.notice is not None
    case = pick(desk.notice.cases, chance.randrange(256))
    outage = pick(desk.outages, chance.randrange(256))
    today = life.at.date()
    earlier = today - timedelta(days=chance.choice(DAYS))
    posted = chance.choice((None, None, earlier))
    ended = life.at - timedelta(hours=chance.randrange(3))
    begun = life.at - timedelta(hours=chance.randrange(1, 9))
    why = chance.choice(("because", "because", " "))
    outcome = chance.choice(("accepted", "rejected", "rejected", "rejected"))
    found = chance.choice(("allowed", "refused", "withdrawn"))
    drawn: tuple[Command, ...] = (
        _note(life),
        OpenCase(kind="informal", reference="A-1", received_on=earlier),
        OpenCase(kind="formal", reference="A-2", received_on=today, served_on=earlier),
        OpenCase(kind="formal", reference="A-3", received_on=today, posted_on=earlier),
        RecordEvidence(case=case, digest="0a" * 32, about_at=begun, known_at=ended),
        DecideCase(case=case, outcome=outcome, reason=why, decided_on=posted, posted_on=posted),
        DecideCase(case=case, outcome="rejected", reason=why),
        RecordAppeal(case=case, reference="T-1", lodged_on=earlier),
        RecordAppeal(case=case, reference="T-2", lodged_on=today),
        DecideAppeal(case=case, outcome=found, decided_on=today),
        DeclareOutage(services=("bookings",), failed_from=begun, found_how="reported", reason=why),
        CorrectOutage(
            outage=outage,
            services=("texts",),
            failed_from=begun,
            failed_until=ended,
            found_how="monitoring",
            reason=why,
            why=why,
        ),
        WithdrawOutage(outage=outage, why=why),
    )
    ends = (
        CancelNotice(reason_code="other", reason=why),
        CloseCase(case=case, reason=chance.choice(("paid", "withdrawn"))),
    )
    return chance.choice(ends if chance.random() < 0.05 else drawn)
