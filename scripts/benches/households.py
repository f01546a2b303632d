"""Households that book, for benches: founded by real commands, under whichever scheme serves."""

from functools import cache
from pathlib import Path
from uuid import UUID

from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from ledger.events import Actor, Answer
from ledger.scheme.editions import Editions
from ledger.scheme.loading import load_folder
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.store import migrating
from ledger.store.pool import Pool
from services.council import Council

STAFF = Actor("staff", "bench")
SCHEMES = Path(migrating.__file__).parent.parent / "schemes"


def booked_product(scheme: Scheme) -> Product | None:
    """A virtual product sold at once whose units are booked ahead, amended and cancelled."""
    if scheme.flow.kind != "register_buy":
        return None
    return next(
        (
            product
            for product in scheme.products
            if product.medium == "virtual"
            and product.draws_units
            and "website" in product.channels
            and product.channels["website"].future
            and product.change.cancel
            and "vehicle" in product.change.amend
        ),
        None,
    )


@cache
def bench_editions() -> Editions:
    """The editions of the first scheme, by id, that sells such a product."""
    library = load_folder(SCHEMES)
    found = (each for each in library.ids if booked_product(library.scheme(each)) is not None)
    return library.editions(next(found))


def bench_council(pool: Pool, checks: Pool) -> Council:
    editions = bench_editions()
    return Council(editions.latest.id, pool, checks, editions)


class Bookers:
    """One household that has bought units, and books, amends and cancels a visit in turn."""

    def __init__(self, council: Council, name: str, start: str) -> None:
        self._council = council
        self._name = name
        self._start = start
        self._sent = 0
        self._booking = ""
        self.household: UUID = council.ledger.household_id(name)
        scheme = council.editions.latest
        product = booked_product(scheme)
        assert product is not None
        self._send(ListProperty(property_ref=name, zone=scheme.zones[0].id))
        resident = self._send(EnrolResident()).values["resident"]
        self.by = Actor("resident", str(resident))
        applied = self._send(ApplyForPermit(product=product.id), self.by).values["application"]
        paid = PayForApplications(applications=(str(applied),), result="authorised")
        self._send(paid, self.by)
        self._steps = 0

    def step(self) -> Answer:
        """The next command of the round."""
        turn = self._steps % 3
        self._steps += 1
        if turn == 0:
            mark = f"AB{self._steps % 90 + 10}CDE"
            answer = self._send(BookVoucher(vehicles=(mark,), start=self._start), self.by)
            bookings = answer.values["bookings"]
            assert isinstance(bookings, list)
            self._booking = bookings[0]
            return answer
        if turn == 1:
            return self._send(AmendBooking(booking=self._booking, vehicle="XY21ABC"), self.by)
        return self._send(CancelBooking(booking=self._booking), self.by)

    def _send(self, command: Command, by: Actor = STAFF) -> Answer:
        self._sent += 1
        key = f"{self._name}/{self._sent}"
        return self._council.handle(self.household, command, Sender(by=by, key=key))
