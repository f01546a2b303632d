"""The worked examples that come with the program, scheme by scheme, and a step of one in words.

Source: the scenario language; scenarios/README.md.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import ledger
from replay.scenarios.files import read_scenarios
from replay.scenarios.language import Scenario, Step, ZoneOf
from replay.scenarios.wording import worded
from replay.schemes import checking
from replay.schemes.words import spoken
from replay.wording import moment

_WHO = {"res": "the resident", "officer": "an officer", "system": "the service itself"}


def examples(scheme_id: str, zone_of: ZoneOf) -> tuple[Scenario, ...]:
    """Every example of a scheme, in the order of the files; none where none are shipped."""
    files = _files(scheme_id)
    if not files:
        return ()
    return tuple(each for each in read_scenarios(files, zone_of) if each.scheme == scheme_id)


@cache
def _files(scheme_id: str) -> tuple[Path, ...]:
    folders = checking.folders(Path(ledger.__file__).parent / "schemes" / f"{scheme_id}.toml")
    return tuple(checking.examples(folders, scheme_id))


def in_words(step: Step, zone: ZoneInfo) -> str:
    """`09:00 on 10 January 2026: buy (product day scratchcard, quantity 50), by res`."""
    when = f"{moment(step.at, zone)}: " if step.at else ""
    given = [f"{spoken(name)} {_value(value, zone)}" for name, value in step.arguments.items()]
    asked = f" ({', '.join(given)})" if given else ""
    return f"{when}{spoken(step.do)}{asked}, by {_WHO.get(step.by, step.by.replace(':', ' '))}"


def expected(step: Step, zone: ZoneInfo) -> str:
    """`refused: allowance exceeded`; empty where nothing special is expected."""
    told = []
    for name, value in step.expect.items():
        if isinstance(value, bool):
            told.append(spoken(name) if value else f"not {spoken(name)}")
        else:
            told.append(f"{spoken(name)}: {_value(value, zone)}")
    return "; ".join(told)


def _value(value: object, zone: ZoneInfo) -> str:
    match value:
        case str():
            return spoken(value).replace(".", ": ") if value.islower() else value
        case list() | tuple():
            return ", ".join(_value(each, zone) for each in value) or "none"
        case Mapping():
            return ", ".join(f"{spoken(str(k))} {_value(v, zone)}" for k, v in value.items())
        case _:
            return worded(value, zone).strip('"')
