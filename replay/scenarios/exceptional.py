"""The verbs of what is out of the ordinary: refunds, duplicates, grants, corrections, misuse."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from commands.correct_cover import CorrectCover
from commands.grant_allowance import GrantAllowance
from commands.refund_holding import RefundHolding
from commands.replace_permit import ReplacePermit
from commands.surrender_holding import SurrenderHolding
from ledger.rules import refund as refunds
from projections import misuse
from replay.scenarios.common import Act, followed, made, name, sent
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Accepted, Outcome
from replay.scenarios.steps import Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def surrender(world: "LedgerWorld", step: Step, thing: Made) -> Outcome:
    """`cancel` of a holding: it is given back before its end."""
    answer = sent(world, step, SurrenderHolding(holding=thing.holdings[0]), thing.stream)
    return Accepted(
        values={"remaining": answer.values["remaining"], "state": answer.values["state"]}
    )


def refund(world: "LedgerWorld", step: Step) -> Outcome:
    order = "order" in step.arguments
    thing = made(world, step, "order" if order else "holding")
    command = RefundHolding(
        holding="" if order else thing.holdings[0],
        application=thing.application if order else "",
        replace=bool(step.arguments.get("replace", False)),
    )
    answer = sent(world, step, command, thing.stream)
    return Accepted(values={"pence": answer.values["pence"]})


def replace(world: "LedgerWorld", step: Step) -> Outcome:
    """The label of what was lost stands for the lost paper from here on, `as` for the new one."""
    thing = made(world, step, "holding")
    holding = thing.holdings[0]
    lost = refunds.in_use(world.household(thing.stream).holdings[holding])
    answer = sent(
        world,
        step,
        ReplacePermit(holding=holding, serial=thing.serial if thing.serial in lost else ""),
        thing.stream,
    )
    new = Made(stream=thing.stream, holdings=[holding], serial=str(answer.values["serial"]))
    name(world, step, new)
    if not thing.serial and len(lost) == 1:
        thing.serial = lost[0]
    return Accepted(values={"pence": answer.values["pence"]})


def grant(world: "LedgerWorld", step: Step) -> Outcome:
    stream = world.actor(step.by)[0]
    command = GrantAllowance(
        product=str(step.arguments["product"]),
        units=cast(int, step.arguments.get("quantity", 0)),
        vehicle=str(step.arguments.get("vehicle", "")),
        reason=str(step.arguments.get("reason", "")),
    )
    answer = sent(world, step, command, stream)
    holding = answer.values["holding"]
    holdings = [str(holding)] if holding else []
    name(world, step, Made(stream=stream, act=str(answer.values["grant"]), holdings=holdings))
    return Accepted()


def correct(world: "LedgerWorld", step: Step) -> Outcome:
    thing = made(world, step, "booking" if "booking" in step.arguments else "act")
    command = CorrectCover(
        act=thing.booking or thing.act,
        covers_from=cast(datetime | None, step.arguments.get("from")),
        vehicle=str(step.arguments.get("vehicle", "")),
        reason=str(step.arguments.get("reason", "")),
        approver=str(step.arguments.get("approver", "")),
    )
    answer = sent(world, step, command, thing.stream)
    name(world, step, Made(stream=thing.stream, act=str(answer.values["correction"])))
    return Accepted()


def misuse_report(world: "LedgerWorld", step: Step) -> Outcome:
    followed(world)
    with world.council.pool.connection() as connection:
        found = misuse.listed(connection, world.council.schema, world.scheme)
    return Accepted(values={"listed": [world.names.label_of(each.holding_id) for each in found]})


VERBS: dict[str, Act] = {
    "misuse": misuse_report,
    "refund": refund,
    "replace": replace,
    "grant": grant,
    "correct": correct,
}
