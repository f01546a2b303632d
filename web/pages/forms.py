"""What a browser sends with a form: strict to read, limited in size, each text as it was typed.

A field that is missing reads as empty: a browser leaves out what is not ticked. What a person has
to mend is a Mistake, told above the form and at its field; what no browser sends is Wrong.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from hmac import compare_digest, new
from typing import TypeVar, overload
from urllib.parse import parse_qsl

from msgspec import Struct
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from web.problems import Wrong

BYTES_MAX = 65_536
FIELDS_MAX = 200
TEXT_MAX = 5_000
KEY_MAX = 100
_DIRECTING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_LINES = "\n\t"
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Mistake(Struct, frozen=True, kw_only=True):
    """One thing to mend. `field` is the field's name, empty where it is about no one field."""

    field: str
    text: str
    code: str = ""


class Mistakes(Exception):
    """A form that a person has to mend before anything is asked of the ledger."""

    def __init__(self, *mistakes: Mistake) -> None:
        assert mistakes, "nothing is wrong"
        self.mistakes = mistakes
        super().__init__(f"{len(mistakes)} to mend")


def mistake(field: str, text: str) -> Mistakes:
    """The error of one field: `raise mistake("mark", "Enter a registration number")`."""
    return Mistakes(Mistake(field=field, text=text))


class Upload(Struct, frozen=True, kw_only=True):
    """A file as it was sent: nothing of it is to be believed but its bytes."""

    file_name: str
    content: bytes


class Form(Struct, frozen=True, kw_only=True):
    """The fields of a form in the order in which they were sent, and its files."""

    fields: Mapping[str, Sequence[str]] = {}
    files: Mapping[str, Upload] = {}

    def get(self, name: str) -> str:
        """The text of a field, without white space around it; empty where there is none."""
        texts = self.fields.get(name, ())
        return texts[0].strip() if texts else ""

    def all(self, name: str) -> list[str]:
        """Every text of a field that may occur more than once, as ticked boxes do."""
        return [each.strip() for each in self.fields.get(name, ()) if each.strip()]

    def has(self, name: str) -> bool:
        """Whether a box is ticked, or a button was the one pressed."""
        return bool(self.get(name))

    def needed(self, name: str, text: str) -> str:
        """As get. Raises Mistakes with that text where it is empty."""
        found = self.get(name)
        if not found:
            raise mistake(name, text)
        return found

    def one_of(self, name: str, allowed: Sequence[str], text: str) -> str:
        """As get, for a choice. Raises Mistakes with that text for any other value."""
        found = self.get(name)
        if found not in allowed:
            raise mistake(name, text)
        return found

    def number(self, name: str, text: str) -> int:
        """A whole number of up to six digits. Raises Mistakes with that text for anything else."""
        found = self.get(name)
        if not (found.isascii() and found.isdigit() and len(found) <= 6):
            raise mistake(name, text)
        return int(found)

    def day(self, name: str, what: str) -> date:
        """The date of the three fields of a date input; `what` begins the error: "The start date".

        Raises Mistakes.
        """
        parts = [self.get(f"{name}-{each}") for each in ("day", "month", "year")]
        missing = [w for w, part in zip(("day", "month", "year"), parts, strict=True) if not part]
        if missing:
            named = " and ".join(missing) if len(missing) < 3 else "day, month and year"
            raise mistake(f"{name}-{missing[0]}", f"{what} must include a {named}")
        if all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            try:
                found = date(int(parts[2]), int(parts[1]), int(parts[0]))
            except ValueError:
                pass
            else:
                if found.year >= 1900:
                    return found
        raise mistake(f"{name}-day", f"{what} must be a real date")

    @property
    def key(self) -> str:
        """What makes a form sent twice count once. Raises Wrong where it is none of ours."""
        key = self.get("key")
        if not (16 <= len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
            raise Wrong("malformed", "The form is not whole. Open the page again.")
        return key


@overload
def every(a: Callable[[], A], b: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def every(a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def every(
    a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], d: Callable[[], D], /
) -> tuple[A, B, C, D]: ...
def every(*readers: Callable[[], object]) -> tuple[object, ...]:
    """What each reads from a form, in the order of its fields.

    Raises Mistakes with those of all of them, so that nobody mends one to be told of the next.
    """
    found: list[object] = []
    wrong: list[Mistake] = []
    for each in readers:
        try:
            found.append(each())
        except Mistakes as error:
            wrong += error.mistakes
    if wrong:
        raise Mistakes(*wrong)
    return tuple(found)


def read(content_type: str, body: bytes) -> Form:
    """The form that a body holds. Raises Wrong `not-json` or `malformed`."""
    kind, options = parse_options_header(content_type)
    if kind == "application/x-www-form-urlencoded":
        return Form(fields=_fields(_pairs(body)))
    if kind == "multipart/form-data":
        return _of_parts(body, str(options.get("boundary", "")))
    raise Wrong("not-json", "Send a form.")


def query(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The query of an address; the last of two alike counts. Raises Wrong `invalid`."""
    for name, value in pairs[:FIELDS_MAX]:
        if len(name) + len(value) > 500 or _unseen(name + value, ""):
            raise Wrong("invalid", "The address of this page is not whole.")
    return dict(pairs[:FIELDS_MAX])


def proof(secret: str, council: str) -> str:
    """The hidden field that goes with a browser's cookie: nobody without the cookie can make it."""
    return new(secret.encode(), f"form/{council}".encode(), sha256).hexdigest()


def refuse_forged(form: Form, secret: str, council: str, from_site: str) -> None:
    """Raises Wrong `not-allowed` for a form that did not come from a page of ours.

    `from_site` is the header `Sec-Fetch-Site`, empty for a browser that does not send it.
    """
    right = proof(secret, council) if secret else ""
    sent = form.get("proof").encode("utf-8", "replace")
    if (
        not right
        or not compare_digest(sent, right.encode())
        or from_site not in ("", "same-origin", "none")
    ):
        raise Wrong("not-allowed", "The form is stale or came from elsewhere. Open the page again.")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise Wrong("malformed", "The form cannot be read.") from error


def _fields(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, sent in pairs:
        text = sent.replace("\r\n", "\n")
        if len(name) > 100 or len(text) > TEXT_MAX:
            raise Wrong("malformed", f"A field holds at most {TEXT_MAX} characters.")
        if _unseen(name, "") or _unseen(text, _LINES):
            raise Wrong("malformed", "A field holds a character that cannot be seen.")
        fields.setdefault(name, []).append(text)
    return fields


def _unseen(text: str, allowed: str) -> bool:
    return any(
        (unicodedata.category(each) in ("Cc", "Cs") and each not in allowed) or each in _DIRECTING
        for each in text
    )


def _of_parts(body: bytes, boundary: str) -> Form:
    pairs: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    part: MultipartSegment | None = None
    content = bytearray()
    try:
        with PushMultipartParser(boundary, max_segment_count=FIELDS_MAX) as parser:
            # Nothing more comes after the body: a parser that is still open then says so.
            for each in (*parser.parse(body), *([] if parser.closed else parser.parse(b""))):
                if isinstance(each, MultipartSegment):
                    part, content = each, bytearray()
                elif each:
                    content.extend(each)
                elif part is not None:
                    if part.filename is None:
                        pairs.append((part.name, content.decode()))
                    elif part.filename or content:
                        files[part.name] = Upload(file_name=part.filename, content=bytes(content))
    except (MultipartError, UnicodeDecodeError, ValueError) as error:
        raise Wrong("malformed", "The form cannot be read.") from error
    return Form(fields=_fields(pairs), files=files)
