"""A penalty charge notice that another system issued is noted once."""

from datetime import date, timedelta

import msgspec
import pytest

from commands.base import Command
from commands.note_notice import NoteNotice, same_facts
from ledger.events import NoticeNoted
from tests.commands.desk import ISSUED, NOTICE, noted
from tests.given import given


def test_a_notice_is_noted_with_the_mark_as_typed_and_as_compared():
    given().when(NOTICE, at="2026-11-19 12:10", by="staff").then(
        NoticeNoted(
            number="ST10000017",
            typed="ab12 cde",
            shown="AB12CDE",
            glyphs="AB12CDE",
            zone="OT",
            issued_at=ISSUED,
            issued_on=date(2026, 11, 19),
            contravention="12",
            officer="o-1",
        )
    ).then_answers(notice="ST10000017")


def test_a_number_is_noted_once():
    noted().when(NOTICE, by="staff", at="2026-11-19 12:20").then_refused("notice.exists")


def test_the_day_of_issue_is_the_local_one():
    """23:30 UTC in June is the next day in London."""
    late = msgspec.structs.replace(NOTICE, issued_at=ISSUED.replace(month=6, hour=23, minute=30))
    (event,) = given().when(late, by="staff").events
    assert isinstance(event, NoticeNoted)
    assert event.issued_on == date(2026, 6, 20)


@pytest.mark.parametrize(("ahead", "refused"), [(300, False), (301, True)])
def test_a_clock_may_be_five_minutes_ahead_and_no_more(ahead: int, refused: bool):
    ahead_of = msgspec.structs.replace(NOTICE, issued_at=ISSUED + timedelta(seconds=ahead))
    outcome = given().when(ahead_of, at="2026-11-19 12:08", by="staff")
    outcome.then_refused("notice.issued_in_future") if refused else outcome.then_accepted()


def test_what_is_no_mark_is_refused():
    bad = msgspec.structs.replace(NOTICE, mark="!")
    given().when(bad, at="2026-11-19 12:10", by="staff").then_refused("vehicle.mark_invalid")


def test_a_zone_that_the_scheme_has_not_is_noted_all_the_same():
    """The other system said so: it is a warning, and nothing is lost."""
    elsewhere = msgspec.structs.replace(NOTICE, zone="no-such")
    given().when(elsewhere, at="2026-11-19 12:10", by="staff").then_accepted()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "st1"),
        ("number", "ST 100000"),
        ("number", "S" * 21),
        ("issued_at", "2026-11-19T12:08:00"),
        ("contravention", "1"),
        ("contravention", "12sixty"),
        ("receipt", 0),
        ("zone", ""),
    ],
)
def test_what_is_no_notice_is_not_decoded(field: str, value: object):
    body = {**msgspec.to_builtins(NOTICE), "issued_at": "2026-11-19T12:08:00Z", field: value}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=NoteNotice)
    assert issubclass(NoteNotice, Command)


def test_the_same_facts_are_known_again_however_the_mark_is_spelled():
    notice = noted().household.desk
    assert notice is not None
    assert notice.notice is not None
    fact = notice.notice.noted
    assert same_facts(NOTICE, fact)
    assert same_facts(msgspec.structs.replace(NOTICE, mark="AB12-CDE"), fact)
    assert not same_facts(msgspec.structs.replace(NOTICE, contravention="16"), fact)
    assert not same_facts(msgspec.structs.replace(NOTICE, receipt=5), fact)
    assert not same_facts(msgspec.structs.replace(NOTICE, mark="!"), fact)
