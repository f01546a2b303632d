"""A history says what each act changed, can be filtered, and is read in pages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from ledger.refusals import Refused
from replay.history import Act, Filter, history, page
from tests.replay.town import DAYS, STAFF, Town, gravesham_days, norwich_days, town


@pytest.fixture
def stevenage(database: str) -> Iterator[Town]:
    with town(database) as made:
        yield made


def told(made: Town) -> list[Act]:
    return list(history(made.council.ledger, made.home, time_zone=made.council.editions.latest.tz))


def changed(act: Act) -> list[str]:
    return [str(change) for change in act.changed]


def test_a_booking_and_its_cancelling_say_what_is_left_and_what_is_covered(stevenage: Town):
    """What it changed, before and after (issue: history; STV-110)."""
    stevenage.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
    booked = stevenage.do(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 08:00"))
    stevenage.do(CancelBooking(booking=booked["bookings"][0]))

    issuing, booking, cancelling = told(stevenage)[-3:]

    assert "units left of virtual visitor vouchers: none -> 20" in changed(issuing)
    assert "units left of virtual visitor vouchers: 20 -> 19" in changed(booking)
    assert (
        "cover: none -> G885WFE in zone OT from 08:00 on 20 November 2026"
        " until the end of 20 November 2026" in changed(booking)
    )
    assert [change.what for change in cancelling.changed] == ["units_left", "cover"]
    assert "units left of virtual visitor vouchers: 19 -> 20" in changed(cancelling)
    assert cancelling.changed[-1].after is None


def test_a_switch_says_which_vehicle_was_active_and_which_is(database: str):
    """GRV-011: one vehicle of a permit is active at a time."""
    with town(database, "gravesham") as gravesham:
        for _ in gravesham_days(gravesham):
            pass
        switched = [act for act in told(gravesham) if act.act == "switched"]

    first = next(change for change in switched[0].changed if change.what == "active_vehicle")
    assert (first.before, first.after) == ("AA11AAA", "BB22BBB")


def test_a_purchase_says_how_much_of_the_allowance_is_used(database: str):
    """NOR-088: what counts is told as it stood before and after."""
    with town(database, "norwich-2015") as norwich:
        for _ in norwich_days(norwich):
            pass
        acts = told(norwich)

    used = [change for act in acts for change in act.changed if change.what == "allowance_used"]
    assert used
    assert used[0].before == 0
    cards = [
        change
        for act in acts
        if act.act == "card_used"
        for change in act.changed
        if change.what == "units_left"
    ]
    assert all(change.before == change.after + 1 for change in cards)  # type: ignore[operator]


@pytest.mark.parametrize("council", list(DAYS))
def test_what_is_left_as_told_is_what_the_household_has(database: str, council: str):
    """The changes, followed to the end, give the units that the fold of the facts gives."""
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        household = made.council.ledger.household(made.home)
        left: dict[str, object] = {}
        for act in told(made):
            for change in act.changed:
                if change.what == "units_left":
                    assert change.before == left.get(change.of)
                    left[change.of] = change.after

    for holding in household.holdings.values():
        over = holding.expired or holding.ended_why
        assert left[holding.holding_id] == (0 if over else holding.units_left)


def test_acts_are_found_by_kind_by_whom_by_when_and_by_mark(stevenage: Town):
    """A mark is found however it is typed; a period includes its first instant, not its last."""
    stevenage.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
    stevenage.at("2026-11-19 14:12")
    stevenage.do(BookVoucher(vehicles=("G885WFE",), start="2026-11-19 14:20"))
    noon = datetime(2026, 11, 19, 14, 12, tzinfo=UTC)

    def found(wanted: Filter) -> list[str]:
        return [act.act for act in history(stevenage.council.ledger, stevenage.home, wanted=wanted)]

    assert found(Filter(acts=frozenset({"paid", "issued"}))) == ["paid", "issued"]
    assert found(Filter(who=STAFF.name)) == ["property_listed", "registered"]
    assert found(Filter(since=noon)) == ["booked"]
    assert "booked" not in found(Filter(until=noon))
    assert found(Filter(mark="g885 wfe")) == ["booked"]
    assert found(Filter(mark="XX99XXX")) == []


def test_pages_by_cursor_join_to_the_whole_with_attempts_among_them(stevenage: Town):
    """Whatever the size of a page, no act is told twice and none is missed."""
    stevenage.at("2026-11-19 10:00").move_in()
    for minute in range(3):
        with pytest.raises(Refused):
            stevenage.at(f"2026-11-19 10:0{minute}").do(BookVoucher(vehicles=("G885WFE",)))
    stevenage.buy("virtual-visitor-vouchers")
    stevenage.do(BookVoucher(vehicles=("G885WFE", "AB12CDE")))
    ledger, home = stevenage.council.ledger, stevenage.home
    whole = list(history(ledger, home, attempts=True))

    for size in (1, 2, 5, 100):
        acts: list[Act] = []
        cursor = ""
        while True:
            read = page(ledger, home, cursor=cursor, limit=size, attempts=True)
            acts += read.acts
            cursor = read.next
            if not cursor:
                break
        assert acts == whole


def test_a_cursor_that_no_page_gave_is_refused(stevenage: Town):
    """Bad input says so; it never begins anew in silence."""
    stevenage.at("2026-11-19 10:00").move_in()

    for cursor in ("x", "!!!", "WzFd", "é"):
        with pytest.raises(ValueError, match="a cursor is what an earlier page gave"):
            list(history(stevenage.council.ledger, stevenage.home, cursor=cursor))
