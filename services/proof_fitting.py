"""A file that somebody sent becomes one that can be kept: what it shows, and nothing else.

What a file is follows from its bytes, never from its name. A picture is painted anew, without what
a camera wrote beside it; of a PDF the pages are taken over into a new one, without scripts, forms,
links or attachments. A PDF that everybody can open is taken without its lock. What needs a
password, is broken, or grows beyond measure when it is unpacked is Unfit.

Source: STV-045, STV-062; OWASP ASVS 5.2, 5.3.
"""

import re
import zlib
from hashlib import sha256
from io import BytesIO
from typing import Final

import pikepdf
import puremagic
from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError

from services import proof_unlocking

SIDE_MAX: Final = 3_000
"""Pixels of the longer side that is kept: a page of print is read well at that."""
_PICTURES: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}
_ENCRYPTED: Final = re.compile(
    # A name may be written with its letters as numbers.
    b"/" + b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in b"Encrypt")
)
_STREAM: Final = re.compile(rb"stream\r?\n")
_AT_ONCE: Final = 1 << 20
_ACTIVE: Final = (
    *("/A", "/AA", "/AF", "/Annots", "/EF", "/JS", "/JavaScript", "/Metadata", "/OpenAction"),
    *("/PieceInfo", "/RichMedia", "/Thumb", "/URI", "/Launch", "/XFA"),
)


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large a proof may be, and how long it is kept at least, in months."""

    bytes_max: int
    pixels_max: int
    pages_max: int
    unpacked_max: int
    keep_months: int


class Unfit(Exception):
    """The file cannot be taken; its text says why, and what to do, to whoever sent it."""


class Fitted(Struct, frozen=True, kw_only=True):
    """What is kept of a file. `digest` is the SHA-256 of `content`."""

    media_type: str
    content: bytes
    digest: bytes


def fitted(content: bytes, limits: Limits) -> Fitted:
    """What is to be kept of these bytes. Raises Unfit."""
    if not content:
        raise Unfit("The file is empty. Choose another one")
    if len(content) > limits.bytes_max:
        most, has = limits.bytes_max // 1_000_000, len(content) / 1_000_000
        raise Unfit(f"The file must be smaller than {most} MB. This one is {has:.1f} MB")
    media_type = _media_type(content)
    if media_type in _PICTURES:
        made = _painted(content, _PICTURES[media_type], limits)
    elif media_type == "application/pdf":
        made = _printed(content, limits)
    else:
        raise Unfit("The file must be a photo (JPEG or PNG) or a PDF. This one is something else")
    return Fitted(media_type=media_type, content=made, digest=sha256(made).digest())


def _media_type(content: bytes) -> str:
    try:
        found = str(puremagic.from_string(content[:4_096] + content[-64:], mime=True))
    except (puremagic.PureError, ValueError):
        return ""
    return found


def _painted(content: bytes, kind: str, limits: Limits) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=[kind]) as opened:
            wide, high = opened.size
            # Its size is in its first bytes: nothing is unpacked before it is known.
            if wide * high > limits.pixels_max:
                most = limits.pixels_max // 1_000_000
                raise Unfit(
                    f"The picture is {wide} by {high} pixels. It may have at most {most} million"
                    " in all: take it again at a smaller size"
                )
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((SIDE_MAX, SIDE_MAX))
            clean = Image.new("RGB", upright.size, "white")
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                seen = upright.convert("RGBA")
                clean.paste(seen, mask=seen.getchannel("A"))
            else:
                clean.paste(upright.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Unfit("The picture cannot be opened. It may be damaged: save it again") from None
    written = BytesIO()
    clean.save(written, kind, quality=85, optimize=kind == "JPEG")
    return written.getvalue()


def _printed(content: bytes, limits: Limits) -> bytes:
    if _ENCRYPTED.search(content):
        # What is packed in it cannot be measured while it is locked.
        content = _unlocked(content)
    _refuse_bomb(content, limits)
    try:
        with pikepdf.open(BytesIO(content)) as opened:
            if opened.is_encrypted:
                raise Unfit(_DAMAGED)
            pages = len(opened.pages)
            if not 1 <= pages <= limits.pages_max:
                raise Unfit(
                    f"The PDF has {pages} pages. Send one of at most {limits.pages_max}: the page"
                    " with your name, your address and the date is enough"
                )
            return _taken_over(opened, limits)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, OverflowError):
        raise Unfit(_DAMAGED) from None


def _unlocked(content: bytes) -> bytes:
    try:
        return proof_unlocking.unlocked(content)
    except proof_unlocking.NeedsAPassword:
        raise Unfit(_LOCKED) from None
    except proof_unlocking.Broken:
        raise Unfit(_DAMAGED) from None


_DAMAGED = "The PDF cannot be opened. It may be damaged: save it again"
_LOCKED = (
    "The PDF is locked with a password. Print it to a new PDF without one, or send a photo of it"
)


def _refuse_bomb(content: bytes, limits: Limits) -> None:
    """Unpack whatever is packed in it, keep nothing of it, and stop where it grows too much.

    Before anything else reads the file: its index may itself be packed.
    """
    left = limits.unpacked_max
    for found in _STREAM.finditer(content):
        packed = content[found.end() :]
        # Packed twice is packed: what comes out is unpacked again, once.
        outer, inner = zlib.decompressobj(), zlib.decompressobj()
        try:
            while packed and not outer.eof:
                part = outer.decompress(packed, _AT_ONCE)
                packed = outer.unconsumed_tail
                left -= len(part)
                while part and not inner.eof:
                    try:
                        left -= len(inner.decompress(part, _AT_ONCE))
                    except zlib.error:
                        break
                    part = inner.unconsumed_tail
                    if left < 0:
                        break
                if left < 0:
                    raise Unfit("The PDF is too large when it is unpacked. Send a photo of it")
        except zlib.error:
            continue


def _taken_over(opened: pikepdf.Pdf, limits: Limits) -> bytes:
    # What was filled into a form is part of the page from here on.
    opened.flatten_annotations("all")
    with pikepdf.new() as clean:
        for page in opened.pages:
            for name in _ACTIVE:
                if name in page.obj:
                    del page.obj[name]
            clean.pages.append(page)
        for thing in clean.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                _quieten(thing, limits)
        clean.remove_unreferenced_resources()
        written = BytesIO()
        clean.save(written, linearize=False, deterministic_id=True)
    return written.getvalue()


def _quieten(thing: pikepdf.Object, limits: Limits) -> None:
    """Take out of a part of a PDF whatever would do something, and what hides beside it."""
    pixels = int(thing.get("/Width", 0)) * int(thing.get("/Height", 0))
    if thing.get("/Subtype") == "/Image" and pixels > limits.pixels_max:
        raise Unfit("A picture in the PDF is too large. Send a photo of the page")
    for name in _ACTIVE:
        # `/A` and `/URI` of a colour space or a font mean something else: those are arrays.
        if name in thing and not isinstance(thing[name], pikepdf.Array):
            del thing[name]
