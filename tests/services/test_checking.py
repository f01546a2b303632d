"""Checks are never behind, wait for no command, and are put on record together."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, Thread
from typing import cast, get_args

import psycopg
import pytest

from commands.amend_booking import AmendBooking
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.handling import Sender
from ledger.events import Answer
from ledger.refusals import Refused
from ledger.rules.covering import Reason
from ledger.store.migrating import schema_name
from ledger.store.pool import open_pool
from projections import enforcement, lookups
from projections.enforcement import CheckAnswer, Question
from projections.registry import INLINE
from replay.rebuild import rebuild
from scripts.benches.households import Bookers, bench_editions
from services.check_batch import Request, Shown
from services.council import Council
from tests.store.homes import DEEP, a_home, start_tomorrow

PAIRS = 2_000 * DEEP
"""Commands each followed by a check: 100,000 with PERMIT_LEDGER_DEEP=50."""
PAIRS_IN_REBUILDS = 300 * DEEP
CLIENTS = 4
STEPS_A_HOME = 90
ZONE = bench_editions().latest.zones[0].id
SCHEMA = schema_name(bench_editions().latest.id)


@pytest.fixture
def council(database: str) -> Iterator[Council]:
    with open_pool(database, 5, "commands") as pool, open_pool(database, 4, "checks") as checks:
        yield Council(bench_editions().latest.id, pool, checks, bench_editions())


def check(council: Council, mark: str) -> CheckAnswer:
    return council.check(
        typed=mark, zone=ZONE, at=None, known_at=None, bay="", officer="o", device="d"
    )


def stale(council: Council, pairs: int) -> int:
    """How often a check, on another connection, did not reflect the command acknowledged before.

    Several clients at once, each with marks of its own, and with homes one after another.
    """

    def client(number: int) -> int:
        found = 0
        for first in range(0, pairs // CLIENTS, STEPS_A_HOME):
            home = a_home(council, f"home-{number}-{first}")
            steps = min(STEPS_A_HOME, pairs // CLIENTS - first)
            found += _stale(council, home, "ABCDEFGH"[number], steps)
        return found

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(client, range(CLIENTS)))


def _stale(council: Council, home: Bookers, letter: str, steps: int) -> int:
    """A visit of tomorrow is booked, moved to another vehicle and cancelled, again and again."""
    found, booking = 0, ""
    start = start_tomorrow(council)
    one, other = f"{letter}B12CDE", f"{letter}Y21ZAC"

    def sent(n: int, command: Command) -> Answer:
        return council.handle(home.household, command, Sender(by=home.by, key=f"{n}"))

    for n in range(steps):
        match n % 3:
            case 0:
                answer = sent(n, BookVoucher(vehicles=(one,), start=start))
                (booking,) = cast("list[str]", answer.values["bookings"])
                mark, expected = one, "not_started"
            case 1:
                sent(n, AmendBooking(booking=booking, vehicle=other))
                mark, expected = other, "not_started"
            case _:
                sent(n, CancelBooking(booking=booking))
                mark, expected = other, "no_right"
        found += check(council, mark).reason != expected
    return found


def asked(*marks: str, key: str = "") -> Request:
    return Request(
        questions=tuple(Question(typed=m, zone=ZONE, at=None, known_at=None) for m in marks),
        officer="officer-1",
        device="handheld-1",
        key=key,
    )


def rows(council: Council, question: str) -> list[tuple[object, ...]]:
    with council.pool.connection() as connection:
        return connection.execute(question.encode()).fetchall()


def test_what_was_acknowledged_is_in_the_next_check(council: Council) -> None:
    """Promise P6: a read on another connection that starts after the answer reflects it."""
    assert stale(council, PAIRS) == 0


def test_it_is_during_rebuilds_as_well(council: Council) -> None:
    """Nor is a table that was just put in place ever read as an empty one."""
    stop, failed = Event(), []

    def rebuilding() -> None:
        while not stop.is_set():
            try:
                rebuild(council.ledger, INLINE)
            except Exception as error:
                failed.append(error)

    thread = Thread(target=rebuilding)
    thread.start()
    try:
        found = stale(council, PAIRS_IN_REBUILDS)
    finally:
        stop.set()
        thread.join()
    assert (found, failed) == (0, [])


def test_checks_go_on_while_every_connection_for_commands_is_taken(council: Council) -> None:
    home = a_home(council, "home")
    home.step()
    with ExitStack() as taken:
        for _ in range(council.pool.max_size):
            taken.enter_context(council.pool.connection())
        assert check(council, "AB11CDE").reason == "not_started"
        (shown,) = asyncio.run(council.check_queue.ask(asked("AB11CDE")))
    assert shown.answer is not None
    assert shown.answer.reason == "not_started"


def test_who_finds_every_connection_for_checks_taken_waits_for_one(council: Council) -> None:
    """Nobody is turned away, and the event loop goes on meanwhile."""

    async def asked_meanwhile() -> tuple[bool, list[Shown]]:
        with ExitStack() as taken:
            for _ in range(council.checks.max_size):
                taken.enter_context(council.checks.connection())
            waiting = asyncio.create_task(council.check_queue.ask(asked("AB11CDE")))
            await asyncio.sleep(0.05)
            answered = waiting.done()
        return answered, await waiting

    answered, (shown,) = asyncio.run(asked_meanwhile())

    assert (answered, shown.answer is not None) == (False, True)


def test_those_who_wait_together_are_one_commit(council: Council) -> None:
    """While one batch is on its way, what comes in is the next."""
    marks = [f"AB{n:02d}XYZ" for n in range(60)]

    async def all_at_once() -> list[list[Shown]]:
        return await asyncio.gather(*(council.check_queue.ask(asked(mark)) for mark in marks))

    told = asyncio.run(all_at_once())

    assert [shown.answer.mark for (shown,) in told if shown.answer] == marks
    ((kept, commits),) = rows(
        council, f"select count(*), count(distinct xmin::text) from {SCHEMA}.lookups"
    )
    assert kept == 60
    assert isinstance(commits, int)
    assert commits < 6


def test_one_at_fault_leaves_the_others_their_answers(council: Council) -> None:
    """A text that no database takes is the sender's own misfortune."""
    bad = Request(questions=asked("AB12CDE").questions, officer="a\0b", device="d")

    async def both() -> tuple[object, object]:
        return await asyncio.gather(
            council.check_queue.ask(asked("AB12CDE")),
            council.check_queue.ask(bad),
            return_exceptions=True,
        )

    good, failed = asyncio.run(both())

    assert isinstance(good, list)
    assert isinstance(failed, psycopg.DataError)


def test_a_mark_that_is_none_is_refused_and_not_kept(council: Council) -> None:
    with pytest.raises(Refused):
        check(council, "?")

    assert rows(council, f"select count(*) from {SCHEMA}.lookups") == [(0,)]


def test_a_connection_that_broke_is_replaced(council: Council) -> None:
    """The server ended it while nobody used it: the next check is asked on another."""
    assert asyncio.run(council.check_queue.ask(asked("AB12CDE")))
    rows(
        council,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )

    def answers() -> bool:
        return bool(asyncio.run(council.check_queue.ask(asked("AB12CDE"))))

    assert answers()


def test_what_was_shown_is_found_by_its_snapshot_and_read_back(council: Council) -> None:
    """A later booking changes what is true, and never what was shown (promise P8)."""
    home = a_home(council, "home")
    before = check(council, "AB11CDE")
    home.step()
    after = check(council, "AB11CDE")

    with council.pool.connection() as connection:
        told = lookups.recent(connection, SCHEMA, "o", before.at, 10)
    assert [enforcement.of_bytes(each.answer) for each in told] == [after, before]
    assert before.seen.high <= after.seen.high
    assert (before.reason, after.reason) == ("no_right", "not_started")


def test_every_reason_names_its_rule() -> None:
    assert set(enforcement.RULES) == set(get_args(Reason))
