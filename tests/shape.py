"""The shape of the program, read from its source: what imports what, how long, and what is named.

Each check yields a sentence for each fault it finds under a folder, and nothing where all is well.
`test_architecture.py` runs them on this checkout, and on small trees that are wrong on purpose.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

PACKAGES = ("ledger", "projections", "commands", "replay", "services", "web", "scripts")
LINES_MAX = 400
FUNCTION_LINES_MAX = 70

LAYERS = {
    "ledger": 0,
    "ledger.store": 1,
    "commands": 2,
    "projections": 2,
    "services": 3,
    "replay": 4,
    "web": 5,
    "scripts": 5,
}
"""A module imports from its own folder and from lower layers. Two folders of one layer do not
meet, but for `scripts`, which starts everything."""

IMPURE = frozenset(
    {"psycopg", "psycopg_pool", "eventsourcing", "os", "sys", "time", "random", "secrets"}
    | {"uuid", "socket", "subprocess", "threading", "asyncio", "pathlib", "tempfile", "shutil"}
    | {"logging", "structlog"}
)
"""What the pure ledger does not import: the clock, the outside, chance."""

PURE_EXCEPT = {"ledger/events/__init__.py": frozenset({"uuid"})}
"""A recorded event names its stream by a UUID: the type, never a new one."""

CLOCKS = frozenset({"now", "utcnow", "today"})


def sources(root: Path, folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports from, with its line."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Import():
                yield from ((alias.name, node.lineno) for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)
            case ast.ImportFrom():
                yield ".", node.lineno


def folder_of(module: str) -> str:
    """The layer a module is of; empty for a library's."""
    if module == "ledger.store" or module.startswith("ledger.store."):
        return "ledger.store"
    first = module.partition(".")[0]
    return first if first in LAYERS else ""


def wrong_imports(root: Path) -> Iterator[str]:
    """Imports that point up or across, and relative ones, which hide where they point."""
    for path in sources(root, PACKAGES):
        place = path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
        here = folder_of(place)
        for module, line in imports(path):
            there = folder_of(module)
            if module == ".":
                yield f"{place}:{line} imports relatively"
            elif there and there != here and not _may_import(here, there):
                yield f"{place}:{line} imports {module}: {here} may not import {there}"


def _may_import(here: str, there: str) -> bool:
    return LAYERS[there] < LAYERS[here] or (here, there) == ("scripts", "web")


def impurities(root: Path) -> Iterator[str]:
    """Clocks, input, output and chance in the ledger outside its store."""
    for path in sources(root, ["ledger"]):
        place = path.relative_to(root).as_posix()
        if place.startswith("ledger/store/"):
            continue
        for module, line in imports(path):
            first = module.partition(".")[0]
            if first in IMPURE - PURE_EXCEPT.get(place, frozenset()):
                yield f"{place}:{line} imports {first}"
        yield from (f"{place}:{line} reads the clock" for line in _clock_calls(path))
        yield from (f"{place}:{line} opens a file" for line in _calls(path, "open"))


def _calls(path: Path, name: str) -> Iterator[int]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node.lineno


def _clock_calls(path: Path) -> Iterator[int]:
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=value)) if (
                name in CLOCKS and ast.unparse(value).rpartition(".")[2] in ("datetime", "date")
            ):
                yield node.lineno


def naive_datetimes(root: Path, folders: Iterable[str]) -> Iterator[str]:
    """Datetimes made without saying in which zone."""
    for path in sources(root, folders):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and _is_naive(node):
                yield f"{path.relative_to(root).as_posix()}:{node.lineno} {ast.unparse(node)}"


def _is_naive(call: ast.Call) -> bool:
    """`datetime(...)` without tzinfo, `utcnow`, `utcfromtimestamp`, `now()` without a zone."""
    named = ast.unparse(call.func)
    with_zone = any(keyword.arg in ("tzinfo", "tz") for keyword in call.keywords)
    if named in ("datetime", "datetime.datetime"):
        return len(call.args) < 8 and not with_zone
    owner, _, method = named.rpartition(".")
    if owner.rpartition(".")[2] != "datetime":
        return False
    match method:
        case "utcnow" | "utcfromtimestamp" | "today":
            return True
        case "now":
            return not call.args and not with_zone
        case "fromtimestamp":
            return len(call.args) < 2 and not with_zone
        case _:
            return False


def too_long(root: Path, folders: Iterable[str]) -> Iterator[str]:
    """Files and functions beyond what can be read at once."""
    for path in sources(root, folders):
        place = path.relative_to(root).as_posix()
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LINES_MAX:
            yield f"{place} has {lines} lines"
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    yield f"{place}:{node.lineno} {node.name} has {length} lines"


def named_councils(root: Path) -> Iterator[str]:
    """Council names in Python: schemes are data."""
    words = council_words(root / "ledger" / "schemes")
    if not words:
        yield "no scheme was found to take names from"
        return
    found = re.compile(rf"(?<![a-z])({'|'.join(sorted(words))})(?![a-z])", re.IGNORECASE)
    for path in sources(root, PACKAGES):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = found.search(line)
            if match:
                yield f"{path.relative_to(root).as_posix()}:{number} names {match[0]}"


def council_words(schemes: Path) -> set[str]:
    """The names to look for: each scheme's id, without its year, and its council's own words."""
    common = {"council", "borough", "city", "county", "district", "royal", "of", "and", "the"}
    common |= {"london", "existing", "july", "transport", "for", "unitary", "authority"}
    words = set()
    for path in schemes.glob("*.toml"):
        scheme = tomllib.loads(path.read_text(encoding="utf-8"))
        if "council" not in scheme:
            continue
        text = f"{scheme['id']} {scheme['council']}"
        words |= {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
    return {word for word in words - common if len(word) > 3}


def outside_the_store(root: Path, library: str) -> Iterator[str]:
    """Imports of the event store's library anywhere but in the ledger's store.

    Benches measure the library itself; they are the one other place.
    """
    for path in sources(root, PACKAGES):
        place = path.relative_to(root).as_posix()
        if place.startswith(("ledger/store/", "scripts/benches/")):
            continue
        for module, line in imports(path):
            if module.partition(".")[0] == library:
                yield f"{place}:{line} imports {library}"


def missing_tests(root: Path, folder: str, modules: Iterable[str]) -> Iterator[str]:
    """Modules of a folder that have no test module of their own."""
    for module in modules:
        if not (root / "tests" / folder / f"test_{module}.py").is_file():
            yield f"{folder}/{module}.py has no tests/{folder}/test_{module}.py"


def repeated(names: Iterable[str]) -> Iterator[str]:
    """Names that occur more than once."""
    for one, other in pairwise(sorted(names)):
        if one == other:
            yield f"{one} is there twice"
