"""Vehicles as a command names them: parsed once, each reason given once."""

from collections.abc import Iterable, Iterator

from ledger.events import ListedVehicle
from ledger.refusals import Refusal
from ledger.values import mark_refusal, parse_mark


def refusals(typed: Iterable[str]) -> Iterator[Refusal]:
    """`vehicle.mark_invalid` for each text that is no mark."""
    for text in typed:
        refusal = mark_refusal(text)
        if refusal is not None:
            yield refusal


def listed(typed: Iterable[str]) -> tuple[ListedVehicle, ...]:
    """The marks among these texts, in order."""
    marks = (parse_mark(text) for text in typed)
    return tuple(
        ListedVehicle(typed=mark.typed, shown=mark.shown, glyphs=mark.glyphs)
        for mark in marks
        if mark is not None
    )
