"""The verbs with which a scenario acts: setting the scene, applying and paying, using."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.change_visitor import ChangeVisitor
from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from commands.move_out import MoveOut
from commands.pay_for_applications import PayForApplications
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.register_resident import RegisterResident
from commands.remove_vehicle import RemoveVehicle
from commands.reuse_proof import ReuseProof
from commands.save_visitor import SaveVisitor
from commands.switch_vehicle import SwitchVehicle
from commands.upload_proof import UploadProof
from ledger.events import Actor, Answer
from ledger.refusals import NotFound, Refusal, Refused
from ledger.rules.ordering import Wanted
from ledger.values import parse_mark
from replay.scenarios.clock import WrittenTime
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Accepted, Outcome
from replay.scenarios.outcomes import Refusal as Said
from replay.scenarios.steps import HOME, RES, Step
from services import texts

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld

Act = Callable[["LedgerWorld", Step], Outcome]


def strings(values: object) -> tuple[str, ...]:
    return tuple(cast(Sequence[str], values))


def stated(value: object) -> str:
    """A start as a resident would type it: `now`, a local time, or UTC with a Z."""
    if isinstance(value, WrittenTime):
        return value.wall.isoformat(sep=" ") + ("Z" if value.utc else "")
    return str(value)


def home_of(world: "LedgerWorld", step: Step) -> tuple[UUID, Actor, str]:
    return world.actor(step.by)


def sent(world: "LedgerWorld", step: Step, command: Command, stream: UUID | None = None) -> Answer:
    """The step's command, by the step's actor, under the step's key."""
    home, by, resident = world.actor(step.by)
    return world.send(
        stream or home,
        command,
        by,
        key=step.key or "",
        channel=step.channel,
        on_behalf_of="" if by.role == "resident" else resident,
    )


def made(world: "LedgerWorld", step: Step, key: str) -> Made:
    """What the label under this key of the step stands for."""
    return world.names.made[str(step.arguments[key])]


def name(world: "LedgerWorld", step: Step, thing: Made) -> None:
    if step.label:
        world.names.made[step.label] = thing


def property_(world: "LedgerWorld", step: Step) -> Outcome:
    world.list_property(step.label or f"property-{step.number}", step.arguments)
    return Accepted()


def resident(world: "LedgerWorld", step: Step) -> Outcome:
    world.enrol(step.label or f"resident-{step.number}", step.arguments)
    return Accepted()


def register(world: "LedgerWorld", step: Step) -> Outcome:
    label = str(step.arguments.get("property", HOME))
    stream = world.names.properties.get(label) or world.council.ledger.household_id(label)
    command = RegisterResident(
        council_tax_account=str(step.arguments.get("council_tax_account", "")),
        name=step.label or "registered",
    )
    try:
        answer = sent(world, step, command, stream)
    except NotFound:
        raise Refused(
            [Refusal("eligibility.not_verified", "the address and number do not belong together")]
        ) from None
    if step.label:
        world.names.residents[step.label] = (stream, str(answer.values["resident"]))
    return Accepted(values={"verified": answer.values["verified"]})


def vehicle(world: "LedgerWorld", step: Step) -> Outcome:
    facts = {k: v for k, v in step.arguments.items() if k not in ("vehicle", "class")}
    typed = str(step.arguments["vehicle"])
    mark = parse_mark(typed)
    command = RecordVehicleFacts(
        vehicle=typed,
        vehicle_class=cast(str | None, step.arguments.get("class")),
        **cast(dict[str, int], facts),  # type: ignore[arg-type]
    )
    stream = world.council.ledger.vehicle_id(mark.glyphs if mark else "")
    sent(world, step, command, stream)
    return Accepted()


def scheme(world: "LedgerWorld", step: Step) -> Outcome:
    more = cast(Mapping[str, object], step.arguments["set"])
    loaded = world.parsed(more)
    world.replaced.update(more)
    world.council.editions = world.council.editions.with_edition(loaded.scheme, world.now)
    return Accepted()


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
    return Accepted(values={"state": answer.values["state"], "pence": answer.values["pence"]})


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


def cancel(world: "LedgerWorld", step: Step) -> Outcome:
    key = next(k for k in ("booking", "application", "holding") if k in step.arguments)
    thing = made(world, step, key)
    command: Command
    match key:
        case "booking":
            command = CancelBooking(booking=thing.booking)
        case "application":
            command = CancelApplication(application=thing.application)
        case _:
            from replay.scenarios.exceptional import surrender

            return surrender(world, step, thing)
    answer = sent(world, step, command, thing.stream)
    return Accepted(
        values={k: answer.values[k] for k in ("remaining", "state") if k in answer.values}
    )


def book(world: "LedgerWorld", step: Step) -> Outcome:
    asked = step.arguments
    holding = made(world, step, "holding") if "holding" in asked else None
    vehicles = strings(asked.get("vehicles", ())) or (str(asked["vehicle"]),)
    command = BookVoucher(
        vehicles=vehicles,
        product=str(asked.get("product", "")),
        holding=holding.holdings[0] if holding else "",
        start=stated(asked.get("start", "now")),
        zone=str(asked.get("zone", "")),
        until=str(asked.get("until", "")),
        email=bool(asked.get("email", True)),
        name=str(asked.get("name", "")),
    )
    stream = holding.stream if holding else world.actor(step.by)[0]
    answer = sent(world, step, command, stream)
    bookings = strings(answer.values["bookings"])
    if step.label:
        world.names.made[step.label] = Made(stream=stream, booking=bookings[0])
        for n, booking in enumerate(bookings, start=1):
            world.names.made[f"{step.label}/{n}"] = Made(stream=stream, booking=booking)
    return Accepted(
        values={
            "remaining": answer.values["remaining"],
            "from": datetime.fromisoformat(str(answer.values["from"])),
            "until": datetime.fromisoformat(str(answer.values["until"])),
            "pence": answer.values["pence"],
            "drawn_from": world.names.label_of(strings(answer.values["drawn_from"])[0]),
            "warnings": answer.values["warnings"],
        }
    )


def amend(world: "LedgerWorld", step: Step) -> Outcome:
    booking = made(world, step, "booking")
    command = AmendBooking(
        booking=booking.booking,
        vehicle=str(step.arguments.get("vehicle", "")),
        start=stated(step.arguments.get("start", "")),
    )
    sent(world, step, command, booking.stream)
    return Accepted()


def listing(kind: type[AddVehicle] | type[RemoveVehicle] | type[SwitchVehicle]) -> Act:
    def act(world: "LedgerWorld", step: Step) -> Outcome:
        holding = made(world, step, "holding") if "holding" in step.arguments else None
        command = kind(
            vehicle=str(step.arguments["vehicle"]), holding=holding.holdings[0] if holding else ""
        )
        answer = sent(world, step, command, holding.stream if holding else None)
        return Accepted(
            values={"active": answer.values["active"], "listed": answer.values["listed"]}
        )

    return act


def save_visitor(world: "LedgerWorld", step: Step) -> Outcome:
    command = SaveVisitor(
        vehicle=str(step.arguments["vehicle"]),
        name=str(step.arguments.get("name", "")),
        preferred=bool(step.arguments.get("preferred", False)),
    )
    answer = sent(world, step, command)
    return Accepted(values={k: answer.values[k] for k in ("visitors", "warnings")})


def change_visitor(world: "LedgerWorld", step: Step) -> Outcome:
    command = ChangeVisitor(
        vehicle=str(step.arguments["vehicle"]),
        to=str(step.arguments.get("to", "")),
        name=str(step.arguments.get("name", "")),
        preferred=cast(bool | None, step.arguments.get("preferred")),
    )
    answer = sent(world, step, command)
    return Accepted(values={k: answer.values[k] for k in ("visitors", "warnings")})


def text(world: "LedgerWorld", step: Step) -> Outcome:
    try:
        answer = texts.receive(
            world.council,
            from_number=str(step.arguments["from"]),
            body=str(step.arguments["body"]),
            confirmed_at=cast(datetime | None, step.arguments.get("confirmed")),
            key=step.key or f"text-{step.number}",
        )
    except Refused as refused:
        details = tuple(refusal.detail for refusal in refused.refusals)
        return Said(codes=refused.codes, details=details, values={"reply": False})
    return Accepted(values={"reply": True, "remaining": answer.values["remaining"]})


def move_out(world: "LedgerWorld", step: Step) -> Outcome:
    stream, resident_id = world.names.residents[str(step.arguments.get("resident", RES))]
    command = MoveOut(resident=resident_id, on=cast(datetime | None, step.arguments.get("on")))
    sent(world, step, command, stream)
    return Accepted()


def wait(world: "LedgerWorld", step: Step) -> Outcome:
    return Accepted()


def race(world: "LedgerWorld", step: Step) -> Outcome:
    """All commands at the same instant, on connections of their own."""
    commands = cast(Sequence[Step], step.arguments["commands"])
    with ThreadPoolExecutor(len(commands)) as threads:
        outcomes = list(threads.map(world.perform, commands))
    accepted = [o for o in outcomes if isinstance(o, Accepted)]
    refused = [o.codes[0] for o in outcomes if not isinstance(o, Accepted) and hasattr(o, "codes")]
    home, _, _ = world.actor(commands[0].by)
    household = world.household(home)
    products = {h.product for h in household.holdings.values()}
    named = {str(c.arguments["product"]) for c in commands if "product" in c.arguments}
    remaining = sum(household.units_left(p, world.now) for p in named or products)
    return Accepted(values={"accepted": len(accepted), "refused": refused, "remaining": remaining})


VERBS: dict[str, Act] = {
    "property": property_,
    "resident": resident,
    "register": register,
    "vehicle": vehicle,
    "scheme": scheme,
    "apply": apply,
    "upload": upload,
    "reuse": reuse,
    "occupancy_check": occupancy_check,
    "decide": decide,
    "pay": pay,
    "buy": buy,
    "cancel": cancel,
    "book": book,
    "amend": amend,
    "add_vehicle": listing(AddVehicle),
    "remove_vehicle": listing(RemoveVehicle),
    "switch": listing(SwitchVehicle),
    "save_visitor": save_visitor,
    "change_visitor": change_visitor,
    "text": text,
    "move_out": move_out,
    "wait": wait,
    "race": race,
}
