"""A scenario file, read strictly: what the language does not know is a fault of the file.

All faults of a file are reported together. What is returned holds typed values only (`kinds`),
every instant in UTC, and a clock that never runs backwards.

Source: the scenario language, "A file".
"""

import tomllib
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from replay.scenarios.clock import ScenarioClock
from replay.scenarios.faults import (
    Fault,
    InvalidScenarioFile,
    Place,
    refuse_unknown,
    table_of,
    values_of,
)
from replay.scenarios.kinds import NAMED, found
from replay.scenarios.steps import HOME, RES, Step, Telling, check_references, read_steps
from replay.scenarios.words import HOME_FACTS, RESIDENT_FACTS, Kinds

__all__ = ["Fault", "InvalidScenarioFile", "Scenario", "Step", "ZoneOf", "parse"]

ZoneOf = Callable[[str, Mapping[str, object]], ZoneInfo]
"""The time zone of a scheme: its id, and the values a scenario replaces in it.

Raises LookupError where there is no such scheme, ValueError where the values do not fit it.
"""


class Scenario(Struct, frozen=True, kw_only=True):
    """One worked example. `home`, `res` and `set` hold only what the file says."""

    id: str
    title: str
    scheme: str
    zone: ZoneInfo
    home: Mapping[str, object]
    res: Mapping[str, object]
    set: Mapping[str, object]
    steps: tuple[Step, ...]
    file: str


_NAMES: Kinds = {"id": NAMED, "title": NAMED, "scheme": NAMED}
_REQUIRED = ("id", "title", "scheme", "steps")
_OPTIONAL = ("home", "res", "set")
_UNKNOWN_ZONE = ZoneInfo("UTC")
"""Stands in where a scheme has no zone to give: the file is refused, but first read to its end."""


def parse(text: str, file: str, zone_of: ZoneOf) -> tuple[Scenario, ...]:
    """The scenarios of a file, in its order. Raises InvalidScenarioFile with every fault of it."""
    place = Place(faults=[], file=file)
    scenarios = _scenarios(place, _document(place, text), zone_of)
    if place.faults:
        raise InvalidScenarioFile(place.faults)
    return tuple(scenarios)


def _document(place: Place, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place.fault("", f"not TOML: {error}")
    except RecursionError:
        place.fault("", "nested too deeply to be read")
    raise InvalidScenarioFile(place.faults)


def _scenarios(place: Place, document: dict[str, object], zone_of: ZoneOf) -> list[Scenario]:
    refuse_unknown(place, "", document, ("scenario",))
    tables = document.get("scenario")
    if not isinstance(tables, list) or not tables:
        place.fault("scenario", "a file holds one [[scenario]] at least")
        return []
    scenarios: list[Scenario] = []
    ids: set[str] = set()
    for number, table in enumerate(tables, start=1):
        inside = place.in_scenario(_name_of(table, number))
        if not isinstance(table, dict):
            inside.fault("", f"must be a table, not {found(table)}")
            continue
        if inside.scenario in ids:
            inside.fault("id", "an earlier scenario of this file has the same id")
        ids.add(inside.scenario)
        scenarios.append(_scenario(inside, table, zone_of))
    return scenarios


def _name_of(table: object, number: int) -> str:
    """How messages call a scenario: by its id, or by its place where it has none."""
    name = table.get("id") if isinstance(table, dict) else None
    return name if isinstance(name, str) and name.strip() else f"number {number}"


def _scenario(place: Place, table: dict[str, object], zone_of: ZoneOf) -> Scenario:
    refuse_unknown(place, "", table, (*_REQUIRED, *_OPTIONAL))
    for key in _REQUIRED:
        if key not in table:
            place.fault(key, "is missing")
    given = {key: table[key] for key in _NAMES if key in table}
    names = values_of(place, "", given, _NAMES, _UNKNOWN_ZONE)
    replaced = table_of(place, "set", table.get("set", {}))
    zone = _zone(place, names.get("scheme"), replaced, zone_of)
    steps: tuple[Step, ...] = ()
    if "steps" in table:
        telling = Telling(clock=ScenarioClock(zone), labels={HOME, RES})
        steps = read_steps(place, telling, table["steps"])
    return Scenario(
        id=str(names.get("id", "")),
        title=str(names.get("title", "")),
        scheme=str(names.get("scheme", "")),
        zone=zone,
        home=_facts(place, HOME, table, HOME_FACTS, zone),
        res=_facts(place, RES, table, RESIDENT_FACTS, zone),
        set=replaced,
        steps=steps,
        file=place.file,
    )


def _zone(
    place: Place, scheme: object, replaced: Mapping[str, object], zone_of: ZoneOf
) -> ZoneInfo:
    if not isinstance(scheme, str):
        return _UNKNOWN_ZONE
    try:
        return zone_of(scheme, replaced)
    except LookupError:
        place.fault("scheme", f'there is no scheme "{scheme}"')
    except ValueError as error:
        place.fault("set", str(error))
    return _UNKNOWN_ZONE


def _facts(
    place: Place, key: str, table: Mapping[str, object], kinds: Kinds, zone: ZoneInfo
) -> Mapping[str, object]:
    """What the file says of the default property or resident, before any step has made another."""
    facts = values_of(place, f"{key}.", table_of(place, key, table.get(key, {})), kinds, zone)
    check_references(place, f"{key}.", {HOME}, facts, kinds)
    return facts
