"""What is wrong with a scheme file, said so that its author can put it right.

A fault names the file, the key's path, what was found there and what is allowed. An entry of a
list is named by its id; the first of entries without ids by the list alone, the others by their
place, counted from 1:
`products.day-permit.allowance.max`, `products.day-permit.allowance[2].max`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from msgspec import Struct

from ledger.refusals import LedgerError

SHOWN_LENGTH = 80


class SchemeError(Struct, frozen=True, kw_only=True):
    """One fault: where, what was found, what is allowed."""

    path: str
    found: str
    allowed: str
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: found {self.found}; allowed: {self.allowed}"


class SchemeRejected(LedgerError):
    """A scheme file does not fit the schema. `errors` holds every fault; never empty."""

    def __init__(self, errors: Iterable[SchemeError]) -> None:
        self.errors = tuple(errors)
        assert self.errors, "a rejection without a fault"
        super().__init__("\n".join(str(error) for error in self.errors))


def shown(value: object) -> str:
    """A value as its author wrote it, cut to one short line."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "a table with " + ", ".join(str(key) for key in value) if value else "{}"
        case list():
            text = "[" + ", ".join(shown(each) for each in value[:8]) + "]"
        case datetime() | date() | time():
            text = value.isoformat()
        case _:
            text = _number_shown(value)
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 3] + "..."


def _number_shown(value: object) -> str:
    # Python refuses to write out integers of more than some thousand digits.
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than forty digits"
    return str(value)
