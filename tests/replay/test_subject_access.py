"""A resident is given everything that is held about them, and nothing of others."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.save_visitor import SaveVisitor
from commands.send_pin import SendPin
from ledger.events import Actor
from ledger.refusals import NotFound, Refused
from replay.subject_access import subject_access
from scripts.main import main
from services import drafts, looking_up, proofs
from services.identity.sessions import begin_session
from services.proof_fitting import Fitted
from tests.replay.town import STAFF, Town, town


@pytest.fixture
def shared(database: str) -> Iterator[tuple[Town, str, str]]:
    """A household of two, each with vouchers, visitors and bookings of their own."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in()
        first = made.resident.name
        made.buy("virtual-visitor-vouchers")
        made.do(BookVoucher(vehicles=("G885WFE",)))
        enrol = EnrolResident(
            name="Olive Flatmate", mobile="07700 900008", born_on=date(1990, 1, 1)
        )
        second = str(made.do(enrol, by=STAFF)["resident"])
        made.resident = Actor("resident", second)
        with pytest.raises(Refused):
            made.do(BookVoucher(vehicles=("!!",)))
        made.do(BookVoucher(vehicles=("LX71DEF",)))
        made.do(SaveVisitor(vehicle="HX70ABC", name="Their friend"))
        made.catch_up()
        yield made, first, second


def noted(made: Town, number: str, mark: str, issued_at: datetime) -> None:
    notice = NoteNotice(
        number=number, mark=mark, zone="OT", issued_at=issued_at, contravention="12", officer="lee"
    )
    made.do(notice, by=STAFF, stream=made.council.ledger.notice_id(number))


def opened(made: Town, number: str) -> None:
    case = OpenCase(kind="informal", reference="R1", received_on=made.now.date())
    made.do(case, by=STAFF, stream=made.council.ledger.notice_id(number))


def test_a_resident_is_given_what_is_theirs_and_told_how_much_is_not(
    shared: tuple[Town, str, str],
):
    """UK GDPR article 15: their own data; others' is left out and counted."""
    made, first, second = shared

    held = subject_access(made.council, "home", first)

    written = msgspec.json.encode(held).decode()
    assert "G885WFE" in written
    for of_another in (
        "HX70ABC",
        "LX71DEF",
        "Their friend",
        "Olive Flatmate",
        "+447700900008",
        second,
    ):
        assert of_another not in written
    assert held.left_out["recorded facts"] >= 2
    assert held.left_out["refused attempts"] == 1
    assert [act["act"] for act in held.acts][-1] == "booked"
    assert {"active_registrations", "sessions", "accounts", "receipts"} & set(held.rows)
    assert [proof["document_type"] for proof in held.proofs]


def test_attempts_and_visitors_go_to_whom_they_belong(shared: tuple[Town, str, str]):
    """The other resident is given their own attempt, booking and visitor, and no one else's."""
    made, _, second = shared

    held = subject_access(made.council, "home", second)

    written = msgspec.json.encode(held).decode()
    assert [each["command"] for each in held.attempts] == ["book_voucher"]
    assert "HX70ABC" in written
    assert "LX71DEF" in written
    assert "G885WFE" not in written


def test_checks_that_rested_on_a_residents_rights_are_told_without_the_officer(
    shared: tuple[Town, str, str],
):
    """What officers were shown is held about the resident as well; who looked is another person."""
    made, first, second = shared
    made.council.check(
        typed="G885WFE", zone="OT", at=None, known_at=None, bay="", officer="lee", device="d"
    )

    (check,) = subject_access(made.council, "home", first).checks

    assert (check["shown"], check["covered"]) == ("G885WFE", True)
    assert "lee" not in msgspec.json.encode(check).decode()
    others = subject_access(made.council, "home", second)
    assert others.checks == []


def test_what_is_kept_beside_the_facts_is_given_too(shared: tuple[Town, str, str]):
    """Drafts, files of proofs, sessions, looks at the household; messages; nothing of others."""
    made, first, second = shared
    schema, now = made.council.schema, made.now
    picture = Fitted(media_type="image/png", content=b"a picture", digest=b"d")
    household = made.council.ledger.household(made.home)
    (application,) = [a for a in household.applications.values() if a.resident_id == first]
    with made.council.pool.connection() as connection:
        for resident, product in ((first, "mine"), (second, "theirs")):
            drafts.save(
                connection,
                schema,
                household=made.home,
                resident=resident,
                product=product,
                answers={"quantity": ["2"]},
                at=now,
            )
        file = proofs.keep(
            connection,
            schema,
            picture,
            household=made.home,
            resident=first,
            application=application.application_id,
            at=now,
            keep_until=now.date(),
        )
        begin_session(
            connection,
            schema,
            role="resident",
            name="resident",
            at=now,
            household_id=str(made.home),
            resident_id=first,
        )
        looking_up.record(
            connection,
            schema,
            role="staff",
            name="pat",
            kind="mark",
            found=1,
            at=now,
            household=made.home,
        )
    made.do(SendPin(by_way_of="email"), by=Actor("resident", first))
    made.catch_up()

    held = subject_access(made.council, "home", first)

    (draft,) = held.beside["Applications that you began and did not send"]
    assert (draft["product"], draft["answers"]) == ("mine", {"quantity": ["2"]})
    (sent,) = held.beside["Files that you sent as proof, and when they are removed"]
    assert sent["media_type"] == "image/png"
    assert "content" not in sent
    assert [each["kind"] for each in held.beside["How you signed in"]] == ["browser"]
    (look,) = held.beside["When your household was looked up, and by which role"]
    assert (look["role"], look["kind"]) == ("staff", "mark")
    assert "pin" in [each["kind"] for each in held.rows["messages"]]
    written = msgspec.json.encode(held).decode()
    assert file not in written
    assert '"pat"' not in written


def test_notices_to_vehicles_while_a_right_covered_them_are_given_with_their_cases(
    shared: tuple[Town, str, str],
):
    """A notice to the same vehicle on another day, or in another's visit, is about others."""
    made, first, second = shared
    for number, mark, on in (
        ("PC1", "G885WFE", made.now),
        ("PC2", "G885WFE", made.now - timedelta(days=40)),
        ("PC3", "LX71DEF", made.now),
    ):
        noted(made, f"{number}00", mark, on)
    opened(made, "PC100")

    mine = subject_access(made.council, "home", first).beside
    theirs = subject_access(made.council, "home", second).beside

    heading = "Penalty charge notices to vehicles that your right covered that day"
    assert [each["number"] for each in mine[heading]] == ["PC100"]
    assert [each["number"] for each in theirs[heading]] == ["PC300"]
    assert [each["kind"] for each in mine["Disputes about those notices"]] == ["informal"]
    assert "officer" not in mine[heading][0]


def test_who_is_not_there_is_not_found(shared: tuple[Town, str, str]):
    """A property or a resident that is not there says so."""
    made, first, _ = shared

    with pytest.raises(NotFound, match="household"):
        subject_access(made.council, "nowhere", first)
    with pytest.raises(NotFound, match="resident"):
        subject_access(made.council, "home", "0" * 20)


def test_the_command_writes_a_folder_for_its_owner_alone(
    shared: tuple[Town, str, str],
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """A page, a text and JSON; a folder that holds something already is left alone."""
    _, first, _ = shared
    monkeypatch.setenv("DATABASE_URL", database)
    out = tmp_path / "given"
    asked = ["subject-access", "--council", "stevenage", "--property", "home", "--resident", first]

    assert main([*asked, "--out", str(out)]) == 0

    assert sorted(each.name for each in out.iterdir()) == [
        "subject-access.html",
        "subject-access.json",
        "subject-access.txt",
    ]
    assert {each.stat().st_mode & 0o777 for each in out.iterdir()} == {0o600}
    page = (out / "subject-access.html").read_text(encoding="utf-8")
    assert "<h1>What is held about you</h1>" in page
    assert "G885WFE" in page
    assert "edition: stevenage@" in page
    assert main([*asked, "--out", str(out)]) == 2
    assert "is empty" in capsys.readouterr().err
