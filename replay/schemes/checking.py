"""A scheme file checked before it goes live: every fault, and what its author should know.

Source: issue "Every scheme"; reference/schemes.md, section 3 (placeholders).
"""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import load
from ledger.scheme.schema import Scheme


class Checked(Struct, frozen=True, kw_only=True):
    """What was found in a file. `scheme` is None where there are faults."""

    file: str
    scheme: Scheme | None = None
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def checked(file: Path) -> Checked:
    """Every fault of a file, or its scheme and a warning for each placeholder. Raises OSError."""
    try:
        read = load(file)
    except SchemeRejected as rejected:
        return Checked(file=str(file), faults=tuple(str(error) for error in rejected.errors))
    return Checked(file=str(file), scheme=read.scheme, warnings=read.warnings)


def folders(file: Path) -> list[Path]:
    """Where the examples of a scheme file lie by default: `tests/scenarios` beside it, or in the
    nearest folder above that has one.
    """
    above = (parent / "tests" / "scenarios" for parent in file.resolve().parents)
    return [folder for folder in above if folder.is_dir()][:1]


def examples(paths: Iterable[Path], scheme_id: str) -> list[Path]:
    """The scenario files, of these files and folders, that name the scheme; and those that cannot
    be read, so that whoever runs them says why.
    """
    return [file for path in paths for file in _files(path) if _names(file, scheme_id)]


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(path.rglob("*.toml")) if path.is_dir() else [path]


def _names(file: Path, scheme_id: str) -> bool:
    try:
        scenarios = tomllib.loads(file.read_text(encoding="utf-8")).get("scenario")
    except (OSError, ValueError):
        return True
    if not isinstance(scenarios, list):
        return False
    return any(isinstance(each, dict) and each.get("scheme") == scheme_id for each in scenarios)
