"""The smallest body that an operation takes, made from its type: nobody has to write it by hand."""

from typing import Any

import msgspec
from msgspec import inspect

# What a pattern takes; a pattern that is not here fails loudly, and gets its line.
OF_PATTERN = {
    "^[A-Za-z0-9._:-]{1,64}$": "d-1",
    "^[A-Z0-9]{4,20}$": "PCN00000001",
    "^[A-Za-z0-9/-]{1,40}$": "R-1",
    "^[0-9a-f]{64}$": "0" * 64,
    "^[0-9]{6}([0-9]{6})?$": "000000",
    "^[0-9]{8}$": "00000000",
    r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$": "somebody@example.org",
    "^[0-9]{2}[a-z]{0,4}$": "01",
}
# What a rule would turn away before it looked for anything, were it only any text.
OF_FIELD: dict[str, Any] = {
    "vehicle": "AB12CDE",
    "vehicles": ["AB12CDE"],
    "mark": "AB12CDE",
    "mobile": "+447700900999",
}


def smallest(kind: type[Any]) -> Any:
    """A value of that type, as JSON has it: what must be there, and nothing more."""
    made = _of(inspect.type_info(kind))
    # It is really taken: a body that is turned away for its shape would test nothing.
    msgspec.convert(made, kind)
    return made


def with_text(kind: type[Any], field: str, text: str) -> Any:
    """The smallest body, but for one field that holds that text; None where no text is taken."""
    made = dict(smallest(kind))
    for put in (text, [text]):
        try:
            msgspec.convert({**made, field: put}, kind)
        except msgspec.ValidationError:
            continue
        return {**made, field: put}
    return None


def fields_of(kind: type[Any]) -> list[str]:
    """The names of a request's fields, as JSON has them."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType), f"{kind} is no request"
    return [each.encode_name for each in info.fields]


def _of(info: inspect.Type) -> Any:
    match info:
        case inspect.StructType():
            tagged = {info.tag_field: info.tag} if info.tag_field else {}
            needed = {
                each.encode_name: OF_FIELD.get(each.encode_name) or _of(each.type)
                for each in info.fields
                if each.required
            }
            return {**tagged, **needed}
        case inspect.StrType():
            if info.pattern is not None:
                return OF_PATTERN[info.pattern]
            return "a" * max(1, info.min_length or 0)
        case inspect.IntType():
            return max(info.ge or 0, 1)
        case inspect.FloatType():
            return 0.0
        case inspect.BoolType():
            return True
        case inspect.Metadata():
            return _of(info.type)
        case inspect.DateTimeType():
            return "2026-11-19T12:00:00Z"
        case inspect.DateType():
            return "2026-11-19"
        case inspect.LiteralType():
            return info.values[0]
        case inspect.EnumType():
            return next(iter(info.cls)).value
        case inspect.VarTupleType() | inspect.ListType():
            return [_of(info.item_type)] * max(1, info.min_length or 0)
        case inspect.DictType():
            return {}
        case inspect.UnionType():
            return _of(info.types[0])
        case inspect.AnyType() | inspect.NoneType():
            return None
        case _:
            raise AssertionError(f"no smallest value of {info}")
