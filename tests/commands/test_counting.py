"""What counts on a cap: purchases to the date or the instant, or what is used."""

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.end_stay import EndStay
from commands.move_out import MoveOut
from commands.surrender_holding import SurrenderHolding
from commands.use_card import UseCard
from ledger.calendar import local_date
from ledger.rules import allowance
from tests.given import LONDON, Given, Happening, bought, done, given, instant, living

PERMITS = "visitor-permits"
SETS = "virtual-visitor-vouchers"
MARKS = ("AA11AAA", "BB22BBB", "CC33CCC", "DD44DDD")


def to_the_instant(*past: Happening, granularity: str = "instant") -> Given:
    return given(
        *past,
        scheme="hampshire",
        values={f"products.{PERMITS}.allowance.granularity": granularity},
    )


@pytest.mark.parametrize(
    ("granularity", "at", "refused"),
    [
        ("instant", "2027-11-19 14:59:59.999999", True),
        ("instant", "2027-11-19 15:00", False),
        ("date", "2027-11-18 23:59:59.999999", True),
        ("date", "2027-11-19 00:00", False),
    ],
)
def test_a_purchase_comes_back_on_the_date_or_at_the_very_time(granularity, at, refused):
    """The same wall-clock time twelve months later (allowance.granularity; X-034)."""
    past = to_the_instant(bought(PERMITS, units=50, at="2026-11-19 15:00"), granularity=granularity)

    outcome = past.when(ApplyForPermit(product=PERMITS), at=at)

    if refused:
        outcome.then_refused("allowance.exceeded")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize(
    ("bought_at", "back_at"),
    [
        ("2026-07-01 15:00", "2027-07-01 15:00"),
        ("2026-03-28 15:00", "2027-03-28 15:00"),
        ("2026-03-28 01:30", "2027-03-28 01:00Z"),
        ("2024-02-29 15:00", "2025-03-01 15:00"),
    ],
)
def test_the_time_is_that_of_the_wall_across_clock_changes_and_leap_days(bought_at, back_at):
    """A skipped time is the jump (X-035, X-103)."""
    (each,) = to_the_instant(bought(PERMITS, at=bought_at)).household.holdings["lot"].counted

    assert each.counts_until_at == instant(back_at)
    assert each.counts_until == local_date(instant(back_at), LONDON)


def used(*past: Happening, most: int = 2, window: str = "rolling_12m", **more: object) -> Given:
    cap = {"max": most, "window": window, "counts": "used", **more}
    return given(*past, values={f"products.{SETS}.allowance": [cap]})


def visit(mark: str, start: str, key: str = "") -> Happening:
    return done(BookVoucher(vehicles=(mark,), start=start), key=key or mark, ids=(key or mark,))


def asked(count: int = 1, start: str = "now") -> BookVoucher:
    return BookVoucher(vehicles=MARKS[-count:], start=start)


def test_purchases_do_not_count_where_uses_do():
    """counts = "used": as many sets as wanted, so many visits a year."""
    past = used(bought(SETS), bought(SETS, name="more"))

    past.when(ApplyForPermit(product=SETS)).then_accepted()
    past.when(asked(3)).then_refused("allowance.exceeded")
    past.when(asked(2)).then_accepted()


@pytest.mark.parametrize(
    ("start", "refused"),
    [
        ("2027-11-18 23:59", True),
        ("2027-11-19 00:00", False),
    ],
)
def test_a_use_counts_from_its_date_to_the_day_before_its_anniversary(start, refused):
    past = used(
        bought(SETS, start=None),
        visit("AA11AAA", "2026-11-19 12:00"),
        visit("BB22BBB", "2026-11-19 12:00"),
    )

    outcome = past.when(asked(start=start))

    if refused:
        outcome.then_refused("allowance.exceeded")
    else:
        outcome.then_accepted()


def test_a_visit_that_is_booked_ahead_counts_for_one_before_it_too():
    """No twelve months hold three: the one in between would be the third (X-034)."""
    past = used(
        bought(SETS),
        visit("AA11AAA", "2027-03-01 12:00"),
        visit("BB22BBB", "2027-06-01 12:00"),
    )

    past.when(asked(start="2026-12-01 12:00")).then_refused("allowance.exceeded")
    past.when(asked(start="2027-04-01 12:00")).then_refused("allowance.exceeded")


def test_a_cancelled_visit_does_not_count():
    past = used(
        bought(SETS),
        visit("AA11AAA", "2026-12-01 12:00"),
        visit("BB22BBB", "2026-12-01 12:00"),
        done(CancelBooking(booking="AA11AAA"), key="cancel"),
    )

    past.when(asked(2)).then_refused("allowance.exceeded")
    past.when(asked()).then_accepted()


@pytest.mark.parametrize(
    ("window", "start", "refused"),
    [
        ("calendar_month", "2026-11-30 12:00", True),
        ("calendar_month", "2026-12-01 12:00", False),
        ("calendar_year", "2026-12-31 12:00", True),
        ("calendar_year", "2027-01-01 12:00", False),
        ("concurrent", "2026-11-20 12:00", True),
        ("concurrent", "2026-11-21 12:00", False),
        ("per_application", "2026-11-20 12:00", False),
    ],
)
def test_uses_are_counted_in_their_window(window, start, refused):
    past = used(
        bought(SETS),
        visit("AA11AAA", "2026-11-20 12:00"),
        visit("BB22BBB", "2026-11-20 12:00"),
        window=window,
    )

    outcome = past.when(asked(start=start))

    if refused:
        outcome.then_refused("allowance.exceeded")
    else:
        outcome.then_accepted()


def test_the_visits_of_one_booking_count_against_a_maximum_of_one_booking():
    past = used(bought(SETS), window="per_application")

    past.when(asked(3)).then_refused("allowance.exceeded")
    past.when(asked(2)).then_accepted()
    past.when(asked(2, "2026-11-21 12:00")).then_accepted()


def test_a_cap_on_each_residents_uses_is_each_residents():
    past = used(living("r2"), bought(SETS), visit("AA11AAA", "now"), most=1, scope="resident")

    past.when(asked(), by="res").then_refused("allowance.exceeded")
    past.when(asked(), by="r2").then_accepted()


def test_void_visits_and_those_of_who_left_do_not_count():
    """A set that was given up voids its visits; a new household begins afresh (X-104)."""
    past = used(
        bought(SETS),
        bought(SETS, name="other"),
        visit("AA11AAA", "2026-12-01 12:00"),
        visit("BB22BBB", "now"),
    )
    surrendered = past.when(SurrenderHolding(holding="lot"), at="2026-11-19 10:01")
    assert surrendered.then_accepted().events[0].uncounted == (  # type: ignore[union-attr]
        ("AA11AAA", f"{SETS}/household/rolling_12m/unit/used"),
    )
    past.when(asked(2), at="2026-11-19 10:01").then_refused("allowance.exceeded")
    past.when(asked(), at="2026-11-19 10:01").then_accepted()

    left = used(bought(SETS), visit("AA11AAA", "now"), visit("BB22BBB", "now"))
    moved = left.when(MoveOut(resident="res"), by="staff", at="2026-11-20 10:00").household
    product = left.story.editions.latest.products[0]
    stands = allowance.standing(
        moved,
        product,
        product.allowance[0],
        "",
        local_date(instant("2026-11-20 10:00"), LONDON),
        instant("2026-11-20 10:00"),
    )
    assert (stands.used, stands.available) == (0, 2)


def test_cards_and_stays_count_too():
    """A card by its date, in advance; a stay by the day it begins."""
    cap = [{"max": 1, "counts": "used"}]
    cards = given(
        bought("day-scratchcard"),
        done(UseCard(vehicle="AA11AAA"), key="card"),
        scheme="norwich-2015",
        values={"products.day-scratchcard.allowance": cap},
    )
    cards.when(UseCard(vehicle="BB22BBB")).then_refused("allowance.exceeded")

    stays = given(
        bought("short-stay", months=12),
        done(BeginStay(vehicle="AA11AAA"), key="stay"),
        done(EndStay(vehicle="AA11AAA", zone="CENTRE"), key="end", by="officer"),
        scheme="norwich-2015",
        values={"products.short-stay.allowance": cap},
    )
    stays.when(BeginStay(vehicle="BB22BBB")).then_refused("allowance.exceeded")
