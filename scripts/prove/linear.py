"""Whether what clients were told, all at once, could have been told one after another.

The search of Wing and Gong: an operation may come next if no other was answered before it was
asked. The model is a few lines of plain Python, and shares nothing with the program.

Source: promises.md P5; Wing and Gong, Testing and Verifying Concurrent Objects (1993).
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from msgspec import Struct

S = TypeVar("S", bound=Hashable)


class Operation(Struct, frozen=True, kw_only=True):
    """What a client asked and was told, and when. Both are the model's to understand."""

    asked_at: float
    told_at: float
    asked: tuple[Hashable, ...]
    told: tuple[Hashable, ...]


Model = Callable[[S, tuple[Hashable, ...], tuple[Hashable, ...]], S | None]
"""The state after an operation that is told this; None where it would not have been."""


def order_of(operations: Sequence[Operation], first: S, model: Model[S]) -> list[Operation] | None:
    """An order in which each would have been told what it was; None where there is none."""
    ordered = sorted(operations, key=lambda each: each.asked_at)
    dead: set[tuple[int, Hashable]] = set()
    everything = (1 << len(ordered)) - 1
    chosen: list[int] = []
    states: list[S] = [first]
    # Where the search goes on at each depth: the next candidate to try.
    nexts = [0]
    done = 0
    while done != everything:
        state, n = states[-1], nexts[-1]
        found = None
        if (done, state) not in dead:
            found = _next(ordered, done, n, state, model)
        if found is None:
            dead.add((done, state))
            if not chosen:
                return None
            done &= ~(1 << chosen.pop())
            states.pop()
            nexts.pop()
            continue
        which, after = found
        nexts[-1] = which + 1
        chosen.append(which)
        states.append(after)
        nexts.append(0)
        done |= 1 << which
    return [ordered[n] for n in chosen]


def _next(
    ordered: Sequence[Operation], done: int, first: int, state: S, model: Model[S]
) -> tuple[int, S] | None:
    """The next operation from `first` on that may come now, and the state after it."""
    waiting = [n for n in range(len(ordered)) if not done >> n & 1]
    # Nothing may come before what was answered before it was asked.
    earliest = min(ordered[n].told_at for n in waiting)
    for n in waiting:
        if n < first:
            continue
        if ordered[n].asked_at > earliest:
            return None
        after = model(state, ordered[n].asked, ordered[n].told)
        if after is not None:
            return n, after
    return None


class Booked(Struct, frozen=True):
    """What a household has, as the model knows it: units left, and each booking's mark."""

    left: int
    bookings: frozenset[tuple[str, str]]


def booking_model(
    state: Booked, asked: tuple[Hashable, ...], told: tuple[Hashable, ...]
) -> Booked | None:
    """A unit for each booking, given back by a cancellation; one booking a mark and day.

    `asked` is ("book", mark), ("cancel", booking) or ("amend", booking, mark); `told` is
    ("yes", booking, units left) or ("no",).
    """
    match asked, told:
        case ("book", str(mark)), ("yes", str(booking), left):
            if state.left < 1 or _has(state, mark) or left != state.left - 1:
                return None
            return Booked(state.left - 1, state.bookings | {(booking, mark)})
        case ("book", str(mark)), ("no",):
            return state if state.left < 1 or _has(state, mark) else None
        case ("cancel", str(booking)), ("yes", _, left):
            held = {each for each in state.bookings if each[0] == booking}
            if not held or left != state.left + 1:
                return None
            return Booked(state.left + 1, state.bookings - held)
        case ("cancel", str(booking)), ("no",):
            return None if any(each[0] == booking for each in state.bookings) else state
        case ("amend", str(booking), str(mark)), ("yes", *_):
            held = {each for each in state.bookings if each[0] == booking}
            others = Booked(state.left, state.bookings - held)
            if not held or _has(others, mark):
                return None
            return Booked(state.left, others.bookings | {(booking, mark)})
        case ("amend", str(booking), str(mark)), ("no",):
            held = {each for each in state.bookings if each[0] == booking}
            others = Booked(state.left, state.bookings - held)
            return None if held and not _has(others, mark) else state
        case _:
            raise AssertionError("the model knows no such operation")


def _has(state: Booked, mark: str) -> bool:
    return any(each[1] == mark for each in state.bookings)
