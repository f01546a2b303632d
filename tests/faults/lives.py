"""Lives whose every command is cut: those of the towns, and what these leave out.

`LIVES` are pairs of a council and what happens there, one command after the other; a council may
have several, each with households of its own.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.cancel_notice import CancelNotice
from commands.change_visitor import ChangeVisitor
from commands.close_case import CloseCase
from commands.correct_outage import CorrectOutage
from commands.decide_appeal import DecideAppeal
from commands.decide_case import DecideCase
from commands.declare_outage import DeclareOutage
from commands.list_property import ListProperty
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.override_eligibility import OverrideEligibility
from commands.record_appeal import RecordAppeal
from commands.record_evidence import RecordEvidence
from commands.register_resident import RegisterResident
from commands.save_visitor import SaveVisitor
from commands.withdraw_outage import WithdrawOutage
from ledger.events import Actor
from tests.replay.town import DAYS, STAFF, ZONES, Town

__all__ = ["LIVES", "Town"]


def desk_days(town: Town) -> Iterator[None]:
    """Notices, cases to the tribunal, and the register of outages."""
    town.at("2026-11-19 12:40")
    ledger, today = town.council.ledger, date(2026, 11, 19)
    for number in ("N-1", "N-2"):
        note = NoteNotice(
            number=number,
            mark="AB12CDE",
            zone=ZONES[town.council.id],
            issued_at=town.now - timedelta(minutes=3),
            contravention="12",
        )
        town.do(note, by=STAFF, stream=ledger.notice_id(number))
        yield
    first, second = ledger.notice_id("N-1"), ledger.notice_id("N-2")
    formal = OpenCase(kind="formal", reference="A-1", received_on=today, served_on=today)
    case = town.do(formal, by=STAFF, stream=first)["case"]
    yield
    pack = RecordEvidence(case=case, digest="0" * 64, about_at=town.now, known_at=town.now)
    town.do(pack, by=STAFF, stream=first)
    yield
    town.do(DecideCase(case=case, outcome="rejected", reason="r"), by=STAFF, stream=first)
    yield
    town.do(RecordAppeal(case=case, reference="T-1", lodged_on=today), by=STAFF, stream=first)
    yield
    town.do(DecideAppeal(case=case, outcome="refused", decided_on=today), by=STAFF, stream=first)
    yield
    informal = OpenCase(kind="informal", reference="A-2", received_on=today)
    other = town.do(informal, by=STAFF, stream=second)["case"]
    town.do(CloseCase(case=other, reason="withdrawn"), by=STAFF, stream=second)
    yield
    town.do(CancelNotice(reason_code="goodwill", reason="r"), by=STAFF, stream=second)
    yield
    register, began = ledger.outages_id(), town.now - timedelta(hours=1)
    failing = DeclareOutage(
        services=("bookings",), failed_from=began, found_how="reported", reason="r"
    )
    outage = town.do(failing, by=STAFF, stream=register)["outage"]
    yield
    known = CorrectOutage(
        outage=outage,
        services=("bookings", "texts"),
        failed_from=began,
        failed_until=town.now,
        found_how="reported",
        reason="r",
        why="it was over",
    )
    town.do(known, by=STAFF, stream=register)
    yield
    town.do(WithdrawOutage(outage=outage, why="another system"), by=STAFF, stream=register)
    yield


def online_days(town: Town) -> Iterator[None]:
    """Who registers by the form; an application that is withdrawn; visitors renamed."""
    town.at("2026-11-19 13:00")
    town.home = town.council.ledger.household_id("online")
    listed = ListProperty(
        property_ref="online", zone=ZONES[town.council.id], council_tax_accounts=("CT-9",)
    )
    town.do(listed, by=STAFF)
    yield
    town.do(RegisterResident(council_tax_account="CT-9", name="Ann"), by=Actor("resident"))
    yield
    town.move_in("renamed", "07700 900055")
    yield
    town.do(SaveVisitor(vehicle="AB12CDE", name="Gran"))
    yield
    town.do(ChangeVisitor(vehicle="AB12CDE", to="CD34EFG", preferred=True))
    yield
    applied = town.do(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    town.do(CancelApplication(application=applied))
    yield


def excepted_days(town: Town) -> Iterator[None]:
    """A property that staff except from a rule."""
    town.move_in("excepted", "07700 900056")
    yield
    town.do(OverrideEligibility(override="city-centre-only", reason="the council's word"), by=STAFF)
    yield


LIVES: tuple[tuple[str, Callable[[Town], Iterator[None]]], ...] = (
    *DAYS.items(),
    ("stevenage", desk_days),
    ("stevenage", online_days),
    ("norwich-2015", excepted_days),
)
