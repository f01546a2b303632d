"""What ends with a holding: its own covers, and those of what was drawn from it."""

from datetime import timedelta

from ledger.household.state import Booking, Card, Household, Stay
from ledger.rules import ending
from tests.given import bought, cover, given, instant

NOW = instant("2026-11-19 12:00")


def a_cover(cover_id: str, holding: str):
    return cover(
        cover_id,
        "AB12CDE",
        kind="booking",
        holding=holding,
        product="v",
        zone="A",
        begins="2026-11-19 11:00",
        ends="2026-11-19 15:00",
    )


def booking(booking_id: str, holding: str) -> Booking:
    return Booking(
        booking_id=booking_id,
        holding_id=holding,
        product="v",
        edition="e",
        units=1,
        cover=a_cover(booking_id, holding),
        booked_at=NOW,
    )


def card(card_id: str, holding: str, *, void: bool = False, covers: bool = True) -> Card:
    return Card(
        card_id=card_id,
        holding_id=holding,
        product="v",
        used_on=NOW.date(),
        glyphs="AB12CDE",
        covers_from=NOW,
        covers_until=NOW + timedelta(hours=1),
        cover=a_cover(card_id, holding) if covers else None,
        void=void,
    )


def stay(stay_id: str, holding: str, *, left: bool = False) -> Stay:
    return Stay(
        stay_id=stay_id,
        holding_id=holding,
        product="v",
        glyphs="AB12CDE",
        zone="A",
        began_at=NOW,
        clock="12:00",
        cover=a_cover(stay_id, holding),
        left_at=NOW if left else None,
    )


def household() -> Household:
    """Everything once of the holding that ends and once of another, over and not over."""
    held = given(
        bought("virtual-visitor-vouchers", name="gone"),
        bought("virtual-visitor-vouchers", name="kept"),
    ).household
    for each in (booking("booked", "gone"), booking("cancelled", "gone"), booking("b", "kept")):
        held.bookings[each.booking_id] = each
    held.bookings["cancelled"].cancelled_at = NOW
    for used in (
        card("dated", "gone"),
        card("void", "gone", void=True),
        card("bare", "gone", covers=False),
        card("c", "kept"),
    ):
        held.cards[used.card_id] = used
    for running in (stay("running", "gone"), stay("left", "gone", left=True), stay("s", "kept")):
        held.stays[running.stay_id] = running
    return held


def test_what_ends_is_of_that_holding_and_not_over_yet():
    """A cancelled visit, a void card and a stay that was left are over already (X-100)."""
    live = [each.cover_id for each in ending.live_covers(household(), ["gone"])]

    assert live == ["booked", "dated", "running"]


def test_only_a_visit_that_had_not_begun_is_void():
    """What runs is cut short; the time that was covered stays covered (X-042)."""
    held = household()
    later = a_cover("later", "gone")
    held.bookings["later"] = booking("later", "gone")
    held.bookings["later"].cover = cover(
        "later", "AB12CDE", kind="booking", holding="gone", product="v", zone="A",
        begins="2026-11-20 11:00", ends="2026-11-20 15:00",
    )  # fmt: skip

    found = ending.cut(held, ["gone"], NOW)

    assert [each.cover_id for each in found.covers] == ["booked", "dated", "running"]
    assert {each.covers_until for each in found.covers} == {NOW}
    assert found.uncovers == found.void_bookings == (later.cover_id,)
