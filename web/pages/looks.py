"""Each council's look and words of its own: one colour, what its footer links to, two statements.

`web/looks/default.toml` holds what most councils share; `web/looks/<council>.toml` replaces keys of
it. What is written on the colour is white, and can be read: a colour that is too light is refused.

Source: WCAG 2.2, 1.4.3 (contrast); services.md section 4 (no one else's brand).
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from services.proof_fitting import Limits

LOOKS = Path(__file__).resolve().parent.parent / "looks"
CONTRAST_MIN = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")
WHITE = "#ffffff"


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A heading and paragraphs under it."""

    heading: str
    paragraphs: tuple[str, ...]


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the council about permits; lines as they are to be shown."""

    lines: tuple[str, ...]


class Registering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a newcomer is asked for, in the council's words, with where it is found."""

    property_label: str
    property_hint: str
    account_label: str
    account_hint: str


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`colour` is `#rrggbb`, dark enough for white on it. `service` names the pages."""

    colour: str
    service: str
    contact: Contact
    registering: Registering
    proofs: Limits
    privacy: tuple[Section, ...]
    accessibility: tuple[Section, ...]


def look_of(council_id: str, council: str) -> Look:
    """The look of a council, `{council}` in its texts replaced by its name. Raises ValueError."""
    return _look(council_id, council, LOOKS)


@cache
def _look(council_id: str, council: str, folder: Path) -> Look:
    plain = _read(folder / "default.toml")
    own = folder / f"{council_id}.toml"
    if own.is_file():
        plain |= _read(own)
    try:
        look = msgspec.convert(_named(plain, council), Look)
    except msgspec.ValidationError as error:
        raise ValueError(f"{own.name}: {error}") from error
    if not _COLOUR.fullmatch(look.colour):
        raise ValueError(f"{own.name}: a colour is #rrggbb in small letters, not {look.colour}")
    found = contrast(look.colour, WHITE)
    if found < CONTRAST_MIN:
        raise ValueError(
            f"{own.name}: white on {look.colour} has a contrast of {found:.2f},"
            f" and needs {CONTRAST_MIN}"
        )
    return look


def css(look: Look) -> bytes:
    """The style sheet that gives the pages of one council its colour."""
    return f":root{{--council-colour:{look.colour};--council-ink:{WHITE}}}\n".encode()


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart: 1 not at all, 21 black on white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _named(plain: Any, council: str) -> Any:
    match plain:
        case str():
            return plain.replace("{council}", council)
        case list():
            return [_named(each, council) for each in plain]
        case dict():
            return {name: _named(each, council) for name, each in plain.items()}
        case _:
            return plain
