"""A scheme file's text, as a Scheme: or refused, with every fault it has.

The text is parsed as TOML, values are replaced where a scenario asks for it, silent keys get their
defaults, and then types and everything else are checked. Files are read in `load` and `load_folder`
alone; the rest takes text.

Source: reference/schemes.md, section 3; X-041.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from msgspec import Struct, structs

from ledger.scheme.checking import faults_of
from ledger.scheme.defaults import completed
from ledger.scheme.editions import SchemeFile, SchemeLibrary
from ledger.scheme.faults import SchemeError, SchemeRejected, shown
from ledger.scheme.plain import Table, entry_path, joined
from ledger.scheme.reading import read_scheme
from ledger.scheme.replacing import AMOUNTS, replaced
from ledger.scheme.schema import Scheme

NO_REPLACEMENTS: Final[Mapping[str, object]] = MappingProxyType({})
NOT_SCHEMES: Final = frozenset({"coverage.toml"})
"""What lies beside the schemes and is none: the map from each rule to what carries it."""


class Loaded(Struct, frozen=True, kw_only=True):
    """A scheme, and a warning for each amount that its file marks as not the council's."""

    scheme: Scheme
    warnings: tuple[str, ...]


def parse(text: str, file: str, replacements: Mapping[str, object] = NO_REPLACEMENTS) -> Loaded:
    """The scheme of a text. Raises SchemeRejected with every fault; `file` is for messages."""
    try:
        plain = tomllib.loads(text)
    except RecursionError:
        raise _rejected(file, [_not_toml("tables nested too deeply")]) from None
    except ValueError as error:
        raise _rejected(file, [_not_toml(str(error))]) from None
    with_values, faults = replaced(plain, replacements)
    whole = completed(with_values)
    scheme = read_scheme(whole, faults.append)
    faults.extend(faults_of(whole))
    if faults or scheme is None:
        raise _rejected(file, faults)
    return Loaded(
        scheme=scheme,
        warnings=tuple(f"{file}: {warning}" for warning in _placeholders(with_values, "")),
    )


def load(path: Traversable) -> SchemeFile:
    """The scheme of one file. Raises SchemeRejected."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _rejected(path.name, [_not_toml(str(error))]) from None
    loaded = parse(text, path.name)
    return SchemeFile(file=path.name, text=text, scheme=loaded.scheme, warnings=loaded.warnings)


def load_folder(folder: Traversable) -> SchemeLibrary:
    """Every `*.toml` of a folder but NOT_SCHEMES.

    Raises SchemeRejected with the faults of all the files.
    """
    read: list[SchemeFile] = []
    errors: list[SchemeError] = []
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if not path.name.endswith(".toml") or path.name in NOT_SCHEMES:
            continue
        try:
            read.append(load(path))
        except SchemeRejected as rejected:
            errors.extend(rejected.errors)
    errors.extend(_same_editions(read))
    if errors:
        raise SchemeRejected(errors)
    return SchemeLibrary(tuple(read))


@cache
def built_in() -> SchemeLibrary:
    """The schemes that come with the program: its own files, read once."""
    return load_folder(files("ledger").joinpath("schemes"))


def _same_editions(read: Iterable[SchemeFile]) -> Iterator[SchemeError]:
    first: dict[str, str] = {}
    for each in read:
        name = each.scheme.edition
        if name in first:
            yield SchemeError(
                file=each.file,
                path="effective_from",
                found=f"the edition {name}, which {first[name]} has too",
                allowed="another effective_from, effective_at or revision",
            )
        first.setdefault(name, each.file)


def _placeholders(value: object, path: str) -> Iterator[str]:
    """A warning for each mark, with the amounts that it stands beside."""
    match value:
        case dict():
            for mark, amounts in AMOUNTS.items():
                if value.get(mark) is True:
                    yield f"{path or mark}: {_amounts_shown(value, amounts)} (placeholder)"
            for key, inner in value.items():
                yield from _placeholders(inner, joined(path, key))
        case list():
            for place, inner in enumerate(value, start=1):
                yield from _placeholders(inner, entry_path(path, place, inner))
        case _:
            return


def _amounts_shown(holder: Table, amounts: frozenset[str]) -> str:
    given = [f"{key} = {shown(holder[key])}" for key in holder if key in amounts]
    return (", ".join(given) or "no amount") + " is not the council's"


def _not_toml(problem: str) -> SchemeError:
    return SchemeError(path="", found=problem, allowed="a file in TOML, in UTF-8")


def _rejected(file: str, faults: Iterable[SchemeError]) -> SchemeRejected:
    # A value that a default repeats is at fault once.
    return SchemeRejected(structs.replace(fault, file=file) for fault in dict.fromkeys(faults))
