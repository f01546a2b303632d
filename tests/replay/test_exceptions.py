"""What staff did that is worth a second look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_notice import CancelNotice
from commands.correct_cover import CorrectCover
from commands.handling import Sender
from commands.refund_holding import RefundHolding
from ledger.refusals import Refused
from replay.exceptions import Exceptional, _stored, exceptions
from tests.commands.desk import NOTICE
from tests.given import editions_of
from tests.replay.town import STAFF, Town, town

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def made(database: str) -> Iterator[Town]:
    with town(database, "stevenage") as one:
        one.now = NOON
        one.move_in()
        one.buy("virtual-visitor-vouchers")
        yield one


def found(one: Town, since: datetime = NOON, hours: int = 3) -> list[Exceptional]:
    return list(exceptions(one.council.ledger, since, since + timedelta(hours=hours)))


def test_what_was_dated_back_withdrawn_or_attempted_is_told_in_order(made: Town):
    """E10, promises section 4: who, with whom, how far back, and why."""
    booking = made.do(BookVoucher(vehicles=("AB12CDE",), start="now"))["bookings"][0]
    earlier = CorrectCover(
        act=booking,
        covers_from=NOON - timedelta(hours=2),
        reason="told by telephone",
        reason_code="told_late",
        approver="ben",
    )
    made.now = NOON + timedelta(minutes=10)
    barred = Sender(by=STAFF, key="own", own_households=(str(made.home),))
    with pytest.raises(Refused) as refused:
        made.council.handle(made.home, earlier, barred)
    assert refused.value.codes == ("correction.own_household",)
    made.now = NOON + timedelta(minutes=20)
    made.do(earlier, by=STAFF)
    alone = CorrectCover(act=booking, vehicle="CD34EFG", reason="x", approver="Pat")
    made.now = NOON + timedelta(minutes=30)
    with pytest.raises(Refused):
        made.do(alone, by=STAFF)
    notice = made.council.ledger.notice_id(NOTICE.number)
    made.do(NOTICE, by=STAFF, stream=notice)
    made.now = NOON + timedelta(minutes=40)
    made.do(CancelNotice(reason_code="goodwill", reason="late"), by=STAFF, stream=notice)

    told = [
        (each.kind, each.by, each.approver, each.back_seconds, each.reason, each.codes)
        for each in found(made)
    ]
    assert told == [
        ("attempted", "pat", "", 0, "correct_cover", ["correction.own_household"]),
        ("corrected", "pat", "ben", 8400, "told_late: told by telephone", []),
        ("attempted", "pat", "", 0, "correct_cover", ["correction.same_person"]),
        ("notice_withdrawn", "pat", "", 0, "goodwill: late", []),
    ]
    assert found(made, NOON - timedelta(hours=9)) == []
    assert len(found(made, NOON + timedelta(minutes=20), hours=1)) == 3


def test_a_resident_may_act_where_they_live(made: Town):
    own = Sender(by=made.resident, key="own", own_households=(str(made.home),))
    made.council.handle(made.home, BookVoucher(vehicles=("AB12CDE",), start="now"), own)

    assert found(made) == []


def test_money_that_staff_give_back_is_told_and_what_a_resident_is_due_is_not(made: Town):
    """E10: refunds, where a scheme gives any; by whom and how much."""
    refunds = {"products.virtual-visitor-vouchers.refund.money": True}
    made.council.editions = editions_of("stevenage", refunds)
    application = made.buy("virtual-visitor-vouchers")
    made.do(RefundHolding(application=application))
    assert found(made) == []
    made.now = NOON + timedelta(minutes=5)

    made.do(RefundHolding(application=made.buy("virtual-visitor-vouchers")), by=STAFF)

    assert [(each.kind, each.by, each.reason) for each in found(made)] == [
        ("refunded", "pat", "£10.00")
    ]


def test_the_report_is_read_by_an_index_and_not_from_the_whole_ledger(made: Town):
    """Every kind of fact that is told is in the index; a ledger has millions of others."""
    with made.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local enable_seqscan = off")
        rows = connection.execute("explain " + _stored(made.council.schema).as_string(connection))
        plan = "\n".join(str(row[0]) for row in rows.fetchall())

    assert "stored_events_exceptional_idx" in plan
