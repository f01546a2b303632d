"""Households that race, by real commands: whichever scheme sells what is raced for.

None of this names a council.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from itertools import count
from uuid import UUID, uuid4

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.calendar import local_date
from ledger.events import Actor, Answer
from ledger.household.state import Household
from ledger.scheme.editions import Editions
from ledger.scheme.loading import built_in
from ledger.scheme.products import Product
from ledger.values import FOREVER
from scripts.benches.households import booked_product
from scripts.prove.crowds import Act, Done, Look
from scripts.prove.reached import NotRun
from services.council import Council
from services.councils import chosen

STAFF = Actor("staff", "race")


def with_units() -> tuple[Editions, Product]:
    """A scheme that sells units, booked ahead and given back, with a cap. Raises NotRun."""
    for editions in chosen(built_in(), None).values():
        product = booked_product(editions.latest)
        if product is not None and product.allowance:
            return editions, product
    raise NotRun("no live scheme sells capped units that are booked and cancelled")


def with_a_switch() -> tuple[Editions, Product]:
    """A scheme whose permit covers one of several listed vehicles at a time. Raises NotRun."""
    for editions in chosen(built_in(), None).values():
        for product in editions.latest.products:
            if product.vehicles.active_max == 1 and product.use.start == "on_switch":
                return editions, product
    raise NotRun("no live scheme has a permit with one active vehicle")


class Home:
    """A household of a race: two residents, and what they were issued. `start` is tomorrow."""

    def __init__(self, council: Council, residents: int = 2) -> None:
        self.council = council
        self.stream = council.ledger.household_id(f"race-{uuid4().hex}")
        self._keys = count(1)
        scheme = council.editions.latest
        self.did(ListProperty(property_ref=f"race-{self.stream}", zone=scheme.zones[0].id))
        enrolled = [self.did(EnrolResident()).values["resident"] for _ in range(residents)]
        self.by = [Actor("resident", str(each)) for each in enrolled]
        with council.pool.connection() as connection:
            today = local_date(council.now(connection), scheme.tz)
        self.start = f"{today + timedelta(days=1)}T10:00"

    def did(self, command: Command, by: Actor = STAFF) -> Answer:
        key = f"given/{next(self._keys)}"
        return self.council.handle(self.stream, command, Sender(by=by, key=key))

    def bought(self, product: Product, packs: int = 1, vehicles: tuple[str, ...] = ()) -> str:
        """Applied for, proved, decided and paid, as the scheme's flow has it: the application."""
        quantity = packs * max(1, product.pack.size) if product.draws_units else None
        asked = ApplyForPermit(product=product.id, quantity=quantity, vehicles=vehicles)
        application = str(self.did(asked, self.by[0]).values["application"])
        while (state := self.now().applications[application].state) != "issued":
            self.did(*self._next(application, state))
        return application

    def _next(self, application: str, state: str) -> tuple[Command, Actor]:
        scheme = self.council.editions.latest
        match state:
            case "awaiting_proof":
                document = scheme.proof.documents[0].type
                with self.council.pool.connection() as connection:
                    today = local_date(self.council.now(connection), scheme.tz)
                proof = UploadProof(application=application, document=document, dated=today)
                return proof, self.by[0]
            case "awaiting_decision" if scheme.flow.kind == "offer_pay_issue":
                return DecideApplication(application=application, outcome="offer"), STAFF
            case "awaiting_decision":
                return DecideApplication(application=application, outcome="approve"), STAFF
            case _:
                paid = PayForApplications(applications=(application,), result="authorised")
                return paid, STAFF

    def act(self, does: Command | Look, key: str, who: int = 0, at: datetime | None = None) -> Act:
        return Act(stream=self.stream, does=does, by=self.by[who], key=key, at=at)

    def now(self) -> Household:
        return self.council.ledger.household(self.stream)

    def covered(self) -> int:
        """How many vehicles an officer can be told are covered, now or later."""
        with self.council.pool.connection() as connection:
            row = connection.execute(
                f"select count(*) from {self.council.schema}.active_registrations"
                " where household_id = %s and known_until > %s and kind <> 'listed'"
                " and covers_until > greatest(covers_from, clock_timestamp())",
                (str(self.stream), FOREVER - timedelta(days=1)),
            ).fetchone()
        assert row is not None
        return int(row[0])


def id_of(stream: UUID, key: str) -> str:
    """The first id that a command of this key gives: known before it is sent."""
    command_key = sha256(stream.bytes + key.encode()).hexdigest()
    return blake2b(command_key.encode() + b"/1", digest_size=10).hexdigest()


def mark(n: int) -> str:
    return f"AB{n % 90 + 10}C{chr(65 + n // 90 % 26)}E"


def split(told: Sequence[Done]) -> tuple[list[Done], list[Done], list[str]]:
    """Those who were let, those who were refused, and what is neither."""
    yes = [each for each in told if each.answer is not None]
    no = [each for each in told if each.codes]
    return yes, no, sorted({each.error for each in told if each.error})
