"""What was shown is made again from facts alone, byte for byte, whatever came since (P8)."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from threading import Event, Thread

import psycopg
import pytest

from commands.amend_booking import AmendBooking
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.handling import Sender
from commands.move_out import MoveOut
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.save_visitor import SaveVisitor
from ledger.events import Actor
from ledger.refusals import Refused
from ledger.store.pool import Connection
from projections import enforcement, lookups
from projections.enforcement import LONG_AGO, Question
from projections.lookups import LookupSeen
from replay.folding import facts, snapshot
from replay.shown import answer_from, shown_again, was_visible
from services.council import Council
from tests.databases import Databases
from tests.replay.town import STAFF, Town, town
from tests.store.homes import DEEP

ANSWERS = 300
"""In each history; PERMIT_LEDGER_DEEP is how many histories there are."""
HOMES = 4
MARKS = [f"{a}O1{b}ABC" for a in "BM" for b in "0123"] + ["B015ABC", "MO1OABC", "XY99XYZ"]


class Life:
    """One household that does things at random, in a thread of its own."""

    def __init__(self, made: Town, chance: random.Random) -> None:
        self.made, self.chance = made, chance
        self.stream, self.resident = made.home, made.resident
        self.bookings: list[str] = []
        self.sent = 0

    def step(self) -> None:
        """One act. What the rules refuse is a history too."""
        chance, act = self.chance, self.chance.choice(("book", "book", "amend", "cancel", "right"))
        mark, act_of = chance.choice(MARKS), chance.choice(self.bookings or ["none"])
        now = self.made.now
        try:
            match act:
                case "book":
                    answer = self.do(BookVoucher(vehicles=(mark,)))
                    self.bookings += answer["bookings"]
                    self.do(SaveVisitor(vehicle=chance.choice(MARKS), name="Gran"))
                case "amend" if self.bookings:
                    self.do(AmendBooking(booking=act_of, vehicle=mark))
                case "cancel" if self.bookings:
                    self.do(CancelBooking(booking=act_of))
                case "right" if self.bookings:
                    earlier = now - timedelta(minutes=chance.randrange(1, 400))
                    told = {"reason": "told late", "approver": "sam"}
                    self.do(CorrectCover(act=act_of, covers_from=earlier, **told), STAFF)
                case _:
                    stream = self.made.council.ledger.vehicle_id(mark)
                    mass = chance.choice((2000, 7500))
                    heavy = RecordVehicleFacts(vehicle=mark, max_authorised_mass_kg=mass)
                    self.send(stream, heavy, STAFF)
        except Refused:
            pass

    def do(self, command: Command, by: Actor | None = None) -> dict[str, list[str]]:
        return self.send(self.stream, command, by or self.resident)

    def send(self, stream, command: Command, by: Actor):
        self.sent += 1
        sender = Sender(by=by, key=f"{self.stream}/{self.sent}")
        return self.made.council.handle(stream, command, sender).values


def asked(made: Town, chance: random.Random) -> None:
    """A check of now, or of another instant, by what was known then or is known."""
    earlier = made.now - timedelta(minutes=chance.randrange(1, 600))
    at, known_at = chance.choice(((None, None), (None, None), (earlier, None), (earlier, earlier)))
    made.council.check(
        typed=chance.choice(MARKS),
        zone=chance.choice(("OT", "OT", "NT")),
        at=at,
        known_at=known_at,
        bay=chance.choice(("", "", "", "suspended")),
        officer="officer-1",
        device="handheld-1",
    )


def lived(made: Town, seed: int, answers: int) -> None:
    """Households that act beside each other while an officer asks; then what comes late."""
    lives = []
    for n in range(HOMES):
        made.move_in(f"home-{n}", f"07700 90010{n}")
        made.buy("virtual-visitor-vouchers")
        lives.append(Life(made, random.Random(seed * 100 + n)))
    over = Event()

    def living(life: Life) -> None:
        while not over.wait(0.002):
            if life.sent < 60:
                life.step()

    threads = [Thread(target=living, args=(life,)) for life in lives]
    chance = random.Random(seed)
    for thread in threads:
        thread.start()
    try:
        for n in range(answers):
            if n % 5 == 0:
                made.now += timedelta(minutes=chance.randrange(1, 60), seconds=1)
            asked(made, chance)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    made.now += timedelta(hours=1)
    for life in lives:
        for _ in range(5):
            life.step()
    life = lives[0]
    life.do(MoveOut(resident=life.resident.name), STAFF)


def kept(council: Council) -> list[LookupSeen]:
    with council.pool.connection() as connection:
        return lookups.recent(connection, council.schema, "officer-1", LONG_AGO, 10**6)


def now_known(connection: Connection, council: Council, lookup: LookupSeen) -> bool:
    """Whether the vehicle was covered then, by what is known now."""
    question = Question(typed=lookup.typed, zone=lookup.zone, at=lookup.about_at, known_at=None)
    scheme = council.scheme_at(lookup.about_at)
    return enforcement.answer(connection, council.schema, scheme, question).covered


def test_every_answer_is_made_again_from_the_facts_of_its_snapshot(databases: Databases) -> None:
    """Late and corrected facts change what is known now, and no byte of what was shown."""
    others = answers = hidden = 0
    for seed in range(DEEP):
        with databases.clone() as database, town(database) as made:
            lived(made, seed, ANSWERS)
            council = made.council
            with snapshot(council.ledger) as connection:
                told = list(facts(connection, council.schema))
            every = kept(council)
            with council.pool.connection() as connection:
                for lookup in every:
                    again = answer_from(told, council.editions, lookup)
                    assert again.decode() == lookup.answer, (seed, lookup.receipt)
                    assert sha256(again).hexdigest() == lookup.digest
                    answers += 1
                    hidden += bool(lookup.seen_not)
                    was = enforcement.of_bytes(lookup.answer)
                    if was.reason not in ("suspended_bay", "wrong_zone"):
                        others += was.covered != now_known(connection, council, lookup)
    assert answers == ANSWERS * DEEP
    assert others > 0, "nothing came late: the histories are too tame"
    assert hidden > 0, "no answer was read beside a command under way"


@contextmanager
def a_transaction_under_way(database: str) -> Iterator[None]:
    """One that has its number and writes nothing: what follows it is not below `seen_low`."""
    with psycopg.connect(database) as connection:
        connection.execute("select pg_current_xact_id()")
        yield
        connection.rollback()


def test_a_fact_above_one_still_under_way_was_seen_and_is_folded(database: str) -> None:
    """One position would not say it: the snapshot does (promises, "Seen")."""
    with town(database) as made:
        made.move_in().buy("virtual-visitor-vouchers")
        with a_transaction_under_way(database):
            made.do(BookVoucher(vehicles=("AB12CDE",)))
            asked_of = {"typed": "AB12CDE", "zone": "OT", "at": None, "known_at": None, "bay": ""}
            made.council.check(**asked_of, officer="officer-1", device="d")
        (lookup,) = kept(made.council)

        again = shown_again(made.council.ledger, made.council.editions, lookup)

    assert lookup.seen_not
    assert again.decode() == lookup.answer
    assert enforcement.of_bytes(again).covered


@pytest.mark.parametrize(
    ("position", "visible"),
    [(1, True), (8191, True), (8192, False), (12287, False), (12288, True), (16384, False)],
)
def test_what_was_under_way_was_not_visible(position: int, visible: bool) -> None:
    seen = LookupSeen(
        **dict.fromkeys(LookupSeen.__struct_fields__, "")
        | {"seen_low": 8192, "seen_high": 16384, "seen_not": [8192]}
    )

    assert was_visible(seen, position) is visible
