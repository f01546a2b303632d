"""A guesser who asks for a PIN whenever one may be asked for, and tries as often as one may try.

They ask from ten places, under a new ticket each time, and guess at the owner's PIN as well. The
owner asks from a place of their own, before the guesser or after, and is to get in all the while.

Argon2 makes each guess slow, which is its purpose: here it is told to be quick, for it is counted
how often may be guessed. The first hours are guessed at whole, the rest of the year by samples that
stand for all the hours until the next.

Source: promises.md P17; OWASP ASVS 6.6.3.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor
from ledger.store.pool import open_pool
from scripts.prove.racers import with_units
from scripts.prove.reached import Reached, time_left
from scripts.prove.servers import own_server
from services.council import Council
from services.councils import open_councils
from services.identity import pins
from services.identity.limits import TooMany
from services.identity.messages import FileOutbox
from services.identity.pins import TRIES, Address, NotSignedIn
from services.identity.requesters import PINS_AN_HOUR, Requester

YEAR = timedelta(days=365)
OF_ONE = 1 / 10_000
"""The chance that a year of guesses opens one account, at most."""
PLACES = 10
_FIRST_HOURS, _SAMPLES = 3, 6
OWNER = Requester(place="203.0.113.1", own="the-owners-own-browser")


class Guessed:
    """An account, its outbox, and a clock that the guesser's patience moves."""

    def __init__(self, council: Council, outbox: FileOutbox, at: datetime) -> None:
        self.at = at
        self.outbox = outbox
        self.asked = 0
        self.council = Council(
            council.id, council.pool, council.checks, council.editions, lambda: self.at
        )
        self.address = Address(email=f"guessed-{at:%Y%m%d%H%M%S%f}@example.org")
        stream = council.ledger.household_id(self.address.email)
        zone = council.editions.latest.zones[0].id
        for n, command in enumerate(
            (
                ListProperty(property_ref=self.address.email, zone=zone),
                EnrolResident(email=self.address.email),
            )
        ):
            sender = Sender(by=Actor("staff", "clerk"), key=f"guessed/{n}/{at.isoformat()}")
            self.council.handle(stream, command, sender)

    def stranger(self) -> Requester:
        """The guesser, under a ticket that was never seen, from the next of their places."""
        self.asked += 1
        return Requester(place=f"198.51.100.{self.asked % PLACES}", own=f"ticket-{self.asked}")

    def pin(self, by: Requester = OWNER) -> str:
        """The PIN that is sent to the owner when somebody asks. Raises TooMany."""
        pins.send_pin(self.council, self.address, self.outbox, by)
        return self.outbox.messages()[-1].body.partition(" ")[0]

    def guess(self, by: Requester, wrong: str) -> None:
        """One guess that is not right, whose PIN it was meant for or another's."""
        with suppress(NotSignedIn):
            pins.sign_in(self.council, self.address, wrong, by)

    def hour(self) -> float:
        """Every guess that can be made in an hour: the chance that one of them is right."""
        chance = 0.0
        for _ in range(PINS_AN_HOUR):
            by = self.stranger()
            pin = self.pin(by)
            for guess in others(pin, TRIES):
                chance += 10.0 ** -len(pin)
                self.guess(by, guess)
            self.at += timedelta(minutes=15)
        return chance

    def one_of_an_hour(self) -> float:
        """As hour, for what it would be: from every place one PIN is asked for, and one guess
        made.
        """
        chance = 0.0
        for _ in range(PLACES):
            by = self.stranger()
            pin = self.pin(by)
            self.guess(by, next(others(pin, 1)))
            chance += PINS_AN_HOUR * TRIES * 10.0 ** -len(pin)
        return chance

    def owner_gets_in(self) -> bool:
        """Whether the owner is let in with the PIN they are sent, whatever is done meanwhile."""
        try:
            pin = self.pin()
            by = self.stranger()
            self.pin(by)
            for guess in others(pin, TRIES):
                self.guess(by, guess)
            pins.sign_in(self.council, self.address, pin, OWNER)
        except (NotSignedIn, TooMany):
            return False
        return True


def others(pin: str, many: int) -> Iterator[str]:
    for n in range(1, many + 1):
        yield f"{(int(pin) + n) % 10 ** len(pin):0{len(pin)}d}"


def a_year(guessed: Guessed) -> tuple[float, bool]:
    """The chance that a year of guesses is right once, and whether the owner gets in all the
    while.
    """
    begins, chance, let_in = guessed.at, 0.0, True
    for _ in range(_FIRST_HOURS):
        chance += guessed.hour()
        let_in &= guessed.owner_gets_in()
    step = (YEAR - (guessed.at - begins)) / _SAMPLES
    for _ in range(_SAMPLES):
        chance += guessed.one_of_an_hour() * (step / timedelta(hours=1))
        let_in &= guessed.owner_gets_in()
        guessed.at += step
    return chance, let_in & guessed.owner_gets_in()


@contextmanager
def quick_hashes() -> Iterator[None]:
    """PINs are hashed with as little effort as there can be, until it ends."""
    slow, pins.hasher = pins.hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        yield
    finally:
        pins.hasher = slow


@contextmanager
def a_place(dsn: str) -> Iterator[Council]:
    editions, _ = with_units()
    with open_pool(dsn, 4, "guesses") as pool:
        yield Council(editions.latest.id, pool, pool, editions)


def run(figure: int, until: float) -> Reached:
    """The piece of the proof: so many simulated years of guesses at one account."""
    faults: list[str] = []
    done, worst = 0, 0.0
    with own_server() as server:
        name = with_units()[0].latest.id
        with open_councils(server.dsn, [name], commands_max=1, checks_max=1):
            pass
        outbox = FileOutbox(Path(server.folder) / "outbox.jsonl")
        with quick_hashes(), a_place(server.dsn) as council:
            while done < figure and (time_left(until) or not done):
                begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=done)
                chance, let_in = a_year(Guessed(council, outbox, begins))
                done, worst = done + 1, max(worst, chance)
                if chance > OF_ONE:
                    faults.append(f"a year of guesses is right with a chance of {chance:.2g}")
                if not let_in:
                    faults.append("the owner was not let in during a year of guesses")
    return Reached(reached=done, faults=tuple(faults), note=f"chance of one account {worst:.2g}")
