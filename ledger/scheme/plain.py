"""A scheme file before it is a Scheme: tables and lists as TOML gives them, some of them wrong.

Every function here takes a value of the wrong type for an absent one: the reader reports wrong
types, so that the other checks can go on and find what else is wrong.
"""

from collections.abc import Iterator
from typing import Final

Table = dict[str, object]

FAR_BEYOND: Final = 10**12


def table(parent: Table, key: str) -> Table:
    """The table under a key; an empty one where there is none."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def number(parent: Table, key: str) -> int | None:
    """The whole number under a key; None where it is far beyond every limit of the schema."""
    value = parent.get(key)
    return value if type(value) is int and abs(value) < FAR_BEYOND else None


def text(parent: Table, key: str) -> str | None:
    value = parent.get(key)
    return value if isinstance(value, str) else None


def is_true(parent: Table, key: str) -> bool:
    return parent.get(key) is True


def entries(parent: Table, key: str, path: str) -> Iterator[tuple[str, Table]]:
    """Each table of a list, with its path."""
    value = parent.get(key)
    if not isinstance(value, list):
        return
    for place, entry in enumerate(value, start=1):
        if isinstance(entry, dict):
            yield entry_path(joined(path, key), place, entry), entry


def words(parent: Table, key: str, path: str) -> Iterator[tuple[str, str]]:
    """Each text of a list of texts, with its path."""
    value = parent.get(key)
    if not isinstance(value, list):
        return
    for place, entry in enumerate(value, start=1):
        if isinstance(entry, str):
            yield entry_path(joined(path, key), place, entry), entry


def named(parent: Table, key: str) -> Iterator[tuple[str, Table]]:
    """Each table of a table of tables, with its path."""
    for name, entry in table(parent, key).items():
        if isinstance(entry, dict):
            yield joined(key, name), entry


def entry_path(path: str, place: int, entry: object) -> str:
    """The path of an entry of a list: by its id, or the list itself for the first, or its place."""
    name = entry.get("id") if isinstance(entry, dict) else None
    if isinstance(name, str) and name:
        return joined(path, name)
    return path if place == 1 else f"{path}[{place}]"


def joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
