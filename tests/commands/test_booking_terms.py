"""Booking as the terms of a scheme say: channels, clocks, how many at once, all or some."""

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.surrender_holding import SurrenderHolding
from commands.use_card import UseCard
from ledger.events import DrawnUnits, NotBooked, VoucherBooked
from tests.given import Outcome, bought, done, given, instant

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
HOURS = {"hours": 4}


def terms(**values: object) -> dict[str, object]:
    """Values of the voucher, their keys with `__` for a dot."""
    return {f"products.{SETS}.{key.replace('__', '.')}": value for key, value in values.items()}


def booking(mark: str, start: str = "now", key: str = "") -> BookVoucher:
    return BookVoucher(vehicles=(mark,), start=start)


@pytest.mark.parametrize(
    ("start", "refused"),
    [
        ("now", True),
        ("2026-11-19 10:00", True),
        ("2026-11-19 10:01", False),
        ("2026-11-20 00:00", False),
    ],
)
def test_a_channel_that_does_not_book_for_now_takes_later_starts_only(start, refused):
    """channels.NAME.immediate = false."""
    channels = {"website": {"immediate": False, "future": True}}
    outcome = given(bought(SETS), values=terms(channels=channels)).when(booking("AA11AAA", start))

    if refused:
        outcome.then_refused("booking.not_immediate")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("2026-10-25 01:30", None),
        ("2026-10-25 01:00", None),
        ("2026-10-25 01:59:59", None),
        ("2026-10-25 00:59", "2026-10-24 23:59Z"),
        ("2026-10-25 02:00", "2026-10-25 02:00Z"),
        ("2026-10-25 01:30+01:00", "2026-10-25 00:30Z"),
        ("2026-10-25 01:30+00:00", "2026-10-25 01:30Z"),
        ("2026-10-25 01:30Z", "2026-10-25 01:30Z"),
        ("2026-03-29 02:30", "2026-03-29 01:30Z"),
    ],
)
def test_an_ambiguous_time_needs_its_offset_where_the_scheme_says_so(start, begins):
    """calendar.fold = "offset": refused without one, first or second with it (X-103)."""
    past = given(bought(SETS, at="2026-03-20 10:00"), values={"calendar.fold": "offset"})

    outcome = past.when(booking("AA11AAA", start), at="2026-03-21 10:00")

    if begins is None:
        outcome.then_refused("booking.no_such_time")
    else:
        assert first(outcome).covers[0].covers_from == instant(begins)


def test_a_card_is_not_dated_to_a_time_that_occurs_twice():
    past = given(
        bought("scratch-2h", at="2026-10-20 10:00"),
        scheme="windsor-maidenhead",
        values={"calendar.fold": "offset"},
    )
    card = UseCard(vehicle="AA11AAA", time="2026-10-25 01:30")

    past.when(card, at="2026-10-20 11:00").then_refused("booking.no_such_time")


def first(outcome: Outcome) -> VoucherBooked:
    booked = outcome.then_accepted().events[0]
    assert isinstance(booked, VoucherBooked)
    return booked


@pytest.mark.parametrize(
    ("start", "refused"),
    [
        ("2026-11-19 09:59", True),
        ("2026-11-19 10:00", False),
        ("2026-11-19 14:00", False),
        ("2026-11-20 09:00", False),
        ("2026-11-20 15:00", False),
        ("2026-11-20 16:01", False),
    ],
)
def test_a_start_may_be_dated_back_where_the_scheme_lets_it_into_the_holding(start, refused):
    """use.backdate = true (X-015): not before the set was issued; what was known stays known."""
    past = given(bought(SETS), values=terms(use__backdate=True))

    outcome = past.when(booking("AA11AAA", start), at="2026-11-20 16:00")

    if refused:
        outcome.then_refused("booking.outside_holding")
    else:
        assert first(outcome).covers[0].covers_from == instant(start)


def test_without_that_a_past_start_is_refused():
    given(bought(SETS)).when(
        booking("AA11AAA", "2026-11-19 14:00"), at="2026-11-20 16:00"
    ).then_refused("booking.start_in_past")


TWO = terms(concurrency__uses=2)


def test_at_most_so_many_visitors_at_one_time():
    """concurrency.uses = 2: the third of that day waits; another day is another time."""
    two = given(
        bought(SETS),
        done(booking("AA11AAA"), key="a", ids=("b1",)),
        done(booking("BB22BBB"), key="b"),
        values=TWO,
    )

    two.when(booking("CC33CCC")).then_refused("permit.in_use")
    two.when(booking("CC33CCC", "2026-11-19 23:59")).then_refused("permit.in_use")
    two.when(booking("CC33CCC", "2026-11-20 00:00")).then_accepted()
    two.when(BookVoucher(vehicles=("DD44DDD", "EE55EEE"), start="2026-11-20 00:00")).then_refused(
        "permit.in_use"
    )


def test_a_cancelled_visit_leaves_its_place():
    given(
        bought(SETS),
        done(booking("AA11AAA", "2026-11-20 09:00"), key="a", ids=("b1",)),
        done(booking("BB22BBB", "2026-11-20 09:00"), key="b"),
        done(CancelBooking(booking="b1"), key="c"),
        values=TWO,
    ).when(booking("CC33CCC", "2026-11-20 09:00")).then_accepted()


@pytest.mark.parametrize(
    ("start", "refused"), [("08:01", True), ("12:00", True), ("15:59", True), ("16:00", False)]
)
def test_visits_that_do_not_meet_are_not_at_one_time(start, refused):
    """One from 8 to 12 and one from 12 to 16: never two at once, so a third fits where one is."""
    values = terms(concurrency__uses=1, use__end=HOURS)
    outcome = given(
        bought(SETS),
        done(booking("AA11AAA", "2026-11-20 12:00"), key="a"),
        values=values,
    ).when(booking("BB22BBB", f"2026-11-20 {start}"))

    if refused:
        outcome.then_refused("permit.in_use")
    else:
        outcome.then_accepted()
    given(
        bought(SETS),
        done(booking("AA11AAA", "2026-11-20 08:00"), key="a"),
        done(booking("BB22BBB", "2026-11-20 12:00"), key="b"),
        values={**values, **TWO},
    ).when(booking("CC33CCC", "2026-11-20 10:00")).then_accepted()


def test_paper_is_in_use_too():
    cards = given(
        bought("day-scratchcard"),
        done(UseCard(vehicle="AA11AAA"), key="a"),
        scheme="norwich-2015",
        values={"products.day-scratchcard.concurrency.uses": 1},
    )

    cards.when(UseCard(vehicle="BB22BBB")).then_refused("permit.in_use")


SOME = terms(concurrency__multi_atomic=False, pack__size=3)
MARKS = ("AA11AAA", "BB22BBB", "CC33CCC", "DD44DDD")


def test_those_that_can_be_booked_are_and_the_answer_says_which_were_not():
    """concurrency.multi_atomic = false: one has a voucher for that day, one comes too late."""
    outcome = given(bought(SETS), done(booking("BB22BBB"), key="b"), values=SOME).when(
        BookVoucher(vehicles=MARKS, name="friends")
    )

    outcome.then_answers(
        remaining=0,
        not_booked=[
            "BB22BBB: booking.duplicate: this vehicle has a voucher for that time already",
            "DD44DDD: booking.no_units: 0 units left, 1 asked for",
        ],
    )
    booked = [event for event in outcome.events if isinstance(event, VoucherBooked)]
    assert [event.covers[0].shown for event in booked] == ["AA11AAA", "CC33CCC"]
    assert [each.typed for each in booked[0].not_booked] == ["BB22BBB", "DD44DDD"]
    assert booked[1].not_booked == ()
    assert isinstance(booked[0].not_booked[0], NotBooked)
    assert outcome.household.units_left(SETS, instant("2026-11-19 10:00")) == 0


def test_a_vehicle_named_twice_is_booked_once():
    given(bought(SETS), values=SOME).when(
        BookVoucher(vehicles=("AA11AAA", "AA11 AAA"))
    ).then_answers(remaining=2)


def test_where_none_can_be_booked_it_is_refused_for_every_reason():
    given(bought(SETS), done(booking("AA11AAA"), key="a"), values=SOME).when(
        BookVoucher(vehicles=("AA11AAA", "AA11-AAA"))
    ).then_refused("booking.duplicate")
    given(bought(SETS), values=SOME).when(
        BookVoucher(vehicles=("AA11AAA", "?"), start="2020-01-01 10:00")
    ).then_refused("vehicle.mark_invalid", "booking.start_in_past")


def test_where_all_are_booked_nothing_is_said():
    given(bought(SETS), values=SOME).when(BookVoucher(vehicles=MARKS[:3])).then_answers(
        remaining=0, not_booked=[]
    )


@pytest.mark.parametrize(
    ("foreign", "mark", "warned"),
    [(False, "W-ABC 123", 2), (True, "W-ABC 123", 1), (False, "AA11AAA", 0)],
)
def test_where_foreign_vehicles_have_no_cover_a_mark_earns_a_word_and_no_refusal(
    foreign, mark, warned
):
    """A shape is no proof: hints, never refusals (STV-125)."""
    outcome = given(bought(SETS), values=terms(vehicles__foreign=foreign)).when(booking(mark))

    warnings = outcome.then_accepted().answer["warnings"]
    assert isinstance(warnings, list)
    assert len(warnings) == warned


THREE = terms(use__units_per_vehicle=3, pack__size=4)


def test_a_visit_of_several_units_takes_them_from_several_sets():
    """use.units_per_vehicle = 3, and one left in the set that ends first (X-018)."""
    past = given(
        bought(SETS, name="A", at="2026-11-10 10:00"),
        bought(SETS, name="B", at="2026-12-10 10:00"),
        done(booking("AA11AAA", "2026-12-20 09:00"), at="2026-12-10 10:00", key="a", ids=("b1",)),
        values=THREE,
    )

    outcome = past.when(booking("BB22BBB", "2026-12-20 09:00"), at="2026-12-10 11:00", ids=("b2",))

    booked = first(outcome)
    assert (booked.holding_id, booked.units) == ("A", 1)
    assert booked.others == (DrawnUnits(holding_id="B", units=2),)
    outcome.then_answers(remaining=2)
    left = {name: lot.units_left for name, lot in past.household.holdings.items()}
    assert left == {"A": 0, "B": 2}

    past.when(booking("CC33CCC", "2026-12-20 09:00"), at="2026-12-10 11:00").then_refused(
        "booking.no_units"
    )
    past.when(CancelBooking(booking="b2"), at="2026-12-10 12:00").then_answers(remaining=5)
    left = {name: lot.units_left for name, lot in past.household.holdings.items()}
    assert left == {"A": 1, "B": 4}


def test_such_a_visit_outlasts_none_of_its_sets_and_is_void_with_each():
    """The set that goes on has its units again."""
    past = given(
        bought(SETS, name="A", at="2026-11-10 10:00"),
        bought(SETS, name="B", at="2026-12-10 10:00"),
        values={**THREE, **terms(use__end={"days": 5}, use__units_per_vehicle=5)},
    )
    outcome = past.when(booking("BB22BBB", "2027-11-29 09:00"), at="2026-12-10 11:00", ids=("b1",))
    assert first(outcome).covers[0].covers_until == instant("2027-12-01 00:00")

    given_up = past.when(SurrenderHolding(holding="A"), at="2026-12-11 10:00").then_accepted()
    assert given_up.household.bookings["b1"].cancelled_at == instant("2026-12-11 10:00")
    assert given_up.household.holdings["B"].units_left == 4
