"""The verbs of applying, proving, deciding and paying."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, cast

from commands.apply_for_permit import ApplyForPermit
from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from commands.reuse_proof import ReuseProof
from commands.upload_proof import UploadProof
from ledger.events import Actor, Answer
from ledger.rules.ordering import Wanted
from replay.scenarios.common import Act, made, name, sent, strings
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Accepted, Outcome
from replay.scenarios.steps import Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def application_command(step: Step) -> ApplyForPermit:
    asked = step.arguments
    lines = cast(Sequence[Mapping[str, object]], asked.get("lines", ()))
    return ApplyForPermit(
        product=str(asked.get("product", "")),
        quantity=cast(int | None, asked.get("quantity")),
        months=cast(int | None, asked.get("months")),
        slot=cast(int | None, asked.get("slot")),
        lines=tuple(
            Wanted(product=str(line["product"]), quantity=cast(int | None, line.get("quantity")))
            for line in lines
        ),
        start=cast(date | None, asked.get("start")),
        vehicles=strings(asked.get("vehicles", ())),
        concession=str(asked.get("concession", "")),
        evidence=bool(asked.get("evidence", False)),
        support=str(asked.get("support", "")),
        confirm=strings(asked["confirm"]) if "confirm" in asked else None,
        zone=str(asked.get("zone", "")),
    )


def figures(answer: Answer) -> dict[str, object]:
    values = answer.values
    return {
        "state": values.get("state"),
        "pence": values.get("pence"),
        "starts": date.fromisoformat(str(values["starts"])),
        "last_day": date.fromisoformat(str(values["last_day"])),
        "number_given": bool(values.get("number")),
    }


def apply(world: "LedgerWorld", step: Step) -> Outcome:
    stream, _, _ = world.actor(step.by)
    answer = sent(world, step, application_command(step))
    application = str(answer.values["application"])
    holdings = strings(answer.values["holdings"] or ())
    name(world, step, Made(stream=stream, application=application, holdings=list(holdings)))
    return Accepted(values=figures(answer))


def upload(world: "LedgerWorld", step: Step) -> Outcome:
    application = made(world, step, "application")
    command = UploadProof(
        application=application.application,
        document=str(step.arguments["document"]),
        dated=cast(date | None, step.arguments.get("dated")),
    )
    answer = sent(world, step, command, application.stream)
    document = str(answer.values["document"])
    name(world, step, Made(stream=application.stream, document=document))
    take_holdings(world, application)
    return Accepted(values={"state": answer.values["state"]})


def take_holdings(world: "LedgerWorld", application: Made) -> None:
    """The label of an application stands for its holdings too, once they are issued."""
    household = world.household(application.stream)
    application.holdings = [
        holding.holding_id
        for holding in household.holdings.values()
        if holding.application_id == application.application
    ]


def reuse(world: "LedgerWorld", step: Step) -> Outcome:
    application = made(world, step, "application")
    command = ReuseProof(
        application=application.application, document=made(world, step, "document").document
    )
    answer = sent(world, step, command, application.stream)
    take_holdings(world, application)
    return Accepted(values={"state": answer.values["state"]})


def occupancy_check(world: "LedgerWorld", step: Step) -> Outcome:
    application = made(world, step, "application")
    command = CheckOccupancy(
        application=application.application, found=bool(step.arguments.get("found", True))
    )
    answer = sent(world, step, command, application.stream)
    take_holdings(world, application)
    return Accepted(values={"state": answer.values["state"], "pence": answer.values["fee"]})


def decide(world: "LedgerWorld", step: Step) -> Outcome:
    application = made(world, step, "application")
    command = DecideApplication(
        application=application.application,
        outcome=cast(Literal["offer", "approve", "refuse"], step.arguments["outcome"]),
        reason=str(step.arguments.get("reason", "")),
    )
    answer = sent(world, step, command, application.stream)
    take_holdings(world, application)
    return Accepted(values={"state": answer.values["state"]})


def pay(world: "LedgerWorld", step: Step) -> Outcome:
    one = [step.arguments["application"]] if "application" in step.arguments else []
    labels = strings(step.arguments.get("applications", one))
    applications = [world.names.made[label] for label in labels]
    command = PayForApplications(
        applications=tuple(each.application for each in applications),
        result=cast(
            Literal["authorised", "declined", "cancelled"],
            step.arguments.get("result", "authorised"),
        ),
        amount=cast(int | None, step.arguments.get("amount")),
    )
    answer = sent(world, step, command, applications[0].stream)
    for application in applications:
        take_holdings(world, application)
    wanted = ("pence", "state", "payments", "refunded")
    return Accepted(values={key: answer.values[key] for key in wanted})


def buy(world: "LedgerWorld", step: Step) -> Outcome:
    """Apply, and then all that the scheme asks for at this instant, until it is issued."""
    stream, by, resident_id = world.actor(step.by)
    behalf = "" if by.role == "resident" else resident_id
    first = sent(world, step, application_command(step))
    application = str(first.values["application"])
    staff = Actor("staff", "staff")
    for _ in range(12):
        household = world.household(stream)
        current = household.applications[application]
        scheme = world.council.editions.edition(current.edition)
        match current.state:
            case "awaiting_proof":
                document = scheme.proof.documents[0].type
                today = world.now.astimezone(scheme.tz).date()
                proof = UploadProof(application=application, document=document, dated=today)
                world.send(stream, proof, by, on_behalf_of=behalf)
            case "awaiting_decision":
                offer = scheme.flow.kind == "offer_pay_issue"
                outcome: Literal["offer", "approve"] = "offer" if offer else "approve"
                decided = DecideApplication(application=application, outcome=outcome)
                world.send(stream, decided, staff, on_behalf_of=resident_id)
            case "awaiting_payment" | "offered":
                paid = PayForApplications(applications=(application,), result="authorised")
                world.send(stream, paid, by, on_behalf_of=behalf)
            case _:
                break
    household = world.household(stream)
    issued = [h for h in household.holdings.values() if h.application_id == application]
    thing = Made(stream=stream, application=application, holdings=[h.holding_id for h in issued])
    name(world, step, thing)
    holding = issued[0]
    return Accepted(
        values={
            "pence": household.applications[application].pence,
            "remaining": household.units_left(holding.product, world.now),
            "starts": holding.starts_on,
            "last_day": holding.last_day,
            "flagged": any(h.flagged for h in issued),
        }
    )


VERBS: dict[str, Act] = {
    "apply": apply,
    "upload": upload,
    "reuse": reuse,
    "occupancy_check": occupancy_check,
    "decide": decide,
    "pay": pay,
    "buy": buy,
}
