"""How what was bought is used: visits booked now or ahead, switches, cards, stays, mistakes."""

from collections.abc import Generator
from datetime import timedelta
from random import Random

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.end_stay import EndStay
from commands.receive_text import ReceiveText
from commands.remove_vehicle import RemoveVehicle
from commands.save_visitor import SaveVisitor
from commands.switch_vehicle import SwitchVehicle
from commands.use_card import UseCard
from ledger.events import Actor, Channel
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from scripts.simulation import people
from scripts.simulation.doing import Checking, Clock, Deed, Doing, Outcome

MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICERS = tuple(f"officer-{n}" for n in range(1, 7))

Visit = Generator[Deed, Outcome, bool]
"""Ends with True where more has to be bought before the next one."""


class Host:
    """A resident who has visitors: who they are, what is held for them, and where."""

    def __init__(self, by: Actor, zone: str, scheme: Scheme, clock: Clock, chance: Random) -> None:
        self.by = by
        self.zone = zone
        self.scheme = scheme
        self.clock = clock
        self.chance = chance
        self.friends = [people.mark(chance) for _ in range(chance.randint(1, 6))]
        self.saved: set[str] = set()
        self.listed: list[str] = []

    def visitor(self) -> str:
        """A friend, most times; else somebody who comes once."""
        if self.chance.random() < 0.75:
            return self.chance.choice(self.friends)
        return people.mark(self.chance)

    def do(self, command: Command, channel: Channel = "website") -> Doing:
        return Doing(at=self.clock.daytime(), command=command, by=self.by, channel=channel)

    def visit(self, product: Product, holding: str) -> Visit:
        """One visit, in the way in which this product covers a visitor."""
        if product.vehicles.binding == "listed":
            return self._switched()
        if product.use.start == "clock":
            return self._stay(holding)
        if product.medium == "paper":
            return self._card(product)
        return self._booked(product)

    def checked(self, mark: str) -> Generator[Deed, Outcome, None]:
        """An officer comes by, now and then, and at times reads the mark wrongly."""
        if self.chance.random() > 0.3:
            return
        self.clock.wait(5 * MINUTES, 3 * HOURS)
        wrong = self.chance.random() < 0.05
        yield Checking(
            at=self.clock.at,
            typed=people.slipped(self.chance, mark) if wrong else mark,
            zone=self.zone,
            officer=self.chance.choice(OFFICERS),
        )

    def _booked(self, product: Product) -> Visit:
        chance = self.chance
        mark = self.visitor()
        slip = chance.random() < 0.04
        typed = people.slipped(chance, mark) if slip else people.typed(chance, mark)
        if "text" in product.channels and chance.random() < 0.2:
            body = f"{self.scheme.texting.keyword} {typed}"
            told = yield self.do(ReceiveText(body=body), "text")
            yield from self.checked(mark)
            return "booking.no_units" in told.refused
        ahead = chance.random() < 0.45
        start = self.clock.local_later(chance.randint(1, 10), chance.randint(8, 20))
        marks = (typed, people.mark(chance)) if chance.random() < 0.06 else (typed,)
        booking = BookVoucher(vehicles=marks, start=start if ahead else "now", product=product.id)
        told = yield self.do(booking, "phone" if chance.random() < 0.1 else "website")
        if not told.done:
            return "booking.no_units" in told.refused or "booking.outside_holding" in told.refused
        if ahead:
            yield from self._changed(told.first("bookings"), mark, slip)
        elif chance.random() < 0.1 and mark not in self.saved:
            self.saved.add(mark)
            self.clock.wait(MINUTES, 5 * MINUTES)
            yield self.do(SaveVisitor(vehicle=mark, name=people.name(chance)))
        if not ahead:
            yield from self.checked(mark)
        return told.values.get("remaining") == 0

    def _changed(self, booking: str, mark: str, slip: bool) -> Generator[Deed, Outcome, None]:
        """A booking ahead is put right, or called off, before it begins."""
        way = self.chance.random()
        self.clock.wait(10 * MINUTES, 8 * HOURS)
        if slip and way < 0.7:
            yield self.do(AmendBooking(booking=booking, vehicle=mark))
        elif way < 0.12:
            yield self.do(CancelBooking(booking=booking))
        elif way < 0.2:
            yield self.do(AmendBooking(booking=booking, vehicle=people.mark(self.chance)))

    def _switched(self) -> Visit:
        chance = self.chance
        mark = self.visitor()
        if mark not in self.listed:
            told = yield self.do(AddVehicle(vehicle=people.typed(chance, mark)))
            if not told.done:
                return "permit.not_in_force" in told.refused
            self.listed.append(mark)
            self.clock.wait(MINUTES, 5 * MINUTES)
        told = yield self.do(SwitchVehicle(vehicle=mark))
        if not told.done:
            return "permit.not_in_force" in told.refused
        yield from self.checked(mark)
        if chance.random() < 0.05:
            yield from self._courtesy_car(mark)
        return False

    def _courtesy_car(self, usual: str) -> Generator[Deed, Outcome, None]:
        """The visitor's car is mended: another one for some days, then theirs again."""
        lent = people.mark(self.chance)
        self.clock.wait(HOURS, 2 * DAYS)
        yield self.do(AddVehicle(vehicle=lent))
        self.clock.wait(MINUTES, 5 * MINUTES)
        yield self.do(SwitchVehicle(vehicle=lent))
        yield from self.checked(lent)
        self.clock.wait(3 * DAYS, 9 * DAYS)
        yield self.do(SwitchVehicle(vehicle=usual))
        self.clock.wait(MINUTES, 5 * MINUTES)
        yield self.do(RemoveVehicle(vehicle=lent))

    def _card(self, product: Product) -> Visit:
        mark = self.visitor()
        told = yield self.do(UseCard(vehicle=mark, product=product.id))
        yield from self.checked(mark)
        return "booking.no_units" in told.refused or "booking.outside_holding" in told.refused

    def _stay(self, holding: str) -> Visit:
        mark = self.visitor()
        told = yield self.do(BeginStay(vehicle=mark, holding=holding))
        if not told.done:
            return "permit.not_in_force" in told.refused
        yield from self.checked(mark)
        self.clock.wait(30 * MINUTES, 3 * HOURS)
        yield self.do(EndStay(vehicle=mark))
        return False
