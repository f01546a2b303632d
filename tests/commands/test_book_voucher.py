"""Booking a visitor's vehicle: what is covered, from which set, and every reason why not."""

from datetime import date

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.move_out import MoveOut
from ledger.events import Cover, VisitorSaved, VoucherBooked
from tests.given import (
    applied_for,
    bought,
    cover,
    done,
    editions_of,
    given,
    living,
    new_edition,
    vehicle,
)

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
SIZE = f"products.{SETS}.pack.size"


def covered(
    mark: str,
    begins: str,
    ends: str,
    *,
    booking: str = "new#1",
    holding: str = "lot",
    product: str = SETS,
    zone: str = "OT",
) -> Cover:
    return cover(
        booking,
        mark,
        kind="booking",
        holding=holding,
        product=product,
        zone=zone,
        begins=begins,
        ends=ends,
    )


def test_a_visitor_booked_now_is_covered_from_this_instant_until_midnight():
    """A voucher parks from its start to 23:59 of that day, at no charge (STV-087, STV-100)."""
    (
        given(bought(SETS))
        .when(BookVoucher(vehicles=("g885 wfe",)), at="2026-11-19 11:30")
        .then(
            VoucherBooked(
                booking_id="new#1",
                holding_id="lot",
                product=SETS,
                units=1,
                resident_id="res",
                edition="stevenage@2020-11-19",
                tell=True,
                covers=(covered("g885 wfe", "2026-11-19 11:30", "2026-11-20 00:00"),),
            )
        )
        .then_answers(
            remaining=19,
            pence=0,
            drawn_from=["lot"],
            warnings=[],
            **{"from": "2026-11-19T11:30:00+00:00", "until": "2026-11-20T00:00:00+00:00"},
        )
    )


def test_a_name_saves_the_visitor_once_and_a_saved_one_keeps_its_name():
    """A booking may save the mark under a name; it never alters what is saved (STV-081, X-001)."""
    named = BookVoucher(vehicles=("AA11AAA",), name=" Ann ", start="2026-11-20 09:00")
    saved = VisitorSaved(
        visitor_id="v1", typed="AA11AAA", shown="AA11AAA", glyphs="AA11AAA", name="Grandma"
    )

    fresh = given(bought(SETS)).when(named)
    again = given(bought(SETS), saved).when(named)

    assert fresh.events[1:] == [
        VisitorSaved(
            visitor_id="new#2", typed="AA11AAA", shown="AA11AAA", glyphs="AA11AAA", name="Ann"
        )
    ]
    assert again.events[1:] == []


def test_the_confirmation_can_be_turned_off_and_the_stated_end_is_a_note_only():
    """E-mail by default, off for this booking (STV-093); an end changes no cover (X-038)."""
    outcome = given(bought(SETS)).when(
        BookVoucher(vehicles=("AA11AAA",), email=False, until="2026-11-19 12:00")
    )

    (booked,) = outcome.events
    assert isinstance(booked, VoucherBooked)
    assert (booked.tell, booked.stated_until) == (False, "2026-11-19 12:00")
    outcome.then_answers(until="2026-11-20T00:00:00+00:00")


def test_the_set_that_ends_first_is_drawn_on_where_it_holds_the_day():
    """Earliest expiry that is valid on the day of the visit (X-018, A-033)."""
    two = given(bought(SETS, name="A"), bought(SETS, name="B", at="2027-01-10 10:00"))
    now = "2027-01-10 11:00"

    late = two.when(BookVoucher(vehicles=("AA11AAA",), start="2027-12-05 10:00"), at=now)
    early = two.when(BookVoucher(vehicles=("AA11AAA",), start="2027-06-05 10:00"), at=now)

    late.then_answers(drawn_from=["B"], remaining=39)
    early.then_answers(drawn_from=["A"], remaining=38)


def test_several_vehicles_may_draw_on_several_sets():
    """A voucher each, the set that ends first to its last voucher (X-013, X-018)."""
    (
        given(
            bought(SETS, name="A"),
            bought(SETS, name="B", at="2026-12-02 10:00"),
            values={SIZE: 1},
        )
        .when(BookVoucher(vehicles=("AA11AAA", "BB22BBB")), at="2026-12-02 10:00")
        .then_answers(drawn_from=["A", "B"], remaining=0)
    )


@pytest.mark.parametrize(("vehicles", "refused"), [(2, False), (3, False), (4, True)])
def test_several_vehicles_are_booked_all_together_or_not_at_all(vehicles, refused):
    """One voucher each; a balance that is short refuses them all (X-013, A-035)."""
    marks = ("AA11AAA", "BB22BBB", "CC33CCC", "DD44DDD")[:vehicles]
    outcome = given(bought(SETS), values={SIZE: 3}).when(BookVoucher(vehicles=marks))

    if refused:
        outcome.then_refused("booking.no_units")
    else:
        outcome.then_answers(remaining=3 - vehicles)


def test_units_of_another_time_do_not_make_up_for_those_that_are_missing():
    """What is left must be valid on the day of the visit (X-017)."""
    (
        given(
            bought(SETS, name="A"),
            bought(SETS, name="B", start=date(2027, 6, 1)),
            values={SIZE: 1},
        )
        .when(BookVoucher(vehicles=("AA11AAA", "BB22BBB")))
        .then_refused("booking.no_units")
    )


def test_a_day_inside_a_set_that_is_used_up_has_no_units_and_is_not_outside_it():
    """The reason is what lacks: the day is held, its vouchers are used."""
    (
        given(
            bought(SETS, name="A"),
            bought(SETS, name="B", at="2027-01-10 10:00"),
            done(
                BookVoucher(vehicles=("AA11AAA",), holding="B", start="2027-12-05 10:00"),
                at="2027-01-10 10:00",
            ),
            values={SIZE: 1},
        )
        .when(BookVoucher(vehicles=("BB22BBB",), start="2027-12-06 10:00"), at="2027-01-11 10:00")
        .then_refused("booking.no_units")
    )


def test_nothing_held_nothing_paid_and_nothing_left_are_all_no_units():
    """Only what is issued can be booked (STV-066)."""
    book = BookVoucher(vehicles=("AA11AAA",))

    given().when(book).then_refused("booking.no_units")
    given(applied_for(SETS, proved=True)).when(book).then_refused("booking.no_units")
    given(bought(SETS), done(BookVoucher(vehicles=("BB22BBB",))), values={SIZE: 1}).when(
        book
    ).then_refused("booking.no_units")


@pytest.mark.parametrize("again", ["G885WFE", " g885 wfe ", "G885-WFE"])
def test_the_same_vehicle_is_not_booked_twice_for_one_day(again):
    """A second voucher for the day would be wasted, however the mark is typed (X-021, A-036)."""
    booked = given(bought(SETS), done(BookVoucher(vehicles=("G885WFE",))))

    booked.when(BookVoucher(vehicles=(again,))).then_refused("booking.duplicate")
    booked.when(BookVoucher(vehicles=(again,), start="2026-11-19 23:59")).then_refused(
        "booking.duplicate"
    )
    booked.when(BookVoucher(vehicles=(again,), start="2026-11-20 00:00")).then_accepted()


@pytest.mark.parametrize("again", ["AB01CDE", "ABO1CDE", "ABOICDE", "ab0icde"])
def test_marks_of_the_same_glyphs_are_one_vehicle(again):
    """O and 0, I and 1 are one glyph: in a day's bookings and within one booking (X-101)."""
    (
        given(bought(SETS), done(BookVoucher(vehicles=("AB01CDE",))))
        .when(BookVoucher(vehicles=(again,)))
        .then_refused("booking.duplicate")
    )
    (
        given(bought(SETS))
        .when(BookVoucher(vehicles=("AB01CDE", "XY34XYZ", again)))
        .then_refused("booking.duplicate")
    )


def test_a_cancelled_booking_frees_its_vehicle_for_the_day():
    """A cancelled voucher is usable again (STV-108)."""
    (
        given(
            bought(SETS),
            done(BookVoucher(vehicles=("AA11AAA",), start="2026-11-20 09:00"), ids=("b1",)),
            done(CancelBooking(booking="b1")),
        )
        .when(BookVoucher(vehicles=("AA11AAA",), start="2026-11-20 10:00"))
        .then_accepted()
    )


def test_a_booking_is_for_the_permits_own_zone():
    """Any other location is not selectable (STV-082, A-044)."""
    booked = given(bought(SETS))

    booked.when(BookVoucher(vehicles=("AA11AAA",), zone="NT")).then_refused("booking.zone")
    booked.when(BookVoucher(vehicles=("AA11AAA",), zone="OT")).then_accepted()


@pytest.mark.parametrize("mark", ["", "A", "-", "AB12 CDE; DROP", "ABCDEFGHIJKLM", "АB12CDE"])
def test_what_is_no_mark_is_refused(mark):
    """Enforcement matches by registration: it must be one (STV-080)."""
    (
        given(bought(SETS))
        .when(BookVoucher(vehicles=("AA11AAA", mark)))
        .then_refused("vehicle.mark_invalid")
    )


def test_a_booking_names_a_vehicle():
    given(bought(SETS)).when(BookVoucher(vehicles=())).then_refused("vehicle.mark_invalid")


def test_a_foreign_mark_is_booked_as_it_is():
    """A foreign vehicle can be booked (STV-125, A-047)."""
    outcome = given(bought(SETS)).when(BookVoucher(vehicles=("B-ÖÄ 123",)))

    (booked,) = outcome.then_accepted().events
    assert isinstance(booked, VoucherBooked)
    assert (booked.covers[0].shown, booked.covers[0].typed) == ("BÖÄ123", "B-ÖÄ 123")


def test_a_refusal_carries_every_reason_in_the_order_of_topics():
    """Vehicle before booking, and each booking reason that applies (scenario language)."""
    (
        given(bought(SETS), done(BookVoucher(vehicles=("AA11AAA",))))
        .when(BookVoucher(vehicles=("?", "AA11AAA"), zone="NT", start="2026-11-18 10:00"))
        .then_refused(
            "vehicle.mark_invalid", "booking.start_in_past", "booking.zone", "booking.duplicate"
        )
    )


def test_with_two_products_to_choose_from_the_booking_says_which():
    """Where several kinds are held the one to draw on is chosen (HAN-027, A-204)."""
    held = given(
        bought(PERMITS, name="v"),
        bought("carer-permits", name="c"),
        scheme="hampshire",
        values={"products.carer-permits": PERMITS},
    )

    held.when(BookVoucher(vehicles=("AA11AAA",))).then_refused("booking.product_unclear")
    held.when(BookVoucher(vehicles=("AA11AAA",), product="carer-permits")).then_answers(
        drawn_from=["c"], remaining=9
    )
    held.when(BookVoucher(vehicles=("BB22BBB",), holding="v")).then_answers(drawn_from=["v"])


def test_where_one_product_has_units_left_nothing_need_be_said():
    """Only what can be drawn on is a choice (HAN-026)."""
    (
        given(
            bought(PERMITS, name="v"),
            bought("carer-permits", name="c"),
            done(BookVoucher(vehicles=("AA11AAA",), product=PERMITS)),
            scheme="hampshire",
            values={"products.visitor-permits.pack.size": 1, "products.carer-permits": PERMITS},
        )
        .when(BookVoucher(vehicles=("BB22BBB",)))
        .then_answers(drawn_from=["c"])
    )


def test_a_product_that_is_not_held_has_no_units_and_an_unknown_holding_is_not_found():
    held = given(bought(SETS))

    held.when(BookVoucher(vehicles=("AA11AAA",), product="caring-visitors")).then_refused(
        "booking.no_units"
    )
    held.when(BookVoucher(vehicles=("AA11AAA",), product="no-such")).then_refused(
        "booking.no_units"
    )
    held.when(BookVoucher(vehicles=("AA11AAA",), holding="another")).then_not_found("holding")


def test_paper_vouchers_are_not_booked():
    """A paper card is scratched and displayed (STV-010)."""
    (
        given(bought("paper-visitor-vouchers"))
        .when(BookVoucher(vehicles=("AA11AAA",)))
        .then_refused("booking.no_units")
    )


def test_any_resident_of_the_household_books_from_what_it_holds():
    """One household, several accounts (X-104); the booking names who made it."""
    outcome = given(bought(SETS), living("r2")).when(BookVoucher(vehicles=("AA11AAA",)), by="r2")

    (booked,) = outcome.then_accepted().events
    assert isinstance(booked, VoucherBooked)
    assert (booked.resident_id, booked.holding_id) == ("r2", "lot")


def test_staff_book_on_behalf_of_a_resident():
    """A caller on the telephone is served by staff (HAN-028)."""
    held = given(bought(PERMITS), living("r2"), scheme="hampshire")
    book = BookVoucher(vehicles=("AA11AAA",))

    outcome = held.when(book, by="staff for r2", channel="phone").then_accepted()
    held.when(book, by="staff for nobody", channel="phone").then_refused("eligibility.not_resident")

    assert isinstance(outcome.events[0], VoucherBooked)
    assert outcome.events[0].resident_id == "r2"


def test_who_has_moved_out_books_nothing():
    """Bookings after the move are void (X-055): at its very instant and later."""
    held = given(
        bought(SETS),
        living("r2"),
        done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"),
    )
    book = BookVoucher(vehicles=("AA11AAA",))

    held.when(book, at="2026-11-20 12:00").then_refused("eligibility.not_resident")
    held.when(book, at="2026-11-20 12:00", by="r2").then_refused("booking.no_units")


def test_a_booking_keeps_the_terms_of_the_edition_its_own_set_was_sold_under():
    """Old holdings keep their terms (X-060): the edition named is that of the set drawn on."""
    outcome = given(
        bought(SETS, name="A", start=date(2027, 1, 1)),
        new_edition({"products.virtual-visitor-vouchers.holding.months": 1}, at="2026-12-01 00:00"),
        bought(SETS, name="B", at="2026-12-02 10:00"),
    ).when(BookVoucher(vehicles=("AA11AAA",), start="2026-12-03 10:00"), at="2026-12-02 11:00")

    (booked,) = outcome.then_answers(drawn_from=["B"]).events
    assert isinstance(booked, VoucherBooked)
    assert booked.edition == outcome.story.editions.latest.edition != editions_of("stevenage")


def test_a_slip_of_the_finger_is_asked_about_and_booked_as_typed():
    """One character from a saved visitor: a warning, never a substitution (X-001, A-037)."""
    saved = VisitorSaved(
        visitor_id="v1", typed="G865WFE", shown="G865WFE", glyphs="G865WFE", name="Dad's volvo"
    )

    outcome = given(bought(SETS), saved).when(BookVoucher(vehicles=("G885WFE",)))

    outcome.then_answers(warnings=["did you mean G865WFE?"])
    assert isinstance(outcome.events[0], VoucherBooked)
    assert outcome.events[0].covers[0].shown == "G885WFE"
    assert vehicle("G885WFE").glyphs == outcome.events[0].covers[0].glyphs
