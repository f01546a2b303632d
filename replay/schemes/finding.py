"""The scheme that a person names: by its id, by the name of an edition, or by its file."""

from functools import cache
from pathlib import Path

from ledger.scheme.editions import SchemeFile, SchemeLibrary
from ledger.scheme.loading import built_in, load
from ledger.scheme.schema import Scheme


def named(name: str) -> Scheme:
    """The latest edition of an id, the edition of that name (`id@date`), or what a file holds.

    A name that ends in `.toml` is a file's. Raises NotFound, OSError, SchemeRejected.
    """
    if name.endswith(".toml"):
        return load(Path(name)).scheme
    return built_in().edition(name) if "@" in name else built_in().scheme(name)


@cache
def library(file: Path | None) -> SchemeLibrary:
    """The program's own schemes, or those with this file's edition as the last one of its scheme.

    Raises OSError, SchemeRejected.
    """
    if file is None:
        return built_in()
    return with_file(built_in(), load(file))


def with_file(schemes: SchemeLibrary, added: SchemeFile) -> SchemeLibrary:
    """The schemes with one more file. Editions of its scheme that begin no earlier make way."""
    scheme = added.scheme
    kept = (
        each
        for each in schemes.read
        if each.scheme.id != scheme.id or each.scheme.begins_at < scheme.begins_at
    )
    return SchemeLibrary((*kept, added))
