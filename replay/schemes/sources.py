"""Where each value of a scheme comes from: what its file says of it after the value, by part.

Source: reference/schemes.md (each number with the rule id it comes from).
"""

import re
from collections.abc import Iterator

from msgspec import Struct

_TABLE = re.compile(r"\[\[?\s*([\w.\"-]+)\s*\]\]?\s*(?:#.*)?")
_VALUE = re.compile(r"([\w.\"-]+)\s*=\s*(.*)")


class Sourced(Struct, frozen=True, kw_only=True):
    """One value. `part` is a table of the file, empty for what stands before the first one;
    `about` the id of the entry of a list that it is of, such as a product. `value` is as written.
    """

    part: str
    about: str
    key: str
    value: str
    source: str


def sources(text: str) -> tuple[Sourced, ...]:
    """Every value of a scheme's file that says where it comes from, in its order."""
    return tuple(_read(text))


def _read(text: str) -> Iterator[Sourced]:
    table, about = "", ""
    for line in text.splitlines():
        written = line.strip()
        begins = _TABLE.fullmatch(written)
        if begins is not None:
            table = begins[1]
            if "." not in table:
                about = ""
            continue
        code, source = _parted(written)
        value = _VALUE.fullmatch(code)
        if value is None:
            continue
        key, told = value[1], value[2].strip()
        if key == "id" and table and "." not in table:
            about = told.strip('"')
        if source:
            part, _, inside = table.partition(".")
            yield Sourced(
                part=part,
                about=about,
                key=f"{inside}.{key}" if inside else key,
                value=told,
                source=source,
            )


def _parted(line: str) -> tuple[str, str]:
    """A line's code and what is said after it; a sign within a text begins nothing."""
    quoted = ""
    for place, sign in enumerate(line):
        if sign in "\"'" and quoted in ("", sign):
            quoted = "" if quoted else sign
        elif sign == "#" and not quoted:
            return line[:place].strip(), line[place + 1 :].strip()
    return line, ""
