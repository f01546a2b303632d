"""Lives whose every command is cut: those of the towns, and what these leave out.

`LIVES` are councils and what happens there, one command after the other; a council may have
several, each with households of its own, some under other numbers than its own.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct, field

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.cancel_notice import CancelNotice
from commands.change_email import ChangeEmail
from commands.change_visitor import ChangeVisitor
from commands.check_occupancy import CheckOccupancy
from commands.close_case import CloseCase
from commands.correct_outage import CorrectOutage
from commands.decide_appeal import DecideAppeal
from commands.decide_case import DecideCase
from commands.declare_outage import DeclareOutage
from commands.forget_visitor import ForgetVisitor
from commands.list_property import ListProperty
from commands.note_notice import NoteNotice
from commands.observe_permit import ObservePermit
from commands.open_case import OpenCase
from commands.override_eligibility import OverrideEligibility
from commands.record_appeal import RecordAppeal
from commands.record_evidence import RecordEvidence
from commands.refund_holding import RefundHolding
from commands.register_resident import RegisterResident
from commands.replace_permit import ReplacePermit
from commands.reuse_proof import ReuseProof
from commands.save_visitor import SaveVisitor
from commands.take_misuse_step import TakeMisuseStep
from commands.upload_proof import UploadProof
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
    town.do(ForgetVisitor(vehicle="CD34EFG"))
    yield
    town.do(ChangeEmail(email="elsewhere@example.org"))
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


def proved_days(town: Town) -> Iterator[None]:
    """A proof that serves once more, and an occupier whom the council looks up itself."""
    town.at("2026-11-19 14:00").move_in("proved", "07700 900057")
    yield
    first = town.do(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    bill = UploadProof(application=first, document="council_tax_bill", dated=date(2026, 4, 1))
    document = town.do(bill)["document"]
    yield
    second = town.do(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    town.do(ReuseProof(application=second, document=document))
    yield
    third = town.do(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    town.do(CheckOccupancy(application=third, found=False), by=STAFF)
    yield
    town.do(CheckOccupancy(application=third, found=True), by=STAFF)
    yield


def paper_days(town: Town) -> Iterator[None]:
    """Paper that is lost, exchanged, paid back, and taken away after a letter."""
    town.keys = 1_000  # payments are told apart by it, and other lives have paid here
    town.at("2026-11-19 15:00").move_in("paper", "07700 900058")
    yield
    cards, permit = _bought(town, "day-scratchcard"), _bought(town, "short-stay", months=12)
    yield
    town.do(ReplacePermit(holding=permit), by=STAFF)
    yield
    town.do(RefundHolding(holding=cards, replace=True), by=STAFF)
    yield
    town.do(RefundHolding(holding=_bought(town, "day-scratchcard")), by=STAFF)
    yield
    seen = ObservePermit(holding=permit, vehicle="AB12CDE", note_only=True)
    town.do(seen, by=Actor("officer", "lee"))
    yield
    for step in (
        TakeMisuseStep(holding=permit, step="letter", text="Please explain."),
        TakeMisuseStep(holding=permit, step="reply"),
        TakeMisuseStep(holding=permit, step="decide", text="No answer came.", rescind=True),
    ):
        town.do(step, by=STAFF)
        yield


def _bought(town: Town, product: str, months: int | None = None) -> str:
    """What was issued for it."""
    application = town.buy(product, months=months)
    held = town.council.ledger.household(town.home).holdings.values()
    return next(each.holding_id for each in held if each.application_id == application)


class Life(Struct, frozen=True, kw_only=True):
    """`values` replace the scheme's own, so that what it does not do can be done there."""

    council: str
    days: Callable[[Town], Iterator[None]]
    values: Mapping[str, object] = field(default_factory=dict)


LIVES: tuple[Life, ...] = (
    *(Life(council=council, days=days) for council, days in DAYS.items()),
    Life(council="stevenage", days=desk_days),
    Life(council="stevenage", days=online_days),
    Life(council="norwich-2015", days=excepted_days),
    Life(
        council="stevenage",
        days=proved_days,
        values={"proof.council_check": {"allowed": True, "fee_pence": 500}},
    ),
    Life(
        council="norwich-2015",
        days=paper_days,
        values={
            "products.short-stay.replacement": {"allowed": True, "fee_pence": 1500},
            "products.day-scratchcard.refund": {"money": True, "replaces_unused": True},
        },
    ),
)
