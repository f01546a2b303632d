"""A resident's booked sessions."""

from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from projections.sessions import Session, Sessions
from tests.given import bought, editions_of, given, instant
from tests.projections.facts import AT, HOUSEHOLD, LATER, fact, patches, rows

SETS = "virtual-visitor-vouchers"


def test_a_booking_is_a_session_until_it_is_cancelled():
    """Every booking names the permit it draws on (STV-116, STV-117)."""
    held = given(bought(SETS))
    book = BookVoucher(vehicles=("g885 wfe",), start="2026-11-20 11:10")
    booked = held.when(book, ids=("b1",)).events[0]
    amended = held.when(AmendBooking(booking="b1", vehicle="AB01CDE")).events[0]
    cancelled = held.when(CancelBooking(booking="b1")).events[0]

    (row,) = rows(Sessions(), [fact(booked, 3)])
    assert row == {
        "booking_id": "b1",
        "version": 3,
        "household_id": str(HOUSEHOLD),
        "resident_id": "res",
        "holding_id": "lot",
        "product": SETS,
        "zone": "OT",
        "shown": "G885WFE",
        "glyphs": "G885WFE",
        "name": "",
        "covers_from": instant("2026-11-20 11:10"),
        "covers_until": instant("2026-11-21 00:00"),
        "pence": 0,
        "booked_at": AT,
        "cancelled_at": None,
    }
    (row,) = rows(Sessions(), [fact(booked, 3), fact(amended, 4), fact(cancelled, 5, LATER)])
    assert (row["shown"], row["cancelled_at"]) == ("AB01CDE", LATER)
    assert patches(Sessions(), [fact(cancelled, 5, LATER)]) == [
        {"booking_id": "b1", "cancelled_at": LATER}
    ]


def test_a_session_can_be_changed_until_it_starts():
    """Amend and Cancel appear on not-yet-started sessions only (STV-111)."""
    session = Session(
        booking_id="b1",
        holding_id="lot",
        product=SETS,
        zone="OT",
        shown="G885WFE",
        name="",
        covers_from=LATER,
        covers_until=instant("2026-11-21 00:00"),
        pence=0,
        booked_at=AT,
    )

    scheme = editions_of("stevenage").latest
    assert session.changeable(AT, scheme)
    assert not session.changeable(LATER, scheme)
