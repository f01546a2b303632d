"""Strict JSON: what is not exactly what an address takes is refused, and the place in it is named.

A key that occurs twice, a value nested too deep, a text with control or invisible directing
characters, a number that is none: each would let two readers see two different requests.

Source: reference/promises.md (bad-input tests).
"""

import json
import re
import unicodedata
from datetime import date
from typing import Any, NoReturn, TypeVar

import msgspec

from web.problems import Wrong

BYTES_MAX = 65_536
DEPTH_MAX = 8
TEXT_MAX = 2_000
YEARS = range(1000, 3000)
# Marks that turn the direction of what follows: a text that holds one is not what it seems.
_DIRECTING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_UNKNOWN = re.compile(
    r"(contains )unknown field `(?![a-z_]{1,40}`( - at|$)).*?`(?= - at `\$|$)", re.DOTALL
)
_VALUE = re.compile(r"(Invalid (?:enum )?value) ['\"].*['\"](?= - at `\$|$)", re.DOTALL)
T = TypeVar("T")


def decode(body: bytes, content_type: str, kind: type[T]) -> T:
    """The request a body holds.

    Raises Wrong: `too-large`, `not-json`, `malformed`, or `invalid` with the field's path.
    """
    if len(body) > BYTES_MAX:
        raise Wrong("too-large", f"A request may hold {BYTES_MAX} bytes.")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Wrong("not-json", "Send application/json.")
    _refuse_deep(body)
    _refuse_ambiguous(body)
    try:
        return _within_time(msgspec.json.decode(body, type=kind))
    except msgspec.ValidationError as error:
        raise Wrong("invalid", _unrepeated(str(error)), "body.invalid") from error
    except msgspec.DecodeError as error:
        raise Wrong("malformed", "The body is not JSON.", "body.malformed") from error


def query(pairs: list[tuple[str, str]], kind: type[T]) -> T:
    """The query of an address: every name known, and named once. Raises Wrong `invalid`."""
    plain = dict(pairs)
    if len(plain) != len(pairs):
        raise Wrong("invalid", "A query names each key once.", "query.duplicate_key")
    for value in plain.values():
        _refuse_text(value)
    try:
        return _within_time(msgspec.convert(plain, kind, strict=False))
    except msgspec.ValidationError as error:
        raise Wrong("invalid", _unrepeated(str(error)), "query.invalid") from error


def _unrepeated(said: str) -> str:
    """What is wrong and where, without the words that were sent: they may be somebody's.

    A field's name that could be one of ours is told; nobody finds a slip of the pen without it.
    """
    told = _UNKNOWN.sub(r"\1an unknown field", said)
    return _VALUE.sub(r"\1", told)


def _within_time(asked: T) -> T:
    """The request, where its dates and instants lie in years that a calendar can count with.

    At the ends of time a month more, or another zone, is no date at all.
    """
    for name in getattr(type(asked), "__struct_encode_fields__", ()):
        value = getattr(asked, name, None)
        if isinstance(value, date) and value.year not in YEARS:
            raise Wrong(
                "invalid",
                f"A year is {YEARS[0]} to {YEARS[-1]} - at `$.{name}`",
                "body.year",
            )
    return asked


def _refuse_deep(body: bytes) -> None:
    """Counted on the raw bytes: a parser must not be trusted with ten thousand brackets."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for byte in _STRINGS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise Wrong("malformed", f"JSON nests at most {DEPTH_MAX} deep.", "body.too_deep")
        elif byte in b"]}":
            depth -= 1


def _refuse_ambiguous(body: bytes) -> None:
    try:
        plain = _plain.decode(body.decode("utf-8"))
    except ValueError as error:
        raise Wrong("malformed", "The body is not JSON.", "body.malformed") from error
    _refuse_texts(plain)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        _refuse_text(name)
    if len(set(names)) != len(names):
        raise Wrong("malformed", "A key occurs twice in one object.", "body.duplicate_key")
    return dict(pairs)


def _no_constant(text: str) -> NoReturn:
    raise Wrong("malformed", "JSON has no such number.", "body.malformed")


_plain = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def _refuse_texts(plain: object) -> None:
    match plain:
        case str():
            _refuse_text(plain)
        case list():
            for each in plain:
                _refuse_texts(each)
        case dict():
            for each in plain.values():
                _refuse_texts(each)
        case _:
            pass


def _refuse_text(text: str) -> None:
    if len(text) > TEXT_MAX:
        raise Wrong("invalid", f"A text has at most {TEXT_MAX} characters.", "body.text_too_long")
    if text.isascii() and text.isprintable():
        return
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") or character in _DIRECTING:
            raise Wrong(
                "invalid", "A text holds a character that cannot be seen.", "body.unseen_character"
            )
