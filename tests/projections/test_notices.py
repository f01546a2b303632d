"""Notices as rows, and the check that each follows from."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from commands.cancel_notice import CancelNotice
from commands.close_case import CloseCase
from commands.correct_outage import CorrectOutage
from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.withdraw_outage import WithdrawOutage
from ledger.events import NoticeCancelled, NoticeNoted
from projections import notices
from projections.notices import NOTICES, Notices
from projections.registry import EVERY
from replay.comparing import compare
from replay.rebuild import rebuild
from replay.verify import verify
from tests.commands.desk import ISSUED, NOTICE
from tests.projections.facts import AT, LATER, fact, patches, rows
from tests.replay.town import STAFF, Town, town

NOTED = NoticeNoted(
    number="ST10000017",
    typed="ab12 cde",
    shown="AB12CDE",
    glyphs="AB12CDE",
    zone="OT",
    issued_at=ISSUED,
    issued_on=ISSUED.date(),
    contravention="12",
)
GONE = NoticeCancelled(reason_code="goodwill", reason="x")
OFFICER = "o-1"
LATEST = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_withdrawn_notice_stays_with_when_and_why():
    (row,) = rows(Notices(), [fact(NOTED), fact(GONE, 2, LATER)])

    assert (row["number"], row["noted_at"]) == ("ST10000017", AT)
    assert (row["cancelled_at"], row["cancelled_why"]) == (LATER, "goodwill")
    (patch,) = patches(Notices(), [fact(GONE, 2, LATER)])
    assert set(patch) == {*NOTICES.match, *NOTICES.patched}


@pytest.fixture
def made(database: str) -> Iterator[Town]:
    with town(database, "stevenage") as one:
        one.now = datetime(2026, 11, 19, 12, tzinfo=UTC)
        yield one.move_in()


def note(one: Town, command: NoteNotice = NOTICE) -> None:
    one.do(command, by=STAFF, stream=one.council.ledger.notice_id(command.number))


def check(one: Town, minute: int, officer: str = OFFICER, mark: str = "AB12CDE") -> int:
    one.now = datetime(2026, 11, 19, 12, minute, tzinfo=UTC)
    answer = one.council.check(
        typed=mark, zone="OT", at=None, known_at=None, bay="", officer=officer, device="d"
    )
    assert answer.receipt is not None
    return answer.receipt


def behind(one: Town, number: str = NOTICE.number) -> int | None:
    with one.council.pool.connection() as connection:
        seen = notices.notice(connection, one.council.schema, number)
        assert seen is not None
        found = notices.checks_behind(connection, one.council.schema, [seen])
    return found[number].receipt if found else None


def test_a_notice_follows_from_the_officers_own_last_check(made: Town):
    """Issued at 12:08 by o-1; another officer's check came between."""
    check(made, 5)
    own = check(made, 6)
    check(made, 7, officer="o-2")
    check(made, 7, mark="ZZ99ZZZ")
    check(made, 9)
    made.now = datetime(2026, 11, 19, 12, 10, tzinfo=UTC)
    note(made)

    assert behind(made) == own


def test_or_else_from_anybodys_check_within_half_an_hour(made: Town):
    other = check(made, 7, officer="o-2")
    made.now = datetime(2026, 11, 19, 13, tzinfo=UTC)
    note(made)
    note(
        made,
        NoteNotice(
            number="ST10000018",
            mark="AB12CDE",
            zone="OT",
            issued_at=datetime(2026, 11, 19, 12, 37, tzinfo=UTC),
            contravention="12",
        ),
    )

    assert behind(made) == other
    assert behind(made, "ST10000018") is None


def test_a_check_that_is_named_is_the_one(made: Town):
    named = check(made, 5, officer="o-2")
    check(made, 6)
    made.now = datetime(2026, 11, 19, 12, 10, tzinfo=UTC)
    note(
        made,
        NoteNotice(
            number="ST10000019",
            mark="AB12CDE",
            zone="OT",
            issued_at=ISSUED,
            contravention="12",
            officer=OFFICER,
            receipt=named,
        ),
    )

    assert behind(made, "ST10000019") == named


def test_a_list_of_notices_has_the_check_of_each(made: Town):
    """Named, found, and none: together they are what each is by itself (E2)."""
    named, own = check(made, 5, officer="o-2"), check(made, 6)
    made.now = datetime(2026, 11, 19, 12, 10, tzinfo=UTC)
    note(made)
    note(made, structs.replace(NOTICE, number="ST10000020", receipt=named))
    note(made, structs.replace(NOTICE, number="ST10000021", mark="ZZ99ZZZ"))
    note(made, structs.replace(NOTICE, number="ST10000022", receipt=own + 1_000))

    with made.council.pool.connection() as connection:
        schema = made.council.schema
        listed = notices.issued(connection, schema, ISSUED, LATEST, "", 10)
        found = notices.checks_behind(connection, schema, listed)

    assert len(listed) == 4
    assert {number: each.receipt for number, each in found.items()} == {
        NOTICE.number: own,
        "ST10000020": named,
    }


def test_the_desks_rows_are_the_same_when_they_are_made_again(made: Town):
    """Inline equals rebuilt: notices, cases, outages (promise P7)."""
    ledger = made.council.ledger
    made.now = datetime(2026, 11, 19, 13, tzinfo=UTC)
    note(made)
    stream = ledger.notice_id(NOTICE.number)
    today = made.now.date()
    case = made.do(
        OpenCase(kind="formal", reference="A-1", received_on=today, served_on=today),
        by=STAFF,
        stream=stream,
    )["case"]
    made.do(OpenCase(kind="informal", reference="A-2", received_on=today), by=STAFF, stream=stream)
    made.do(CloseCase(case=case, reason="paid"), by=STAFF, stream=stream)
    made.do(CancelNotice(reason_code="other", reason="x"), by=STAFF, stream=stream)
    failing = DeclareOutage(
        services=("bookings", "texts"),
        failed_from=made.now - timedelta(hours=1),
        found_how="reported",
        reason="x",
    )
    register = ledger.outages_id()
    first = made.do(failing, by=STAFF, stream=register)["outage"]
    made.do(failing, by=STAFF, stream=register)
    made.now += timedelta(minutes=1)
    made.do(
        CorrectOutage(
            outage=first,
            services=("texts",),
            failed_from=failing.failed_from,
            failed_until=made.now,
            found_how="supplier",
            reason="x",
            why="over",
        ),
        by=STAFF,
        stream=register,
    )
    made.do(WithdrawOutage(outage=first, why="a drill"), by=STAFF, stream=register)

    made.catch_up()
    assert compare(ledger, EVERY) == []
    rebuild(ledger, EVERY)
    assert compare(ledger, EVERY) == []
    assert verify(ledger).ok
    with made.council.pool.connection() as connection:
        for table in ("notices", "dispute_cases", "outages"):
            row = connection.execute(
                f"select count(*) from {made.council.schema}.{table}"
            ).fetchone()
            assert row is not None
            assert row[0] > 0, table
