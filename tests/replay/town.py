"""A council with a clock that tests set, and households living in it by real commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.decide_application import DecideApplication
from commands.end_stay import EndStay
from commands.enrol_resident import EnrolResident
from commands.grant_allowance import GrantAllowance
from commands.handling import Sender
from commands.link_mobile import LinkMobile
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from commands.observe_permit import ObservePermit
from commands.pay_for_applications import PayForApplications
from commands.receive_text import ReceiveText
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.remove_vehicle import RemoveVehicle
from commands.save_visitor import SaveVisitor
from commands.send_pin import SendPin
from commands.surrender_holding import SurrenderHolding
from commands.switch_vehicle import SwitchVehicle
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import Actor, Channel
from ledger.scheme.loading import built_in
from ledger.store.application import Ledger
from ledger.store.pool import open_pool
from ledger.store.rows import ReadModel
from projections.catching_up import caught_up
from projections.registry import CATCHING_UP
from services.council import Council
from services.worker import run_due

STAFF = Actor("staff", "pat")
ZONES = {
    "stevenage": "OT",
    "gravesham": "TC10",
    "hampshire": "HANTS",
    "norwich-2015": "CENTRE",
}


class Town:
    """One council. `at` sets the clock (local time); `do` sends a command of the home household."""

    def __init__(self, council: Council) -> None:
        self.council = council
        self.now = datetime(2026, 11, 19, 9, tzinfo=UTC)
        self.keys = 0
        self.home = council.ledger.household_id("home")
        self.resident = Actor("resident", "")

    def at(self, local: str) -> "Town":
        to = parse_local(local, self.council.editions.latest.tz)
        assert to >= self.now, "the clock never runs backwards"
        self.now = to
        return self

    def do(
        self,
        command: Command,
        *,
        by: Actor | None = None,
        stream: UUID | None = None,
        channel: Channel = "website",
    ) -> dict[str, Any]:
        self.keys += 1
        sender = Sender(by=by or self.resident, key=f"key-{self.keys}", channel=channel)
        return self.council.handle(stream or self.home, command, sender).values

    def catch_up(self) -> "Town":
        """Bring the followers to the end."""
        follow(self.council.ledger, CATCHING_UP)
        return self

    def move_in(self, property_ref: str = "home", mobile: str = "07700 900001") -> "Town":
        """List a property of the council's first zone, and enrol the resident who acts from now."""
        self.home = self.council.ledger.household_id(property_ref)
        zone = ZONES[self.council.id]
        since = date(1990, 1, 1)
        self.do(
            ListProperty(
                property_ref=property_ref, zone=zone, built_on=since, council_tax_from=since
            ),
            by=STAFF,
        )
        enrolled = self.do(
            EnrolResident(mobile=mobile, born_on=date(1980, 1, 1), lives_from=since), by=STAFF
        )
        self.resident = Actor("resident", enrolled["resident"])
        return self

    def buy(self, product: str, vehicles: tuple[str, ...] = (), months: int | None = None) -> str:
        """Apply, prove, be offered and pay, as far as the scheme asks; the application."""
        scheme = self.council.editions.latest
        applied = self.do(ApplyForPermit(product=product, vehicles=vehicles, months=months))
        application, state = str(applied["application"]), applied["state"]
        if state == "awaiting_proof":
            document = scheme.proof.documents[0].type
            today = self.now.astimezone(scheme.tz).date()
            proof = UploadProof(application=application, document=document, dated=today)
            state = self.do(proof)["state"]
        if state == "awaiting_decision":
            state = self.do(DecideApplication(application=application, outcome="offer"), by=STAFF)[
                "state"
            ]
        if state in ("offered", "awaiting_payment"):
            self.do(
                PayForApplications(
                    applications=(application,),
                    result="authorised",
                    provider_reference=f"{self.council.id}/{self.keys}",
                )
            )
        return application


def follow(ledger: Ledger, models: tuple[ReadModel, ...]) -> None:
    """Bring these followers to the end of the ledger, whatever other tests hold them back."""
    assert caught_up(ledger, models, 30.0)


@contextmanager
def town(database: str, council: str = "stevenage") -> Iterator[Town]:
    """A council of a migrated database; nobody lives in it yet."""
    with open_pool(database, 6, "town") as pool, open_pool(database, 2, "checks") as checks:
        holder: list[Town] = []
        editions = built_in().editions(council)
        made = Town(Council(council, pool, checks, editions, lambda: holder[0].now))
        holder.append(made)
        made.council.migrate()
        yield made


def stevenage_days(town: Town) -> Iterator[None]:
    """A varied history of two households and a vehicle; it yields after each command."""
    town.at("2026-11-19 10:00").move_in()
    yield
    town.buy("virtual-visitor-vouchers")
    yield
    town.buy("caring-visitors")
    yield
    booked = []
    for minute, mark in enumerate(("G885WFE", "AB12CDE", "BD51SMR", "LX70ABC"), start=10):
        town.at(f"2026-11-19 14:{minute}")
        start = f"2026-11-{19 + minute % 3} 20:20"
        booked.append(town.do(BookVoucher(vehicles=(mark,), start=start))["bookings"][0])
        yield
    town.do(AmendBooking(booking=booked[1], vehicle="CD34EFG"))
    yield
    town.do(CancelBooking(booking=booked[2]))
    yield
    earlier = CorrectCover(
        act=booked[0],
        covers_from=town.now - timedelta(hours=1),
        reason="told by telephone",
        approver="sam",
    )
    town.do(earlier, by=STAFF)
    yield
    town.do(SaveVisitor(vehicle="G885WFE", name="=Gran"))
    yield
    town.do(SendPin(by_way_of="email"))
    yield
    failed = town.do(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    town.do(UploadProof(application=failed, document="council_tax_bill", dated=date(2026, 4, 1)))
    yield
    town.do(PayForApplications(applications=(failed,), result="declined"))
    yield
    first, resident = town.home, town.resident
    town.at("2026-11-20 09:00").move_in("next-door", "07700 900002")
    yield
    town.buy("resident-permit-ot", ("XY12ZZZ",))
    yield
    for mass in (2000, 3500):
        town.do(
            RecordVehicleFacts(vehicle="XY12ZZZ", max_authorised_mass_kg=mass),
            by=STAFF,
            stream=town.council.ledger.vehicle_id("XY12ZZZ"),
        )
        yield
    town.do(LinkMobile(mobile="07700 900003"))
    yield
    town.do(SaveVisitor(vehicle="GO11 OOD", name="Ann"))
    yield
    town.do(SaveVisitor(vehicle="G011OOD", name="Ann, at weekends"))
    yield
    town.at("2026-11-25 12:00").do(MoveOut(resident=resident.name), by=STAFF, stream=first)
    yield


def gravesham_days(town: Town) -> Iterator[None]:
    """A permit with a list of vehicles, switched back and forth; it yields after each command."""
    town.at("2026-11-19 09:00").move_in()
    yield
    town.buy("visitors-permit", ("AA11AAA",))
    yield
    for mark in ("BB22BBB", "CC33CCC"):
        town.do(AddVehicle(vehicle=mark))
        yield
    for n in range(8):
        town.at(f"2026-11-20 10:00:0{n}")
        town.do(SwitchVehicle(vehicle=("BB22BBB", "AA11AAA")[n % 2]))
        yield
    town.do(RemoveVehicle(vehicle="CC33CCC"))
    yield
    # Switched on and off in one instant: two facts of one recorded time.
    town.do(SwitchVehicle(vehicle="BB22BBB"))
    yield
    town.do(SwitchVehicle(vehicle="AA11AAA"))
    yield
    town.at("2027-12-01 00:00")
    run_due(town.council, town.now)
    yield


def hampshire_days(town: Town) -> Iterator[None]:
    """Bundles bought and booked, by text too; it yields after each command."""
    town.at("2026-11-19 09:00").move_in()
    yield
    for _ in range(2):
        town.buy("visitor-permits")
        yield
    for n in range(8):
        town.at(f"2026-11-2{n} 11:00").do(BookVoucher(vehicles=(f"AB1{n}CDE",)))
        yield
        town.do(ReceiveText(body=f"VISITOR CD1{n}EFG"), channel="text")
        yield


def norwich_days(town: Town) -> Iterator[None]:
    """Paper: cards dated, stays on a clock, an officer's look, a grant, a correction, an end."""
    town.at("2026-11-20 10:00").move_in()
    yield
    town.buy("day-scratchcard")
    yield
    town.buy("short-stay", months=12)
    yield
    for mark, day in (("AB12CDE", 20), ("AB12CDE", 21), ("FG34HJK", 20)):
        card = UseCard(product="day-scratchcard", vehicle=mark, on=date(2026, 11, day))
        town.do(card)
        yield
    holdings = town.council.ledger.household(town.home).holdings.values()
    permit = next(each.holding_id for each in holdings if each.product == "short-stay")
    officer = Actor("officer", "lee")
    town.at("2026-11-23 10:00").do(BeginStay(holding=permit, vehicle="AB12CDE"))
    yield
    look = ObservePermit(holding=permit, vehicle="AB12CDE", clock="10:00")
    town.at("2026-11-23 11:00").do(look, by=officer)
    yield
    town.at("2026-11-23 12:00").do(EndStay(vehicle="AB12CDE"), by=officer)
    yield
    town.do(BeginStay(holding=permit, vehicle="FG34HJK"))
    yield
    head = Actor("approver", "head_of_city_development_services")
    town.do(GrantAllowance(product="day-scratchcard", units=5, reason="carers"), by=head)
    yield
    town.do(SurrenderHolding(holding=permit))
    yield


DAYS = {
    "stevenage": stevenage_days,
    "gravesham": gravesham_days,
    "hampshire": hampshire_days,
    "norwich-2015": norwich_days,
}
