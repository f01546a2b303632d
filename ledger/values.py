"""The small words everything else is said in: marks, instants, periods.

A mark (VRM) is kept as it was typed and compared by its glyph key: upper case, without spaces and
hyphens, O and 0 one glyph, I and 1 one glyph. Any other difference is another plate.

Source: X-101, STV-125 (foreign marks), GRV-037.
"""

import unicodedata
from datetime import UTC, datetime

from msgspec import Struct

from ledger.refusals import Refusal

MARK_LENGTHS = range(2, 13)
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÄÖÜÅØÆ")
_SEPARATORS = frozenset(" \t\u00a0-\u2010\u2011\u2013")
_ONE_GLYPH = str.maketrans("OI", "01")
_GLYPHS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of a period that nothing has ended yet."""


class Mark(Struct, frozen=True):
    """A vehicle's registration mark: as typed, as shown, and the key that decides equality."""

    typed: str
    shown: str
    glyphs: str


class Period(Struct, frozen=True):
    """`[begins, ends)`, both UTC: the first instant is inside, the last is not."""

    begins: datetime
    ends: datetime

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends

    def overlaps(self, other: "Period") -> bool:
        return self.begins < other.ends and other.begins < self.ends


def parse_mark(typed: str) -> Mark | None:
    """The mark a person typed, or None where it cannot be one.

    Letters that only look like Latin ones (Cyrillic А, dotless ı) are refused, never guessed at.
    """
    if typed.isascii() and typed.isalnum():
        # As most are typed: there is nothing to take out, and nothing that only looks like it.
        if len(typed) not in MARK_LENGTHS:
            return None
        shown = typed.upper()
        return Mark(typed=typed, shown=shown, glyphs=shown.translate(_ONE_GLYPH))
    if len(typed) > 64:
        return None
    text = unicodedata.normalize("NFKC", typed)
    letters: list[str] = []
    for character in text:
        if character in _SEPARATORS:
            continue
        upper = character.upper()
        if upper not in _LETTERS or upper.lower() != character.lower():
            return None
        letters.append(upper)
    if len(letters) not in MARK_LENGTHS:
        return None
    shown = "".join(letters)
    return Mark(typed=typed.strip(), shown=shown, glyphs=shown.translate(_ONE_GLYPH))


def mark_refusal(typed: str) -> Refusal | None:
    """`vehicle.mark_invalid` for a text that is no mark. The text itself is not repeated back."""
    if parse_mark(typed) is not None:
        return None
    return Refusal(
        "vehicle.mark_invalid",
        f"a registration mark has {MARK_LENGTHS[0]} to {MARK_LENGTHS[-1]} letters and digits, "
        "spaces and hyphens aside",
    )


def glyph_key(typed: str) -> str:
    """The key under which two marks are one plate. The text must be a mark."""
    mark = parse_mark(typed)
    assert mark is not None, "a mark is parsed before it is compared"
    return mark.glyphs


def nearly(one: str, other: str) -> bool:
    """True where two different glyph keys are one edit, or one swap of neighbours, apart."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    first = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), None)
    if first is None:
        return True
    if len(shorter) != len(longer):
        return shorter[first:] == longer[first + 1 :]
    if one[first + 1 :] == other[first + 1 :]:
        return True
    return one[first + 2 :] == other[first + 2 :] and (
        one[first : first + 2] == other[first : first + 2][::-1]
    )


def near_keys(glyphs: str) -> list[str]:
    """Every glyph key one edit or one swap of neighbours away from this one: about 500."""
    return sorted({*near_text(glyphs).split()} - {glyphs})


def near_text(glyphs: str) -> str:
    """As near_keys, with spaces between, some of them twice, and this key itself among them: what
    a query takes, made forty times as fast.
    """
    keys: list[str] = []
    for i in range(len(glyphs) + 1):
        before, after = glyphs[:i], glyphs[i:]
        # Each letter stands between what comes before it and after it: one text for all of them.
        keys.append(f"{before}{f'{after} {before}'.join(_GLYPHS)}{after}")
        if after:
            rest = after[1:]
            keys.append(before + rest)
            keys.append(f"{before}{f'{rest} {before}'.join(_GLYPHS)}{rest}")
        if len(after) > 1:
            keys.append(before + after[1] + after[0] + after[2:])
    return " ".join(keys)


def utc(at: datetime) -> datetime:
    """The same instant in UTC. A naive datetime is a mistake of ours, never guessed at."""
    assert at.tzinfo is not None, "a naive datetime"
    return at.astimezone(UTC)


def normal_account(number: str) -> str:
    """A Council Tax account number as it is compared: upper case, letters and digits only."""
    return "".join(character for character in number.upper() if character.isalnum())
