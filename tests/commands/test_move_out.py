"""A resident moves out: what they held ends at that instant."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.move_out import MoveOut
from ledger.events import ResidentMovedOut
from tests.given import applied_for, bought, cover, done, given, instant, living

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
EPERMIT = "visitors-permit"


def booking(booking_id: str, mark: str, start: str, at: str = "2026-11-19 10:00", by: str = "res"):
    return done(BookVoucher(vehicles=(mark,), start=start), at=at, by=by, ids=(booking_id,))


def covering(booking_id: str, mark: str, begins: str, ends: str):
    return cover(
        booking_id,
        mark,
        kind="booking",
        holding="lot",
        product=SETS,
        zone="OT",
        begins=begins,
        ends=ends,
    )


def test_what_was_held_ends_and_visits_that_had_not_begun_are_void():
    """Cover ends at the recorded instant; bookings after it are void (X-055)."""
    (
        given(
            bought(SETS),
            booking("b1", "AA11AAA", "2026-11-20 09:00"),
            booking("b2", "BB22BBB", "2026-11-20 12:00"),
            booking("b3", "CC33CCC", "2026-11-19 12:00"),
        )
        .when(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff")
        .then(
            ResidentMovedOut(
                resident_id="res",
                moved_out_at=instant("2026-11-20 12:00"),
                moved_out_on=date(2026, 11, 20),
                emptied=True,
                ended_holdings=("lot",),
                void_bookings=("b2",),
                covers=(covering("b1", "AA11AAA", "2026-11-20 09:00", "2026-11-20 12:00"),),
                uncovers=("b2",),
            )
        )
        .then_answers(resident="res", ended=["lot"])
    )


def test_a_permits_vehicles_are_covered_until_then():
    """Nothing is refunded; what was covered stays covered (X-055, X-102)."""
    outcome = given(
        bought(EPERMIT, at="2026-11-19 09:00", vehicles=("AA11AAA", "BB22BBB")), scheme="gravesham"
    ).when(MoveOut(resident="res"), at="2026-12-01 08:00", by="staff")

    (moved,) = outcome.then_accepted().events
    assert isinstance(moved, ResidentMovedOut)
    assert [(each.kind, each.shown, each.covers_until) for each in moved.covers] == [
        ("listed", "AA11AAA", instant("2026-12-01 08:00")),
        ("listed", "BB22BBB", instant("2026-12-01 08:00")),
        ("active", "AA11AAA", instant("2026-12-01 08:00")),
    ]
    assert outcome.household.holdings["lot"].in_force_until == instant("2026-12-01 08:00")


def test_the_day_is_the_local_one():
    outcome = given().when(MoveOut(resident="res"), at="2026-06-30 23:30Z", by="staff")

    assert isinstance(outcome.then_accepted().events[0], ResidentMovedOut)
    assert outcome.events[0].moved_out_on == date(2026, 7, 1)


def test_what_others_of_the_household_hold_goes_on():
    """It is the holder who moves out (X-055)."""
    outcome = given(
        living("r2"),
        bought(SETS, name="mine"),
        bought(SETS, name="theirs", by="r2"),
    ).when(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff")

    (moved,) = outcome.then_accepted().events
    assert isinstance(moved, ResidentMovedOut)
    assert (moved.emptied, moved.ended_holdings) == (False, ("mine",))


def test_a_visit_booked_from_anothers_set_goes_on_though_its_booker_leaves():
    """What ends is what the leaver held; a visit ends with its own set."""
    outcome = given(
        living("r2"), bought(SETS, by="r2"), booking("b1", "AA11AAA", "2026-11-21 09:00")
    ).when(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff")

    (moved,) = outcome.then_accepted().events
    assert isinstance(moved, ResidentMovedOut)
    assert (moved.void_bookings, moved.uncovers) == ((), ())


@pytest.mark.parametrize(
    ("scheme", "product", "stays", "uncounted"),
    [
        ("hampshire", PERMITS, False, (("lot", "visitor-permits/household/rolling_12m/unit"),)),
        ("hampshire", PERMITS, True, ()),
        ("gravesham", EPERMIT, True, (("lot", "visitors-permit/household/concurrent/permit"),)),
    ],
)
def test_purchases_stop_counting_when_nobody_is_left_and_permits_when_they_end(
    scheme, product, stays, uncounted
):
    """Reset on a change of household (X-104); a permit that ended is not in force (X-032)."""
    past = [living("r2")] if stays else []

    outcome = given(*past, bought(product), scheme=scheme).when(
        MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"
    )

    assert isinstance(outcome.then_accepted().events[0], ResidentMovedOut)
    assert outcome.events[0].uncounted == uncounted


def test_what_had_stopped_counting_before_is_left_as_it_was():
    """A move never lengthens what a purchase counts (X-104)."""
    outcome = given(bought(PERMITS), scheme="hampshire").when(
        MoveOut(resident="res"), at="2027-11-19 00:00", by="staff"
    )

    assert isinstance(outcome.then_accepted().events[0], ResidentMovedOut)
    assert outcome.events[0].uncounted == ()


def test_until_the_day_of_a_move_that_is_known_of_purchases_count_on():
    """The next household starts afresh (X-104), not this one before it leaves."""
    leaving = given(
        bought(PERMITS, units=50),
        done(
            MoveOut(resident="res", on=instant("2026-12-24 12:00")),
            at="2026-11-20 10:00",
            by="staff",
        ),
        living("r2"),
        scheme="hampshire",
    )
    apply = ApplyForPermit(product=PERMITS)

    leaving.when(apply, at="2026-12-23 23:59:59").then_refused("allowance.exceeded")
    leaving.when(apply, at="2026-12-24 12:00", by="r2").then_accepted()


def test_a_scheme_may_count_on():
    """Only if configured across successive residents (X-104)."""
    outcome = given(
        bought(PERMITS), scheme="hampshire", values={"household.reset_on_move": False}
    ).when(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff")

    assert isinstance(outcome.then_accepted().events[0], ResidentMovedOut)
    assert outcome.events[0].uncounted == ()


def test_a_move_told_of_late_ends_cover_from_the_move_on():
    """The effective instant is that of the move; it is recorded later (design 5)."""
    outcome = given(
        bought(SETS), booking("b1", "AA11AAA", "2026-11-22 09:00", at="2026-11-22 08:00")
    ).when(
        MoveOut(resident="res", on=instant("2026-11-20 12:00")), at="2026-11-25 10:00", by="staff"
    )

    (moved,) = outcome.then_accepted().events
    assert isinstance(moved, ResidentMovedOut)
    assert (moved.void_bookings, moved.uncovers) == (("b1",), ("b1",))
    assert outcome.household.holdings["lot"].in_force_until == instant("2026-11-20 12:00")


def test_what_had_ended_before_ends_no_more():
    outcome = given(bought(SETS)).when(MoveOut(resident="res"), at="2027-12-01 00:00", by="staff")

    outcome.then_answers(ended=[])


def test_who_does_not_live_here_does_not_move_out():
    """A stranger, and one who has moved out already."""
    given().when(MoveOut(resident="stranger"), by="staff").then_refused("eligibility.not_resident")
    given(done(MoveOut(resident="res"), by="staff")).when(
        MoveOut(resident="res"), by="staff"
    ).then_refused("eligibility.not_resident")


def test_an_open_application_stays_open_for_the_council_to_see():
    """It can no longer be paid or issued (see the tests of payment); nothing is decided for it."""
    outcome = given(applied_for(SETS)).when(MoveOut(resident="res"), by="staff")

    assert outcome.then_accepted().household.applications["a1"].state == "awaiting_proof"


def test_a_resident_says_it_of_themselves_and_of_now():
    """What was is a correction, which two of the council make; another's move is not theirs."""
    household = given(living("r2"), bought(SETS))

    household.when(MoveOut(resident="res"), by="res").then_accepted()
    household.when(MoveOut(resident="r2"), by="res").then_refused("correction.staff_alone")
    household.when(MoveOut(resident="res", on=instant("2026-11-01 10:00")), by="res").then_refused(
        "correction.staff_alone"
    )


def test_who_lives_alone_gets_no_second_allowance_by_moving_out():
    """That nobody is left is staff's to say (X-104): else it would be a way past the cap."""
    of_staff, of_resident = (
        given(bought(PERMITS), scheme="hampshire")
        .when(MoveOut(resident="res"), at="2026-11-20 12:00", by=by)
        .then_accepted()
        for by in ("staff", "res")
    )

    (by_staff,) = [e for e in of_staff.events if isinstance(e, ResidentMovedOut)]
    (by_resident,) = [e for e in of_resident.events if isinstance(e, ResidentMovedOut)]
    assert by_staff.emptied
    assert by_resident.emptied
    assert by_staff.uncounted
    assert not by_resident.uncounted
