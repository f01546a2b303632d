"""A command takes effect at most once per key, for ever, and every retry is told the same.

Source: promises P1 to P3; design section 4.
"""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal
from uuid import UUID

import pytest

from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.handling import Sender
from ledger.events import Actor, Answer, Entry, Recorded
from ledger.household.state import Household
from ledger.refusals import LedgerError, NotFound, Refused
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from projections.registry import INLINE
from services.council import Council
from tests.store.homes import DEEP, a_council, a_home, counts, start_tomorrow

COPIES = 64
ROUNDS = 2 * DEEP
Said = Answer | tuple[str, ...]


def said(council: Council, stream: UUID, command: Command, by: Actor, key: str) -> Said:
    """The answer, or the codes of the refusal."""
    try:
        return council.handle(stream, command, Sender(by=by, key=key))
    except Refused as refused:
        return refused.codes


def all_said(
    council: Council, stream: UUID, commands: Sequence[Command], by: Actor, key: str
) -> list[Said]:
    """What each of these was told, sent at once under one key."""
    with ThreadPoolExecutor(len(commands)) as threads:
        sent = [threads.submit(said, council, stream, each, by, key) for each in commands]
        return [each.result() for each in sent]


@pytest.fixture
def start(database: str) -> str:
    with a_council(database, 1) as council:
        return start_tomorrow(council)


def test_sixty_four_copies_of_one_command_have_one_effect_and_one_answer(
    database: str, start: str
) -> None:
    """64 clients send the same booking at once under one key (P2)."""
    with a_council(database, 24) as council:
        home = a_home(council, "home")
        for n in range(ROUNDS):
            before = counts(council.ledger)
            booking = BookVoucher(vehicles=(f"AB{n + 10}CDE",), start=start)
            answers = all_said(council, home.household, [booking] * COPIES, home.by, f"round {n}")

            assert isinstance(answers[0], Answer)
            assert answers == [answers[0]] * COPIES
            after = counts(council.ledger)
            assert after["stored_events"] == before["stored_events"] + 1
            assert after["active_registrations"] == before["active_registrations"] + 1
            assert after["receipts"] == before["receipts"] + 1


def test_two_bodies_under_one_key_at_once_are_one_command_and_refusals(
    database: str, start: str
) -> None:
    """Whichever came first is done and told to its copies; the other body is refused (P2)."""
    with a_council(database, 16) as council:
        home = a_home(council, "home")
        bodies = [BookVoucher(vehicles=(mark,), start=start) for mark in ("AB12CDE", "XY34ZZZ")]
        answers = all_said(council, home.household, bodies * 16, home.by, "one key")

        done = [each for each in answers if isinstance(each, Answer)]
        refused = [each for each in answers if not isinstance(each, Answer)]
        assert done == [done[0]] * 16
        assert refused == [("key.reused_for_another_command",)] * 16
        assert answers[0::2] in (done, refused)


def test_the_first_answer_is_given_again_whatever_has_happened_since(
    database: str, start: str
) -> None:
    """A retry is told what was true when the command was done, for ever (P2, P3)."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        booking = BookVoucher(vehicles=("AB12CDE",), start=start)
        first = said(council, home.household, booking, home.by, "book")
        assert isinstance(first, Answer)
        bookings = first.values["bookings"]
        assert isinstance(bookings, list)
        said(council, home.household, CancelBooking(booking=bookings[0]), home.by, "cancel")

        assert said(council, home.household, booking, home.by, "book") == first


def test_a_refused_attempt_is_kept_once_and_told_again_when_it_would_be_allowed_now(
    database: str, start: str
) -> None:
    """A refusal is the answer to its key; who, what, when and why are kept (design 4.7)."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        booking = BookVoucher(vehicles=("AB12CDE",), start=start)
        first = said(council, home.household, booking, home.by, "book")
        assert said(council, home.household, booking, home.by, "again") == ("booking.duplicate",)
        assert isinstance(first, Answer)
        bookings = first.values["bookings"]
        assert isinstance(bookings, list)
        said(council, home.household, CancelBooking(booking=bookings[0]), home.by, "cancel")

        assert said(council, home.household, booking, home.by, "again") == ("booking.duplicate",)
        assert isinstance(said(council, home.household, booking, home.by, "new key"), Answer)
        assert attempts(council) == [
            ("book_voucher", "resident", home.by.name, "website", ["booking.duplicate"])
        ]


def attempts(council: Council) -> list[tuple[object, ...]]:
    with council.pool.connection() as connection:
        return connection.execute(
            f"select command, role, actor, channel, codes from {council.schema}.refused_attempts"
            f" where household_id is not null and attempted_at <= now() order by attempt_id"
        ).fetchall()


def test_the_same_key_in_another_household_is_another_key(database: str, start: str) -> None:
    """Keys are a household's own: nobody learns of another's commands by guessing theirs."""
    with a_council(database, 2) as council:
        one, other = a_home(council, "one"), a_home(council, "other")
        booking = BookVoucher(vehicles=("AB12CDE",), start=start)
        first = said(council, one.household, booking, one.by, "key")
        second = said(council, other.household, booking, other.by, "key")

        assert isinstance(first, Answer)
        assert isinstance(second, Answer)
        assert first.values["bookings"] != second.values["bookings"]


Point = Literal["under the lock", "appended", "committed"]


class DyingLedger(Ledger):
    """A ledger whose process is killed at a point of the next append."""

    point: Point = "under the lock"

    def append(
        self, connection: Connection, household: Household, entries: Sequence[Entry]
    ) -> list[Recorded]:
        match self.point:
            case "appended":
                stream = UUID(household.household_id)
                first = household.version - len(entries) + 1
                facts = [
                    Recorded(originator_id=stream, originator_version=n, position=0, entry=each)
                    for n, each in enumerate(entries, start=first)
                ]
                changes = self.changes_of(facts)
                self.events.put(facts, connection=connection, changes=changes)
            case "committed":
                super().append(connection, household, entries)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it is dead")


def die(database: str, stream: UUID, command: Command, by: Actor, point: Point) -> None:
    """What the child process does: the command, up to its death."""
    with a_council(database, 1) as council:
        council.handler.ledger = ledger = DyingLedger(council.id, council.pool, INLINE)
        ledger.point = point
        council.handle(stream, command, Sender(by=by, key="the key"))


@pytest.mark.parametrize("point", ["under the lock", "appended", "committed"])
def test_a_client_killed_at_any_point_leaves_all_or_nothing(
    database: str, start: str, point: Point
) -> None:
    """kill -9: the lock is free again, and one retry tells the truth (P1 to P3)."""
    with a_council(database, 2) as council:
        home = a_home(council, "home")
        before = counts(council.ledger)
        booking = BookVoucher(vehicles=("AB12CDE",), start=start)
        child = multiprocessing.get_context("forkserver").Process(
            target=die, args=(database, home.household, booking, home.by, point)
        )
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL

        left = counts(council.ledger)["stored_events"] - before["stored_events"]
        assert left == (1 if point == "committed" else 0)
        answer = said(council, home.household, booking, home.by, "the key")
        assert isinstance(answer, Answer)
        after = counts(council.ledger)
        assert after["stored_events"] == before["stored_events"] + 1
        assert after["receipts"] == before["receipts"] + 1
        assert said(council, home.household, booking, home.by, "the key") == answer


def test_a_household_that_is_not_there_is_found_by_nobody(database: str) -> None:
    """NotFound is no answer to keep: the household may be founded later."""
    with a_council(database, 2) as council:
        stream = council.ledger.household_id("nowhere")
        with pytest.raises(NotFound) as raised:
            said(council, stream, BookVoucher(vehicles=("AB12CDE",)), Actor("staff", "s"), "key")
        assert isinstance(raised.value, LedgerError)
        assert counts(council.ledger)["stored_events"] == 0
