"""A text from a linked mobile books a visit that begins with its confirmation."""

import pytest

from commands.book_voucher import BookVoucher
from commands.move_out import MoveOut
from commands.receive_text import ReceiveText
from ledger.events import TextReceived, VoucherBooked
from tests.given import bought, cover, done, given, instant

PERMITS = "visitor-permits"


def held(*past):
    return given(bought(PERMITS), *past, scheme="hampshire")


def test_a_texted_permit_covers_from_its_confirmation():
    """Active only once the confirming text has come back (HAN-035, X-039, A-090)."""
    (
        held()
        .when(
            ReceiveText(body="VISITOR AB12CDE", confirmed_at=instant("2026-11-20 14:05:20")),
            at="2026-11-20 14:05:05",
            channel="text",
        )
        .then(
            TextReceived(
                resident_id="res",
                received_at=instant("2026-11-20 14:05:05"),
                confirmation_sent_at=instant("2026-11-20 14:05:20"),
                booking_id="new#1",
            ),
            VoucherBooked(
                booking_id="new#1",
                holding_id="lot",
                product=PERMITS,
                units=1,
                resident_id="res",
                edition="hampshire@2020-01-01",
                covers=(
                    cover(
                        "new#1",
                        "AB12CDE",
                        kind="booking",
                        holding="lot",
                        product=PERMITS,
                        zone="HANTS",
                        begins="2026-11-20 14:05:20",
                        ends="2026-11-21 00:00",
                    ),
                ),
            ),
        )
        .then_answers(reply=True, remaining=9)
    )


@pytest.mark.parametrize(
    "body",
    [
        "VISITOR AB12CDE",
        "visitor ab12 cde",
        "  Visitor   AB12-CDE  ",
        "VISITOR\tAB12CDE",
        "VISITOR\nAB12CDE",
        "VISITOR\u00a0AB12CDE",
        "VISITOR AB12CDE\n",
    ],
)
def test_the_keyword_and_the_mark_are_understood_however_they_are_typed(body):
    """The text is VISITOR followed by the registration (HAN-032)."""
    outcome = held().when(ReceiveText(body=body), channel="text").then_accepted()

    assert isinstance(outcome.events[1], VoucherBooked)
    assert outcome.events[1].covers[0].shown == "AB12CDE"
    assert outcome.events[1].covers[0].covers_from == instant("2026-11-19 10:00")


@pytest.mark.parametrize(
    "body",
    ["", "VISITOR", "VISITOR ", "VISITORAB12CDE", "AB12CDE", "AB12CDE VISITOR", "PARK AB12CDE"],
)
def test_what_is_not_understood_creates_nothing(body):
    """Bad syntax creates no stay (X-039)."""
    held().when(ReceiveText(body=body), channel="text").then_refused("message.not_understood")


@pytest.mark.parametrize(
    "body", ["VISITOR ?", "VISITOR AB12CDE for two hours", "VISITOR AB12CDE 21/11/2026 10:00"]
)
def test_a_later_start_or_any_other_word_after_the_mark_is_not_understood(body):
    """A text is always for now: a future start cannot be texted (HAN-021, X-039)."""
    (
        held()
        .when(ReceiveText(body=body), channel="text")
        .then_refused("vehicle.mark_invalid", "message.not_understood")
    )


def test_a_confirmation_is_never_before_the_text():
    outcome = held().when(
        ReceiveText(body="VISITOR AB12CDE", confirmed_at=instant("2026-11-19 09:00")),
        at="2026-11-19 10:00",
        channel="text",
    )

    outcome.then_answers(**{"from": "2026-11-19T10:00:00+00:00"})


def test_a_confirmation_after_midnight_is_of_the_next_day():
    """Cover is that of the confirmation: its day, and to the end of it (X-039, A-093)."""
    before = ReceiveText(body="VISITOR AB12CDE", confirmed_at=instant("2026-11-20 23:59:59.999999"))
    after = ReceiveText(body="VISITOR CD34EFG", confirmed_at=instant("2026-11-21 00:00"))
    texted = held()

    texted.when(before, at="2026-11-20 23:59:50", channel="text").then_answers(
        until="2026-11-21T00:00:00+00:00"
    )
    texted.when(after, at="2026-11-20 23:59:50", channel="text").then_answers(
        until="2026-11-22T00:00:00+00:00"
    )


def test_a_vehicle_that_is_covered_today_is_not_texted_again():
    """One unit for a vehicle and a day (X-021), in any channel."""
    held(done(BookVoucher(vehicles=("AB01CDE",)))).when(
        ReceiveText(body="VISITOR ABO1CDE"), channel="text"
    ).then_refused("booking.duplicate")


def test_a_text_without_units_books_nothing():
    given(scheme="hampshire").when(
        ReceiveText(body="VISITOR AB12CDE"), channel="text"
    ).then_refused("booking.no_units")


def test_a_scheme_that_takes_no_texts_understands_none():
    given(bought("virtual-visitor-vouchers")).when(
        ReceiveText(body="VISITOR AB12CDE"), channel="text"
    ).then_refused("message.not_understood")


def test_two_kinds_of_permit_cannot_be_told_apart_in_a_text():
    """The type to draw on must be chosen, and a text has no word for it (HAN-027)."""
    given(
        bought(PERMITS, name="v"),
        bought("carer-permits", name="c"),
        scheme="hampshire",
        values={"products.carer-permits": PERMITS},
    ).when(ReceiveText(body="VISITOR AB12CDE"), channel="text").then_refused(
        "booking.product_unclear"
    )


def test_who_has_moved_out_texts_in_vain():
    held(done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff")).when(
        ReceiveText(body="VISITOR AB12CDE"), at="2026-11-20 12:00", channel="text"
    ).then_refused("eligibility.not_resident")
