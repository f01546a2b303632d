"""One step of a scenario: what is done, by whom, when, and what must come of it.

A step sets the clock forward or leaves it. What it names must have been made by an earlier step.

Source: the scenario language, "A file".
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from replay.scenarios.clock import ClockBackwards, ScenarioClock
from replay.scenarios.faults import Place, nearest, table_of, values_of
from replay.scenarios.kinds import INSTANT, NAMED, found
from replay.scenarios.verbs import VERBS
from replay.scenarios.words import APPROVER, CHANNEL, ROLES, Kinds, Verb


class Step(Struct, frozen=True, kw_only=True):
    """One dated act, and what must come of it. A race's commands are steps of its own number."""

    number: int
    """From 1, in the order of the file."""
    at: datetime | None
    """UTC; None leaves the clock where it stands."""
    do: str
    label: str | None
    """What `as` says."""
    by: str
    """A resident's label, `staff`, `officer`, `system` or `approver:<role>`."""
    channel: str
    key: str | None
    """The idempotency key; None asks for a fresh one."""
    arguments: Mapping[str, object]
    expect: Mapping[str, object]

    @property
    def refused(self) -> str | None:
        """The refusal code that must come. A race lists its refusals: it is not refused itself."""
        code = self.expect.get("refused")
        return code if isinstance(code, str) else None


class Telling(Struct, frozen=True, kw_only=True):
    """What is known while the steps are read in order: the time, and the names given so far."""

    clock: ScenarioClock
    labels: set[str]


HOME = "home"
RES = "res"
_TAKEN = (HOME, RES, *ROLES)
_GENERAL: Kinds = {"by": NAMED, "channel": CHANNEL}
_RECORDING: Kinds = {**_GENERAL, "as": NAMED, "key": NAMED}
_NEVER_RACED = ("race", "wait")


def read_steps(place: Place, telling: Telling, tables: object) -> tuple[Step, ...]:
    """The steps that could be read, in order."""
    if not isinstance(tables, list) or not tables:
        place.fault("steps", "must be a list of one step at least")
        return ()
    steps: list[Step] = []
    for number, table in enumerate(tables, start=1):
        step = _step(place.in_step(str(number)), telling, number, table)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def check_references(
    place: Place,
    prefix: str,
    labels: set[str],
    values: Mapping[str, object],
    kinds: Kinds,
) -> None:
    """A fault for each value that names what no earlier step has made."""
    for key, value in values.items():
        if key in kinds and kinds[key].refers:
            for label in value if isinstance(value, tuple) else (value,):
                if not _is_known(str(label), labels):
                    place.fault(prefix + key, f'no earlier step has made "{label}"')


def _step(place: Place, telling: Telling, number: int, table: object) -> Step | None:
    """A step of the scenario itself, which may set the clock and name what it makes."""
    verb, table = _verb(place, table)
    if verb is None:
        return None
    place = place.in_step(f"{number} ({table['do']})")
    at = _set_clock(place, telling.clock, number, table)
    step = _act(place, telling, verb, table, number=number, at=at)
    telling.labels.update(made.label for made in (step, *_raced(step)) if made.label is not None)
    return step


def _raced(step: Step) -> tuple[Step, ...]:
    commands = step.arguments.get("commands", ())
    assert isinstance(commands, tuple), "commands are read as a tuple"
    return commands


def _verb(place: Place, table: object) -> tuple[Verb | None, dict[str, object]]:
    """The verb of a step and the step's own table, or None and a fault."""
    if not isinstance(table, dict):
        place.fault("", f"must be a table, not {found(table)}")
        return None, {}
    do = table.get("do")
    if do is None:
        place.fault("do", "is missing")
    elif not isinstance(do, str):
        place.fault("do", f"must be a verb, not {found(do)}")
    elif do not in VERBS:
        place.fault("do", f'unknown verb "{do}"{nearest(do, VERBS)}')
    else:
        return VERBS[do], table
    return None, {}


def _set_clock(
    place: Place, clock: ScenarioClock, number: int, table: Mapping[str, object]
) -> datetime | None:
    """Move the clock as the step says. Returns its instant, None where the clock stays."""
    if "at" not in table:
        if number == 1:
            place.fault("at", "is missing: the first step sets the clock")
        return None
    at = values_of(place, "", {"at": table["at"]}, {"at": INSTANT}, clock.zone).get("at")
    if not isinstance(at, datetime):
        return None
    try:
        return clock.move_to(at)
    except ClockBackwards as error:
        place.fault("at", str(error))
        return None


def _act(
    place: Place,
    telling: Telling,
    verb: Verb,
    table: Mapping[str, object],
    *,
    number: int,
    at: datetime | None,
) -> Step:
    """What the step does and expects, without its time."""
    zone = telling.clock.zone
    general = _RECORDING if verb.records else _GENERAL
    own = {key: value for key, value in table.items() if key not in ("do", "at", "expect")}
    values = values_of(place, "", own, {**general, **verb.keys}, zone)
    arguments = {key: value for key, value in values.items() if key in verb.keys}
    expected = table_of(place, "expect", table.get("expect", {}))
    expect = values_of(place, "expect.", expected, verb.expect, zone)
    _check_choices(place, verb, own)
    check_references(place, "", telling.labels, arguments, verb.keys)
    check_references(place, "expect.", telling.labels, expect, verb.expect)
    _check_people(place, telling.labels, values)
    if "commands" in arguments:
        arguments["commands"] = _commands(place, telling, number, arguments["commands"])
    return Step(
        number=number,
        at=at,
        do=str(table["do"]),
        label=_maybe_text(values.get("as")),
        by=str(values.get("by", verb.by)),
        channel=str(values.get("channel", "website")),
        key=_maybe_text(values.get("key")),
        arguments=arguments,
        expect=expect,
    )


def _commands(place: Place, telling: Telling, number: int, tables: object) -> tuple[Step, ...]:
    """The commands of a race, each a step without a time and an expectation of its own."""
    assert isinstance(tables, tuple), "a race's tables come as a tuple"
    commands: list[Step] = []
    for position, table in enumerate(tables, start=1):
        inside = place.in_step(f"{place.step} command {position}")
        verb, table = _verb(inside, table)
        if verb is None:
            continue
        inside = inside.in_step(f"{inside.step} ({table['do']})")
        if table["do"] in _NEVER_RACED:
            inside.fault("do", "is no command that a race could send")
            continue
        for key in ("at", "expect"):
            if key in table:
                inside.fault(key, "belongs to the race, not to one of its commands")
        alone = {key: value for key, value in table.items() if key not in ("at", "expect")}
        commands.append(_act(inside, telling, verb, alone, number=number, at=None))
    return tuple(commands)


def _check_choices(place: Place, verb: Verb, own: Mapping[str, object]) -> None:
    """A fault for a key that is needed and missing, and for two that exclude each other."""
    for group in (*verb.needs, *verb.either):
        given = [key for key in group if key in own]
        if len(given) > 1:
            place.fault(given[1], f"cannot be given together with {given[0]}")
        if not given and group in verb.needs:
            place.fault(" or ".join(group), "is missing")


def _check_people(place: Place, labels: set[str], values: Mapping[str, object]) -> None:
    """A fault for an actor who does not exist, and for a label that means something already."""
    by, label = values.get("by"), values.get("as")
    if by is not None and not _is_actor(str(by), labels):
        place.fault("by", f'"{by}" is no resident yet, and none of {", ".join(ROLES)}, {APPROVER}…')
    if label in _TAKEN or "/" in str(label):
        place.fault("as", f'"{label}" has a meaning of its own')


def _is_actor(by: str, labels: set[str]) -> bool:
    return by in labels or by in ROLES or (by.startswith(APPROVER) and by != APPROVER)


def _is_known(label: str, labels: set[str]) -> bool:
    # The bookings that one step made for several vehicles are b/1, b/2, ...
    return label in labels or label.rpartition("/")[0] in labels


def _maybe_text(value: object) -> str | None:
    return None if value is None else str(value)
