"""The scenario files a person names: each file, and every `*.toml` below each folder, once.

Source: the scenario language, its command line.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from replay.scenarios.faults import Fault, InvalidScenarioFile
from replay.scenarios.language import Scenario, ZoneOf, parse


class NoSuchScenario(Exception):
    """What was asked for is not there: a path, an id, or any scenario at all."""


def read_scenarios(paths: Sequence[Path], zone_of: ZoneOf) -> tuple[Scenario, ...]:
    """Every scenario of these files and folders, files in the order named, folders by path.

    Raises NoSuchScenario for a path that is not there, InvalidScenarioFile with the faults of
    all files together.
    """
    scenarios: list[Scenario] = []
    faults: list[Fault] = []
    for file in _files(paths):
        try:
            scenarios.extend(parse(_text(file), str(file), zone_of))
        except InvalidScenarioFile as error:
            faults.extend(error.faults)
    if faults:
        raise InvalidScenarioFile(faults)
    return tuple(scenarios)


def select(scenarios: Iterable[Scenario], only: Collection[str]) -> tuple[Scenario, ...]:
    """The scenarios with these ids, or all where none is named, in file order.

    Raises NoSuchScenario for an id that no scenario has, and where nothing is left to run.
    """
    scenarios = tuple(scenarios)
    unknown = sorted(set(only) - {scenario.id for scenario in scenarios})
    if unknown:
        raise NoSuchScenario(f"no scenario has the id {', '.join(unknown)}")
    if not scenarios:
        raise NoSuchScenario("there is no scenario to run")
    return tuple(scenario for scenario in scenarios if not only or scenario.id in only)


def _files(paths: Sequence[Path]) -> list[Path]:
    # A file that is named twice, or also lies in a folder that is named, is still one file.
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise NoSuchScenario(f"no such file or folder: {path}")
        inside = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        for file in inside:
            if not file.is_dir():
                found.setdefault(file.resolve(), file)
    return list(found.values())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error.strerror)
        fault = Fault(file=str(file), scenario="", step="", key="", problem=problem)
        raise InvalidScenarioFile([fault]) from error
