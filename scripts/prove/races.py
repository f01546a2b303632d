"""Races for what only one can have: whoever asks at the same moment, there is one winner.

Each race is run by clients of two processes, on households of its own, and yields in words what
was wrong.

Source: promises.md P2, P4, P5, P6; OWASP ASVS 2.3.4, 15.4.2.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
from msgspec import Struct

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.switch_vehicle import SwitchVehicle
from ledger.scheme.editions import Editions
from ledger.scheme.products import Product
from ledger.store.pool import open_pool
from scripts.prove.crowds import Act, Crowd, Look, crowd
from scripts.prove.linear import Booked, Operation, booking_model, order_of
from scripts.prove.racers import STAFF, Home, id_of, mark, split, with_a_switch, with_units
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from scripts.prove.servers import own_server
from services.council import Council
from services.councils import open_councils

CLIENTS = 64
_encoder = msgspec.json.Encoder(order="deterministic")


class Track(Struct, frozen=True, kw_only=True):
    """Where a race is run: a council, what is raced for, and the clients."""

    council: Council
    product: Product
    crowd: Crowd
    clients: int
    seed: int


Faults = Iterator[str]
Race = Callable[[Track], Faults]


def last_unit(track: Track) -> Faults:
    """One unit left, and every client books it: one has it, and the others are told why not."""
    home = Home(track.council)
    home.bought(track.product)
    for n in range(track.product.pack.size - 1):
        home.did(BookVoucher(vehicles=(mark(n),), start=home.start), home.by[0])
    acts = [
        home.act(BookVoucher(vehicles=(mark(100 + n),), start=home.start), f"last/{n}", n % 2)
        for n in range(track.clients)
    ]
    yes, no, errors = split(track.crowd.at_once(acts))
    if len(yes) != 1 or errors:
        yield f"{len(yes)} had the last unit, {len(no)} were refused, {errors}"
    if (left := home.now().units_left(track.product.id, datetime.now(UTC))) != 0:
        yield f"{left} units are left of one"
    if (covered := home.covered()) != track.product.pack.size:
        yield f"{covered} vehicles are covered by {track.product.pack.size} units"


def last_of_the_cap(track: Track) -> Faults:
    """Both residents buy what is left under the household's cap: one purchase fits."""
    home = Home(track.council)
    cap, size = track.product.allowance[0].max, track.product.pack.size
    home.bought(track.product, packs=cap // size - 1)
    courses = [_buying(home, track.product, f"cap/{n}", n % 2) for n in range(track.clients)]
    told = track.crowd.in_turn(courses)
    yield from _bought_at_most(home, track.product, cap)
    if not any(course[-1].answer for course in told):
        yield "nobody had what was left"


def buy_cancel_buy(track: Track) -> Faults:
    """Each asks, cancels and asks again; what is paid for in the end is under the cap."""
    home = Home(track.council)
    cap, size = track.product.allowance[0].max, track.product.pack.size
    home.bought(track.product, packs=cap // size - 1)
    courses = []
    for n in range(track.clients):
        first, second = (_buying(home, track.product, f"bcb/{n}/{turn}", n % 2) for turn in "ab")
        application = id_of(home.stream, f"bcb/{n}/a/apply")
        gone = home.act(CancelApplication(application=application), f"bcb/{n}/gone", n % 2)
        courses.append([first[0], gone, *second, first[1]])
    track.crowd.in_turn(courses)
    yield from _bought_at_most(home, track.product, cap)


def _buying(
    home: Home, product: Product, key: str, who: int, at: datetime | None = None
) -> list[Act]:
    application = id_of(home.stream, f"{key}/apply")
    asked = ApplyForPermit(product=product.id, quantity=product.pack.size)
    paid = PayForApplications(applications=(application,), result="authorised")
    paying = Act(stream=home.stream, does=paid, by=STAFF, key=f"{key}/pay", at=at)
    return [home.act(asked, f"{key}/apply", who, at), paying]


def _bought_at_most(home: Home, product: Product, cap: int) -> Faults:
    held = sum(each.units for each in home.now().holdings.values() if each.product == product.id)
    if held > cap:
        yield f"{held} units were issued under a cap of {cap}"


def window_edge(track: Track) -> Faults:
    """At the midnight at which old units leave the window, just before it and at it.

    Whoever asks before it is refused; at it one purchase fits, whatever the order.
    """
    clock = [datetime(2026, 3, 2, 12, 0, tzinfo=UTC)]
    council = track.council
    then = Council(council.id, council.pool, council.checks, council.editions, lambda: clock[0])
    home = Home(then)
    cap, size = track.product.allowance[0].max, track.product.pack.size
    home.bought(track.product)
    clock[0] += timedelta(days=40)
    home.bought(track.product, packs=cap // size - 1)
    tz = council.editions.latest.tz
    edge = datetime(2027, 3, 2, tzinfo=tz).astimezone(UTC)
    instants = (edge - timedelta(microseconds=1), edge)
    courses = [
        _buying(home, track.product, f"edge/{n}", n % 2, instants[n // 2 % 2])
        for n in range(track.clients)
    ]
    told = track.crowd.in_turn(courses)
    paid = [course[1].answer for course in told if course[1].answer is not None]
    early = [each for each in paid if each.recorded_at and each.recorded_at < edge]
    held = [each for each in home.now().holdings.values() if each.product == track.product.id]
    if early:
        yield f"{len(early)} bought a microsecond before the window let go"
    if sum(each.units for each in held) != cap + size:
        yield f"{sum(each.units for each in held)} units are held, not {cap + size}"


def one_key(track: Track) -> Faults:
    """Copies of one key at once: one effect, one answer; with another body it is refused."""
    home = Home(track.council)
    home.bought(track.product)
    before = home.now().version
    acts = [
        home.act(BookVoucher(vehicles=(mark(n % 4 == 0),), start=home.start), "same")
        for n in range(track.clients)
    ]
    told = track.crowd.at_once(acts)
    by_body = [
        [each for n, each in enumerate(told) if (n % 4 == 0) is first] for first in (True, False)
    ]
    said = [
        {_encoder.encode((each.answer, each.codes, each.error)) for each in body}
        for body in by_body
    ]
    if any(len(each) != 1 for each in said):
        yield f"copies were told {[len(each) for each in said]} different things"
    refused = [body for body in by_body if body[0].codes == ("key.reused_for_another_command",)]
    if len(refused) != 1:
        yield "of two bodies under one key not exactly one was refused"
    if (facts := home.now().version - before) != 1:
        yield f"{facts} facts of one key"


def move_out_against_book(track: Track) -> Faults:
    """Who has moved out has no cover, whichever came first."""
    home = Home(track.council, residents=1)
    home.bought(track.product)
    leaving = home.act(MoveOut(resident=home.by[0].name), "leave")
    leaving = Act(stream=home.stream, does=leaving.does, by=STAFF, key="leave")
    acts = [
        home.act(BookVoucher(vehicles=(mark(n),), start=home.start), f"book/{n}")
        for n in range(track.product.pack.size - 1)
    ]
    acts.insert(Random(track.seed).randrange(len(acts)), leaving)
    told = track.crowd.at_once(acts)
    left = next(each.answer for each in told if each.answer and each.answer.command == "move_out")
    late = [each for each in told if each.answer and each.answer.version > left.version]
    if late:
        yield f"{len(late)} booked after they had moved out"
    if covered := home.covered():
        yield f"{covered} vehicles are covered for nobody"


def switches_and_checks(track: Track) -> Faults:
    """Switches race each other while officers look at every listed vehicle: one is covered."""
    home = Home(track.council, residents=1)
    # Its own: what another household's permit covers is no business of this one.
    marks = tuple(f"{home.stream.hex[:6]}{n}".upper() for n in range(4))
    home.bought(track.product, vehicles=marks[:1])
    for each in marks[1:]:
        home.did(AddVehicle(vehicle=each), home.by[0])
    zone = track.council.editions.latest.zones[0].id
    courses = []
    for n in range(track.clients // 4):
        switching = n % 2 == 0
        courses.append(
            [
                home.act(SwitchVehicle(vehicle=marks[(n // 2 + turn) % 4]), f"s/{n}/{turn}")
                if switching
                else home.act(Look(marks=marks, zone=zone), "")
                for turn in range(4)
            ]
        )
    told = [each for course in track.crowd.in_turn(courses) for each in course]
    wrong = {each.covered for each in told if each.covered is not None and len(each.covered) != 1}
    if wrong:
        yield f"officers saw {sorted(wrong)} covered of one permit"
    if others := {*(each.error for each in told), *(each.codes for each in told)} - {"", ()}:
        yield f"switches were told {others}"
    if (covered := home.covered()) != 1:
        yield f"{covered} vehicles are covered by one permit in the end"


def linearizable(track: Track) -> Faults:
    """Bookings, cancellations and amendments of one household, as if one after another.

    Each client works on its own and others' bookings, whose ids are known before they are made.
    """
    chance = Random(track.seed)
    home = Home(track.council)
    home.bought(track.product)
    while home.now().units_left(track.product.id, datetime.now(UTC)) > 3:
        n = home.now().version
        home.did(BookVoucher(vehicles=(mark(200 + n),), start=home.start), home.by[0])
    keys = [[f"l/{n}/{turn}" for turn in range(5)] for n in range(8)]
    ids = [id_of(home.stream, key) for each in keys for key in each]
    first = Booked(
        home.now().units_left(track.product.id, datetime.now(UTC)),
        frozenset((each.booking_id, each.cover.shown) for each in home.now().bookings.values()),
    )
    asked, courses = [], []
    for n, mine in enumerate(keys):
        course = []
        for key in mine:
            words, command = _some_act(chance, ids, home)
            asked.append(words)
            course.append(home.act(command, key, n % 2))
        courses.append(course)
    told = [each for course in track.crowd.in_turn(courses) for each in course]
    operations = []
    for words, each in zip(asked, told, strict=True):
        said: tuple[object, ...] = ("no",)
        if each.answer is not None:
            values = each.answer.values
            made = values.get("bookings")
            booking = made[0] if isinstance(made, list) else values["booking"]
            said = ("yes", booking, values.get("remaining"))
        operations.append(
            Operation(asked_at=each.asked_at, told_at=each.told_at, asked=words, told=said)
        )
    if order_of(operations, first, booking_model) is None:
        yield f"no order explains what {len(operations)} commands were told (seed {track.seed})"
    versions = sorted(each.answer.version for each in told if each.answer is not None)
    if len(set(versions)) != len(versions):
        yield "two commands were told one version"


def _some_act(
    chance: Random, ids: list[str], home: Home
) -> tuple[tuple[str, ...], BookVoucher | CancelBooking | AmendBooking]:
    which, booking = mark(300 + chance.randrange(6)), chance.choice(ids)
    match chance.randrange(4):
        case 0 | 1:
            return ("book", which), BookVoucher(vehicles=(which,), start=home.start)
        case 2:
            return ("cancel", booking), CancelBooking(booking=booking)
        case _:
            return ("amend", booking, which), AmendBooking(booking=booking, vehicle=which)


OF_UNITS: tuple[Race, ...] = (
    last_unit,
    last_of_the_cap,
    buy_cancel_buy,
    window_edge,
    one_key,
    move_out_against_book,
    linearizable,
)
OF_SWITCHES: tuple[Race, ...] = (switches_and_checks,)


@contextmanager
def tracks(
    dsn: str, sold: tuple[Editions, Product], clients: int
) -> Iterator[Callable[[int], Track]]:
    """A track for each seed, on one crowd; the council's schema is there already."""
    editions, product = sold
    with (
        open_pool(dsn, 4, "race") as pool,
        open_pool(dsn, 2, "race-checks") as checks,
        crowd(dsn, editions, clients) as running,
    ):
        council = Council(editions.latest.id, pool, checks, editions)
        yield lambda seed: Track(
            council=council, product=product, crowd=running, clients=clients, seed=seed
        )


def raced(dsn: str, rounds: int, until: float, clients: int = CLIENTS) -> Reached:
    """So many rounds of every race in this database, or as many as there is time for."""
    faults: list[str] = []
    done = 0
    with ExitStack() as stack:
        units = stack.enter_context(tracks(dsn, with_units(), clients))
        switches = stack.enter_context(tracks(dsn, with_a_switch(), clients))
        while done < rounds and (time_left(until) or not done) and len(faults) < FAULTS_MAX:
            for track, races in ((units, OF_UNITS), (switches, OF_SWITCHES)):
                for race in races:
                    found = race(track(done))
                    faults += [f"{race.__name__}, round {done}: {each}" for each in found]
            done += 1
    kinds = len(OF_UNITS) + len(OF_SWITCHES)
    note = f"{kinds} races of {clients} clients in 2 processes each round"
    return Reached(reached=done, faults=tuple(faults), note=note)


def run(figure: int, until: float) -> Reached:
    """The piece of the proof: so many rounds, on a server of its own."""
    names = {editions.latest.id for editions, _ in (with_units(), with_a_switch())}
    with own_server() as server:
        with open_councils(server.dsn, names, commands_max=1, checks_max=1):
            pass
        return raced(server.dsn, figure, until)
