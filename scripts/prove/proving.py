"""`permit-ledger prove`: each promise put to the proof, and one line of what came of it."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from cyclopts import Parameter

from scripts.prove.pieces import PIECES, Piece
from scripts.prove.reached import FAULTS_MAX, Line, NotRun, in_words, verdict
from scripts.wrong import Wrong


def prove(
    *promises: Annotated[str, Parameter(name="PROMISE")],
    minutes: float = 60.0,
    quick: bool = False,
    json: bool = False,
) -> int:
    """Put the promises to the proof, and say of each how far it was put and what came of it.

    Parameters
    ----------
    promises
        P1, P5 ..., or the name of a piece (default: all).
    minutes
        How long, in all; a piece that runs out of time says how far it came.
    quick
        At the figures of CI instead of the deep ones.
    json
        One JSON object a line.
    """
    # 1 where a promise broke, else 0. Raises Wrong for a promise that nothing here proves.
    # Of connections that were cut on purpose there are thousands.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    if minutes <= 0:
        raise Wrong("--minutes is more than nothing")
    failed = False
    for line in lines(chosen(promises), minutes * 60, quick=quick):
        failed |= line.verdict == "fail"
        if json:
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        else:
            sys.stdout.write(in_words(line) + "\n")
            for fault in line.faults[:FAULTS_MAX]:
                sys.stdout.write(f"        {fault}\n")
        sys.stdout.flush()
    return 1 if failed else 0


def chosen(named: Sequence[str]) -> list[Piece]:
    """The pieces of these promises, or of these names; all of them where none is named."""
    if not named:
        return list(PIECES)
    wanted = {each.lower() for each in named}
    found = [
        piece for piece in PIECES if wanted & {piece.name.lower(), *piece.promise.lower().split()}
    ]
    known = {
        word for piece in found for word in (piece.name.lower(), *piece.promise.lower().split())
    }
    if wanted - known:
        there = ", ".join(f"{piece.promise} {piece.name}" for piece in PIECES)
        raise Wrong(f"nothing proves {', '.join(sorted(wanted - known))} (there are: {there})")
    return found


def lines(pieces: Sequence[Piece], seconds: float, *, quick: bool) -> Iterator[Line]:
    """Each piece in turn. What one leaves of its share of the time is shared by those after it."""
    ends = time.monotonic() + seconds
    for n, piece in enumerate(pieces):
        began = time.monotonic()
        share = piece.share / sum(each.share for each in pieces[n:])
        until = began + max(0.0, ends - began) * share
        yield told(piece, piece.quick if quick else piece.promised, until)


def told(piece: Piece, figure: int, until: float) -> Line:
    """What came of one piece at this figure."""
    began = time.monotonic()
    try:
        found = piece.load()(figure, until)
    except NotRun as reason:
        return _line(piece, figure, "not run", 0, began, str(reason), ())
    said = verdict(found, figure)
    return _line(piece, figure, said, found.reached, began, found.note, found.faults)


def _line(
    piece: Piece,
    figure: int,
    said: object,
    reached: int,
    began: float,
    note: str,
    faults: tuple[str, ...],
) -> Line:
    return msgspec.convert(
        {
            "promise": piece.promise,
            "piece": piece.name,
            "verdict": said,
            "reached": reached,
            "promised": figure,
            "unit": piece.unit,
            "seconds": round(time.monotonic() - began, 1),
            "note": note,
            "faults": faults,
        },
        Line,
    )
