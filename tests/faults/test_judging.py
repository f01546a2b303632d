"""What judges a proof finds what it is to find: each fault that it looks for, made on purpose.

Source: promises.md 0.5 (a test that has never failed proves nothing).
"""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import msgspec
import pytest

from ledger.events import Actor, Answer, Entry, Receipt, Recorded
from scripts.prove.killing import wrong_answers
from scripts.prove.pieces import PIECES
from scripts.prove.proving import chosen, told
from scripts.prove.proxy import Messages
from scripts.prove.reached import Line, NotRun, Reached, in_words, verdict
from scripts.prove.tails import missed, wrong_order
from scripts.wrong import Wrong
from tests.store.homes import visitor

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)
ANSWER = Answer(
    command="book_voucher", household_id=str(ONE), version=1, recorded_at=NOON, values={"n": 1}
)
DIGEST = sha256(msgspec.json.encode(ANSWER, order="deterministic")).digest()


def fact(key: str, position: int) -> Recorded:
    """A command of a resident's, stored under this key."""
    entry = Entry(
        recorded_at=NOON,
        by=Actor("resident", "r"),
        channel="website",
        on_behalf_of="",
        event=visitor("1"),
        receipt=Receipt(key=key, body="b", answer=ANSWER),
    )
    return Recorded(originator_id=ONE, originator_version=1, position=position, entry=entry)


@pytest.mark.parametrize(
    ("known", "stored", "found"),
    [
        ({"a": DIGEST}, ["a"], []),
        ({"a": None}, [], []),
        ({"a": None}, ["a"], []),
        ({"a": DIGEST}, [], ["an acknowledged command is not in the ledger"]),
        ({"a": DIGEST}, ["a", "a"], ["a key took effect twice, the second time at position 2"]),
        ({}, ["a"], ["position 1 holds a command that nobody sent"]),
        ({"a": b"?"}, ["a"], ["an acknowledged answer is not the one that the ledger gives again"]),
    ],
)
def test_acknowledged_is_stored_is_attempted_and_nothing_is_there_twice(
    known: dict[str, bytes | None], stored: list[str], found: list[str]
) -> None:
    """Each way in which clients and ledger can differ (P1, P2)."""
    facts = [fact(key, n) for n, key in enumerate(stored, start=1)]

    assert list(wrong_answers(known, facts)) == found


def test_an_event_that_a_reader_missed_saw_twice_or_late_is_found() -> None:
    """P5."""
    places = [(10, ONE, 1), (20, OTHER, 1), (30, ONE, 2)]

    assert list(missed(places, places, 0)) == []
    assert len(list(missed(places[:2], places, 0))) == 1
    assert len(list(missed([*places, places[1]], places, 0))) == 1
    assert len(list(missed([places[0], places[2], places[1]], places, 0))) == 1
    assert list(wrong_order(places)) == []
    assert len(list(wrong_order([places[0], places[2], places[1]]))) == 1
    assert len(list(wrong_order([places[0], (30, ONE, 3)]))) == 1


def test_a_line_knows_where_messages_end_however_they_come() -> None:
    """The first of a client has no byte of kind; any piece may hold any part of any number."""
    first, second, third = b"\0\0\0\x08\0\x03\0\0", b"Q\0\0\0\x06ab", b"S\0\0\0\x04"
    sent = first + second + third
    for size in range(1, len(sent) + 1):
        messages = Messages(first_is_bare=True)
        pieces = [sent[n : n + size] for n in range(0, len(sent), size)]

        assert [each for piece in pieces for each in messages.whole(piece)] == [
            first,
            second,
            third,
        ]


def test_a_verdict_is_a_fault_before_it_is_a_figure() -> None:
    assert verdict(Reached(reached=5), 5) == "pass"
    assert verdict(Reached(reached=4), 5) == "part"
    assert verdict(Reached(reached=5, faults=("lost",)), 5) == "fail"


def test_a_piece_that_cannot_run_says_why() -> None:
    """A module that is not installed is told, never an error and never a pass."""
    piece = msgspec.structs.replace(PIECES[0], run="scripts.prove.nowhere:run")
    with pytest.raises(NotRun):
        piece.load()

    line = told(piece, 3, 0.0)

    assert (line.verdict, line.reached, line.promised) == ("not run", 0, 3)
    assert "scripts.prove.nowhere" in in_words(line)
    assert isinstance(line, Line)


def test_pieces_are_chosen_by_promise_or_name_and_an_unknown_one_is_told() -> None:
    assert chosen(()) == list(PIECES)
    assert [piece.name for piece in chosen(["p19"])] == ["restored"]
    assert [piece.name for piece in chosen(["cut", "KILLED"])] == ["killed", "cut"]
    with pytest.raises(Wrong, match="nothing proves p99"):
        chosen(["P99"])
    for piece in PIECES:
        assert piece.quick <= piece.promised
        piece.load()
