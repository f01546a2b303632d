"""What a mark looks like: hints for the person who types it, never a reason to refuse.

Every plausible mark is accepted, foreign ones too; public validators disagree on the rarer UK
formats, so a mark that fits none of them only earns a word to check its spelling.

Source: STV-125, X-001, X-101; services.md section 7.
"""

import re
from collections.abc import Iterable

from ledger.values import Mark, nearly

_BRITISH = re.compile(
    "|".join(
        (
            "[A-Z]{2}[0-9]{2}[A-Z]{3}",  # since 2001
            "[A-Z][0-9]{1,3}[A-Z]{3}",  # prefix, 1983 to 2001
            "[A-Z]{3}[0-9]{1,3}[A-Z]",  # suffix, 1963 to 1983
            "[A-Z]{1,3}[0-9]{1,4}",  # dateless, and Northern Ireland
            "[0-9]{1,4}[A-Z]{1,3}",  # dateless, reversed
            "[0-9]{3}[DX][0-9]{3}",  # diplomatic
            "[0-9]{2}[A-Z]{2}[0-9]{2}",  # military
            "[0-9]{5}",  # trade
        )
    )
)


def looks_british(shown: str) -> bool:
    """True where the mark, upper case and closed up, has the shape of a UK plate.

    O and 0, I and 1 are one glyph, so each may stand for the other here.
    """
    return any(_BRITISH.fullmatch(reading) for reading in _readings(shown))


def _readings(shown: str) -> Iterable[str]:
    """The mark with each doubtful glyph as a letter and as a digit: at most 256 readings."""
    readings = [""]
    for glyph in shown:
        choices = {"O": "O0", "0": "O0", "I": "I1", "1": "I1"}.get(glyph, glyph)
        readings = [reading + choice for reading in readings for choice in choices][:256]
    return readings


def warnings(mark: Mark, saved: Iterable[tuple[str, str]]) -> list[str]:
    """Words before a unit is spent: a saved mark one slip away, or a shape that is no UK plate's.

    `saved` holds (shown, glyph key) of the saved visitors.
    """
    known = list(saved)
    if any(glyphs == mark.glyphs for _, glyphs in known):
        return []
    found = [f"did you mean {shown}?" for shown, glyphs in known if nearly(glyphs, mark.glyphs)]
    if not looks_british(mark.shown):
        found.append(f"{mark.shown} is not a UK mark: check its spelling")
    return found
