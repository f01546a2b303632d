"""The kinds of value the scenario language knows: how each is read, and when two are the same.

`read` takes what TOML gave and returns the value a world is handed; `same` compares a value that
was read from `expect` with what a world answered. Both are strict: a truth is never a number, a
date is never an instant, a text is never either.

| kind | TOML | as a world sees it, and answers it |
|---|---|---|
| TEXT, NAMED, LABEL, MARK, CODE, a choice | string | str |
| WHOLE | integer | int |
| TRUTH | boolean | bool |
| DATE | date | datetime.date |
| INSTANT | string, as `at` | aware datetime (UTC when read) |
| STATED, STATED_OR_NOW | string, as `at` (or `now`) | WrittenTime (or "now") |
| CLOCK | string HH:MM | datetime.time |
| a list | array | tuple (answered: list or tuple) |
| rows | array of tables | tuple of mappings |
| VALUES | table | mapping |

Source: the scenario language, `expect`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.values import parse_mark
from replay.scenarios.clock import WrittenTime, parse_clock, parse_written

_CODE = re.compile(r"[a-z_]+\.[a-z_]+")


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of value. `read` raises ValueError with what is wrong about the value."""

    read: Callable[[object, ZoneInfo], object]
    same: Callable[[object, object], bool]
    refers: bool = False
    """True where the value names what an earlier step made."""


def list_of(kind: Kind) -> Kind:
    """A list, compared whole: as many, each the same, in this order."""
    return Kind(
        read=lambda value, zone: tuple(kind.read(one, zone) for one in _listed(value)),
        same=lambda expected, actual: _whole(kind, expected, actual),
        refers=kind.refers,
    )


def choice(*allowed: str) -> Kind:
    """One word of these."""

    def read(value: object, zone: ZoneInfo) -> object:
        word = _text(value, zone)
        if word not in allowed:
            raise ValueError(f'"{word}" is not one of {", ".join(allowed)}')
        return word

    return Kind(read=read, same=_same_text)


def rows(columns: Mapping[str, Kind]) -> Kind:
    """A list of tables, each with exactly these keys, compared whole."""

    def read(value: object, zone: ZoneInfo) -> object:
        return tuple(_row(columns, row, zone) for row in _listed(value))

    def same(expected: object, actual: object) -> bool:
        pairs = _pairs(expected, actual)
        return pairs is not None and all(_same_row(columns, *pair) for pair in pairs)

    return Kind(read=read, same=same)


def _row(columns: Mapping[str, Kind], row: object, zone: ZoneInfo) -> Mapping[str, object]:
    if not isinstance(row, dict) or row.keys() != columns.keys():
        raise ValueError(f"each entry is a table of {' and '.join(columns)}")
    return {name: _read_column(name, columns[name], row[name], zone) for name in columns}


def _read_column(name: str, kind: Kind, value: object, zone: ZoneInfo) -> object:
    try:
        return kind.read(value, zone)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _same_row(columns: Mapping[str, Kind], expected: object, actual: object) -> bool:
    return (
        isinstance(expected, Mapping)
        and isinstance(actual, Mapping)
        and actual.keys() == columns.keys()
        and all(kind.same(expected[name], actual[name]) for name, kind in columns.items())
    )


def _pairs(expected: object, actual: object) -> Iterable[tuple[object, object]] | None:
    """The entries of two lists side by side, or None where they are not two lists of one length."""
    if not isinstance(expected, tuple) or not isinstance(actual, list | tuple):
        return None
    return zip(expected, actual, strict=True) if len(expected) == len(actual) else None


def _whole(kind: Kind, expected: object, actual: object) -> bool:
    pairs = _pairs(expected, actual)
    return pairs is not None and all(kind.same(*pair) for pair in pairs)


def found(value: object) -> str:
    """What a TOML value is, in words, for a message about a wrong one."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'the text "{value}"'
        case int() | float():
            return f"the number {value}"
        case datetime():
            return "a date with a time"
        case date():
            return f"the date {value}"
        case time():
            return f"the time {value}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return type(value).__name__


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list, not {found(value)}")
    return value


def _text(value: object, zone: ZoneInfo) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {found(value)}")
    return value


def _named(value: object, zone: ZoneInfo) -> str:
    text = _text(value, zone)
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a line of text, and not an empty one")
    return text


def _whole_number(value: object, zone: ZoneInfo) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a whole number, not {found(value)}")
    return value


def _truth(value: object, zone: ZoneInfo) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {found(value)}")
    return value


def _date(value: object, zone: ZoneInfo) -> date:
    # A datetime is a date to Python, and never one to a scheme.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"must be a date, YYYY-MM-DD without quotes, not {found(value)}")
    return value


def _stated(value: object, zone: ZoneInfo) -> WrittenTime:
    return parse_written(_text(value, zone))


def _stated_or_now(value: object, zone: ZoneInfo) -> object:
    return value if value == "now" else _stated(value, zone)


def _instant(value: object, zone: ZoneInfo) -> datetime:
    return _stated(value, zone).instant(zone)


def _clock(value: object, zone: ZoneInfo) -> time:
    return parse_clock(_text(value, zone))


def _code(value: object, zone: ZoneInfo) -> str:
    text = _text(value, zone)
    if _CODE.fullmatch(text) is None:
        raise ValueError(f'a refusal is written "topic.reason", not "{text}"')
    return text


def _values(value: object, zone: ZoneInfo) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"must be a table of scheme values, not {found(value)}")
    return value


def _tables(value: object, zone: ZoneInfo) -> tuple[object, ...]:
    tables = tuple(_listed(value))
    if not tables:
        raise ValueError("must name one command at least")
    return tables


def _exactly(expected: object, actual: object) -> bool:
    return type(expected) is type(actual) and expected == actual


def _same_text(expected: object, actual: object) -> bool:
    return isinstance(actual, str) and expected == actual


def _same_mark(expected: object, actual: object) -> bool:
    """Marks compare in upper case without spaces and hyphens. O is not 0 here: `match` says so."""
    if not isinstance(expected, str) or not isinstance(actual, str):
        return False
    one, other = parse_mark(expected), parse_mark(actual)
    if one is None or other is None:
        return expected == actual
    return one.shown == other.shown


def _same_instant(expected: object, actual: object) -> bool:
    # Both in UTC first: Python calls two datetimes of different zones unequal, whatever their
    # instants, when one of them lies in the hour that occurs twice.
    return (
        isinstance(actual, datetime)
        and actual.tzinfo is not None
        and actual.astimezone(UTC) == expected
    )


def _same_set(expected: object, actual: object) -> bool:
    return (
        isinstance(expected, tuple)
        and isinstance(actual, list | tuple | set | frozenset)
        and set(expected) == set(actual)
    )


def _occurs_in_order(expected: object, actual: object) -> bool:
    if not isinstance(expected, tuple) or not isinstance(actual, list | tuple):
        return False
    rest = iter(actual)
    return all(any(_same_text(act, one) for one in rest) for act in expected)


def _says(expected: object, actual: object) -> bool:
    lines = [actual] if isinstance(actual, str) else actual
    if not isinstance(expected, tuple) or not isinstance(lines, list | tuple):
        return False
    text = "\n".join(str(line) for line in lines)
    return all(str(phrase) in text for phrase in expected)


def _is_part(expected: object, actual: object) -> bool:
    return isinstance(expected, str) and isinstance(actual, str) and expected in actual


TEXT = Kind(read=_text, same=_same_text)
NAMED = Kind(read=_named, same=_same_text)
LABEL = Kind(read=_named, same=_same_text, refers=True)
MARK = Kind(read=_text, same=_same_mark)
CODE = Kind(read=_code, same=_same_text)
WHOLE = Kind(read=_whole_number, same=_exactly)
TRUTH = Kind(read=_truth, same=_exactly)
DATE = Kind(read=_date, same=_exactly)
INSTANT = Kind(read=_instant, same=_same_instant)
STATED = Kind(read=_stated, same=_exactly)
STATED_OR_NOW = Kind(read=_stated_or_now, same=_exactly)
CLOCK = Kind(read=_clock, same=_exactly)
VALUES = Kind(read=_values, same=_exactly)
COMMANDS = Kind(read=_tables, same=_exactly)
"""The tables of a race, still unread: the language reads each as a step."""

TEXTS = list_of(TEXT)
LABELS = list_of(LABEL)
MARKS = list_of(MARK)
CODES = list_of(CODE)
DATES = list_of(DATE)
AS_A_SET = Kind(read=TEXTS.read, same=_same_set)
IN_ORDER = Kind(read=TEXTS.read, same=_occurs_in_order)
PHRASES = Kind(read=TEXTS.read, same=_says)
PART = Kind(read=_named, same=_is_part)
