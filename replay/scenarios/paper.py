"""The verbs of paper permits: cards, clocks, stays, and what an officer reads of them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, cast
from uuid import UUID

from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.observe_permit import ObservePermit
from commands.use_card import UseCard
from ledger.rules.clock import clock_for
from ledger.rules.covering import VehicleFacts
from ledger.values import parse_mark
from projections import active_registrations
from replay.scenarios.common import Act, made, name, sent, stated
from replay.scenarios.looking import home_zone
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Accepted, Outcome
from replay.scenarios.steps import Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def instant(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None


def clock_face(value: object) -> time:
    return time.fromisoformat(str(value))


def holding_named(world: "LedgerWorld", step: Step) -> tuple[Made | None, str]:
    """What the step's `holding` stands for, and the id of its first holding."""
    if "holding" not in step.arguments:
        return None, ""
    thing = made(world, step, "holding")
    return thing, thing.holdings[0] if thing.holdings else ""


def scratch(world: "LedgerWorld", step: Step) -> Outcome:
    thing, holding = holding_named(world, step)
    command = UseCard(
        vehicle=str(step.arguments["vehicle"]),
        product=str(step.arguments.get("product", "")),
        holding=holding,
        on=cast(date | None, step.arguments.get("date")),
        time=stated(step.arguments["time"]) if "time" in step.arguments else "",
    )
    stream = thing.stream if thing else world.actor(step.by)[0]
    answer = sent(world, step, command, stream)
    name(world, step, Made(stream=stream, act=str(answer.values["card"])))
    return Accepted(
        values={
            "from": instant(answer.values["from"]),
            "until": instant(answer.values["until"]),
            "remaining": answer.values["remaining"],
        }
    )


def stay(world: "LedgerWorld", step: Step) -> Outcome:
    thing, holding = holding_named(world, step)
    command = BeginStay(
        vehicle=str(step.arguments["vehicle"]),
        holding=holding,
        zone=str(step.arguments.get("zone", "")),
    )
    stream = thing.stream if thing else world.actor(step.by)[0]
    answer = sent(world, step, command, stream)
    name(world, step, Made(stream=stream, act=str(answer.values["stay"])))
    return Accepted(
        values={
            "clock": clock_face(answer.values["clock"]),
            "until": instant(answer.values["until"]),
        }
    )


def leave(world: "LedgerWorld", step: Step) -> Outcome:
    command = EndStay(
        vehicle=str(step.arguments["vehicle"]), zone=str(step.arguments.get("zone", ""))
    )
    sent(world, step, command, _staying_with(world, str(step.arguments["vehicle"])))
    return Accepted()


def _staying_with(world: "LedgerWorld", typed: str) -> UUID | None:
    """The household that the vehicle visits: it left one of them."""
    mark = parse_mark(typed)
    for stream in world.names.properties.values():
        stays = world.household(stream).stays.values()
        if mark and any(s.glyphs == mark.glyphs and s.left_at is None for s in stays):
            return stream
    return None


def observe(world: "LedgerWorld", step: Step) -> Outcome:
    asked = step.arguments
    thing, holding = holding_named(world, step)
    shown = asked.get("clock")
    command = ObservePermit(
        vehicle=str(asked["vehicle"]),
        holding=holding,
        product=str(asked.get("product", "")),
        zone=str(asked.get("zone", "")),
        dates=tuple(cast(Sequence[date], asked.get("dates", ()))),
        clock=f"{shown:%H:%M}" if isinstance(shown, time) else "",
        altered=bool(asked.get("altered", False)),
        note_only=bool(asked.get("note_only", False)),
        serial=thing.serial if thing else "",
        facts=_facts(world, str(asked["vehicle"])),
    )
    answer = sent(world, step, command, thing.stream if thing else None)
    stream = thing.stream if thing else world.actor(step.by)[0]
    name(world, step, Made(stream=stream, act=str(answer.values["observation"])))
    return Accepted(
        values={
            "valid": answer.values["valid"],
            "reason": answer.values["reason"] or None,
            "until": instant(answer.values["until"]),
        }
    )


def _facts(world: "LedgerWorld", typed: str) -> VehicleFacts:
    mark = parse_mark(typed)
    if mark is None:
        return VehicleFacts()
    with world.council.pool.connection() as connection:
        return active_registrations.facts(connection, world.council.schema, mark.glyphs, world.now)


def clock(world: "LedgerWorld", step: Step) -> Outcome:
    product = world.scheme.product(str(step.arguments["product"]))
    assert product is not None
    zone = world.scheme.zone(str(step.arguments.get("zone", home_zone(world))))
    shown, until = clock_for(product, world.scheme, zone, cast(datetime, step.arguments["arrived"]))
    return Accepted(values={"clock": clock_face(shown), "until": until})


VERBS: dict[str, Act] = {
    "scratch": scratch,
    "stay": stay,
    "leave": leave,
    "observe": observe,
    "clock": clock,
}
