"""A proposed edition of a scheme, from a file: a whole scheme, or only the values that change.

A file with a `schema` key is a whole scheme. Any other is an overlay of the edition in force: each
key is the path of a value, as a scenario's `set` names it
(`products.day-scratchcard.allowance.max = 15`). A quoted path takes its value whole, a table too
(`"products.day-scratchcard.price" = { model = "flat", pence = 50 }`). `title` says what the
proposal is called; without one it is called as its file.

Source: scenarios/README.md, `set`; reference/schemes.md, section 3.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct, structs

from ledger.calendar import local_date
from ledger.scheme.editions import Editions, SchemeLibrary
from ledger.scheme.faults import SchemeError, SchemeRejected
from ledger.scheme.loading import Loaded, parse
from ledger.scheme.schema import Scheme
from replay.schemes.differing import differences

TITLE = "title"


class Proposal(Struct, frozen=True, kw_only=True):
    """Terms that are not in force. `changes`: what differs from the terms that are, in words;
    `warnings`: amounts that are marked as not the council's.
    """

    title: str
    file: str
    scheme: Scheme
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


def named(name: str, base: Scheme, library: SchemeLibrary) -> Proposal:
    """The proposal of a file, whose name ends in .toml, or a scheme of the program's own by its id
    or edition. Raises as `proposal`, and NotFound.
    """
    if name.endswith(".toml"):
        return proposal(Path(name), base, library)
    scheme = library.edition(name) if "@" in name else library.scheme(name)
    changes = tuple(each.words for each in differences(base, scheme))
    return Proposal(title=name, file=name, scheme=scheme, changes=changes, warnings=())


def proposal(path: Path, base: Scheme, library: SchemeLibrary) -> Proposal:
    """The proposal of a file, against the edition that it would replace.

    Raises SchemeRejected with every fault of the file; OSError where it cannot be read.
    """
    return of_text(_read(path), path.name, base, library)


def of_text(text: str, file: str, base: Scheme, library: SchemeLibrary) -> Proposal:
    """The proposal of a file that was read. Raises SchemeRejected with every fault of it."""
    plain = _plain(text, file)
    title = str(plain.pop(TITLE, "") or file.removesuffix(".toml"))
    if "schema" in plain:
        loaded = parse(text, file)
    else:
        values = dict(_paths(plain, ""))
        if not values:
            raise SchemeRejected(
                [
                    SchemeError(
                        file=file,
                        path="",
                        found="no value that changes",
                        allowed="a whole scheme, or the paths of values with the new ones",
                    )
                ]
            )
        loaded = _overlaid(base, library, file, values)
    return Proposal(
        title=title,
        file=file,
        scheme=loaded.scheme,
        changes=tuple(each.words for each in differences(base, loaded.scheme)),
        warnings=loaded.warnings,
    )


def in_force_from(editions: Editions, scheme: Scheme, begins: datetime) -> Editions:
    """The editions that began before an instant, and then the proposed one for ever.

    What was bought before keeps its terms; editions that followed are out of the question.
    """
    before = tuple(each for each in editions.ordered if each.begins_at < begins)
    proposed = structs.replace(
        scheme,
        effective_from=local_date(begins, scheme.tz),
        effective_at=begins,
        revision=1 + sum(each.id == scheme.id for each in editions.ordered),
    )
    return Editions((*before, proposed))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _not_toml(path.name, str(error)) from None


def _plain(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_toml(file, str(error)) from None


def _not_toml(file: str, problem: str) -> SchemeRejected:
    return SchemeRejected(
        [SchemeError(file=file, path="", found=problem, allowed="a file in TOML, in UTF-8")]
    )


def _paths(table: Mapping[str, object], path: str) -> Iterator[tuple[str, object]]:
    """Every value by its path; what stands under a quoted path is one value."""
    for key, value in table.items():
        whole = f"{path}.{key}" if path else key
        if isinstance(value, dict) and "." not in key:
            yield from _paths(value, whole)
        else:
            yield whole, value


def _overlaid(
    base: Scheme, library: SchemeLibrary, file: str, values: Mapping[str, object]
) -> Loaded:
    """An edition with other values. What its own file warns of already is no news."""
    own = next(each for each in library.read if each.scheme.edition == base.edition)
    loaded = parse(own.text, file, values)
    known = {each.removeprefix(f"{own.file}: ") for each in own.warnings}
    news = (each for each in loaded.warnings if each.removeprefix(f"{file}: ") not in known)
    return structs.replace(loaded, warnings=tuple(news))
