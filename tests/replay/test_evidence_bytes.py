"""An evidence pack is the same bytes every time, and a document that everyone can read."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pikepdf
import psycopg
import pytest
from pypdf import PdfReader

from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.save_visitor import SaveVisitor
from ledger.refusals import Refused
from replay.evidence.asked import settled
from replay.evidence.pack import Pack, canonical
from replay.evidence.printing import digest, pdf
from services.council import Council
from tests.replay.disputes import booked, checked, pack
from tests.replay.town import STAFF, Town, town

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def disputed(database: str) -> Iterator[Town]:
    """Booked at 14:12, shown valid at 15:00, disputed later; in a year that is over."""
    with town(database) as made:
        made.now = datetime(2024, 1, 10, 9, tzinfo=UTC)
        made.at("2024-01-10 10:00").move_in().buy("virtual-visitor-vouchers")
        booked(made.at("2024-01-10 14:12"), "G885WFE", "2024-01-10 14:20")
        checked(made.at("2024-01-10 15:00"), "G885WFE")
        made.at("2024-01-20 10:00").catch_up()
        yield made


def made_of(disputed: Town) -> Pack:
    return pack(disputed, "G885WFE", "2024-01-10 15:05", pcn="ST123456", as_of="2024-01-20 10:00")


def by_command(database: str, out: Path, **environment: str) -> list[Path]:
    """The same pack, made by the program in a process of its own."""
    subprocess.run(
        [
            *(sys.executable, "-m", "scripts.main", "evidence", "--council", "stevenage"),
            *("--mark", "g885 wfe", "--zone", "OT", "--at", "2024-01-10 15:05"),
            *("--as-of", "2024-01-20 10:00", "--pcn", "ST 123456", "--out", str(out)),
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, **environment},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return sorted(out.iterdir())


def test_another_process_in_another_zone_of_a_grown_ledger_makes_the_same_bytes(
    disputed: Town, database: str, tmp_path: Path
):
    """JSON and PDF, whatever the clock, the locale, and what others did since (P8)."""
    pack_then = made_of(disputed)
    twin, document = canonical(pack_then), pdf(pack_then)
    disputed.at("2024-01-21 09:00").move_in("next-door", "07700 900002")
    disputed.buy("virtual-visitor-vouchers")
    booked(disputed, "G875WFE", "2024-01-21 13:00")
    booked(disputed, "G885WFE", "2024-01-21 13:00")
    checked(disputed, "G885WFE")

    tokyo = by_command(
        database, tmp_path / "tokyo", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="1"
    )

    assert [path.suffix for path in tokyo] == [".json", ".pdf"]
    assert tokyo[0].read_bytes() == twin
    assert tokyo[1].read_bytes() == document
    assert canonical(made_of(disputed)) == twin
    assert "G885WFE" not in tokyo[1].name


def test_nothing_that_is_recorded_after_its_instant_changes_a_pack(disputed: Town):
    """Whatever the same household, officers and the council do next, that very day (P8)."""
    disputed.now = datetime(2024, 1, 11, 10, tzinfo=UTC)
    number, ledger = "ST123456", disputed.council.ledger

    def again() -> bytes:
        return canonical(
            pack(disputed, "G885WFE", "2024-01-11 09:59", pcn=number, as_of="2024-01-11 10:00")
        )

    before = again()
    disputed.at("2024-01-11 10:01")
    checked(disputed, "G885WFE")
    booked(disputed, "G885WFE", "2024-01-11 10:01")
    booked(disputed, "G875WFE", "2024-01-11 10:01")
    disputed.do(SaveVisitor(vehicle="G865WFE", name="Gran"))
    with pytest.raises(Refused):
        booked(disputed, "G885WFE", "2024-01-11 09:00")
    at = disputed.now - timedelta(minutes=2)
    noted = NoteNotice(number=number, mark="G885WFE", zone="OT", issued_at=at, contravention="16")
    disputed.do(noted, by=STAFF, stream=ledger.notice_id(number))
    failed = DeclareOutage(
        services=("bookings",), failed_from=at, found_how="monitoring", reason="the disk was full"
    )
    disputed.do(failed, by=STAFF, stream=ledger.outages_id())

    assert again() == before


def test_the_twin_is_canonical(disputed: Town):
    """Keys in order, no spaces, no fractions: the same JSON from any writer of RFC 8785."""
    twin = canonical(made_of(disputed))

    read = msgspec.json.decode(twin)
    assert msgspec.json.encode(read, order="sorted") == twin
    assert not any(isinstance(value, float) for value in _values(read))
    assert msgspec.json.decode(twin, type=Pack) == made_of(disputed)


def _values(plain: object) -> Iterator[object]:
    match plain:
        case dict():
            for value in plain.values():
                yield from _values(value)
        case list():
            for value in plain:
                yield from _values(value)
        case _:
            yield plain


def test_the_document_is_tagged_has_a_title_and_a_language_and_holds_the_twin(disputed: Town):
    """PDF/UA-1 and PDF/A-3, read back."""
    made = made_of(disputed)

    with pikepdf.open(io.BytesIO(pdf(made))) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en-GB"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in document.Root
        kinds = _kinds(document.Root.StructTreeRoot)
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/L"} <= kinds
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["pdfaid:part"] == "3"
            assert metadata["dc:title"] == made.title
        enclosed = document.attachments["evidence.json"].get_file().read_bytes()
    assert enclosed == canonical(made)


def _kinds(element: pikepdf.Object) -> set[str]:
    """Every kind of structure element below one."""
    found = {str(element.S)} if "/S" in element else set[str]()
    if "/K" in element:
        below = element.K
        for each in below if isinstance(below, pikepdf.Array) else [below]:
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") != "/MCR":
                found |= _kinds(each)
    return found


def test_page_one_has_the_answer_and_the_contradictions(disputed: Town):
    """Whoever reads no more than the first page has read what matters."""
    made = made_of(disputed)

    reader = PdfReader(io.BytesIO(pdf(made)))
    first = " ".join(reader.pages[0].extract_text().split())

    assert "Was G885WFE covered in zone OT at 15:05 on 10 January 2024?" in first
    assert "These contradict each other" in first
    assert "Notice ST123456 was issued, yet an officer's device was shown" in first.replace(
        "’", "'"
    )
    assert made.summary[0] in first
    for page in reader.pages:
        assert digest(canonical(made)) in page.extract_text().replace("\n", "")


def test_what_was_typed_is_never_markup(disputed: Town):
    """A reason or a name with typst's own signs is printed as it is."""
    made = made_of(disputed)
    hostile = '#panic("x") $ */ <script> \\ ` @a [b] _c_ = d'
    altered = msgspec.structs.replace(made, summary=(hostile,))

    text = " ".join(PdfReader(io.BytesIO(pdf(altered))).pages[0].extract_text().split())

    assert '#panic("x")' in text
    assert "_c_ = d" in text


def test_a_receipt_that_was_altered_behind_the_ledgers_back_is_flagged(disputed: Town):
    """The digest that was kept no longer fits the bytes that are on record (P8 c)."""
    with disputed.council.pool.connection() as connection:
        connection.execute("alter table stevenage.lookups disable trigger user")
        connection.execute(
            "update stevenage.lookups set answer = replace(answer, 'exact', 'same_glyphs')"
        )

    made = made_of(disputed)

    assert "receipt_altered" in [point.code for point in made.contradictions]
    assert [each.intact for each in made.shown] == [False]


def test_every_cited_event_has_the_digest_of_its_stored_bytes(disputed: Town):
    """Anyone with the ledger can compare them (P10)."""
    made = made_of(disputed)

    with disputed.council.pool.connection() as connection:
        stored = dict(
            connection.execute(
                "select notification_id, state from stevenage.stored_events"
            ).fetchall()
        )

    assert made.events
    for each in made.events:
        assert each.digest == sha256(stored[each.position]).hexdigest()
    assert [each.position for each in made.events] == sorted(stored)


def test_a_pack_of_now_waits_for_no_one_and_takes_nothing_that_may_still_change(
    disputed: Town, database: str
):
    """Without an instant named, it is made from the latest by which all is settled (P8)."""
    real = Council("stevenage", *(disputed.council.pool,) * 2, disputed.council.editions)
    before = settled(real)
    with psycopg.connect(database) as writing:
        row = writing.execute("select pg_current_xact_id(), now()").fetchone()
        assert row is not None
        held = settled(real)
        assert held == row[1] > before
        writing.rollback()
    assert settled(real) > held
