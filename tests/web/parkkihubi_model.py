"""`check_parking` as parkkihubi publishes it: a model of our own, of their words, beside ours.

Their check looks at the rows there are today; each change of CHANGES, made to it, is one of the
differences that are meant. With all of them it has to say what ours says, always.

Source: reference/enforcement-and-evidence.md, B.1, B.2 and B.4.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations

from msgspec import Struct

HINT = timedelta(minutes=15)
GRACE = timedelta(minutes=10)
CHANGES = ("ends", "glyphs", "grace", "history")
"""Half-open ends; O and 0, I and 1 one glyph; ten minutes to the second, from the end itself; what
held then, not what is left of it today.
"""
Changes = frozenset[str]
NONE: Changes = frozenset()
Answer = tuple[bool, datetime | None]


class Row(Struct, frozen=True):
    """A vehicle's interval. `today`: it is (as well) among the rows as they were last synced."""

    mark: str
    begins: datetime
    ends: datetime
    lived: bool = True
    today: bool = True


def check(rows: Iterable[Row], mark: str, at: datetime, changes: Changes = NONE) -> Answer:
    """(allowed, end_time). Where several rows hold, the latest end is told."""
    own = [
        row
        for row in rows
        if (row.lived if "history" in changes else row.today)
        and _key(row.mark, changes) == _key(mark, changes)
    ]
    valid = [row.ends for row in own if _holds(row, at, changes)]
    if valid:
        return True, max(valid)
    if "grace" in changes:
        shown = [row.ends for row in own if row.ends <= at <= row.ends + GRACE]
    else:
        shown = [row.ends for row in own if _holds(row, at - HINT, changes)]
    return False, max(shown, default=None)


def _key(mark: str, changes: Changes) -> str:
    """Upper case, without spaces and hyphens; nothing else, but for the change that is meant."""
    plain = mark.upper().replace(" ", "").replace("-", "")
    return plain.replace("O", "0").replace("I", "1") if "glyphs" in changes else plain


def _holds(row: Row, at: datetime, changes: Changes) -> bool:
    if "ends" in changes:
        return row.begins <= at < row.ends
    return row.begins <= at <= row.ends


def why(rows: Iterable[Row], mark: str, at: datetime, ours: Answer) -> Changes | None:
    """The fewest changes with which their check says what ours said; none at all where both agree.

    None: no set of them does, and the difference is not one that is meant.
    """
    rows = list(rows)
    for size in range(len(CHANGES) + 1):
        for some in combinations(CHANGES, size):
            if check(rows, mark, at, frozenset(some)) == ours:
                return frozenset(some)
    return None
