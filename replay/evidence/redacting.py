"""What the readers of a pack, the household of the case and the tribunal, have no need to read.

A mark is told where it is the plate of the case, nearly so in the same household, or on the same
permit's list. Of any other mark nothing is told but that there is one; of a near mark of another
household, a pattern that leaves many plates possible. Every mark left out is counted.

Source: promises.md section 5 ("names of what was redacted and why"); UK GDPR (data minimisation).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from ledger.events import Event
from ledger.rules.marks import looks_british
from ledger.values import Mark, parse_mark
from replay.evidence.pack import Redaction

OTHER_VEHICLE = "another vehicle"
SAME = "the same mark"
_MARK_FIELDS = frozenset({"shown", "was_shown", "typed", "now_shown"})
_NAME_FIELDS = frozenset({"name", "email", "mobile"})
_WORDS = re.compile(r"\b[A-Z0-9]{2,12}\b")

_WHY = {
    "vehicle": (
        "registration marks of other vehicles of the household, in the timeline",
        "they are not the vehicle of the case, nor nearly so",
    ),
    "near": (
        "marks nearly the same that are of other households, shown as a pattern",
        "the pattern says what an officer could have confused; the mark is another person's",
    ),
    "notice": (
        "what is known of the named notice, where it is about another mark",
        "it is another person's case",
    ),
    "household": (
        "events of other households, named by position and digest alone",
        "a household's id can lead to its address",
    ),
    "name": (
        "names and contact details in the events of the timeline",
        "nothing in the case turns on them",
    ),
    "answer": (
        "the text of answers shown to officers, of which the digest is given",
        "an answer may name other plates; the council holds the exact bytes under its receipt",
    ),
}


class Redactor:
    """Takes out what is not for the readers, and counts it."""

    def __init__(self, mark: Mark, allowed: Collection[str], words: Collection[str]) -> None:
        """`allowed` are glyph keys that may be told, `words` what looks like a mark and is none."""
        self._allowed = {mark.glyphs, *allowed}
        self._words = frozenset(words)
        self._counts: Counter[str] = Counter()

    def count(self, what: str, many: int = 1) -> None:
        self._counts[what] += many

    def sentence(self, text: str, event: Event | None) -> str:
        """The text without marks and names that are not to be told."""
        if event is not None:
            for name, value in _values(msgspec.to_builtins(event)):
                if name in _NAME_FIELDS:
                    text = self._without(text, value, "name", "(name left out)")
                elif name in _MARK_FIELDS and not self._may_tell(value):
                    text = self._without(text, value, "vehicle", OTHER_VEHICLE)
        return _WORDS.sub(self._word, text)

    def of_others(self, text: str) -> str:
        """A sentence about another household: nothing in it that could be a mark at all is told."""
        return _WORDS.sub(self._whatever, text)

    def _whatever(self, found: re.Match[str]) -> str:
        word = found.group()
        if word in self._words or word.isdigit() or self._may_tell(word):
            return word
        self._counts["vehicle"] += 1
        return OTHER_VEHICLE

    def _without(self, text: str, value: str, what: str, instead: str) -> str:
        pattern = rf"\b{re.escape(value)}\b"
        replaced, many = re.subn(pattern, instead, text)
        self._counts[what] += many
        return replaced

    def _word(self, found: re.Match[str]) -> str:
        """Free text may hold a mark too: whatever has the shape of one goes."""
        word = found.group()
        mixed = not word.isalpha() and not word.isdigit()
        if word in self._words or not mixed or not looks_british(word) or self._may_tell(word):
            return word
        self._counts["vehicle"] += 1
        return OTHER_VEHICLE

    def _may_tell(self, shown: str) -> bool:
        mark = parse_mark(shown)
        return mark is None or mark.glyphs in self._allowed

    def redactions(self) -> tuple[Redaction, ...]:
        """Every kind of thing that was left out, with how many; also those of which there were
        none.
        """
        return tuple(
            Redaction(what=what, why=why, count=self._counts[kind])
            for kind, (what, why) in _WHY.items()
        )


def _values(plain: Any, name: str = "") -> Iterator[tuple[str, str]]:
    match plain:
        case dict():
            for key, value in plain.items():
                yield from _values(value, str(key))
        case list() | tuple():
            for each in plain:
                yield from _values(each, name)
        case str() if plain:
            yield name, plain
        case _:
            pass


def how_near(asked: Mark, other: Mark) -> str:
    """How two plates differ, for marks that are the same or nearly so."""
    one, two = asked.glyphs, other.glyphs
    if one == two:
        return SAME
    if len(one) != len(two):
        return "one character more or fewer"
    unlike = sum(a != b for a, b in zip(one, two, strict=True))
    return "one character differs" if unlike == 1 else "two neighbouring characters exchanged"


def pattern(asked: Mark, other: Mark) -> str:
    """`G8?5WFE`: where they differ, made of the mark that was asked about alone.

    An exchange, or a character more or fewer, would give the other mark away: then it is dots.
    """
    one, two = asked.glyphs, other.glyphs
    unlike = [n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    if len(one) != len(two) or len(unlike) != 1:
        return "•" * len(other.shown)
    return asked.shown[: unlike[0]] + "?" + asked.shown[unlike[0] + 1 :]
