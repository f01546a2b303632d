"""`permit-ledger scheme`: a scheme in words, what changes between two, and a file checked.

Exit status of `diff`, as of diff(1): 0 alike, 1 different, 2 asked for wrongly or a file that is
not valid. Of `check`: 0 valid and every example of it passes, 1 where one fails, 2 not valid.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from scripts.wrong import Wrong

if TYPE_CHECKING:
    from ledger.scheme.schema import Scheme

SAME, DIFFERENT, INVALID = 0, 1, 2

scheme = App(name="scheme", help="Read a scheme in words, compare two, check a file.")


@scheme.command
def show(name: Annotated[str, Parameter(name="SCHEME")], /, *, json: bool = False) -> int:
    """Print a scheme as a resident would read it.

    Parameters
    ----------
    name
        Its id, an edition (id@date), or a file that ends in .toml.
    json
        Print one JSON object.
    """
    from replay.schemes import showing

    told = showing.shown(_found(name))
    sys.stdout.write(_json(told) if json else showing.text(told))
    return SAME


@scheme.command
def diff(
    old: Annotated[str, Parameter(name="OLD")],
    new: Annotated[str, Parameter(name="NEW")],
    /,
    *,
    json: bool = False,
) -> int:
    """Say in words what changes from one scheme to another: 0 nothing, 1 something.

    Parameters
    ----------
    old
        An id, an edition (id@date), or a file that ends in .toml.
    new
        And the other.
    json
        Print one JSON object.
    """
    from replay.schemes.differing import differences

    before, after = _found(old), _found(new)
    found = differences(before, after)
    if json:
        changes = [{**msgspec.structs.asdict(each), "words": each.words} for each in found]
        sys.stdout.write(_json({"old": before.edition, "new": after.edition, "changes": changes}))
    elif found:
        sys.stdout.write(f"From {before.edition} to {after.edition}:\n")
        sys.stdout.writelines(f"  {each.words}\n" for each in found)
    else:
        sys.stdout.write(f"{before.edition} and {after.edition} are alike\n")
    return DIFFERENT if found else SAME


@scheme.command
def check(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    scenarios: tuple[Path, ...] = (),
    jobs: int | None = None,
) -> int:
    """Check a scheme file, and run the examples that name its scheme against it.

    Parameters
    ----------
    file
        The scheme file; it need not be among the program's own.
    scenarios
        A folder or file of examples; may be given several times (default: tests/scenarios beside
        the file, or in a folder above it).
    jobs
        How many processes run the examples (default: one a processor).
    """
    from replay.schemes import checking

    try:
        found = checking.checked(file)
    except OSError as error:
        raise Wrong(f"{file}: {error.strerror}") from error
    sys.stderr.writelines(f"{fault}\n" for fault in found.faults)
    if found.scheme is None:
        sys.stderr.write(f"{file}: not valid, {_many(len(found.faults), 'fault')}\n")
        return INVALID
    sys.stdout.writelines(f"warning: {warning}\n" for warning in found.warnings)
    warned = f", {_many(len(found.warnings), 'warning')}" if found.warnings else ""
    sys.stdout.write(f"{found.scheme.edition}: valid{warned}\n")
    paths = scenarios or tuple(checking.folders(file))
    examples = checking.examples(paths, found.scheme.id)
    if not examples:
        sys.stdout.write(f"no example names {found.scheme.id}\n")
        return SAME
    sys.stdout.flush()
    from scripts import scenarios as running

    return running.main(
        examples,
        json=False,
        only=(),
        fail_fast=False,
        jobs=jobs,
        scheme=found.scheme.id,
        scheme_file=file,
    )


def _found(name: str) -> "Scheme":
    from ledger.scheme.faults import SchemeRejected
    from replay.schemes.finding import named

    try:
        return named(name)
    except OSError as error:
        raise Wrong(f"{name}: {error.strerror}") from error
    except SchemeRejected as rejected:
        raise Wrong(str(rejected)) from rejected


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _json(value: object) -> str:
    return f"{msgspec.json.encode(value).decode()}\n"
