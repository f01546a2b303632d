"""Proofs: what is kept of a file, what is refused, who looked, and when it is removed."""

import zlib
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import uuid4

import pikepdf
import psycopg
import pytest
from PIL import Image

from ledger.refusals import NotFound
from services import proofs
from services.proof_fitting import Limits, Unfit, fitted

LIMITS = Limits(
    bytes_max=2_000_000,
    pixels_max=4_000_000,
    pages_max=3,
    unpacked_max=20_000_000,
    keep_months=12,
)
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def picture(kind, size=(60, 80), **options):
    written = BytesIO()
    Image.new("RGB", size, "#aabbcc").save(written, kind, **options)
    return written.getvalue()


def pdf(pages=1, **options):
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    made.attachments["hidden.txt"] = b"hidden"
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 10, 10],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="http://example.org"),
    )
    made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(link)])
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = ["Somebody"]
    written = BytesIO()
    made.save(written, **options)
    return written.getvalue()


def bomb(times, encryption=False):
    """A PDF whose page is a hundred million zeros, packed so many times."""
    made = pikepdf.new()
    made.add_blank_page()
    content = b"\0" * 100_000_000
    for _ in range(times):
        content = zlib.compress(content, 9)
    stream = pikepdf.Stream(made, b"")
    stream.write(content, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * times))
    made.pages[0].obj.Contents = made.make_indirect(stream)
    written = BytesIO()
    kept_packed = {} if encryption else {"stream_decode_level": pikepdf.StreamDecodeLevel.none}
    made.save(written, compress_streams=False, encryption=encryption, **kept_packed)
    return written.getvalue()


def test_a_photo_is_painted_anew_upright_and_without_what_the_camera_wrote():
    noted = Image.Exif()
    noted[0x010F], noted[0x0112] = "CAMERA", 6

    kept = fitted(picture("JPEG", exif=noted, comment=b"COMMENT"), LIMITS)

    assert kept.media_type == "image/jpeg"
    assert b"CAMERA" not in kept.content
    assert b"COMMENT" not in kept.content
    assert Image.open(BytesIO(kept.content)).size == (80, 60)


def test_a_large_photo_is_kept_smaller():
    kept = fitted(picture("PNG", (3_900, 100)), LIMITS)

    assert Image.open(BytesIO(kept.content)).size[0] == 3_000


def test_a_pdf_keeps_its_pages_and_nothing_that_acts():
    kept = fitted(pdf(pages=3), LIMITS)

    with pikepdf.open(BytesIO(kept.content)) as opened:
        assert len(opened.pages) == 3
        assert set(opened.Root.keys()) == {"/Pages", "/Type"}
        assert len(opened.attachments) == 0
        assert all("/Annots" not in page.obj for page in opened.pages)
    assert not any(word in kept.content for word in (b"JavaScript", b"example.org", b"Somebody"))


def test_a_pdf_that_everybody_can_open_is_taken_without_its_lock():
    """Banks send statements so: to be read, and not to be changed."""
    sent = pdf(pages=2, encryption=pikepdf.Encryption(owner="a", user=""))

    kept = fitted(sent, LIMITS)

    with pikepdf.open(BytesIO(kept.content)) as opened:
        assert not opened.is_encrypted
        assert len(opened.pages) == 2
        assert set(opened.Root.keys()) == {"/Pages", "/Type"}
        assert len(opened.attachments) == 0


def test_a_lock_is_seen_however_its_name_is_written():
    sent = pdf(encryption=pikepdf.Encryption(owner="a", user="b"))

    with pytest.raises(Unfit, match="locked"):
        fitted(sent.replace(b"/Encrypt ", b"/#45n#63rypt "), LIMITS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"MZ" + bytes(400), "must be a photo"),
        (b"<html><script>alert(1)</script>", "must be a photo"),
        (picture("GIF"), "must be a photo"),
        (picture("JPEG")[:300], "cannot be opened"),
        (picture("PNG")[:60], "cannot be opened"),
        (picture("PNG", (2_100, 2_000)), "2100 by 2000 pixels"),
        (bytes(2_000_001), "smaller than 2 MB"),
        (pdf(pages=4), "has 4 pages"),
        (pdf()[:400], "cannot be opened"),
        (b"%PDF-1.7\nnothing", "cannot be opened"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "locked"),
        (pdf(4, encryption=pikepdf.Encryption(owner="a", user="")), "has 4 pages"),
        (bomb(1), "too large when it is unpacked"),
        (bomb(2), "too large when it is unpacked"),
        (bomb(1, pikepdf.Encryption(owner="a", user="")), "too large when it is unpacked"),
        (bomb(2, pikepdf.Encryption(owner="a", user="")), "too large when it is unpacked"),
    ],
)
def test_what_is_locked_broken_or_too_large_is_unfit_and_says_why(content, said):
    with pytest.raises(Unfit, match=said):
        fitted(content, LIMITS)


@pytest.fixture
def connection(database):
    with psycopg.connect(database, autocommit=True) as connected:
        yield connected


def kept(connection, until=date(2027, 11, 19)):
    return proofs.keep(
        connection,
        "stevenage",
        fitted(picture("PNG"), LIMITS),
        household=uuid4(),
        resident="r",
        application="a",
        at=NOON,
        keep_until=until,
    )


def test_each_look_at_a_proof_is_kept(connection):
    proofs.belongs(connection, "stevenage", kept(connection), "d1")

    for _ in range(2):
        seen = proofs.look_at(connection, "stevenage", "d1", role="staff", name="c", at=NOON)

    looks = connection.execute("select name from stevenage.proof_looks").fetchall()
    assert seen.content is not None
    assert looks == [("c",), ("c",)]
    with pytest.raises(NotFound):
        proofs.look_at(connection, "stevenage", "d2", role="staff", name="c", at=NOON)


def test_a_file_sent_twice_is_kept_once(connection):
    for _ in range(2):
        proofs.belongs(connection, "stevenage", kept(connection), "d1")

    assert connection.execute("select count(*) from stevenage.proof_files").fetchone() == (1,)
    assert len(proofs.received(connection, "stevenage", "a")) == 1


def test_a_proof_is_removed_when_its_time_is_over_and_that_it_was_there_stays(connection):
    proofs.belongs(connection, "stevenage", kept(connection, date(2026, 11, 18)), "d1")
    proofs.belongs(connection, "stevenage", kept(connection, date(2026, 11, 19)), "d2")

    assert proofs.remove_due(connection, "stevenage", date(2026, 11, 19), NOON) == 1

    def content(document):
        seen = proofs.look_at(connection, "stevenage", document, role="staff", name="c", at=NOON)
        return seen.content

    assert content("d1") is None
    assert content("d2") is not None
