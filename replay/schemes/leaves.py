"""The single values inside a part of a scheme, each under its path, and one of them replaced.

Ages and ends of a use are one value each: their numbers mean nothing without each other.
"""

from typing import Final

from msgspec import Struct, structs

from ledger.scheme.measures import MaxAge, UseEnd

Path = tuple[str, ...]

WHOLE: Final = (MaxAge, UseEnd)


def leaves(value: object, path: Path = ()) -> dict[Path, object]:
    """Every single value by the path of the keys that lead to it; places in lists from 0."""
    inner = parts(value)
    if inner is None:
        return {path: value}
    found: dict[Path, object] = {}
    for name, each in inner.items():
        found.update(leaves(each, (*path, name)))
    return found


def parts(value: object) -> dict[str, object] | None:
    """What a value is made of, by name; None for a single value."""
    match value:
        case Struct() if not isinstance(value, WHOLE):
            return {name: getattr(value, name) for name in value.__struct_fields__}
        case tuple() if any(isinstance(each, Struct) for each in value):
            return {str(place): each for place, each in enumerate(value)}
        case dict():
            return {str(name): each for name, each in value.items()}
        case _:
            return None


def put(value: object, path: Path, leaf: object) -> object:
    """The same value with the leaf at that path replaced."""
    if not path:
        return leaf
    first, *rest = path
    match value:
        case Struct():
            return structs.replace(value, **{first: put(getattr(value, first), tuple(rest), leaf)})
        case tuple():
            place = int(first)
            return (*value[:place], put(value[place], tuple(rest), leaf), *value[place + 1 :])
        case dict():
            return {**value, first: put(value[first], tuple(rest), leaf)}
        case _:
            raise AssertionError(f"nothing lies under {first}")


def written(path: Path) -> str:
    """As paths of scheme files are written: places in lists from 1."""
    text = ""
    for part in path:
        if part.isdigit():
            # The first of entries without ids is the list itself.
            text += f"[{int(part) + 1}]" if int(part) else ""
        else:
            text += f".{part}" if text else part
    return text
