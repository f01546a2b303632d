"""Random lives of a household: bytes in, commands out, decided and folded without a database.

Four bytes are a step: which command, two choices among what the household has (or has not), and how
long to wait before it. Any bytes are a life, so that a failing one is made smaller byte by byte.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command, Context
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.lapse import Lapse
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.receive_text import ReceiveText
from commands.registry import USE_CASES
from commands.remove_vehicle import RemoveVehicle
from commands.reuse_proof import ReuseProof
from commands.save_visitor import SaveVisitor
from commands.surrender_holding import SurrenderHolding
from commands.switch_vehicle import SwitchVehicle
from commands.upload_proof import UploadProof
from ledger.events import Actor, AnyEvent, Channel, Entry
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import NotFound, Refused
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.store.mapper import decode, encode

BEGINS = datetime(2026, 1, 5, 9, tzinfo=UTC)
MARKS = ("AB12CDE", "AB12 CDE", "AB1ZCDE", "XY34ZZZ", "b-ef 123", "A", "W123OOO", "W123000")
MINUTES, HOURS, DAYS = 1, 60, 60 * 24
WAITS = (0, MINUTES, 20 * MINUTES, HOURS, 3 * HOURS, 9 * HOURS, DAYS, 2 * DAYS)
LONG_WAITS = (6 * DAYS, 33 * DAYS, 190 * DAYS)
STAFF = Actor("staff", "ann")


class Life:
    """One household, its clock, what it has stored, and what it was refused."""

    def __init__(self, editions: Editions) -> None:
        self.editions = editions
        self.scheme: Scheme = editions.latest
        self.household = Household(household_id="00000000-0000-0000-0000-000000000001")
        self.at = BEGINS
        self.stored: list[bytes] = []
        self.events: list[tuple[datetime, AnyEvent]] = []
        self.codes: set[str] = set()
        self.accepted: set[str] = set()
        self._sent = 0
        self.send(ListProperty(property_ref="home", zone=self.scheme.zones[0].id), STAFF)
        self.send(EnrolResident(born_on=date(1950, 1, 1)), STAFF)

    def live(self, steps: bytes) -> Iterator[None]:
        """Take each step; yields after each."""
        for n in range(0, len(steps) - 3, 4):
            which, one, other, wait = steps[n : n + 4]
            waits = LONG_WAITS if wait > 240 else WAITS
            self.at += timedelta(minutes=waits[wait % len(waits)], seconds=wait)
            make = MAKERS[which % len(MAKERS)]
            command = make(self, one, other)
            if command is not None:
                self.send(command, *self._sender(which, one))
            yield

    def send(
        self, command: Command, by: Actor, channel: Channel = "website", on_behalf_of: str = ""
    ) -> None:
        """Decide, store and fold. A refusal is kept; any other exception is the test's."""
        self._sent += 1
        context = Context(
            at=self.at,
            by=by,
            channel=channel,
            on_behalf_of=on_behalf_of,
            command_key=f"key {self._sent}",
            editions=self.editions,
            working_days=WorkingDays(()),
        )
        use_case = USE_CASES[type(command)]
        try:
            if self.household.version == 0 and not getattr(use_case, "FOUNDS", False):
                raise NotFound("household")
            events = use_case.decide(command, self.household, context)
        except Refused as refused:
            self.codes.update(refused.codes)
            return
        except NotFound:
            return
        assert events, f"{command} was accepted and nothing happened"
        for event in events:
            state = encode(Entry(recorded_at=self.at, by=by, channel=channel, event=event))
            assert decode(state).event == event
            self.stored.append(state)
            self.events.append((self.at, event))
            evolve(self.household, event, self.at)
        self.household.version += len(events)
        self.household.last_recorded_at = self.at
        use_case.answer(self.household, events, context)
        self.accepted.add(type(command).__name__)

    def _sender(self, which: int, one: int) -> tuple[Actor, Channel]:
        living = [resident.resident_id for resident in self.household.living(self.at)]
        if which & 0x80 or not living:
            return STAFF, "phone"
        return Actor("resident", pick(living, one)), "text" if which & 0x40 else "website"

    def local(self, choice: int) -> str:
        """Now, or a local time around it."""
        if choice % 3 == 0:
            return "now"
        start = self.at + timedelta(hours=(choice % 40) * 7 - 10)
        return start.astimezone(self.scheme.tz).strftime("%Y-%m-%dT%H:%M")


def pick(choices: Any, n: int) -> Any:
    """One of these, or something that is none of them."""
    listed = list(choices)
    return listed[n % len(listed)] if listed and n < 250 else "nothing"


def _apply(life: Life, one: int, other: int) -> Command:
    product = life.scheme.products[one % len(life.scheme.products)]
    named = () if product.vehicles.binding == "at_use" else MARKS[: other % 3]
    confirm = life.scheme.flow.confirmations if other < 220 else None
    size = product.pack.size * product.pack.multiple
    return ApplyForPermit(
        product=product.id,
        quantity=(size, size * 2, None, 7)[other % 4] if product.pack.max != 1 else None,
        vehicles=named,
        confirm=confirm,
        start=life.at.date() + timedelta(days=other % 9) if other % 5 == 0 else None,
    )


def _upload(life: Life, one: int, other: int) -> Command:
    documents = [each.type for each in life.scheme.proof.documents]
    return UploadProof(
        application=pick(life.household.applications, one),
        document=pick(documents, other),
        dated=life.at.date() - timedelta(days=other % 40),
    )


def _reuse(life: Life, one: int, other: int) -> Command:
    return ReuseProof(
        application=pick(life.household.applications, one),
        document=pick(life.household.documents, other),
    )


def _decide(life: Life, one: int, other: int) -> Command:
    offers = life.scheme.flow.kind == "offer_pay_issue"
    outcome = "refuse" if other % 5 == 0 else "offer" if offers else "approve"
    return DecideApplication(
        application=_latest(life.household.applications, one),
        outcome=outcome,  # type: ignore[arg-type]
        reason="why",
    )


def _pay(life: Life, one: int, other: int) -> Command:
    chosen = [_latest(life.household.applications, one)]
    if other % 4 == 0:
        chosen.append(pick(life.household.applications, other))
    result = ("authorised", "authorised", "declined", "cancelled")[other % 4]
    return PayForApplications(applications=tuple(chosen), result=result)  # type: ignore[arg-type]


def _go_on(life: Life, one: int, other: int) -> Command:
    """What the last application waits for, where it waits for something."""
    application = pick(life.household.applications.values(), -1)
    if isinstance(application, str):
        return _apply(life, one, 0)
    match application.state:
        case "awaiting_proof":
            documents = life.scheme.proof.documents
            dated = life.at.date() - timedelta(days=2)
            kind = documents[one % len(documents)].type
            return UploadProof(application=application.application_id, document=kind, dated=dated)
        case "awaiting_decision":
            return _decide(life, 1, 1 + other % 4)
        case "awaiting_payment" | "offered":
            ids = (application.application_id,)
            return PayForApplications(applications=ids, result="authorised")
        case _:
            return _apply(life, one, 0)


def _enrol(life: Life, one: int, other: int) -> Command | None:
    if life.household.living(life.at) and other % 8:
        return None
    return EnrolResident(born_on=date(1980, 1, 1))


def _latest(choices: Any, n: int) -> Any:
    """The last of these most times: a life that goes on."""
    listed = list(choices)
    return listed[-1] if listed and n % 3 else pick(listed, n)


def _book(life: Life, one: int, other: int) -> Command:
    marks = (MARKS[one % len(MARKS)], MARKS[other % len(MARKS)])
    return BookVoucher(
        vehicles=marks[: 1 + (other % 7 == 0)],
        start=life.local(other),
        name="a friend" if one % 5 == 0 else "",
    )


def _move_out(life: Life, one: int, other: int) -> Command | None:
    if other % 12:
        return None
    return MoveOut(resident=pick(life.household.residents, one))


def _lapse(life: Life, one: int, other: int) -> Command:
    if other % 2:
        return Lapse(kind="offer", subject=pick(life.household.applications, one))
    return Lapse(kind="holding", subject=pick(life.household.holdings, one))


def _mark(n: int) -> str:
    return MARKS[n % len(MARKS)]


MAKERS: tuple[Callable[[Life, int, int], Command | None], ...] = (
    _apply,
    _apply,
    _upload,
    _upload,
    _decide,
    _decide,
    _pay,
    _pay,
    _book,
    _book,
    _book,
    lambda life, one, other: CancelBooking(booking=_latest(life.household.bookings, one)),
    lambda life, one, other: AmendBooking(
        booking=_latest(life.household.bookings, one), vehicle=_mark(other)
    ),
    lambda life, one, other: AddVehicle(vehicle=_mark(other)),
    lambda life, one, other: SwitchVehicle(vehicle=_mark(other)),
    lambda life, one, other: SwitchVehicle(vehicle=_mark(one)),
    lambda life, one, other: RemoveVehicle(vehicle=_mark(other)),
    _reuse,
    _lapse,
    _move_out,
    _enrol,
    _enrol,
    _go_on,
    _go_on,
    _go_on,
    lambda life, one, other: CancelApplication(
        application=_latest(life.household.applications, one)
    ),
    lambda life, one, other: SaveVisitor(vehicle=_mark(one), name="a friend" * (other % 3)),
    lambda life, one, other: ReceiveText(body=f"{life.scheme.texting.keyword} {_mark(other)}"),
    lambda life, one, other: (
        SurrenderHolding(holding=pick(life.household.holdings, one)) if other % 5 == 0 else None
    ),
)
