"""A town for walks over every page: households that have everything, and one that has nothing.

What is made here is made by commands, as anybody's acts are.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from commands.add_vehicle import AddVehicle
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.decide_application import DecideApplication
from commands.decide_case import DecideCase
from commands.declare_outage import DeclareOutage
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.pay_for_applications import PayForApplications
from commands.record_appeal import RecordAppeal
from commands.save_visitor import SaveVisitor
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.calendar import local_date
from ledger.events import Actor
from services import proofs, proposals
from services.proof_fitting import Fitted
from services.proposals import Person
from tests.browser.harness import Running

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
_SINCE = date(1990, 1, 1)
_numbers = count(1)


class Household:
    """A household of a council with one resident; `does` is the resident's act, `did` staff's."""

    def __init__(self, running: Running, council: str, name: str = "Ann Smith") -> None:
        self.running, self.council = running, running.councils[council]
        self.number = next(_numbers)
        self.ref = f"town-{self.number}"
        self.stream: UUID = self.council.ledger.household_id(self.ref)
        self.did(
            ListProperty(
                property_ref=self.ref,
                zone=self.council.editions.latest.zones[0].id,
                address=f"Flat {self.number}, The Old Corn Exchange, 114 Market Square",
                built_on=_SINCE,
                council_tax_from=_SINCE,
            )
        )
        enrolled = self.did(
            EnrolResident(
                name=name,
                email=f"{name.split()[-1].lower()}-{self.number}@example.org",
                mobile=f"+44770090{self.number:04d}",
                born_on=date(1980, 1, 1),
                lives_from=_SINCE,
            )
        )
        self.resident = str(enrolled["resident"])

    @property
    def today(self) -> date:
        return local_date(datetime.now(UTC), self.council.editions.latest.tz)

    def did(self, command: Command) -> dict[str, Any]:
        return self.running.did(self.stream, command, self.council.id)

    def does(self, command: Command) -> dict[str, Any]:
        sender = Sender(by=Actor("resident", self.resident), key=f"town/{next(_numbers)}")
        return dict(self.council.handle(self.stream, command, sender).values)

    def apply(self, product: str, **terms: Any) -> str:
        return str(self.does(ApplyForPermit(product=product, **terms))["application"])

    def prove(self, application: str, content: bytes = b"") -> str:
        """With the first kind of proof; with a PDF where there is content. The state after it."""
        kind = self.council.editions.latest.proof.documents[0].type
        told = self.does(UploadProof(application=application, document=kind, dated=self.today))
        if content:
            with self.council.pool.connection() as connection:
                file = Fitted(media_type="application/pdf", content=content, digest=bytes(32))
                kept = proofs.keep(
                    connection,
                    self.council.schema,
                    file,
                    household=self.stream,
                    resident=self.resident,
                    application=application,
                    at=datetime.now(UTC),
                    keep_until=self.today + timedelta(days=90),
                )
                proofs.belongs(connection, self.council.schema, kept, str(told["document"]))
        return str(told["state"])

    def buy(self, product: str, **terms: Any) -> "Household":
        """Apply, prove, be offered and pay, as far as the scheme asks."""
        application = self.apply(product, **terms)
        for _ in range(4):
            state = self.council.ledger.household(self.stream).applications[application].state
            match state:
                case "awaiting_proof":
                    self.prove(application)
                case "awaiting_decision":
                    offers = self.council.editions.latest.flow.kind == "offer_pay_issue"
                    outcome: Any = "offer" if offers else "approve"
                    self.did(DecideApplication(application=application, outcome=outcome))
                case "awaiting_payment" | "offered":
                    self.did(PayForApplications(applications=(application,), result="authorised"))
                case _:
                    break
        return self


def with_vouchers(running: Running) -> Household:
    """Vouchers: a dozen saved visitors, a visit now, one to come, one cancelled; a basket."""
    home = Household(running, "stevenage", f"Ann {LONG_NAME}").buy("virtual-visitor-vouchers")
    for n in range(12):
        name = LONG_NAME if n == 4 else f"Visitor {n + 1}"
        home.does(SaveVisitor(vehicle=f"AB{n + 10}CDE", name=name, preferred=n == 3))
    home.does(BookVoucher(vehicles=("AB13CDE", "G865WFE"), name="Visitor 4"))
    later = f"{home.today + timedelta(days=3)} 10:00"
    home.does(BookVoucher(vehicles=("AB14CDE",), start=later, name="Visitor 5"))
    gone = home.does(BookVoucher(vehicles=("AB15CDE",), start=later))
    home.does(CancelBooking(booking=gone["bookings"][0]))
    home.prove(home.apply("virtual-visitor-vouchers"))
    home.apply("paper-visitor-vouchers")
    return home


def with_a_permit(running: Running) -> Household:
    """A permit for three vehicles, and a neighbour whose proof, a PDF, waits to be looked at."""
    home = Household(running, "gravesham").buy("visitors-permit", vehicles=("AA11AAA",))
    for mark in ("BB22BBB", "CC33CCC"):
        home.does(AddVehicle(vehicle=mark))
    return home


def with_a_proof_to_look_at(running: Running, pdf: bytes) -> Household:
    home = Household(running, "gravesham", "Bob Jones")
    home.prove(home.apply("visitors-permit"), pdf)
    return home


def with_cards(running: Running) -> Household:
    """Sixty cards, one dated; a clock permit, and a stay on it."""
    home = Household(running, "norwich-2015").buy("day-scratchcard", quantity=30)
    home.buy("day-scratchcard", quantity=30).buy("short-stay", months=12)
    home.does(UseCard(vehicle="AB12CDE", product="day-scratchcard"))
    home.does(BeginStay(vehicle="FG34HJK"))
    return home


def with_hourly_cards(running: Running) -> Household:
    """Cards on which a time is scratched too, of two kinds, and a paper permit."""
    home = Household(running, "windsor-maidenhead")
    return home.buy("scratch-2h").buy("scratch-6h").buy("visitor-permit", slot=1)


def proposed(running: Running, home: Household) -> None:
    """A correction that waits for a second person."""
    booking = next(iter(home.council.ledger.household(home.stream).bookings.values()))
    proposals.propose(
        home.council,
        home.stream,
        CorrectCover(
            act=booking.booking_id,
            vehicle="G885WFE",
            reason="Misheard on the telephone",
            reason_code="clerical_error",
        ),
        by=Person(role="staff", name="kim", own_household=""),
        key=f"town/{next(_numbers)}",
        at=datetime.now(UTC),
        channel="phone",
        on_behalf_of=home.resident,
    )


def corrected(home: Household) -> None:
    """A correction that two made; the auditor's report of exceptions has it."""
    booking = next(iter(home.council.ledger.household(home.stream).bookings.values()))
    home.did(
        CorrectCover(
            act=booking.booking_id,
            covers_from=datetime.now(UTC) - timedelta(hours=2),
            reason="Told by telephone",
            approver="ben",
        )
    )


def disputed(running: Running, home: Household) -> None:
    """Notices with a case in each state, one that speaks for the vehicle; outages."""
    council = home.council
    zone = council.editions.latest.zones[0].id

    def check(mark: str) -> datetime:
        asked = council.check(
            typed=mark, zone=zone, at=None, known_at=None, bay="", officer="lee", device="h-7"
        )
        return asked.at.replace(microsecond=0) + timedelta(seconds=1)

    def notice(number: str, mark: str) -> UUID:
        stream = council.ledger.notice_id(number)
        note = NoteNotice(
            number=number,
            mark=mark,
            zone=zone,
            issued_at=check(mark),
            contravention="12",
            officer="lee",
        )
        running.did(stream, note, council.id)
        return stream

    for n, last in enumerate(("noted", "open", "rejected", "appealed")):
        stream = notice(f"TN{n:06d}", "AB13CDE" if n % 2 == 0 else "ZZ99ZZZ")
        if last == "noted":
            continue
        opened = OpenCase(
            kind="formal", reference=f"REP-{n}", received_on=home.today, served_on=home.today
        )
        case = str(running.did(stream, opened, council.id)["case"])
        if last != "open":
            rejected = DecideCase(case=case, outcome="rejected", reason="No permit was shown")
            running.did(stream, rejected, council.id)
        if last == "appealed":
            appeal = RecordAppeal(case=case, reference="TPT-1", lodged_on=home.today)
            running.did(stream, appeal, council.id)
    now = datetime.now(UTC)
    for until in (now - timedelta(minutes=30), None):
        failed = DeclareOutage(
            services=("bookings",),
            failed_from=now - timedelta(hours=2) if until else now - timedelta(minutes=20),
            failed_until=until,
            found_how="reported",
            reason="No bookings arrived",
        )
        running.did(council.ledger.outages_id(), failed, council.id)
