"""What an evidence pack says of cases that are known to be disputed."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from commands.cancel_booking import CancelBooking
from commands.correct_cover import CorrectCover
from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.save_visitor import SaveVisitor
from commands.switch_vehicle import SwitchVehicle
from ledger.refusals import NotFound, Refused
from ledger.values import parse_mark
from projections.enforcement import in_bytes
from replay.evidence.asked import Case
from replay.evidence.gathering import make
from replay.evidence.pack import Pack, canonical
from replay.evidence.redacting import how_near, pattern
from tests.replay.disputes import booked, checked, codes, local, pack, with_permit
from tests.replay.town import STAFF, Town, town


@pytest.fixture
def stevenage(database: str) -> Iterator[Town]:
    """A household with a set of vouchers."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        yield made


@pytest.fixture
def gravesham(database: str) -> Iterator[Town]:
    """A household whose permit lists AA11AAA, the active one, and BB22BBB."""
    with town(database, "gravesham") as made:
        yield with_permit(made.at("2026-11-19 09:00").move_in(), "AA11AAA", "BB22BBB")


def says(made: Pack, code: str) -> str:
    points = {point.code: point.says for point in (*made.contradictions, *made.bearing)}
    return points[code]


def test_a_mark_one_character_off_is_told_with_the_booking_that_was_meant(stevenage: Town):
    """Booked as G885WFE, on the notice as G865WFE: a hint, and no permission (X-101)."""
    stevenage.do(SaveVisitor(vehicle="G865WFF", name="Gran"))
    stevenage.do(SaveVisitor(vehicle="G865WFE", name="Gran"))
    booked(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    checked(stevenage.at("2026-11-19 14:58"), "G865WFE")
    stevenage.at("2026-11-25 10:00")

    made = pack(stevenage, "G865WFE", "2026-11-19 15:00", pcn="ST 123456", home=True)

    assert codes(made.contradictions) == ["near_mark_covered", "near_mark_saved"]
    assert codes(made.bearing) == ["saved_and_not_booked"]
    assert "Gran" not in canonical(made).decode()
    assert says(made, "near_mark_covered") == (
        "G885WFE, one character differs, was covered then in zone OT by a right of this household."
    )
    assert (made.known_now.covered, made.known_now.reason) == (False, "no_right")
    assert [(each.mark, each.covered) for each in made.shown] == [("G865WFE", False)]
    assert made.question.pcn == "ST123456"
    assert made.summary[0] == (
        "On 19 November 2026 at 15:00 the vehicle G865WFE was not covered in zone OT."
    )


def test_a_notice_eight_minutes_after_the_permit_was_switched_away_is_within_the_ten(
    gravesham: Town,
):
    """Off at 12:00:40, notice at 12:08: barred up to and at 12:10:40 (X-004)."""
    gravesham.at("2026-11-20 12:00:40").do(SwitchVehicle(vehicle="BB22BBB"))
    gravesham.at("2026-11-25 10:00")

    made = pack(gravesham, "AA11AAA", "2026-11-20 12:08", pcn="GR12345")

    assert codes(made.contradictions) == ["notice_barred_by_grace"]
    assert made.grace.last_barred_at == local(gravesham, "2026-11-20 12:10:40")
    assert "switched to another vehicle is argued" in made.grace.says
    assert says(made, "changed_before").startswith(
        "The permit was switched from AA11AAA to BB22BBB: at 12:00:40, 7 minutes and 20 seconds"
    )
    last = pack(gravesham, "AA11AAA", "2026-11-20 12:10:40", pcn="GR12345")
    after = pack(gravesham, "AA11AAA", "2026-11-20 12:10:41", pcn="GR12345")
    assert (last.grace.applies, after.grace.applies) == (True, False)
    assert codes(after.contradictions) == []


def test_a_permit_that_was_switched_on_a_minute_after_the_notice_is_told_so(gravesham: Town):
    """What came later covers nothing that was before (X-102)."""
    checked(gravesham.at("2026-11-20 14:05"), "BB22BBB")
    gravesham.at("2026-11-20 14:06").do(SwitchVehicle(vehicle="BB22BBB"))
    gravesham.at("2026-11-25 10:00")

    made = pack(gravesham, "BB22BBB", "2026-11-20 14:05", pcn="GR12345")

    assert codes(made.contradictions) == []
    assert codes(made.bearing) == ["recorded_after"]
    assert says(made, "recorded_after") == (
        "Cover for this mark was recorded at 14:06, 1 minute after the instant asked about."
    )
    assert (made.known_then.reason, made.known_now.reason) == ("not_active", "not_active")


def test_a_courtesy_car_is_covered_in_its_window_though_it_has_ended_since(gravesham: Town):
    """Both clocks say so, and that the car in the garage was not (design, section 9)."""
    gravesham.at("2026-11-20 09:00").do(SwitchVehicle(vehicle="BB22BBB"))
    assert checked(gravesham.at("2026-11-20 11:59"), "BB22BBB").covered
    gravesham.at("2026-11-22 09:00").do(SwitchVehicle(vehicle="AA11AAA"))
    gravesham.at("2026-12-01 10:00")

    courtesy = pack(gravesham, "BB22BBB", "2026-11-20 12:00", pcn="GR12345")
    own = pack(gravesham, "AA11AAA", "2026-11-20 12:00", pcn="GR12345")

    assert (courtesy.known_then.covered, courtesy.known_now.covered) == (True, True)
    assert (own.known_then.covered, own.known_now.covered) == (False, False)
    assert codes(courtesy.contradictions) == [
        "shown_covered_yet_notice_issued",
        "covered_yet_notice_issued",
        "clocks_differ",
    ]
    assert says(courtesy, "clocks_differ").endswith(
        "covered both times, by a right that was changed since."
    )


def test_a_correction_changes_what_is_known_now_and_not_what_was_known_then(stevenage: Town):
    """Two clocks (X-102; design, section 5)."""
    booking = booked(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    earlier = CorrectCover(
        act=booking,
        covers_from=local(stevenage, "2026-11-19 13:00"),
        reason="told by telephone, of AB12 CDE and CD34EFG too",
        approver="sam",
    )
    stevenage.at("2026-11-19 16:00").do(earlier, by=STAFF)
    stevenage.at("2026-11-25 10:00")

    made = pack(stevenage, "G885WFE", "2026-11-19 14:15", pcn="ST123456")

    assert (made.known_then.covered, made.known_now.covered) == (False, True)
    assert "clocks_differ" in codes(made.contradictions)
    assert "CD34EFG" not in canonical(made).decode()
    before = pack(
        stevenage, "G885WFE", "2026-11-19 14:15", pcn="ST123456", as_of="2026-11-19 15:59:59"
    )
    assert before.known_now.covered is False
    assert before.known_then.says == made.known_then.says


def test_a_device_that_was_shown_valid_contradicts_the_notice(stevenage: Town):
    """Flagged first, and with the digest of the very bytes that were sent (P8, P9)."""
    booked(stevenage.at("2026-11-19 14:12"), "G885WFE", "2026-11-19 14:20")
    shown = checked(stevenage.at("2026-11-19 15:00"), "G885WFE")
    stevenage.at("2026-11-25 10:00")

    made = pack(stevenage, "G885WFE", "2026-11-19 15:05", pcn="ST123456")

    assert codes(made.contradictions)[0] == "shown_covered_yet_notice_issued"
    (receipt,) = made.shown
    assert receipt.receipt == shown.receipt
    assert (receipt.intact, receipt.digest) == (True, sha256(in_bytes(shown)).hexdigest())
    assert (receipt.officer, receipt.device) == ("lee", "handheld-7")


def test_what_was_cancelled_tried_and_failing_just_before_is_told(stevenage: Town):
    """Failed attempts, and outages that overlap, are evidence (promises, 0.7; D5, D6)."""
    booking = booked(stevenage.at("2026-11-19 14:00"), "G885WFE", "2026-11-19 15:00")
    stevenage.at("2026-11-19 14:30").do(CancelBooking(booking=booking))
    with pytest.raises(Refused):
        booked(stevenage.at("2026-11-19 14:58"), "G885WFE", "2026-11-19 09:00")
    stevenage.at("2026-11-19 16:00").do(
        DeclareOutage(
            services=("bookings",),
            failed_from=local(stevenage, "2026-11-19 14:50"),
            failed_until=local(stevenage, "2026-11-19 15:20"),
            found_how="monitoring",
            reason="the disk was full",
        ),
        by=STAFF,
        stream=stevenage.council.ledger.outages_id(),
    )

    made = pack(stevenage, "G885WFE", "2026-11-19 15:00", home=True)

    assert codes(made.bearing) == ["changed_before", "attempts_failed_before", "service_failing"]
    (tried,) = made.attempts
    assert tried.codes == ("booking.start_in_past",)
    (failing,) = made.incidents
    assert failing.services == ("bookings",)
    assert made.known_now.reason == "no_right"


def test_a_notice_that_was_noted_gives_the_zone_and_one_of_another_mark_is_flagged(
    stevenage: Town,
):
    """The notice's own stream is read; of another's case nothing is told."""
    at = local(stevenage, "2026-11-19 15:00")
    for number, mark in (("ST123456", "G885WFE"), ("ST999999", "ZZ99ZZZ")):
        noted = NoteNotice(number=number, mark=mark, zone="NT", issued_at=at, contravention="16")
        stream = stevenage.council.ledger.notice_id(number)
        stevenage.at("2026-11-19 15:10").do(noted, by=STAFF, stream=stream)

    own = pack(stevenage, "G885WFE", "2026-11-19 14:59", pcn="ST123456")
    other = pack(stevenage, "G885WFE", "2026-11-19 15:00", pcn="ST999999")

    assert codes(own.bearing) == ["notice_of_another_instant", "notice_of_another_zone"]
    assert own.notice is not None
    assert [each.act for each in own.notice.acts] == ["notice_noted"]
    assert codes(other.contradictions) == ["notice_of_another_mark"]
    assert "ZZ99ZZZ" not in canonical(other).decode()


def test_others_marks_and_households_never_appear_and_are_counted(stevenage: Town):
    """A near mark of another household is a pattern; the household's other visitors are not told
    (promises, section 5)."""
    first = stevenage.home
    booked(stevenage, "XY12ZZZ", "2026-11-19 13:00")
    stevenage.move_in("next-door", "07700 900002").buy("virtual-visitor-vouchers")
    booked(stevenage, "G875WFE", "2026-11-19 13:00")
    booked(stevenage, "G685WFE", "2026-11-19 13:00")
    checked(stevenage.at("2026-11-19 14:00"), "G875WFE")
    other, stevenage.home = stevenage.home, first
    stevenage.at("2026-11-25 10:00")

    made = pack(stevenage, "G865WFE", "2026-11-19 15:00", pcn="ST123456", home=True)

    written = canonical(made).decode()
    for hidden in ("XY12ZZZ", "G875WFE", "G685WFE", str(other), "07700", "next-door"):
        assert hidden not in written
    assert sorted(each.shown for each in made.near_marks) == ["G8?5WFE", "•••••••"]
    assert [each.mark for each in made.shown] == ["G8?5WFE"]
    counted = {each.what.partition(",")[0]: each.count for each in made.redactions}
    assert counted["registration marks of other vehicles of the household"] == 1
    assert counted["marks nearly the same that are of other households"] == 3
    assert counted["events of other households"] == 2


@pytest.mark.parametrize(
    ("asked", "other", "shown", "how"),
    [
        ("G865WFE", "G885WFE", "G8?5WFE", "one character differs"),
        ("G885WEF", "G885WFE", "•••••••", "two neighbouring characters exchanged"),
        ("G885WF", "G885WFE", "•••••••", "one character more or fewer"),
    ],
)
def test_a_pattern_never_gives_the_other_mark_away(asked: str, other: str, shown: str, how: str):
    one, two = parse_mark(asked), parse_mark(other)
    assert one is not None
    assert two is not None

    assert pattern(one, two) == shown
    assert how_near(one, two) == how


def test_of_a_mark_that_nobody_knows_the_pack_says_that_nothing_is_known(stevenage: Town):
    """A pack is made all the same: that nothing is on record is evidence too."""
    made = pack(stevenage.at("2026-11-25 10:00"), "ZZ99ZZZ", "2026-11-20 12:00")

    assert made.summary[2].startswith("Nothing at all is on record about this mark")
    assert (made.timeline, made.covers, made.shown, made.events) == ((), (), (), ())
    assert (made.known_now.reason, made.question.household) == ("no_right", "")


def test_the_timeline_is_a_day_either_side_half_open(stevenage: Town):
    """What was recorded exactly a day before is in it, exactly a day after is not."""
    booked(stevenage.at("2026-11-20 12:00"), "AA11AAA", "2026-11-23 10:00")
    booked(stevenage.at("2026-11-22 12:00"), "AA11AAA", "2026-11-24 10:00")
    stevenage.at("2026-11-25 10:00")

    made = pack(stevenage, "AA11AAA", "2026-11-21 12:00", home=True)

    acts = [each.at for each in made.timeline if each.kind == "act"]
    assert acts == [local(stevenage, "2026-11-20 12:00")]
    assert made.timeline_until - made.timeline_from == timedelta(days=2)


def test_a_pack_is_made_on_a_connection_that_an_earlier_question_failed_on(stevenage: Town):
    """A rolled-back transaction makes the server forget the statements of checks."""
    at = local(stevenage, "2026-11-19 10:00")
    nobodys = Case(typed="G885WFE", at=at, zone="OT", household_id=str(UUID(int=0)))
    first = pack(stevenage, "G885WFE", "2026-11-19 10:00")

    for _ in range(3):
        with pytest.raises(NotFound):
            make(stevenage.council, nobodys)

        assert pack(stevenage, "G885WFE", "2026-11-19 10:00") == first
