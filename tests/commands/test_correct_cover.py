"""A later record that an earlier fact was otherwise."""

from datetime import UTC, datetime

import msgspec
import pytest

from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.end_stay import EndStay
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import CoverCorrected
from tests.given import Given, Happening, bought, done, editions_of, given, home

TZ = editions_of("stevenage").latest.tz
LOT = bought("virtual-visitor-vouchers", at="2026-11-19 10:00", name="lot")
BOOKED = done(
    BookVoucher(vehicles=("AA11AAA",), start="2026-11-20 14:00"),
    at="2026-11-20 10:00",
    ids=("b1",),
)
AT = "2026-11-20 15:00"
WHY = {"reason": "told by telephone", "approver": "supervisor"}


def booked(*past: Happening) -> Given:
    return given(LOT, BOOKED, *past)


def otherwise(act: str = "b1", start: str = "", vehicle: str = "", **why: str) -> CorrectCover:
    return CorrectCover(
        act=act,
        covers_from=parse_local(start, TZ) if start else None,
        vehicle=vehicle,
        **(why or WHY),
    )


def test_an_earlier_start_is_recorded_with_what_was_known_before() -> None:
    """G-031, X-102: the same cover, known otherwise from now on."""
    past = booked()
    was = past.household.bookings["b1"].cover
    corrected = past.when(otherwise(start="2026-11-20 11:00"), at=AT, by="staff:ann", ids=("k1",))

    cover = msgspec.structs.replace(was, covers_from=parse_local("2026-11-20 11:00", TZ))
    corrected.then(
        CoverCorrected(
            correction_id="k1",
            booking_id="b1",
            was=was,
            reason="told by telephone",
            approver="supervisor",
            covers=(cover,),
            reason_code="other",
        )
    )
    assert past.household.bookings["b1"].cover == cover


@pytest.mark.parametrize(
    ("why", "codes"),
    [
        ({"reason": "x"}, ("correction.approver_missing",)),
        ({"approver": "supervisor"}, ("correction.reason_missing",)),
        (
            {"reason": " ", "approver": " "},
            ("correction.approver_missing", "correction.reason_missing"),
        ),
        ({"reason": "x", "approver": "ann"}, ("correction.same_person",)),
        ({"reason": "x", "approver": " ANN "}, ("correction.same_person",)),
        ({"approver": "ann"}, ("correction.reason_missing", "correction.same_person")),
        ({"reason": "x", "approver": "anna"}, ()),
    ],
)
def test_a_correction_needs_a_reason_and_a_second_person(
    why: dict[str, str], codes: tuple[str, ...]
) -> None:
    corrected = booked().when(otherwise(start="2026-11-20 11:00", **why), at=AT, by="staff:ann")
    corrected.then_refused(*codes) if codes else corrected.then_accepted()


def test_a_correction_says_by_a_code_what_kind_of_reason_it_has() -> None:
    """E10: reasons can be counted; the words are needed in any case."""
    past = booked()
    coded = msgspec.structs.replace(otherwise(vehicle="BB22BBB"), reason_code="service_failed")
    (event,) = past.when(coded, at=AT, by="staff").events
    assert isinstance(event, CoverCorrected)
    assert event.reason_code == "service_failed"
    bare = msgspec.structs.replace(coded, reason="")
    booked().when(bare, at=AT, by="staff").then_refused("correction.reason_missing")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"act": "b1", "reason_code": "because"}, CorrectCover)


def test_the_vehicle_may_have_been_another() -> None:
    """The start alone is left as it was."""
    corrected = booked().when(otherwise(vehicle="bb22 bbb"), at=AT, by="staff")
    corrected.then_answers(vehicle="BB22BBB", **{"from": "2026-11-20T14:00:00+00:00"})
    assert corrected.household.bookings["b1"].cover.glyphs == "BB22BBB"


def test_a_day_moves_its_end_and_an_hourly_card_its_hours() -> None:
    corrected = booked().when(otherwise(start="2026-11-19 11:00"), at=AT, by="staff")
    corrected.then_answers(until="2026-11-20T00:00:00+00:00")

    card = UseCard(vehicle="AA11AAA", time="2026-11-20 14:00")
    past = given(
        home("M"),
        bought("scratch-2h", units=5, at="2026-11-20 09:00", name="lot"),
        done(card, at="2026-11-20 10:00", ids=("c1",)),
        scheme="windsor-maidenhead",
    )
    earlier = past.when(otherwise("c1", "2026-11-20 11:00"), at=AT, by="staff")
    earlier.then_answers(until="2026-11-20T13:00:00+00:00")
    assert past.household.cards["c1"].covers_until == parse_local("2026-11-20 13:00", TZ)


def test_a_stay_is_clocked_from_its_corrected_arrival() -> None:
    permit = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")
    began = done(BeginStay(vehicle="AA11AAA"), at="2026-11-23 10:00", ids=("s1",))
    past = given(permit, began, scheme="norwich-2015")
    past.when(otherwise("s1", "2026-11-23 09:10"), at="2026-11-23 11:00", by="staff").then_answers(
        until="2026-11-23T13:15:00+00:00"
    )
    left = done(EndStay(vehicle="AA11AAA"), at="2026-11-23 12:00")
    past = given(permit, began, left, scheme="norwich-2015")
    past.when(otherwise("s1", "2026-11-23 09:10"), at="2026-11-23 13:00", by="staff").then_answers(
        until="2026-11-23T12:00:00+00:00"
    )


def test_what_cannot_be_otherwise_is_refused() -> None:
    past = booked()
    past.when(otherwise(), at=AT, by="staff").then_refused("correction.nothing_changed")
    past.when(otherwise(vehicle="!"), at=AT, by="staff").then_refused("vehicle.mark_invalid")
    past.when(otherwise("other", vehicle="BB22BBB"), at=AT, by="staff").then_not_found("booking")
    cancelled = booked(done(CancelBooking(booking="b1"), at="2026-11-20 11:00", key="c"))
    cancelled.when(otherwise(vehicle="BB22BBB"), at=AT, by="staff").then_refused(
        "booking.already_cancelled"
    )


@pytest.mark.parametrize("year", [1, 1899, 2127, 9999])
def test_a_start_beyond_any_holding_is_refused(year: int) -> None:
    """No calendar can say when such a visit would end."""
    far = datetime(year, 12, 31, 23, tzinfo=UTC)
    command = CorrectCover(act="b1", covers_from=far, reason="x", approver="ben")
    booked().when(command, at=AT, by="staff").then_refused("booking.no_such_time")
