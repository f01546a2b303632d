"""A household on three axes: when it holds, by when it was known, and what was shown."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from commands.book_voucher import BookVoucher
from commands.correct_cover import CorrectCover
from ledger.refusals import NotFound, Refused
from replay.as_at import StateAsAt, as_at, sentences
from tests.replay.town import STAFF, Town, town

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def made(database: str) -> Iterator[Town]:
    with town(database, "stevenage") as one:
        one.now = NINE
        one.move_in()
        one.buy("virtual-visitor-vouchers")
        yield one


def minutes(count: int) -> datetime:
    return NINE + timedelta(minutes=count)


def state(one: Town, known: int, on: int) -> StateAsAt:
    council = one.council
    return as_at(
        council.ledger, council.editions, one.home, known_at=minutes(known), on=minutes(on)
    )


def book(one: Town, at: int, mark: str) -> str:
    one.now = minutes(at)
    answer = one.do(BookVoucher(vehicles=(mark,), start="now"))
    return str(answer["bookings"][0])


def correct(one: Town, at: int, booking: str, **otherwise: object) -> None:
    one.now = minutes(at)
    command = CorrectCover(act=booking, reason="told by telephone", approver="ben", **otherwise)  # type: ignore[arg-type]
    one.do(command, by=STAFF)


def marks(found: StateAsAt) -> list[str]:
    return [each.mark for each in found.covers]


def test_a_correction_changes_what_is_known_now_and_not_what_was_known(made: Town):
    """X-102, E11: told by telephone at 60 that the visit began at 10, not at 30."""
    booking = book(made, 30, "AB12CDE")
    correct(made, 60, booking, covers_from=minutes(10))

    assert marks(state(made, known=59, on=20)) == []
    assert marks(state(made, known=60, on=20)) == ["AB12CDE"]
    assert marks(state(made, known=59, on=30)) == ["AB12CDE"]
    assert marks(state(made, known=29, on=30)) == []


def test_what_was_shown_is_a_third_axis(made: Town):
    """A check at 20 found nothing; it stays what the officer was shown."""
    made.now = minutes(20)
    made.council.check(
        typed="AB12CDE", zone="OT", at=None, known_at=None, bay="", officer="o", device=""
    )
    correct(made, 60, book(made, 30, "AB12CDE"), covers_from=minutes(10))

    now = state(made, known=60, on=20)
    assert (marks(now), [each.covered for each in now.shown]) == (["AB12CDE"], [False])
    told = list(sentences(now, LONDON))
    assert any("was covered in zone OT" in each for each in told)
    assert any("an officer was shown AB12CDE: not covered" in each for each in told)
    assert [each.covered for each in state(made, known=30, on=20).shown] == [False]


def test_holdings_and_allowances_are_as_they_were_known(made: Town):
    before = state(made, known=0, on=0)
    book(made, 30, "AB12CDE")
    after = state(made, known=30, on=30)

    assert [each.units_left for each in before.holdings] == [20]
    assert [each.units_left for each in after.holdings] == [19]
    assert [each.used for each in before.allowances] == [each.used for each in after.allowances]


def test_nothing_known_yet_is_not_found(made: Town):
    with pytest.raises(NotFound):
        state(made, known=-1, on=0)


@pytest.mark.parametrize("seed", range(4))
def test_no_correction_alters_what_was_known_before_it(made: Town, seed: int):
    """Random bookings and corrections: every state known earlier is the same bytes afterwards."""
    chance = Random(seed)
    booked: list[str] = []
    asked: dict[tuple[int, int], bytes] = {}
    minute = 1
    for n in range(14):
        minute += chance.randrange(1, 20)
        if booked and chance.random() < 0.6:
            start = minutes(chance.randrange(0, minute))
            mark = chance.choice(("", f"CD{n:02}EFG"))
            # Some are refused: nothing would change, or the visit would end before it began.
            with suppress(Refused):
                correct(made, minute, chance.choice(booked), covers_from=start, vehicle=mark)
        else:
            booked.append(book(made, minute, f"AB{n:02}CDE"))
        for (known, on), bytes_then in asked.items():
            assert msgspec.json.encode(state(made, known, on)) == bytes_then
        on = chance.randrange(0, minute + 30)
        asked[minute, on] = msgspec.json.encode(state(made, minute, on))
