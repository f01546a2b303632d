"""The map from each rule of the catalogue to what carries it, and what is wrong with it.

A rule is carried by a value that a scheme file states, a worked example, a test or a place in the
code; or it says why it drives no behaviour (context), or what will carry it (planned). Every
target must exist. A scheme's value must be in a file that names the rule, and an example of a
council's rule must be one of that council's.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from tests.scheme.files import CHECKOUT, SCHEMES

MAP = SCHEMES / "coverage.toml"
RULE_IDS = CHECKOUT / "tests" / "scheme" / "rule_ids.txt"
OURS = CHECKOUT / "tests" / "scenarios"
KINDS = ("scheme", "scenario", "test", "code", "context", "planned")
SCHEMES_OF: Mapping[str, tuple[str, ...]] = {
    "STV": ("stevenage",),
    "GRV": ("gravesham",),
    "HAN": ("hampshire",),
    "RBW": ("windsor-maidenhead",),
    "NOR": ("norwich-2015", "norwich-2014-july", "norwich-existing"),
    "NOC": ("norwich-existing",),
    "NOJ": ("norwich-2014-july",),
    "BRI": ("brighton",),
    "CAM": ("cambridge",),
    "WIN": ("winchester",),
    "BTH": ("bath",),
    "CHE": ("chester",),
    "YOR": ("york",),
    "STA": ("st-albans",),
    "CAN": ("canterbury",),
    "EDI": ("edinburgh",),
    "OXF": ("oxford",),
    "BRS": ("bristol",),
    "IPS": ("ipswich",),
    "KEN": ("kensington-chelsea",),
    "MAN": ("manchester",),
}
NAMES = ("id", "type", "rule", "measure")
"""The keys by which an entry of a list is named in a path."""

_RULE = re.compile(r"\b([A-Z]{3}|X)-(\d{3})(?: to (?:\1-)?(\d{3}))?\b")


def read_map(text: str) -> dict[str, dict[str, list[str]]]:
    """Rule id to its targets by kind; a single target is a list of one."""
    return {
        rule: {
            kind: [target] if isinstance(target, str) else list(target)
            for kind, target in targets.items()
        }
        for rule, targets in tomllib.loads(text).items()
    }


def rule_ids() -> list[str]:
    return RULE_IDS.read_text(encoding="utf-8").split()


def scenarios(folders: Iterable[Path]) -> dict[str, str]:
    """The id of each worked example, and the scheme it is about."""
    return {
        scenario["id"]: scenario["scheme"]
        for folder in folders
        for path in sorted(folder.glob("*.toml"))
        for scenario in tomllib.loads(path.read_text(encoding="utf-8"))["scenario"]
    }


def faults(
    carried: Mapping[str, Mapping[str, list[str]]],
    rules: Iterable[str],
    examples: Mapping[str, str] | None,
) -> Iterator[str]:
    """Everything wrong with a map. `examples` None: worked examples cannot be looked up here."""
    listed = list(rules)
    for rule in listed:
        if rule not in carried:
            yield f"{rule}: nothing is said of it"
    for rule, targets in carried.items():
        if rule not in listed:
            yield f"{rule}: no rule of the catalogue"
        if not targets:
            yield f"{rule}: nothing carries it"
        for kind, found in targets.items():
            for target in found:
                problem = _problem(rule, kind, target, examples)
                if problem:
                    yield f"{rule}: {kind} {target!r}: {problem}"


def _problem(rule: str, kind: str, target: str, examples: Mapping[str, str] | None) -> str | None:
    match kind:
        case "scheme":
            return _scheme_problem(rule, target)
        case "scenario":
            return _scenario_problem(rule, target, examples)
        case "test":
            return _test_problem(target)
        case "code":
            return _code_problem(target)
        case "context":
            return None if len(target.split()) > 2 else "no reason is given"
        case "planned":
            place, colon, what = target.partition(": ")
            return None if place and colon and what else "say where, a colon, and what"
        case _:
            return f"is none of {', '.join(KINDS)}"


def _scheme_problem(rule: str, target: str) -> str | None:
    scheme_id, colon, path = target.partition(": ")
    file = SCHEMES / f"{scheme_id}.toml"
    if not colon or not file.exists():
        return "no such scheme"
    if not _is_about(rule, scheme_id):
        return "a scheme of another council"
    text = file.read_text(encoding="utf-8")
    if rule not in named_in(text):
        return "the file does not name the rule"
    return None if stated(tomllib.loads(text), path) else "the file does not state this value"


def _scenario_problem(rule: str, target: str, examples: Mapping[str, str] | None) -> str | None:
    if examples is None:
        return None
    if target not in examples:
        return "no such worked example"
    return None if _is_about(rule, examples[target]) else "an example of another council"


def _is_about(rule: str, scheme_id: str) -> bool:
    prefix = rule.partition("-")[0]
    return prefix == "X" or scheme_id in SCHEMES_OF.get(prefix, ())


def _test_problem(target: str) -> str | None:
    name, colons, function = target.partition("::")
    path = CHECKOUT / name
    if not colons or not name.startswith("tests/") or not path.exists():
        return "no such file of tests"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    known = function.startswith("test_") and function in found
    return None if known else "no such test in it"


def _code_problem(target: str) -> str | None:
    module, colon, name = target.partition(":")
    if not colon or module.partition(".")[0] not in ("ledger", "commands", "projections", *ABOVE):
        return "no module of the program"
    try:
        found: object = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        return str(error)
    return None


ABOVE = ("replay", "services", "web", "scripts")


def stated(plain: object, path: str) -> bool:
    """True where a file writes this value itself: a default that nobody wrote carries no rule."""
    for part in path.split("."):
        match plain:
            case dict() if part in plain:
                plain = plain[part]
            case list() if any(_is_named(entry, part) for entry in plain):
                plain = next(entry for entry in plain if _is_named(entry, part))
            case [dict() as first, *_] if part in first:
                plain = first[part]
            case _:
                return False
    return True


def _is_named(entry: object, part: str) -> bool:
    return isinstance(entry, dict) and any(entry.get(key) == part for key in NAMES)


def named_in(text: str) -> set[str]:
    """The rules that a text names, singly or as `AAA-001 to AAA-004`."""
    found: set[str] = set()
    for match in _RULE.finditer(text):
        prefix, first, last = match[1], int(match[2]), int(match[3] or match[2])
        found |= {f"{prefix}-{number:03d}" for number in range(first, last + 1)}
    return found
