"""Tables as TOML gives them, read into the schema's Structs: every fault of type, not the first.

msgspec stops at the first fault, and a council that corrects a file wants all of them. So this
module walks the schema's types as `msgspec.inspect` describes them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final, TypeVar

from msgspec import inspect

from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import entry_path, joined
from ledger.scheme.schema import Scheme
from ledger.scheme.spellings import SPELLINGS

Limit = TypeVar("Limit", int, str)
Report = Callable[[SchemeError], None]

BROKEN: Final = object()
"""Stands for a value whose fault has been reported."""

_SCHEME: Final = inspect.type_info(Scheme)
_PYTHON_TYPES: Final[dict[type[inspect.Type], type]] = {
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.StrType: str,
    inspect.VarTupleType: list,
}


def read_scheme(plain: object, report: Report) -> Scheme | None:
    """The scheme of a completed table, or None after reporting why there is none."""
    scheme = _read(plain, _SCHEME, "", report)
    return scheme if isinstance(scheme, Scheme) else None


def _read(value: object, kind: inspect.Type, path: str, report: Report) -> object:
    match kind:
        case inspect.Metadata(extra={"spelled": str(spelling)}):
            return _spelled(value, spelling, path, report)
        case inspect.StructType():
            return _struct(value, kind, path, report)
        case inspect.VarTupleType(item_type=item):
            return _list(value, item, path, report)
        case inspect.DictType(key_type=keys, value_type=values):
            return _table_of(value, keys, values, path, report)
        case inspect.UnionType(types=kinds):
            return _read(value, _chosen(value, kinds), path, report)
        case _:
            return _single(value, kind, path, report)


def _spelled(value: object, spelling: str, path: str, report: Report) -> object:
    parse, allowed = SPELLINGS[spelling]
    parsed = parse(value)
    if parsed is None:
        report(SchemeError(path=path, found=shown(value), allowed=allowed))
        return BROKEN
    return parsed


def _struct(value: object, kind: inspect.StructType, path: str, report: Report) -> object:
    if not isinstance(value, dict):
        report(SchemeError(path=path, found=shown(value), allowed="a table"))
        return BROKEN
    keys = {field.encode_name: field for field in kind.fields}
    for key in value:
        if key not in keys:
            allowed = "one of the keys " + ", ".join(keys)
            report(SchemeError(path=joined(path, key), found="an unknown key", allowed=allowed))
    fields: dict[str, object] = {}
    for key, field in keys.items():
        if key in value:
            fields[field.name] = _read(value[key], field.type, joined(path, key), report)
        elif field.required:
            at = joined(path, key)
            report(SchemeError(path=at, found="nothing", allowed=allowed_by(field.type)))
            fields[field.name] = BROKEN
    if any(field is BROKEN for field in fields.values()):
        return BROKEN
    return kind.cls(**fields)


def _list(value: object, item: inspect.Type, path: str, report: Report) -> object:
    if not isinstance(value, list):
        report(SchemeError(path=path, found=shown(value), allowed="a list"))
        return BROKEN
    members = tuple(
        _read(entry, item, entry_path(path, place, entry), report)
        for place, entry in enumerate(value, start=1)
    )
    return BROKEN if any(member is BROKEN for member in members) else members


def _table_of(
    value: object, keys: inspect.Type, values: inspect.Type, path: str, report: Report
) -> object:
    if not isinstance(value, dict):
        report(SchemeError(path=path, found=shown(value), allowed="a table"))
        return BROKEN
    members = {
        key: (
            _single(key, keys, joined(path, key), report),
            _read(entry, values, joined(path, key), report),
        )
        for key, entry in value.items()
    }
    if any(BROKEN in pair for pair in members.values()):
        return BROKEN
    return {key: entry for key, (_, entry) in members.items()}


def _chosen(value: object, kinds: tuple[inspect.Type, ...]) -> inspect.Type:
    """The member of a union that a value must fit. TOML has no None: absent is absent."""
    possible = tuple(kind for kind in kinds if not _is_none(kind))
    fitting = (kind for kind in possible if _PYTHON_TYPES.get(type(kind)) is type(value))
    return possible[0] if len(possible) == 1 else next(fitting, inspect.UnionType(possible))


def _single(value: object, kind: inspect.Type, path: str, report: Report) -> object:
    if _fits(value, kind):
        return value
    report(SchemeError(path=path, found=shown(value), allowed=allowed_by(kind)))
    return BROKEN


def _fits(value: object, kind: inspect.Type) -> bool:
    """True where a single value has the type and lies in its limits. A bool is never a number."""
    match kind:
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType(ge=least, le=most):
            return type(value) is int and (least or 0) <= value <= _known(most)
        case inspect.StrType():
            return isinstance(value, str) and _fits_text(value, kind)
        case inspect.LiteralType(values=words):
            return any(type(value) is type(word) and value == word for word in words)
        case inspect.DateType():
            return type(value) is date
        case inspect.DateTimeType():
            return isinstance(value, datetime) and value.tzinfo is not None
        case inspect.Metadata(type=inner):
            return _fits(value, inner)
        case _:
            # A union of which no member has the value's type.
            return False


def _fits_text(value: str, kind: inspect.StrType) -> bool:
    return len(value) <= _known(kind.max_length) and bool(re.fullmatch(_known(kind.pattern), value))


def allowed_by(kind: inspect.Type) -> str:
    """What a type of the schema allows, in words."""
    match kind:
        case inspect.Metadata(extra={"spelled": str(spelling)}):
            return SPELLINGS[spelling][1]
        case inspect.Metadata(extra_json_schema={"description": str(words)}):
            return words
        case inspect.Metadata(type=inner):
            return allowed_by(inner)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least or 0} to {_known(most)}"
        case inspect.LiteralType(values=(only,)):
            return shown(only)
        case inspect.LiteralType(values=words):
            return "one of " + ", ".join(shown(word) for word in words)
        case inspect.DateType():
            return "a date such as 2026-04-01"
        case inspect.DateTimeType():
            return "an instant with its offset, such as 2026-04-01T09:00:00Z"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType():
            return "a list"
        case inspect.UnionType(types=kinds):
            return " or ".join(allowed_by(each) for each in kinds if not _is_none(each))
        case _:
            raise AssertionError(f"the schema has no such type: {kind}")


def _is_none(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.NoneType)


def _known(limit: Limit | None) -> Limit:
    assert limit is not None, "a type of the schema without its limit"
    return limit
