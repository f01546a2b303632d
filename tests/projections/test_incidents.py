"""Outages as they were known, and the notices that they touch."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from commands.book_voucher import BookVoucher
from commands.correct_outage import CorrectOutage
from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.withdraw_outage import WithdrawOutage
from ledger.refusals import Refused
from projections import incidents
from projections.incidents import OutageSeen
from tests.replay.town import STAFF, Town, town

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
FAILING = DeclareOutage(
    services=("bookings",), failed_from=NOON, found_how="reported", reason="no bookings arrive"
)


@pytest.fixture
def made(database: str) -> Iterator[Town]:
    with town(database, "stevenage") as one:
        one.now = NOON
        yield one.move_in()


def at(one: Town, minute: int) -> Town:
    one.now = NOON + timedelta(minutes=minute)
    return one


def declared(one: Town, command: DeclareOutage = FAILING) -> str:
    return str(one.do(command, by=STAFF, stream=one.council.ledger.outages_id())["outage"])


def ended(one: Town, outage: str, minute: int) -> None:
    command = CorrectOutage(
        outage=outage,
        services=("bookings",),
        failed_from=NOON,
        failed_until=NOON + timedelta(minutes=minute),
        found_how="reported",
        reason="no bookings arrive",
        why="over",
    )
    one.do(command, by=STAFF, stream=one.council.ledger.outages_id())


def known(one: Town, minute: int | None = None) -> list[OutageSeen]:
    with one.council.pool.connection() as connection:
        return incidents.outages(
            connection,
            one.council.schema,
            since=NOON - timedelta(days=1),
            until=NOON + timedelta(days=1),
            known_at=None if minute is None else NOON + timedelta(minutes=minute),
        )


def test_an_outage_is_read_as_it_was_known(made: Town):
    """X-102: a later end changes what is known now, not what was known then."""
    outage = declared(at(made, 5))
    ended(at(made, 30), outage, 20)
    made.do(
        WithdrawOutage(outage=outage, why="a drill"),
        by=STAFF,
        stream=at(made, 60).council.ledger.outages_id(),
    )

    assert known(made, 4) == []
    assert [each.failed_until for each in known(made, 5)] == [None]
    assert [each.failed_until for each in known(made, 30)] == [NOON + timedelta(minutes=20)]
    assert known(made, 60) == known(made) == []


@pytest.mark.parametrize(
    ("since", "until", "found"), [(-10, 0, 0), (-10, 1, 1), (19, 30, 1), (20, 30, 0)]
)
def test_an_outage_is_found_where_it_overlaps_and_its_end_is_not_in_it(made, since, until, found):
    outage = declared(at(made, 5))
    ended(at(made, 30), outage, 20)
    with made.council.pool.connection() as connection:
        outages = incidents.outages(
            connection,
            made.council.schema,
            since=NOON + timedelta(minutes=since),
            until=NOON + timedelta(minutes=until),
        )
    assert len(outages) == found


def note(one: Town, number: str, minute: int, mark: str) -> None:
    command = NoteNotice(
        number=number,
        mark=mark,
        zone="OT",
        issued_at=NOON + timedelta(minutes=minute),
        contravention="12",
    )
    one.do(command, by=STAFF, stream=one.council.ledger.notice_id(number))


def test_notices_issued_while_bookings_failed_with_what_was_tried_meanwhile(made: Town):
    """E16: the resident's attempts inside the window, and a booking soon after."""
    outage = declared(at(made, 1))
    with pytest.raises(Refused):
        made.do(BookVoucher(vehicles=("AB12CDE",), start="now"))
    ended(at(made, 40), outage, 20)
    made.buy("virtual-visitor-vouchers")
    made.do(BookVoucher(vehicles=("AB12CDE",), start="now"))
    for number, minute in (("N00A", -1), ("N00B", 0), ("N00C", 49), ("N00D", 50)):
        note(at(made, 60), number, minute, "AB12 CDE")
    note(made, "N00E", 10, "ZZ99ZZZ")

    (seen,) = known(made)
    with made.council.pool.connection() as connection:
        found = incidents.touched(
            connection, made.council.schema, seen, timedelta(minutes=30), made.now
        )

    assert [each.number for each in found] == ["N00B", "N00E", "N00C"]
    first, other, late = found
    assert first.booked_at == NOON + timedelta(minutes=40)
    assert [(each.command, each.codes) for each in first.attempts] == [
        ("book_voucher", ["booking.no_units"])
    ]
    assert (other.booked_at, other.attempts) == (None, [])
    assert (late.booked_at, len(late.attempts)) == (None, 1)
