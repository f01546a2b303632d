"""What is wrong with a scenario file: every fault, each with file, scenario, step and key.

A reader notes a fault and reads on, so that an author sees all of them at once.

Source: the scenario language, "Exit status".
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from replay.scenarios.kinds import found
from replay.scenarios.words import Kinds


class Fault(Struct, frozen=True, kw_only=True):
    """One thing wrong with a file. A part that does not apply is empty."""

    file: str
    scenario: str
    step: str
    key: str
    problem: str

    def __str__(self) -> str:
        parts = (
            self.file,
            self.scenario and f"scenario {self.scenario}",
            self.step and f"step {self.step}",
            self.key,
            self.problem,
        )
        return ": ".join(part for part in parts if part)


class InvalidScenarioFile(Exception):
    """A file is not in the language. `faults` holds everything that is wrong; never empty."""

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(faults)
        assert self.faults, "a file is refused for a reason"
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Place(Struct, frozen=True, kw_only=True):
    """Where in a file the reader is, and the one growing list of the file's faults."""

    faults: list[Fault]
    file: str
    scenario: str = ""
    step: str = ""

    def fault(self, key: str, problem: str) -> None:
        """Note what is wrong with the value of this key, here."""
        self.faults.append(
            Fault(file=self.file, scenario=self.scenario, step=self.step, key=key, problem=problem)
        )

    def in_scenario(self, scenario: str) -> "Place":
        return replace(self, scenario=scenario)

    def in_step(self, step: str) -> "Place":
        return replace(self, step=step)


def table_of(place: Place, key: str, value: object) -> dict[str, object]:
    """The table under a key, or an empty one and a fault."""
    if isinstance(value, dict):
        return value
    place.fault(key, f"must be a table, not {found(value)}")
    return {}


def refuse_unknown(
    place: Place, prefix: str, table: Mapping[str, object], allowed: Collection[str]
) -> None:
    """A fault for every key of the table that is not among the allowed ones."""
    for key in table:
        if key not in allowed:
            place.fault(prefix + key, f"unknown{nearest(key, allowed)}")


def values_of(
    place: Place, prefix: str, table: Mapping[str, object], kinds: Kinds, zone: ZoneInfo
) -> dict[str, object]:
    """The values that could be read, by key; a fault for each unknown key and each wrong value."""
    refuse_unknown(place, prefix, table, kinds)
    values: dict[str, object] = {}
    for key, value in table.items():
        if key in kinds:
            try:
                values[key] = kinds[key].read(value, zone)
            except ValueError as error:
                place.fault(prefix + key, str(error))
    return values


def nearest(word: str, allowed: Collection[str]) -> str:
    """The end of a message about an unknown word: the one that was meant, or all there are."""
    if not allowed:
        return "; nothing is allowed here"
    close = get_close_matches(word, allowed, n=1)
    return f"; did you mean {close[0]}?" if close else f"; allowed are {', '.join(allowed)}"
